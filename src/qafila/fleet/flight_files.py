"""The flight file of a departure, made of what is booked on it: its tail, legs, ULD types, bags and single pieces.

Small parcels fly in bags: of each waybill (or none) and destination so many bags are counted as their parcels fill.
Larger ones are pieces of their own. docs/fleet.md says which figures are assumed; they stand in load-figures.csv.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, NotFound
from qafila.fleet import fleet_messages as say
from qafila.fleet import schedule, service, store
from qafila.fleet.fleet_types import aircraft, rows
from qafila.fleet.model import AircraftType, Flown
from qafila.network.timetable import Goods

Document = dict[str, Any]
Way = tuple[str, str]
"""Two stops of a flight, between which something is booked."""
ANY_TURN = 63
UPRIGHT = 5
DECLARED = Goods.LITHIUM | Goods.LIQUID_FLAMMABLE | Goods.AEROSOL | Goods.MAGNETIC | Goods.OTHER_DANGEROUS
"""Goods that fly with a shipper's declaration only. Batteries contained in equipment mostly need none (packing instruction
967, section II), so they are not asked about."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a parcel's air waybill says of it: its number, special handling codes, the security declaration as the flight
    file holds it, and dangerous goods as the shipper declared them."""

    waybill: str = ""
    codes: tuple[str, ...] = ()
    security: Mapping[str, Any] = field(default_factory=dict)
    dangerous: Mapping[str, Any] = field(default_factory=dict)


class Alike(NamedTuple):
    """What parcels of one lot have in common; `measures` are empty for those in bags."""

    waybill: str
    papers: str  # security and dangerous goods, as its waybill or house says them
    hold: str
    lacks: str
    measures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rider:
    """A parcel that is booked on a flight, from one stop to another."""

    number: str
    origin: str
    to: str
    grams: int
    size_mm: tuple[int, int, int]
    goods: Goods = Goods.NONE
    hold: str = ""  # who keeps it back
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """A departure with what is booked on it, as it is to fly."""

    service: str
    day: int
    sectors: tuple[Flown, ...]
    tail: str
    type: AircraftType
    epoch: datetime
    riders: tuple[Rider, ...]

    @property
    def parcels(self) -> list[str]:
        """The numbers of all of them."""
        return [r.number for r in self.riders]


@cache
def figures() -> Mapping[str, float]:
    """What a flight file is reckoned with, by name (load-figures.csv)."""
    return {r["what"]: float(r["value"]) for r in rows("load-figures.csv")}


def booked(connection: Connection, context: Context, flight: str, day: int) -> Booked:
    """What is booked on a flight of the fleet. Runs as the operator.

    Args:
        connection: of the database.
        context: network and clock.
        flight: the service.
        day: service day, days since 1970-01-01.

    Raises:
        NotFound: no such flight leaves on that day, or it does not fly.
        Conflict: its sectors are flown by several tails, or its type has no positions.
    """
    try:
        begins = schedule.day_begins(day)
    except OverflowError as error:
        raise NotFound(say.NO_FLIGHT(flight=flight[:80]), say.SEE_BOARD(), field="day") from error
    seen = service.window(connection, context, begins, begins + schedule.A_RUN)
    mine = [f for f in seen.board.flown if f.sector.service == flight and f.sector.day == day]
    sectors = tuple(sorted((f for f in mine if not f.cancelled), key=lambda f: f.sector.call))
    if not sectors:
        raise NotFound(say.NO_FLIGHT(flight=flight[:80]), say.SEE_BOARD(), field="service", value=flight[:80])
    tails = {f.tail for f in sectors}
    known = seen.board.tails.get(sectors[0].tail)
    if len(tails) > 1:
        told = say.SEVERAL_TAILS(flight=flight[:80], tails=", ".join(sorted(tails)))
        raise Conflict(told, say.GIVE_POSITIONS(), field="service")
    if known is None:
        raise NotFound(
            say.NO_TAIL(tail=sectors[0].tail), say.GIVE_POSITIONS(), field="service", value=sectors[0].tail
        )
    type = seen.board.types[known.type]
    if not type.seats:
        raise Conflict(say.NO_POSITIONS(type=type.id), say.GIVE_POSITIONS(), field="service", value=type.id)
    calls = {f.sector.call: f.sector for f in sectors}
    legs = [
        leg
        for leg in seen.legs
        if leg.service_id == flight
        and leg.service_day == day
        and leg.calls
        and all(c in calls for c in leg.calls)
    ]
    numbers = store.parcels_of(connection, legs) if legs else {}
    rides: dict[str, tuple[str, str]] = {}
    for leg in legs:
        way = calls[leg.calls[0]].origin, calls[leg.calls[-1]].to
        for number in numbers.get((leg.merchant_id, leg.booking_id, leg.parcel), ()):
            rides[number] = way
    riders = [
        Rider(
            r.number,
            *rides[r.number],
            int(r.grams),
            (r.length_mm, r.width_mm, r.height_mm),
            Goods(r.goods),
            r.hold,
            r.merchant_id,
        )
        for r in store.boxes(connection, list(rides))
    ]
    return Booked(flight, day, sectors, sectors[0].tail, type, seen.board.epoch, tuple(riders))


def flight_file(on: Booked, marks: Mapping[str, Marks], ahead: bool = False) -> Document:
    """The flight file (docs/air.md) of what is booked.

    Args:
        on: the flight.
        marks: of parcels that are on air waybills.
        ahead: the papers are not there yet: nothing is asked about security and dangerous goods but what is known.
    """
    known = figures()
    craft = aircraft(on.type, on.tail)
    kinds = [r for r in rows("uld-types.csv") if r["aircraft"] == on.type.id]
    names = {f"{r['type']} {r['deck']}" for r in kinds}
    legs, segments, fuels = [], _segments(on), []
    rate = known.get(f"fuel_kg_a_km_{on.type.id}", 0.0)
    for one in on.sectors:
        fuel = rate * (one.sector.km + known["fuel_reserve_km"])
        fuels.append(fuel)
        legs.append(
            {
                "name": f"{one.sector.origin}-{one.sector.to}",
                "fuel": round(fuel),
                "cost_per_cm": round(fuel * known["fuel_share_a_cm"] * known["fuel_kg"], 3),
                "segments": [f"{a}-{b}" for (a, b), calls in segments.items() if one.sector.call in calls],
            }
        )
    most = min([limit.most for limit in craft.limits] + [on.type.mtow - on.type.oew - fuel for fuel in fuels])
    leaves = {f.sector.origin: on.epoch + timedelta(minutes=f.depart) for f in on.sectors}
    lots = _lots(on.riders, marks, known, ahead)
    return {
        "name": f"{on.service} {schedule.date_of(on.day)}",
        "aircraft": {
            "name": craft.name,
            "positions": [
                {
                    "name": p.name,
                    "arm": p.arm,
                    "most": p.most,
                    "lateral": p.lateral,
                    "deck": p.deck,
                    "blocked_by": list(p.blocked_by),
                    "takes": sorted(f"{t} {p.deck}" for t in p.takes if f"{t} {p.deck}" in names),
                }
                for p in craft.positions
            ],
            "limits": [{"name": "payload", "most": most}],
            "empty_weight": craft.empty_weight,
            "empty_arm": craft.empty_arm,
            "forward": craft.forward,
            "aft": craft.aft,
            "best": craft.best,
        },
        "types": [
            {
                "name": f"{r['type']} {r['deck']}",
                "size": [int(r["length"]), int(r["width"]), int(r["height"])],
                "cuts": _cuts(r["cuts"]),
                "tare": float(r["tare_kg"]),
                "most": float(r["most_kg"]),
                "minutes": int(r["minutes"]),
                "cost": known["uld"],
            }
            for r in kinds
        ],
        "legs": legs,
        "segments": [
            {
                "name": f"{a}-{b}",
                "departs": leaves[a].isoformat(),
                "origin": a,
                "lots": lots.get((a, b), []),
            }
            for a, b in segments
        ],
        "secured": not ahead,
    }


def _segments(on: Booked) -> dict[tuple[str, str], frozenset[int]]:
    """Stops between which something is booked, with the calls of the sectors on which it is on board; all, where nothing is."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    wanted = {(r.origin, r.to) for r in on.riders}
    for i, first in enumerate(on.sectors):
        for last in on.sectors[i:]:
            way = first.sector.origin, last.sector.to
            if way in wanted or (not wanted and first is last):
                found[way] = frozenset(range(first.sector.call, last.sector.call + 1))
    return found


