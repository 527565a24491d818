"""`qafila network join` and `leave`: a carrier's rate card and timetable come into the network of this home."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.accounts import tenant_commands as tenants
from qafila.cli.chassis.feed_problems import needs_folder, show


def join(
    carrier: Annotated[
        str, typer.Argument(help="The carrier's id (`qafila account create NAME --kind carrier` makes one).")
    ],
    folder: Annotated[
        Path, typer.Argument(help="Its rate card and timetable: CSV files as docs/feed.md describes them.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Only check it.")] = False,
) -> None:
    """Let a carrier join with its own services; they are offered beside all others and ranked by the same rule.

    It may be repeated with a newer feed, which takes the place of the one before. The transparency log is told.
    """
    from qafila.carriers import feeds
    from qafila.core.fault import Fault
    from qafila.network.network_report import FeedErrors

    needs_folder(folder)
    try:
        files = feeds.files_of(
            {
                one.name: one.read_bytes()
                for one in sorted(folder.iterdir())
                if one.suffix == ".csv" and one.name != "feed.csv"
            }
        )
        made = feeds.bring(carrier, files, datetime.now(UTC), dry=check)
    except FeedErrors as error:
        show([problem.plain() for problem in error.problems])
        raise typer.Exit(1) from None
    except Fault as fault:
        tenants.refuse(fault, 2)
    rows = ", ".join(f"{count} {name}" for name, count in made.rows.items())
    typer.echo(
        f"{carrier} could join with {rows}" if check else f"{carrier} joined with {rows} ({made.network})"
    )


def leave(carrier: Annotated[str, typer.Argument(help="The carrier's id.")]) -> None:
    """Take a carrier's services out of the network. What is booked on them stays booked."""
    from qafila.carriers import feeds
    from qafila.core.fault import Fault

    try:
        gone = feeds.take_out(carrier, datetime.now(UTC))
    except Fault as fault:
        tenants.refuse(fault, 3)
    typer.echo(f"{gone} services of {carrier} are gone")
