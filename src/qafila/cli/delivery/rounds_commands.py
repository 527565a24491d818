"""`qafila rounds`: fleets, rounds of a day, pick-up points, and what buyers are told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from qafila.cli.chassis.answering import Json, context, now, print_json, refuse
from qafila.cli.chassis.command_acting import operator, who

app = typer.Typer(no_args_is_help=True, help="The last mile: fleets, rounds of a day, pick-up points.")
Station = Annotated[str, typer.Argument(help="The delivery station.")]
Day = Annotated[str, typer.Option(help="The day (2026-11-30); today where it is not said.")]


def _day(text: str, facility: str) -> date:
    from zoneinfo import ZoneInfo

    from qafila.delivery import dayplan

    if not text:
        here = context()
        return here.now().astimezone(ZoneInfo(dayplan.station(here, facility).timezone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(f"{text!r} is no day: write it as 2026-11-30")


@app.command()
def vehicle(
    facility: Station,
    id: Annotated[str, typer.Argument(help="Its name: a number plate, say.")],
    kind: Annotated[str, typer.Option(help="van, car, motorcycle, bicycle or walker.")] = "van",
    driver: Annotated[str, typer.Option(help="Who drives it.")] = "",
    begins: Annotated[
        str, typer.Option("--from", help="When its day begins, on the station's clock.")
    ] = "08:00",
    until: Annotated[str, typer.Option(help="When it ends.")] = "18:00",
    trips: Annotated[int, typer.Option(min=1, max=9, help="How often it may load in a day.")] = 1,
    skills: Annotated[str, typer.Option(help="What it can do, with commas: cold, two_people …")] = "",
    off: Annotated[bool, typer.Option("--off", help="It does not go out until it is added again.")] = False,
    carrier: Annotated[
        str | None,
        typer.Option(
            help="The carrier whose vehicle it is: its tenant; '' for the hub's own. Else as it stands."
        ),
    ] = None,
) -> None:
    """Add a vehicle to a station's fleet, or change it."""
    from qafila.delivery import dayplan, hauling, store
    from qafila.delivery.model import FleetVehicle

    dayplan.station(context(), facility)
    made = FleetVehicle(
        facility,
        id,
        kind,
        driver,
        0,
        0,
        0,
        _minute(begins),
        _minute(until),
        frozenset(s.strip() for s in skills.split(",") if s.strip()),
        trips,
        not off,
        carrier=hauling.checked(carrier or ""),
    ).checked()
    with operator() as connection:
        store.put_vehicle(connection, made, own=carrier == "")
    typer.echo(f"{facility} {made.id}: {made.kind}, {made.max_pieces} parcels, {made.max_g / 1000:.0f} kg")


def _minute(text: str) -> int:
    try:
        at = datetime.strptime(text, "%H:%M")
    except ValueError:
        refuse(f"{text!r} is no time: write it as 08:00")
    return 60 * at.hour + at.minute


@app.command()
def plan(
    facility: Station,
    day: Day = "",
    coming: Annotated[bool, typer.Option(help="Plan for parcels that are still expected, too.")] = False,
    seconds: Annotated[float, typer.Option(min=1, help="The most that it may take.")] = 20,
    as_json: Json = False,
) -> None:
    """Plan the rounds of a day. Rounds that have not begun are planned anew; buyers are told their windows."""
    from dataclasses import replace

    from qafila.core.identifiers.own import new_id
    from qafila.delivery import dayplan
    from qafila.runtime.accounts.tenants import LOCAL
    from qafila.runtime.answered.acts import Act, Actor
    from qafila.runtime.events.envelope import Reporter, Source

    on = _day(day, facility)
    made = dayplan.plan_rounds(
        context(LOCAL),
        Act(new_id("act"), Actor(LOCAL, who(), "command line"), now()),
        Source(Reporter.OPERATOR.value, LOCAL, who()),
        facility,
        on,
        coming,
        replace(dayplan.EFFORT, seconds=seconds),
    )
    if as_json:
        print_json(made)
        return
    typer.echo(
        f"{facility} {on}: {made['stops']} parcels on {len(made['rounds'])} rounds (distances: {made['roads']})"
    )
    for parcel, why in made["left"].items():
        typer.echo(f"  left out: {parcel} ({why})")