def _lots(
    riders: Sequence[Rider], marks: Mapping[str, Marks], known: Mapping[str, float], ahead: bool
) -> dict[Way, list[Document]]:
    groups: dict[tuple[Way, Alike], list[Rider]] = defaultdict(list)
    for r in riders:
        mark = marks.get(r.number, Marks())
        lacks = "" if ahead or mark.dangerous else _undeclared(r.goods)
        groups[
            (r.origin, r.to), Alike(mark.waybill, _papers(mark), r.hold, lacks, _own_size(r, known))
        ].append(r)
    lots: dict[Way, list[Document]] = defaultdict(list)
    for way, alike in sorted(groups):
        mine = groups[way, alike]
        mark = marks.get(mine[0].number, Marks())
        bagged = not alike.measures
        shape = _bags(mine, known) if bagged else _pieces(mine, alike.measures)
        lot: Document = {
            "shipment": mark.waybill or "no waybill",
            "piece": f"bags of {len(mine)} parcels" if bagged else mine[0].number,
            **shape,
            "parcels": [r.number for r in mine],
            "codes": list(mark.codes),
            "hold": alike.hold,
            "undeclared": alike.lacks,
        }
        pieces = len(mine) / lot["count"] if bagged else 1
        lot["penalty"] = round(lot["weight"] * known["kg_behind"] + pieces * known["piece_behind"], 2)
        if len(owners := {r.merchant for r in mine}) == 1:
            lot["merchant"] = owners.pop()
        if mark.security:
            lot["security"] = dict(mark.security)
        if mark.dangerous and (mark.security or not ahead):
            lot["dangerous"] = dict(mark.dangerous)
        lots[way].append(lot)
    return lots


