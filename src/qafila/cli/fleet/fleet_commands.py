"""`qafila fleet`: the schedule by tail, what is out of use, repairs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from qafila.cli.chassis.answering import Commands, Json, context, print_json, refuse
from qafila.cli.chassis.command_acting import operator, who

if TYPE_CHECKING:
    from qafila.fleet.service import By

app = typer.Typer(no_args_is_help=True, cls=Commands, help="The air fleet: schedule, outages, repairs.")
Since = Annotated[str, typer.Option(help="First instant, as ISO 8601 with its zone; else now.")]
Days = Annotated[float, typer.Option(min=0.1, max=14, help="How many days.")]


def _begins(since: str) -> datetime:
    if not since:
        return context().now()
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        refuse(f"{since!r} is no instant: write it as 2026-12-07T00:00+00:00")
    if found.tzinfo is None:
        refuse(f"{since!r} has no zone: write it as 2026-12-07T00:00+00:00")
    return found


def _by() -> By:
    from qafila.fleet.service import By

    return By("local", who())


@app.command()
def board(since: Since = "", days: Days = 3.0, as_json: Json = False) -> None:
    """Show what each tail flies, and what of it cannot be flown."""
    from qafila.api.fleet import schedule_told
    from qafila.fleet import service

    begins = _begins(since)
    with operator() as connection:
        told = schedule_told.board(
            service.window(connection, context(), begins, begins + timedelta(days=days))
        )
    if as_json:
        print_json(told)
        return
    for s in told["sectors"]:
        state = "does not fly" if s["cancelled"] else f"+{s['delay']} min" if s["delay"] else ""
        typer.echo(
            f"{s['departure']:%Y-%m-%d %H:%M}Z {s['tail']:8} {s['service']} {s['from']}-{s['to']} {s['parcels']} parcels {state} "
            + " ".join(s["wrong"])
        )


@app.command()
def out(
    tail: Annotated[str, typer.Argument(help="Registration.")],
    begins: Annotated[str, typer.Argument(help="As ISO 8601 with its zone.")],
    ends: Annotated[str, typer.Argument(help="As ISO 8601 with its zone.")],
    because: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Take a tail out of service for a time."""
    from qafila.fleet import service

    typer.echo(service.out_of_use(context(), "tail", tail, _begins(begins), _begins(ends), because, _by()))


@app.command()
def repair(
    since: Since = "",
    days: Days = 3.0,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="For the program.")] = 20.0,
    across: Annotated[bool, typer.Option(help="With tails of other type ratings, too.")] = False,
    do: Annotated[bool, typer.Option("--do", help="Put it in place.")] = False,
    as_json: Json = False,
) -> None:
    """Work out the cheapest repair of what cannot be flown; with --do, put it in place."""
    from qafila.api.fleet import schedule_told
    from qafila.fleet import service

    begins = _begins(since)
    made = service.propose(context(), begins, begins + timedelta(days=days), seconds, across)
    if do and made.repair.changes:
        service.put_in_place(context(), made.repair.changes, _by(), made.stamp)
    told = schedule_told.repair(made)
    if as_json:
        print_json(told)
        return
    for c in told["changes"]:
        what = (
            "does not fly"
            if c["cancelled"]
            else " ".join(filter(None, (c["tail"], f"+{c['delay']} min" if c["delay"] else "")))
            or "as planned"
        )
        typer.echo(f"{c['day']} {c['service']} sector {c['call'] + 1}: {what}")
    parcels = told["parcels"]
    typer.echo(
        f"{told['cost']:,.2f} EUR, at most {told['gap']:.1%} from the best; parcels: {parcels['not_flying']:,} do not fly, "
        f"{parcels['missed_connections']:,} miss a connection, {parcels['later']:,} come later"
    )
