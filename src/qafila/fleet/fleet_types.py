"""Aircraft types from their data files and the feed's vehicles; the load planner's aircraft of one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files

from qafila.air.flight import Aircraft, Limit, Position
from qafila.fleet.model import AircraftType, Seat
from qafila.network.model import Vehicle
from qafila.network.timetable import Mode


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the fleet's data files."""
    return list(csv.DictReader((files("qafila.fleet") / name).read_text(encoding="utf-8").splitlines()))


@cache
def _seats() -> dict[str, tuple[Seat, ...]]:
    found: dict[str, list[Seat]] = {}
    for r in rows("aircraft-positions.csv"):
        found.setdefault(r["type"], []).append(
            Seat(
                r["position"],
                r["deck"],
                float(r["arm"]),
                float(r["lateral"]),
                float(r["most_kg"]),
                tuple(r["takes"].split()),
                tuple(r["blocked_by"].split()),
            )
        )
    return {type: tuple(seats) for type, seats in found.items()}


def aircraft_types(vehicles: Mapping[str, Vehicle]) -> dict[str, AircraftType]:
    """Every type that has a row in aircraft-types.csv, with payload, room and ground time of the feed's vehicle; of other
    vehicles that fly what the feed says, with two pilots and a rating of their own."""
    told = {r["type"]: r for r in rows("aircraft-types.csv")}
    found = {}
    for id, vehicle in vehicles.items():
        if vehicle.mode is not Mode.AIR:
            continue
        r = told.get(id)
        if r is None:
            plain = AircraftType(id, vehicle.name, id, 2, False, 0, 0, 0, 0, 0, 0, 0, 0, ())
            found[id] = _with_vehicle(plain, vehicle)
            continue
        oew, mzfw, mlw, mtow = (float(r[n]) for n in ("oew_kg", "mzfw_kg", "mlw_kg", "mtow_kg"))
        empty, forward, aft, best = (float(r[n]) for n in ("empty_arm", "forward", "aft", "best"))
        known = AircraftType(
            id,
            vehicle.name,
            r["rating"],
            int(r["pilots"]),
            r["rest_class_1"] == "yes",
            oew,
            mzfw,
            mlw,
            mtow,
            empty,
            forward,
            aft,
            best,
            _seats().get(id, ()),
            source=r["source"],
            confidence=r["confidence"],
        )
        found[id] = _with_vehicle(known, vehicle)
    return found


def _with_vehicle(type: AircraftType, vehicle: Vehicle) -> AircraftType:
    return replace(
        type,
        payload=vehicle.payload_kg,
        volume=vehicle.volume_m3,
        turnaround=vehicle.turnaround_minutes or 60,
        reach=vehicle.range_km,
        source=type.source or vehicle.source,
        confidence=type.confidence or vehicle.confidence,
    )


def aircraft(type: AircraftType, registration: str) -> Aircraft:
    """A tail as the load planner takes it: its positions, the payload it may carry, and its envelope."""
    positions = tuple(
        Position(s.name, s.arm, s.most, frozenset(s.takes), s.blocked_by, s.lateral, s.deck)
        for s in type.seats
    )
    payload = min(type.mzfw - type.oew, float(type.payload) or type.mzfw - type.oew)
    limits = (Limit("total", payload),) if payload > 0 else ()
    return Aircraft(
        f"{registration} {type.id}",
        positions,
        frozenset(),
        limits,
        type.oew,
        type.empty_arm,
        type.forward,
        type.aft,
        type.best,
    )


@cache
def prices() -> Mapping[str, Decimal]:
    """What a repair weighs, in EUR, by name (repair-prices.csv)."""
    return {r["what"]: Decimal(r["price"]) for r in rows("repair-prices.csv")}
