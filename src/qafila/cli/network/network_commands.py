"""`qafila network`: check, load, export and measure the network of this home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qafila.network.report import FeedProblem

app = typer.Typer(help="Check, load, export and measure the network.", no_args_is_help=True)

_SHOWN = 40  # problems printed for people; --json prints all

Folder = Annotated[Path, typer.Argument(help="Folder of a feed: CSV files as docs/feed.md describes them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON and nothing else.")]


@app.command()
def validate(folder: Folder, as_json: AsJson = False) -> None:
    """Check a feed and name every problem by file, row and column."""
    from qafila.network.feed import check

    _needs_folder(folder)
    feed, problems = check(folder)
    if as_json:
        _print_json({"valid": not problems, "problems": [_plain(p) for p in problems]})
    elif problems:
        _show(problems)
    else:
        assert feed is not None
        typer.echo(
            f"{feed.name} {feed.version}: {len(feed.facilities)} facilities, {len(feed.services)} services, no problems"
        )
    if problems:
        raise typer.Exit(1)


@app.command()
def load(
    folder: Annotated[Path | None, typer.Argument(help="Folder of a feed.")] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="The reference network that qafila brings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a feed, or the reference network, the network of this home. A feed with problems is not loaded."""
    from qafila.network import installed
    from qafila.network.feed import read
    from qafila.network.report import FeedErrors

    if reference == (folder is not None):
        typer.echo("give a folder, or --reference", err=True)
        raise typer.Exit(2)
    if folder is None:
        digest = installed.install_reference()
    else:
        _needs_folder(folder)
        try:
            digest = installed.install(read(folder))
        except FeedErrors as error:
            if as_json:
                _print_json({"loaded": False, "problems": [_plain(p) for p in error.problems]})
            else:
                _show(error.problems)
            raise typer.Exit(1) from None
    feed = installed.feed()
    if as_json:
        _print_json({"loaded": True, "name": feed.name, "version": feed.version, "id": digest})
    else:
        typer.echo(f"{feed.name} {feed.version} is now the network of this home ({digest})")


@app.command()
def join(
    carrier: Annotated[
        str, typer.Argument(help="The carrier's id (`qafila account add --kind carrier` makes one).")
    ],
    folder: Annotated[
        Path, typer.Argument(help="Its rate card and timetable: CSV files as docs/feed.md describes them.")
    ],
) -> None:
    """Let a carrier join with its own services; they are offered beside all others and ranked by the same rule.

    It may be repeated with a newer feed, which takes the place of the one before.
    """
    from qafila.network import installed
    from qafila.network.joining import join as joined
    from qafila.network.report import FeedErrors

    _needs_folder(folder)
    _needs_carrier(carrier)
    try:
        made = joined(installed.feed(), folder, carrier)
    except FeedErrors as error:
        _show(error.problems)
        raise typer.Exit(1) from None
    digest = installed.install(made.feed)
    rows = ", ".join(f"{count} {name}" for name, count in made.brought.items())
    typer.echo(f"{carrier} joined with {rows} ({digest})")


@app.command()
def leave(carrier: Annotated[str, typer.Argument(help="The carrier's id.")]) -> None:
    """Take a carrier's services out of the network. What is booked on them stays booked."""
    from qafila.network import installed
    from qafila.network.joining import leave as left

    before = installed.feed()
    after = left(before, carrier)
    digest = installed.install(after)
    typer.echo(f"{len(before.services) - len(after.services)} services of {carrier} are gone ({digest})")


def _needs_carrier(id: str) -> None:
    from qafila.runtime.accounts import service
    from qafila.runtime.accounts.faults import UnknownTenant
    from qafila.runtime.accounts.tenants import TenantKind
    from qafila.runtime.database import Role, acting_as

    try:
        with acting_as(Role.OPERATOR) as connection:
            if service.active(connection, id).kind is TenantKind.CARRIER:
                return
    except UnknownTenant as unknown:
        typer.echo(str(unknown), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{id} is no carrier", err=True)
    raise typer.Exit(2)


@app.command()
def export(folder: Folder) -> None:
    """Write the network of this home as a feed."""
    from qafila.network import installed
    from qafila.network.feed import write

    feed = installed.feed()
    write(feed, folder)
    typer.echo(f"{feed.name} {feed.version} is in {folder}")


@app.command()
def stats(as_json: AsJson = False) -> None:
    """How large the network of this home is."""
    from dataclasses import asdict

    from qafila.network import installed
    from qafila.network.statistics import statistics

    figures = asdict(statistics(installed.feed()))
    if as_json:
        _print_json(figures)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{figures.pop('name')} {figures.pop('version')}", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    Console().print(table)


def _needs_folder(folder: Path) -> None:
    if not folder.is_dir():
        typer.echo(f"{folder} is not a folder; give the folder that holds feed.csv and its tables", err=True)
        raise typer.Exit(2)


def _plain(problem: FeedProblem) -> dict[str, object]:
    return {
        "file": problem.file, "row": problem.row, "column": problem.column, "value": problem.value,
        "reason": str(problem.reason), "remedy": str(problem.remedy),
    }  # fmt: skip


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _show(problems: list[FeedProblem]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for problem in problems[:_SHOWN]:
        console.print(f"[bold]{escape(problem.where)}[/bold]: {escape(str(problem.reason))}")
        console.print(f"    {escape(str(problem.remedy))}", style="dim")
    more = len(problems) - _SHOWN
    console.print(
        f"{len(problems)} problems" + (f", {more} not shown; --json prints all" if more > 0 else "")
    )
