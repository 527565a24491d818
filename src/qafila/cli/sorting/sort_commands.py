"""`qafila sort`: centres, sort plans, chutes of parcels."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import Commands, Json, context, print_json, refuse
from qafila.cli.chassis.command_acting import operator, who
from qafila.cli.sorting import bag_commands

app = typer.Typer(
    no_args_is_help=True, cls=Commands, help="Sorting: centres, which destination has which chute, bags."
)
app.command()(bag_commands.bag)
app.command()(bag_commands.where)
Facility = Annotated[str, typer.Argument(help="The sorting centre.")]


def instant(text: str) -> datetime:
    """An instant with its zone, as ISO 8601."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{text!r} is no instant: write it as 2026-11-30T18:00+00:00")
    if found.tzinfo is None:
        refuse(f"{text!r} has no zone: write it as 2026-11-30T18:00+00:00")
    return found


@app.command()
def centre(
    file: Annotated[Path, typer.Argument(help="A centre (JSON); its form is in docs/sorting.md.")],
) -> None:
    """Set a sorting centre up, or change it."""
    from qafila.sorting import model, sorting_setting_up

    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        refuse(f"{file}: {broken}")
    if not isinstance(told, dict):
        refuse(f"{file}: a centre is a JSON object")
    made = model.centre_from(told)
    expected = sorting_setting_up.set_up(made, context().now())
    typer.echo(f"{made.facility}: {len(made.chutes):,} chutes; {expected:,} booked parcels pass it")


@app.command()
def plan(
    facility: Facility,
    since: Annotated[
        str, typer.Argument(help="Departures that close from this instant on, as ISO 8601 with its zone.")
    ],
    until: Annotated[str, typer.Argument(help="… and before this one.")],
    flows: Annotated[
        Path | None, typer.Option(help="A CSV with the columns destination, parcels; else what is booked.")
    ] = None,
    of_plan: Annotated[str, typer.Option(help="A planner's plan of this home whose flows are sorted.")] = "",
    shift: Annotated[str, typer.Option(help="The shift's name.")] = "day",
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to search at most.")] = 20.0,
    place: Annotated[bool, typer.Option(help="Put it in place at once.")] = True,
    as_json: Json = False,
) -> None:
    """Make a sort plan: which next stop has which chutes, with its gap and its worth beside alphabetical order."""
    from qafila.shipping.plans import kept_plans
    from qafila.sorting import sorting_setting_up
    from qafila.sorting.model import By

    window = sorting_setting_up.Shift(shift, instant(since), instant(until))
    told = None if flows is None else _flows(flows)
    if of_plan:
        told = sorting_setting_up.flows_of_plan(kept_plans.folder(of_plan), facility, window)
    made = sorting_setting_up.make_plan(
        facility, window, By("local", station=who()), context().now(), told, seconds, place
    )
    if as_json:
        print_json(made.told())
        return
    for to, chutes in sorted(made.plan.chutes.items()):
        typer.echo(f"{to:<24} {' '.join(chutes):<12} {made.flows[to]:>8,}")
    for chute, stops in sorted(made.plan.groups.items()):
        typer.echo(f"{'twice: ' + str(len(stops)):<24} {chute:<12} {sum(made.flows[to] for to in stops):>8,}")
    cost, by_name = made.made.cost, made.made.by_name
    typer.echo(
        f"{cost.total / 3600:,.1f} hours of work, at most {made.made.gap:.2%} from the best; "
        f"by the alphabet {by_name.total / 3600:,.1f} hours. {cost.moved} chutes change."
    )


def _flows(file: Path) -> dict[str, int]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found: dict[str, int] = {}
            for n, row in enumerate(csv.DictReader(lines), 2):
                try:
                    to, parcels = row["destination"].strip(), int(row["parcels"])
                except (KeyError, TypeError, ValueError, AttributeError):
                    refuse(f"{file}, line {n}: it has no destination or no whole number of parcels")
                found[to] = found.get(to, 0) + parcels
            return found
    except OSError as broken:
        refuse(f"{file}: {broken}")


@app.command()
def scan(
    facility: Facility,
    codes: Annotated[list[str], typer.Argument(help="What was read; ? for a character that was not.")],
    as_json: Json = False,
) -> None:
    """Tell the chute of parcels and why, and record that they were sorted."""
    from qafila.sorting.induction import induction
    from qafila.sorting.model import By, Reading

    here, surroundings = induction(), context()
    line = here.line(facility, surroundings)
    now = surroundings.now()
    done = here.scan(line, [(Reading(code, now), "", "") for code in codes], By("local", station=who()))
    here.recorder.wait(done[-1].number)
    if as_json:
        print_json([_told(one) for one in done])
        return
    for code, one in zip(codes, done, strict=True):
        typer.echo(f"{code:<16} {one.verdict.chute:<10} {one.verdict.reason}")


def _told(one: Any) -> dict[str, Any]:
    v = one.verdict
    return {
        "chute": v.chute,
        "why": v.why,
        "reason": str(v.reason),
        "parcel": v.parcel,
        "corrected": v.corrected,
    }


@app.command()
def chutes(
    facility: Facility, hours: Annotated[float, typer.Option(min=0.1)] = 8.0, as_json: Json = False
) -> None:
    """How many parcels went to each chute in the last hours."""
    from datetime import timedelta

    from qafila.sorting import store

    now = context().now()
    with operator() as connection:
        store.centre(connection, facility)
        found = store.chute_counts(connection, facility, now - timedelta(hours=hours), now)
    rows = [dict(row._mapping) for row in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['chute']:<10} {row['why']:<12} {row['parcels']:>8,}")
