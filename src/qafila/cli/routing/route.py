"""`qafila route`: the best ways for one parcel, over arrival, price and CO2e; or why there is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from qafila.network.model import Facility
    from qafila.network.timetable import Mode, Timetable
    from qafila.routing.itinerary import Answer, Itinerary, Leg, Query, Refusal

_SHOWN = 8  # ways in the table; --all and --json give every one
_WIDE = 120  # columns of a terminal that also hold the ids of services


def route(
    origin: Annotated[str, typer.Argument(help='A facility id, or an address: "Fès, MA".')],
    destination: Annotated[str, typer.Argument(help='A facility id, or an address: "Lyon, FR".')],
    ready: Annotated[
        str | None,
        typer.Option(
            help="When the goods are ready, ISO 8601; without a zone in the origin's time. Default: now."
        ),
    ] = None,
    kg: Annotated[float, typer.Option(help="Weight of the parcel in kg.")] = 1.0,
    dims: Annotated[str, typer.Option(help="Length x width x height in cm.")] = "20x15x10",
    goods: Annotated[
        list[str] | None,
        typer.Option(help="What is in it that may be barred: lithium, aerosol, … Repeatable."),
    ] = None,
    latest: Annotated[
        str | None, typer.Option(help="Arrive by, ISO 8601; without a zone in the destination's time.")
    ] = None,
    avoid: Annotated[
        list[str] | None, typer.Option(help="A mode to avoid: air, belly, road, sea, rail. Repeatable.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help=f"Show every way, not the {_SHOWN} that differ most.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every way with its legs as JSON.")] = False,
) -> None:
    """Find the ways from a facility or address to another: none of them is beaten in arrival, price and CO2e.

    Ends with 0, or 2 for wrong usage, or 3 if there is no way: then it says why, and what would help.
    """
    from qafila.cli.chassis.answering import context
    from qafila.network import installed
    from qafila.network.timetable import Goods, Mode
    from qafila.routing.itinerary import Refusal
    from qafila.shipping import wayfinding

    installed.install_reference()
    here = context()
    asked = wayfinding.Asked(
        origin=origin,
        destination=destination,
        ready=_instant(ready, "--ready"),
        latest=_instant(latest, "--latest"),
        grams=_positive(kg * 1000, "--kg"),
        cm3=_volume(dims),
        goods=Goods(sum(int(g) for g in _named(goods, Goods, "--goods"))),
        avoid=frozenset(_named(avoid, Mode, "--avoid")),
    )
    try:
        found = wayfinding.find(here, asked)
    except wayfinding.NoSuchPlace as unknown:
        _stop(2, Refusal("place", unknown.message, unknown.remedy or unknown.message), as_json)
    except wayfinding.NotServed as unserved:
        _stop(3, Refusal("place", unserved.message, unserved.remedy or unserved.message), as_json)
    except wayfinding.NoTimetable as none:
        _stop(3, Refusal("horizon", none.message, none.remedy or none.message), as_json)
    answer, query, timetable, start, end = (
        found.answer,
        found.query,
        found.timetable,
        found.origin,
        found.destination,
    )
    facilities = here.network.feed.facility
    if as_json:
        typer.echo(json.dumps(_plain(answer, query, timetable, facilities, start, end), ensure_ascii=False))
    elif answer.itineraries:
        _print(answer.itineraries, timetable, facilities, start, end, every)
    if answer.refusal is not None:
        if not as_json:
            typer.echo(f"{answer.refusal.reason}\n{answer.refusal.remedy}", err=True)
        raise typer.Exit(3)


def _stop(code: int, refusal: Refusal, as_json: bool) -> NoReturn:
    """Ends with a reason before any search."""
    if as_json:
        typer.echo(json.dumps({"itineraries": [], "refusal": _told(refusal)}, ensure_ascii=False))
    else:
        typer.echo(f"{refusal.reason}\n{refusal.remedy}", err=True)
    raise typer.Exit(code)


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        instant.astimezone(UTC)
        return instant
    except OverflowError:
        raise typer.BadParameter(f"{text} is beyond the calendar", param_hint=option) from None
    except ValueError:
        raise typer.BadParameter(
            f"{text} is no ISO 8601 instant: 2026-11-24T09:00", param_hint=option
        ) from None


def _volume(dims: str) -> int:
    """Whole cm³ of "LxWxH" in cm."""
    try:
        length, width, height = (float(side) for side in dims.lower().replace("×", "x").split("x"))
    except ValueError:
        raise typer.BadParameter(f"{dims} is not of the form 30x20x10", param_hint="--dims") from None
    return _positive(length * width * height, "--dims")


def _positive(value: float, option: str) -> int:
    if not 0.5 < value < 2**31:
        raise typer.BadParameter("must be more than 0, and of this world", param_hint=option)
    return round(value)


def _named(names: list[str] | None, kinds: Any, option: str) -> list[Any]:
    """Members of an enumeration by their names, written as people do: lithium-built-in."""
    found = []
    for name in names or []:
        key = name.upper().replace("-", "_").replace(" ", "_")
        if key not in kinds.__members__:
            known = ", ".join(k.lower().replace("_", "-") for k in kinds.__members__)
            raise typer.BadParameter(f"{name} is not one of {known}", param_hint=option)
        found.append(kinds[key])
    return found


def _plain(
    answer: Answer, query: Query, t: Timetable, facilities: dict[str, Facility], start: str, end: str
) -> dict[str, Any]:
    refusal = answer.refusal
    return {
        "origin": start,
        "destination": end,
        "ready": t.instant(query.ready).isoformat(),
        "grams": query.grams,
        "cm3": query.cm3,
        "currency": t.currency,
        "searched_until": t.instant(t.minutes).isoformat(),
        "itineraries": [
            {
                "arrival": i.arrival.isoformat(),
                "arrival_local": _local(i.arrival, facilities[end]).isoformat(),
                "cost": _money(i.cost),
                "co2e_kg": i.co2e_mg / 1e6,
                "best_in": _best_in(i, answer.itineraries),
                "legs": [_leg(leg, facilities) for leg in i.legs],
            }
            for i in answer.itineraries
        ],
        "refusal": None if refusal is None else _told(refusal),
    }


def _told(refusal: Refusal) -> dict[str, str]:
    return {
        "constraint": refusal.constraint,
        "reason": str(refusal.reason),
        "remedy": str(refusal.remedy),
    }


def _leg(leg: Leg, facilities: dict[str, Facility]) -> dict[str, Any]:
    return {
        "service": leg.service_id,
        "mode": leg.mode.name.lower(),
        "from": leg.from_facility,
        "to": leg.to_facility,
        "cut_off": leg.board_by.isoformat(),
        "depart": leg.depart.isoformat(),
        "arrive": leg.arrive.isoformat(),
        "ready": leg.ready_at.isoformat(),
        "cost": _money(leg.cost),
        "co2e_kg": leg.co2e_mg / 1e6,
    }


def _money(cost: int) -> str:
    """COST_UNITs as an amount with four decimals."""
    from qafila.network.timetable import COST_UNIT

    return f"{cost // COST_UNIT}.{cost % COST_UNIT:04d}"


def _local(instant: datetime, facility: Facility) -> datetime:
    from zoneinfo import ZoneInfo

    return instant.astimezone(ZoneInfo(facility.timezone))


def _best_in(itinerary: Itinerary, among: Sequence[Itinerary]) -> list[str]:
    best = {
        "earliest": itinerary.arrival == min(i.arrival for i in among),
        "cheapest": itinerary.cost == min(i.cost for i in among),
        "cleanest": itinerary.co2e_mg == min(i.co2e_mg for i in among),
    }
    return [name for name, is_best in best.items() if is_best]


def _way(legs: Sequence[Leg], facilities: dict[str, Facility]) -> str:
    """The modes in order; long hauls with their ends."""
    from qafila.network.timetable import Mode

    parts = []
    for mode, run in groupby(legs, key=lambda leg: leg.mode):
        rides = list(run)
        if mode in (Mode.AIR, Mode.BELLY, Mode.SEA, Mode.RAIL):
            ends = [rides[0].from_facility, *(leg.to_facility for leg in rides)]
            parts.append(f"{_word(mode)} {' → '.join(facilities[e].city or e for e in ends)}")
        else:
            parts.append(_word(mode) + (f" ×{len(rides)}" if len(rides) > 1 else ""))
    return ", ".join(parts) or "already there"


def _word(mode: Mode) -> str:
    return {"AIR": "freighter", "BELLY": "flight", "ROAD": "truck", "SEA": "ship", "RAIL": "train"}.get(
        mode.name, mode.name.lower()
    )


def _print(
    ways: Sequence[Itinerary],
    t: Timetable,
    facilities: dict[str, Facility],
    start: str,
    end: str,
    every: bool,
) -> None:
    import numpy as np
    from rich.table import Table

    from qafila.core.terminal import Terminal
    from qafila.routing.routing_points import representatives

    console = Terminal()
    shown = list(ways)
    if not every and len(ways) > _SHOWN:
        criteria = (
            np.array([f(i) for i in ways], np.int64)
            for f in (lambda i: int(i.arrival.timestamp()), lambda i: i.cost, lambda i: i.co2e_mg)
        )
        shown = [ways[k] for k in representatives(*criteria, _SHOWN)]
    title = f"{facilities[start].name} → {facilities[end].name}, ready {_local(ways[0].ready, facilities[start]):%a %d %b %H:%M %Z}"
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for name, justify in (
        ("", "right"),
        ("arrives", "left"),
        (t.currency, "right"),
        ("kg CO2e", "right"),
        ("way", "left"),
        ("", "left"),
    ):
        table.add_column(name, justify=justify, no_wrap=name in ("arrives",))  # type: ignore[arg-type]  # one of Rich's words
    for n, i in enumerate(shown, 1):
        table.add_row(
            str(n),
            f"{_local(i.arrival, facilities[end]):%a %d %b %H:%M %Z}",
            f"{i.cost / 10_000:.2f}",
            f"{i.co2e_mg / 1e6:.3f}",
            _way(i.legs, facilities),
            ", ".join(_best_in(i, ways)),
        )
    console.print(table)
    if len(shown) < len(ways):
        console.print(
            f"{len(shown)} of {len(ways)} ways, none of which another beats; --all shows the rest.",
            style="dim",
        )
    console.print(f"Only ways that arrive by {t.instant(t.minutes):%d %b %Y} were looked at.", style="dim")
    legs = Table(title="\nLegs of 1", title_justify="left", box=None, header_style="bold", pad_edge=False)
    wide = console.width >= _WIDE  # ids of services are long; broken in the middle they are no use
    for name in ("by", *(("service",) if wide else ()), "from", "cut-off", "to", "ready there"):
        legs.add_column(name, overflow="fold", no_wrap=name in ("from", "to"))
    for leg in shown[0].legs:
        legs.add_row(
            _word(leg.mode),
            *((leg.service_id,) if wide else ()),
            leg.from_facility,
            f"{_local(leg.board_by, facilities[leg.from_facility]):%a %d %b %H:%M %Z}",
            leg.to_facility,
            f"{_local(leg.ready_at, facilities[leg.to_facility]):%a %d %b %H:%M %Z}",
        )
    console.print(legs)