@app.command()
def show(facility: Station, day: Day = "", as_json: Json = False) -> None:
    """List the rounds of a day and how far they are."""
    from qafila.delivery import store

    on = _day(day, facility)
    with operator() as connection:
        found = store.rounds(connection, facility, on)
    rows = [
        {
            "round": r.round_id,
            "vehicle": r.vehicle,
            "driver": r.driver,
            "state": r.state,
            "stops": r.stops,
            "over": r.over,
            "km": round(r.plan["metres"] / 1000, 1),
            "hours": round(r.plan["seconds"] / 3600, 2),
        }
        for r in found
    ]
    if as_json:
        print_json(rows)
        return
    for r in rows:
        typer.echo(
            f"{r['round']}  {r['vehicle']:<10} {r['driver']:<16} {r['state']:<10} {r['over']}/{r['stops']} stops  {r['km']} km  {r['hours']} h"
        )


@app.command()
def due(facility: Station, day: Day = "", as_json: Json = False) -> None:
    """List what is to be brought from a station on a day."""
    from qafila.delivery import dayplan

    here, on = context(), _day(day, facility)
    with operator() as connection:
        found = dayplan.due(connection, here, dayplan.station(here, facility), on)
    if as_json:
        print_json([{"parcel": d.parcel, "here": d.here, "expected": d.expected} for d in found])
        return
    for d in found:
        typer.echo(
            f"{d.parcel}  {'here' if d.here else f'expected {d.expected:%d %b %H:%M} UTC' if d.expected else 'expected'}"
        )


@app.command()
def notices(parcel: Annotated[str, typer.Argument(help="The parcel.")], as_json: Json = False) -> None:
    """Show what a buyer was told, or would have been: without a mail server or a gateway messages stay in the sandbox."""
    from qafila.delivery import notices as told

    with operator() as connection:
        found = told.of_parcel(connection, parcel.upper())
    if as_json:
        print_json(found)
        return
    for n in found:
        typer.echo(
            f"{n['made_at']:%Y-%m-%d %H:%M} {n['kind']} by {n['channel']} to {n['address']} ({n['state']}, {n['language']})"
        )
        typer.echo(f"  {n['subject']}\n  {n['body']}")


@app.command()
def templates(as_json: Json = False) -> None:
    """Write the words of every message to buyers in the four languages, with {{1}}, {{2}} … for their values: for WhatsApp's approval."""
    from qafila.delivery import delivery_messages
    from qafila.delivery import notices as told
    from qafila.delivery.gateways import LOCALES
    from qafila.runtime.language import LANGUAGES

    found = [
        {
            "name": f"qafila_{kind}",
            "language": locale,
            "category": "UTILITY",
            "body": told.numbered(kind, LANGUAGES[code]),
        }
        for kind in delivery_messages.NOTICES
        for code, locale in LOCALES.items()
    ]
    if as_json:
        print_json(found)
        return
    for one in found:
        typer.echo(f"{one['name']} ({one['language']})\n  {one['body']}")


@app.command()
def sweep(as_json: Json = False) -> None:
    """Look at the clock once: reservations and stays that run out, reminders, messages that are due. Workers do it by themselves."""
    from qafila.delivery import delivery_sweeping

    done = delivery_sweeping.sweep(context())
    if as_json:
        print_json(done)
    else:
        typer.echo(
            f"{len(done['expired'])} expired, {len(done['reminded'])} reminded, {done['sent']} sent, {done['failed']} failed"
        )


@app.command()
def reserved(
    country: Annotated[str, typer.Argument(help="ISO 3166, such as MA.")],
    grams: Annotated[int, typer.Argument(min=1, help="What the item weighs.")],
) -> None:
    """Say whether a country's law reserves an item of this weight to its post, and how sure that is."""
    from qafila.delivery.delivery_reserving import reserved as rule_for

    found = rule_for(country.upper(), grams, now().date())
    if found is None:
        typer.echo("no rule is known that reserves it")
        return
    typer.echo(
        f"{found.said}\nopen to others: {found.open_to_others}\nsource: {found.source} ({found.confidence})"
    )
