"""The fleet as JSON: its board, its types, a repair."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qafila.api.chassis.speaking import said
from qafila.fleet import fleet_types, schedule
from qafila.fleet.model import AircraftType, Change, Flown
from qafila.fleet.service import Affected, Proposal, Window


def board(seen: Window) -> dict[str, Any]:
    """Sectors with tail, times, what is booked and what is wrong; tails with their crews' duties; outages."""
    wrong = schedule.impossible(seen.board, seen.aboard)
    return {
        "sectors": [
            _sector(seen, f, [said(m) for m in wrong.get(f.sector.key, ())]) for f in seen.board.flown
        ],
        "tails": [
            {
                "registration": t.registration,
                "type": t.type,
                "base": t.base,
                "duties": _duties(seen, t.registration),
            }
            for t in seen.board.tails.values()
        ],
        "outages": [
            {
                "outage": r.outage,
                "kind": r.kind,
                "subject": r.subject,
                "begins": r.begins,
                "ends": r.ends,
                "because": r.because,
            }
            for r in seen.outages
        ],
    }


def _sector(seen: Window, one: Flown, wrong: list[str]) -> dict[str, Any]:
    s, epoch = one.sector, seen.board.epoch
    carried = seen.aboard.get(s.key)
    return {
        "service": s.service,
        "day": schedule.date_of(s.day).isoformat(),
        "call": s.call,
        "from": s.origin,
        "to": s.to,
        "tail": one.tail,
        "planned_tail": s.tail,
        "planned_departure": epoch + timedelta(minutes=s.depart),
        "departure": epoch + timedelta(minutes=one.depart),
        "arrival": epoch + timedelta(minutes=one.arrive),
        "delay": one.delay,
        "cancelled": one.cancelled,
        "because": one.because,
        "room_kg": s.grams // 1000,
        "parcels": carried.parcels if carried else 0,
        "kg": carried.grams / 1000 if carried else 0,
        "wrong": wrong,
    }


def _duties(seen: Window, tail: str) -> list[dict[str, Any]]:
    epoch = seen.board.epoch
    return [
        {
            "reports": epoch + timedelta(minutes=d.reports),
            "ends": epoch + timedelta(minutes=d.ends),
            "pilots": d.pilots,
            "minutes": d.minutes,
            "most": d.most,
            "sectors": [f"{f.sector.origin}-{f.sector.to}" for f in d.flown],
        }
        for d in schedule.duties(seen.board, tail)
    ]


def type_told(one: AircraftType) -> dict[str, Any]:
    """A type with its weights, positions and source."""
    return {
        "type": one.id,
        "name": one.name,
        "rating": one.rating,
        "pilots": one.pilots,
        "rest_class_1": one.rest_class_1,
        "oew_kg": one.oew,
        "mzfw_kg": one.mzfw,
        "mlw_kg": one.mlw,
        "mtow_kg": one.mtow,
        "payload_kg": one.payload,
        "volume_m3": one.volume,
        "turnaround_minutes": one.turnaround,
        "range_km": one.reach,
        "centre_of_gravity": {
            "forward": one.forward,
            "aft": one.aft,
            "best": one.best,
            "empty": one.empty_arm,
        },
        "positions": [
            {
                "name": s.name,
                "deck": s.deck,
                "arm": s.arm,
                "lateral": s.lateral,
                "most_kg": s.most,
                "takes": list(s.takes),
            }
            for s in one.seats
        ],
        "source": one.source,
        "confidence": one.confidence,
    }


def loading(one: AircraftType, registration: str) -> dict[str, Any]:
    """A tail as `aircraft` of a flight file of the load planner."""
    craft = fleet_types.aircraft(one, registration)
    return {
        "name": craft.name,
        "positions": [
            {
                "name": p.name,
                "arm": p.arm,
                "most": p.most,
                "takes": sorted(p.takes),
                "blocked_by": list(p.blocked_by),
                "lateral": p.lateral,
                "deck": p.deck,
            }
            for p in craft.positions
        ],
        "limits": [
            {"name": one.name, "most": one.most, "positions": sorted(one.positions)} for one in craft.limits
        ],
        "empty_weight": craft.empty_weight,
        "empty_arm": craft.empty_arm,
        "forward": craft.forward,
        "aft": craft.aft,
        "best": craft.best,
    }


def rules() -> dict[str, Any]:
    """The duty rules and the prices of a repair, as their files say them."""
    return {name: fleet_types.rows(f"{name}.csv") for name in ("duty-limits", "duty-rules", "repair-prices")}


def change(one: Change) -> dict[str, Any]:
    """A change in the form in which it is put in place."""
    return {
        "service": one.key[0],
        "day": schedule.date_of(one.key[1]).isoformat(),
        "call": one.key[2],
        "tail": one.tail,
        "delay": one.delay,
        "cancelled": one.cancelled,
    }


def effect(found: Affected) -> dict[str, Any]:
    """What changes do to parcels."""
    return {
        "not_flying": found.cancelled,
        "missed_connections": found.missed,
        "later": found.late,
        "kg_not_flying": found.kg,
        "kg_left": found.left_kg,
    }


def repair(made: Proposal) -> dict[str, Any]:
    """A repair with its costs and its effect."""
    return {
        "changes": [change(c) for c in made.repair.changes],
        "cost": round(made.repair.total, 2),
        "costs": {name: round(value, 2) for name, value in made.repair.costs.items()},
        "currency": "EUR",
        "gap": made.repair.gap,
        "relieved_duties": len(made.repair.reliefs),
        "parcels": effect(made.affected),
        "stamp": made.stamp,
    }