def _papers(mark: Marks) -> str:
    return orjson.dumps([dict(mark.security), dict(mark.dangerous)], option=orjson.OPT_SORT_KEYS).decode()


def _undeclared(goods: Goods) -> str:
    """Which of the goods need a shipper's declaration to fly, in the order's own words; empty: none."""
    return ", ".join(flag.name.lower() for flag in Goods if flag & goods & DECLARED and flag.name)


def _own_size(r: Rider, known: Mapping[str, float]) -> tuple[int, ...]:
    """Of a parcel that flies by itself its sides in cm and its kg, rounded up, so that like ones are one lot; none of others."""
    longest = known["bagged_longest"] * 10
    if max(r.size_mm) <= longest and r.grams <= known["bagged_heaviest"] * 1000:
        return ()
    sides = sorted((max(1, ceil(side / 10)) for side in r.size_mm), reverse=True)
    return (*sides, max(1, ceil(r.grams / 1000)))


def _bags(mine: Sequence[Rider], known: Mapping[str, float]) -> Document:
    size = [int(known[f"bag_{side}"]) for side in ("length", "width", "height")]
    cm3 = sum(a * b * c / 1000 for a, b, c in (r.size_mm for r in mine))
    kg = sum(r.grams for r in mine) / 1000
    room = size[0] * size[1] * size[2] * known["bag_full"]
    count = max(1, ceil(cm3 / room), ceil(kg / known["bag_most"]))
    return {"size": size, "weight": max(round(kg / count, 3), 0.001), "count": count, "turns": ANY_TURN}


def _pieces(mine: Iterable[Rider], measures: tuple[int, ...]) -> Document:
    told = list(mine)
    kg = sum(r.grams for r in told) / 1000 / len(told)
    return {
        "size": list(measures[:3]),
        "weight": max(round(kg, 3), 0.001),
        "count": len(told),
        "turns": UPRIGHT,
    }


def _cuts(text: str) -> list[list[list[float]]]:
    found = []
    for one in filter(None, (part.strip() for part in text.split(";"))):
        a, b, c, d = map(float, one.split())
        found.append([[a, b], [c, d]])
    return found
