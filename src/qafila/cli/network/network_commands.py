"""`qafila network`: check, load, export and measure the network of this home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.carriers import carrier_feeds as carriers
from qafila.cli.chassis.feed_problems import needs_folder, plain, show
from qafila.cli.chassis.queueing import Wait, refused, through_the_queue

app = typer.Typer(help="Check, load, export and measure the network.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder of a feed: CSV files as docs/feed.md describes them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON and nothing else.")]


@app.command()
def validate(folder: Folder, as_json: AsJson = False) -> None:
    """Check a feed and name every problem by file, row and column."""
    from qafila.network.feed import check

    needs_folder(folder)
    feed, found = check(folder)
    problems = [one.plain() for one in found]
    if as_json:
        _print_json({"valid": not problems, "problems": [plain(p) for p in problems]})
    elif problems:
        show(problems)
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
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Make a feed, or the reference network, the network of this home. A feed with problems is not loaded.

    It is a job: it is done whatever becomes of this command.
    """
    from qafila.network.floor import INSTALL
    from qafila.runtime.jobs import jobs_folders

    if reference == (folder is not None):
        typer.echo("give a folder, or --reference", err=True)
        raise typer.Exit(2)
    arguments = {}
    if folder is not None:
        needs_folder(folder)
        arguments = {"folder": jobs_folders.handed_in(folder)}
    done = through_the_queue(INSTALL, None, arguments, wait)
    if done is None:
        return
    refused(done)
    told = done.result or {}
    if not told["loaded"]:
        if as_json:
            _print_json({"loaded": False, "problems": [plain(p) for p in told["problems"]]})
        else:
            show(told["problems"])
        raise typer.Exit(1)
    if as_json:
        _print_json(told)
    else:
        typer.echo(f"{told['name']} {told['version']} is now the network of this home ({told['id']})")


app.command()(carriers.join)
app.command()(carriers.leave)


@app.command()
def export(folder: Folder, wait: Wait = True) -> None:
    """Write the network of this home as a feed, into a new folder.

    It is a job: without --wait, or where this command is ended, `qafila jobs fetch ID FOLDER` brings what it wrote.
    """
    from qafila.network.floor import WRITE_OUT
    from qafila.runtime.jobs import jobs_folders

    try:
        jobs_folders.needs_room(folder)
    except FileExistsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    done = through_the_queue(WRITE_OUT, None, {}, wait)
    if done is None:
        return
    refused(done)
    jobs_folders.fetched(done.id, folder)
    told = done.result or {}
    typer.echo(f"{told['name']} {told['version']} is in {folder}")


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
    from rich.table import Table

    from qafila.core.terminal import Terminal

    table = Table(title=f"{figures.pop('name')} {figures.pop('version')}", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    Terminal().print(table)


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
