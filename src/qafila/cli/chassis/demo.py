"""`qafila demo`: the main job on this machine, from nothing to a served portal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from qafila.context import Context


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the results; by default out/ in the home folder."),
    ] = None,
    serve: Annotated[bool, typer.Option(help="Serve the portal afterwards; --no-serve ends here.")] = True,
    host: Annotated[str | None, typer.Option(help="Address to listen on (QAFILA_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; the next free one if it is busy (QAFILA_PORT).")
    ] = None,
    day: Annotated[
        bool, typer.Option("--day", help="Run the whole sample through every floor, and not a part of it.")
    ] = False,
) -> None:
    """Load the reference network, ship the sample orders, fill four warehouses, run a day through every floor, serve the portal.

    The day began some weeks ago and runs by a fast clock, through the same acts as scanners: storage, sorting, departures, customs,
    rounds, cash, returns. A second run finds all of it done and does nothing twice.
    """
    from importlib.resources import as_file, files

    from qafila.cli.chassis.serve import serve as serve_portal
    from qafila.core.terminal import Terminal, plain
    from qafila.runtime.settings import settings

    console = Terminal(markup=True)
    started = time.perf_counter()
    with console.status("Starting PostgreSQL and bringing the database up to date …"):
        from qafila.runtime.database import engine

        engine()
    _say(console, "Database", "PostgreSQL is up to date", started)

    started = time.perf_counter()
    with console.status("Loading the network and compiling its timetable …"):
        from qafila.context import of_this_home
        from qafila.runtime.accounts.tenants import LOCAL

        here = of_this_home(LOCAL)
        feed = here.network.feed
        timetable = here.network.timetable(here.now().date())
    said = f"{len(feed.facilities):,} facilities, {timetable.segments:,} departures from {timetable.epoch:%d %B %Y} on"
    _say(console, "Network", said, started)

    from qafila.runtime.runtime_pages import FontsMissing
    from qafila.shipping.files.pipeline import Options, ship_file
    from qafila.shipping.files.progress import shown
    from qafila.shipping.files.summary import print_summary

    folder = out or settings().home / "out"
    with (
        as_file(files("qafila") / "samples" / "orders.csv") as orders,
        shown(Terminal(stderr=True, markup=True)) as progress,
    ):
        try:
            summary = ship_file(here, orders, folder, Options(), progress)
        except FontsMissing as impossible:
            console.print(f"[red]Not possible:[/] {plain(impossible)}", highlight=False)
            raise typer.Exit(3) from impossible
    console.print()
    print_summary(summary, console)
    _day(console, here, folder, whole=day)
    started = time.perf_counter()
    with console.status("Filling four warehouses …"):
        from qafila.storage import storage_sample

        at_work = storage_sample.set_up(LOCAL, here.now())
    _say(
        console,
        "Storage",
        f"{len(at_work)} warehouses, {sum(at_work.values())} orders at work: /storage",
        started,
    )
    started = time.perf_counter()
    with console.status("Planning rounds …"):
        from qafila.delivery import delivery_sample as last_mile

        stops = last_mile.set_up(here, LOCAL)
    _say(
        console,
        "Rounds",
        f"{len(stops)} delivery stations, {sum(stops.values())} stops planned: /rounds",
        started,
    )
    if serve:
        console.print()
        serve_portal(host, port)


def _day(console: Console, here: Context, folder: Path, whole: bool) -> None:
    """Runs the day and says how its parcels ended."""
    from qafila.core.fault import Fault
    from qafila.core.terminal import plain
    from qafila.day.day_running import run
    from qafila.runtime.accounts.tenants import LOCAL

    started = time.perf_counter()
    try:
        with console.status("Running a day through every floor …"):
            told = run(here, LOCAL, folder / "day", every=1 if whole else 19, stored=20 if whole else 4)
    except (
        Fault,
        RuntimeError,
        LookupError,
    ) as broken:  # a network of one's own need not carry the sample: the portal is served
        console.print(
            f"[yellow]![/] [bold]Day[/]       did not come to its end: {plain(broken)}", highlight=False
        )
        return
    states = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in sorted(told.states.items()))
    _say(
        console,
        "Day",
        f"{told.begins:%d %B} to {told.ends:%d %B}: {states}, {told.counts['returns']} returns ({told.digest[:8]})",
        started,
    )
    for parcel, state in sorted(told.open.items()):
        console.print(f"  [yellow]open:[/] {parcel} is {state}", highlight=False)


def _say(console: Console, what: str, said: str, started: float) -> None:
    from qafila.core.terminal import plain

    took = time.perf_counter() - started
    console.print(f"[green]✓[/] [bold]{what:<9}[/] {plain(said)} [dim]({took:.1f} s)[/]", highlight=False)
