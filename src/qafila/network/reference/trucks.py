"""Truck runs and van tours of the reference network."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from qafila.network.model import Facility, Kind
from qafila.network.reference.draft import Draft, spread
from qafila.network.reference.roads import DETOUR, Roads, distances, truck_minutes
from qafila.network.reference.tables import rows
from qafila.network.timetable import Mode

_LAND = (Kind.SORTING_CENTRE, Kind.AIRPORT, Kind.PORT, Kind.RAIL_TERMINAL)
_TRUNK_KM = (250.0, 1400.0)
_STATION_KM = 450.0


def add(draft: Draft, facilities: list[Facility]) -> Roads:
    """Every run by road: between centres, to air, sea and rail, to warehouses, stations and doors."""
    workweek = {r["country"]: r["workweek"] for r in rows("countries")}
    centres = [f for f in facilities if f.kind in _LAND]
    roads = Roads(centres)
    for (i, j), (_, minutes) in roads.edges.items():
        a, b = centres[i], centres[j]
        runs = 3 if a.kind is b.kind is Kind.SORTING_CENTRE and a.country == b.country else 2
        for one, other in ((a, b), (b, a)):
            _truck(draft, one, other, roads.km[i, j], minutes, runs, "1111111", workweek)
    _trunks(draft, roads)
    hubs = [f for f in centres if f.kind is Kind.SORTING_CENTRE]
    _warehouses(draft, [f for f in facilities if f.kind is Kind.WAREHOUSE], hubs, workweek)
    stations = [f for f in facilities if f.kind is Kind.DELIVERY_STATION]
    _stations(draft, stations, centres, workweek)
    _pickup_points(draft, [f for f in facilities if f.kind is Kind.PICKUP_POINT], stations, workweek)
    return roads


def _truck(
    draft: Draft, a: Facility, b: Facility, km: float, extra: int, runs: int, days: str, workweek: dict[str, str],
    *, vehicle: str = "", first: int = 330, last: int = 1380, cut_off: int = 45,
) -> None:  # fmt: skip
    vehicle = vehicle or ("TRUCK18" if km < 60 else "TRUCK40")
    kg, m3, speed = _TRUCKS[vehicle]
    rate = "ROAD-LOCAL" if km < 100 else "ROAD-REGIONAL" if km < 400 else "ROAD-TRUNK"
    if extra >= 120:
        rate = "ROAD-STRAIT"
    minutes = truck_minutes(km, speed) + extra
    local = _same_clock(a.timezone, b.timezone)
    shift = 0 if local else _ahead(a.timezone)
    gap = (last - first) // max(1, runs)
    for run in range(runs):
        depart = first + run * gap + spread(f"{a.id}>{b.id}", max(1, gap // 2)) // 5 * 5 - shift
        if depart < 0:
            depart += 1440
        calendar = draft.calendar(
            days if days == "1111111" else workweek[a.country], a.country if days != "1111111" else ""
        )
        draft.add(
            f"T-{a.id}>{b.id}-{run + 1}", Mode.ROAD, "qafila road partners", vehicle, calendar, rate,
            [(a.id, None, depart, cut_off, None), (b.id, depart + minutes, None, 0, km)], kg, m3,
            clock="local" if local else "utc", under_bond=a.gateway and b.gateway,
        )  # fmt: skip


_TRUCKS = {"TRUCK40": (16000, 70, 68.0), "TRUCK18": (6000, 40, 58.0), "VAN": (1000, 10, 48.0)}


def _trunks(draft: Draft, roads: Roads) -> None:
    """Direct night runs between the largest centres, on the road distance."""
    by_country: dict[str, list[Facility]] = defaultdict(list)
    for place in roads.places:
        if place.kind is Kind.SORTING_CENTRE:
            by_country[place.country].append(place)
    main = [f for found in by_country.values() for f in found[: max(1, min(8, len(found) // 4))]]
    for a in main:
        for b in main:
            i, j = roads.index[a.id], roads.index[b.id]
            if a is b or a.territory != b.territory or (min(i, j), max(i, j)) in roads.edges:
                continue
            if _TRUNK_KM[0] < roads.km[i, j] <= _TRUNK_KM[1]:
                _truck(
                    draft, a, b, roads.km[i, j], 0, 1, "1111111", {}, first=1200, last=1380, vehicle="TRUCK40"
                )


def _warehouses(draft: Draft, houses: list[Facility], hubs: list[Facility], workweek: dict[str, str]) -> None:
    for house, (hub, km) in zip(houses, _nearest(houses, hubs), strict=True):
        _truck(
            draft, house, hub, km, 0, 4, "week", workweek, first=540, last=1260, vehicle="TRUCK18", cut_off=30
        )
        _truck(draft, hub, house, km, 0, 2, "week", workweek, first=420, last=900, vehicle="TRUCK18")


def _stations(
    draft: Draft, stations: list[Facility], centres: list[Facility], workweek: dict[str, str]
) -> None:
    for station, (hub, km) in zip(stations, _nearest(stations, centres), strict=True):
        if hub.kind is not Kind.SORTING_CENTRE or km > 120:
            vehicle = "TRUCK40" if km > 120 else "TRUCK18"
        else:
            vehicle = "TRUCK18"
        early = 300 - truck_minutes(km, 58.0) % 1440  # in by the start of sorting at five
        _truck(
            draft,
            hub,
            station,
            km,
            0,
            1,
            "week",
            workweek,
            first=early % 1440,
            last=early % 1440 + 1,
            vehicle=vehicle,
        )
        _truck(draft, hub, station, km, 0, 1, "week", workweek, first=600, last=720, vehicle=vehicle)
        _truck(draft, station, hub, km, 0, 2, "week", workweek, first=780, last=1260, vehicle=vehicle)
        calendar = draft.calendar(workweek[station.country], station.country)
        for tour, (leave, back) in enumerate(((510, 1020), (840, 1230)), 1):
            draft.add(
                f"D-{station.id}-{tour}", Mode.DELIVERY, "qafila delivery partners", "VAN-TOUR", calendar,
                "DOOR-DELIVERY",
                [(station.id, None, leave, 30, None), (station.id, back, None, 0, 14.0)], 9600, 96,
            )  # fmt: skip
            draft.add(
                f"C-{station.id}-{tour}", Mode.COLLECTION, "qafila delivery partners", "VAN-PICKUP", calendar,
                "DOOR-COLLECTION",
                [(station.id, None, leave + 30, 60, None), (station.id, back - 300, None, 0, 14.0)], 9600, 96,
            )  # fmt: skip


def _pickup_points(
    draft: Draft, points: list[Facility], stations: list[Facility], workweek: dict[str, str]
) -> None:
    for point, (station, km) in zip(points, _nearest(points, stations), strict=True):
        for run, leave in enumerate((540, 900), 1):
            back = leave + max(20, round(km / 30 * 60))
            calendar = draft.calendar(workweek[point.country], point.country)
            for a, b, name in ((station, point, "out"), (point, station, "in")):
                draft.add(
                    f"P-{point.id}-{name}-{run}", Mode.ROAD, "qafila delivery partners", "VAN", calendar, "PICKUP-POINT",
                    [(a.id, None, leave + 60 * (name == "in"), 20, None), (b.id, back + 60 * (name == "in"), None, 0, km)],
                    1000, 10,
                )  # fmt: skip


def _nearest(places: list[Facility], hubs: list[Facility]) -> list[tuple[Facility, float]]:
    """For each place the nearest hub of its own country and the km by road."""
    km = distances([*places, *hubs])[: len(places), len(places) :]
    abroad = np.array([p.country for p in places])[:, None] != np.array([h.country for h in hubs])[None, :]
    km[abroad] = np.inf
    best = np.argmin(km, axis=1)
    return [(hubs[b], max(2.0, float(km[i, b]) * DETOUR)) for i, b in enumerate(best)]


def _ahead(zone: str, month: int = 1) -> int:
    moment = datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))
    return int(moment.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]


def _same_clock(a: str, b: str) -> bool:
    return a == b or all(_ahead(a, m) == _ahead(b, m) for m in (1, 3, 7, 11))
