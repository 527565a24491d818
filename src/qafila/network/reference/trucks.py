"""Truck runs and van tours of the reference network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from qafila.network.model import Facility, Kind, Service
from qafila.network.reference.draft import Draft, spread
from qafila.network.reference.reference_roads import DETOUR, Roads, distances, truck_minutes
from qafila.network.reference.reference_tables import rows
from qafila.network.seas import crosses_sea
from qafila.network.timetable import Mode

_LAND = (Kind.SORTING_CENTRE, Kind.AIRPORT, Kind.PORT, Kind.RAIL_TERMINAL, Kind.CUSTOMS_OFFICE)
_TRUNK_KM = (250.0, 1400.0)
_TRUCKS = {"TRUCK40": (16000, 70, 68.0), "TRUCK18": (6000, 40, 58.0)}  # room for parcels in kg, m³; km/h
_FAR_KM = 500.0  # from a sorting centre to a station, where an airport is much nearer
_TOUR_KM = 14.0  # share of a tour's way for one parcel
_TOUR_VANS = 8  # vans that one row of a tour stands for
_VAN = (1_200, 12)
_DELIVERY = ((510, 1020), (840, 1260))  # from and to, minutes after midnight
_COLLECTION = ((540, 780), (900, 1140))


def add(draft: Draft, facilities: list[Facility]) -> Roads:
    """Every run by road: between centres, to air, sea and rail, to warehouses, stations and doors."""
    by_kind: dict[Kind, list[Facility]] = defaultdict(list)
    for facility in facilities:
        by_kind[facility.kind].append(facility)
    centres = [f for f in facilities if f.kind in _LAND]
    roads = Roads(centres)
    for (i, j), (_, minutes) in roads.edges.items():
        a, b = centres[i], centres[j]
        inland = a.kind is b.kind is Kind.SORTING_CENTRE and a.country == b.country
        times = (360, 780, 1200) if inland else (540, 1170)
        for one, other in ((a, b), (b, a)):
            _runs(draft, one, other, roads.km[i, j], times, draft.calendar("1111111"), extra=minutes)
    _trunks(draft, roads)
    _warehouses(draft, by_kind[Kind.WAREHOUSE], by_kind[Kind.SORTING_CENTRE])
    _stations(draft, by_kind[Kind.DELIVERY_STATION], by_kind[Kind.SORTING_CENTRE], by_kind[Kind.AIRPORT])
    _pickup_points(draft, by_kind[Kind.PICKUP_POINT], by_kind[Kind.DELIVERY_STATION])
    return roads


def _runs(
    draft: Draft,
    a: Facility,
    b: Facility,
    km: float,
    times: Sequence[int],
    calendar: str,
    *,
    extra: int = 0,
    cut_off: int = 45,
    spread_over: int = 120,
) -> None:
    """Runs from a to b leaving at some local times (each pair a little later, so that not all fall together)."""
    vehicle = "TRUCK18" if km < 120 else "TRUCK40"
    kg, m3, speed = _TRUCKS[vehicle]
    rate = "ROAD-LOCAL" if km < 100 else "ROAD-REGIONAL" if km < 400 else "ROAD-TRUNK"
    if extra >= 120:
        rate = "ROAD-STRAIT"
    minutes = truck_minutes(km, speed) + extra
    local = _same_clock(a.timezone, b.timezone)
    shift = spread(f"{a.id}>{b.id}", spread_over // 5) * 5 - (0 if local else _ahead(a.timezone))
    for number, time in enumerate(times, 1):
        depart = (time + shift) % 1440
        run = Service(
            f"T-{a.id}--{b.id}-{number}",
            Mode.ROAD,
            "qafila road partners",
            vehicle,
            calendar,
            rate,
            clock="local" if local else "utc",
            under_bond=a.gateway and b.gateway,
        )
        draft.add(run, [(a.id, None, depart, cut_off, None), (b.id, depart + minutes, None, 0, km)], kg, m3)


def _trunks(draft: Draft, roads: Roads) -> None:
    """Direct night runs between the largest centres of a territory, on the road distance."""
    by_country: dict[str, list[Facility]] = defaultdict(list)
    for place in roads.places:
        if place.kind is Kind.SORTING_CENTRE:
            by_country[place.country].append(place)
    main = [f for found in by_country.values() for f in found[: max(1, min(8, len(found) // 4))]]
    pairs = [(a, b) for a in main for b in main if a is not b and a.territory == b.territory]
    over_sea = crosses_sea(
        np.array([[a.lat, a.lon] for a, _ in pairs]), np.array([[b.lat, b.lon] for _, b in pairs])
    )
    for (a, b), wet in zip(pairs, over_sea, strict=True):
        i, j = roads.index[a.id], roads.index[b.id]
        direct = (min(i, j), max(i, j)) in roads.edges
        if not wet and not direct and _TRUNK_KM[0] < roads.km[i, j] <= _TRUNK_KM[1]:
            _runs(draft, a, b, roads.km[i, j], (1200,), draft.calendar("1111111"))


def _warehouses(draft: Draft, houses: list[Facility], centres: list[Facility]) -> None:
    for house, hub, km in _nearest(houses, centres):
        _runs(
            draft, house, hub, km, (540, 780, 1020, 1200), _workdays(draft, house), cut_off=30, spread_over=60
        )
        _runs(draft, hub, house, km, (420, 840), _workdays(draft, house), spread_over=60)


def _stations(
    draft: Draft, stations: list[Facility], centres: list[Facility], airports: list[Facility]
) -> None:
    near = {s.id: (hub, km) for s, hub, km in _nearest(stations, airports)}
    for station, hub, km in _nearest(stations, centres):
        # an island or a far corner is fed from its airport
        if station.id not in near or km < _FAR_KM or km < 2 * near[station.id][1]:
            near[station.id] = (hub, km)
    for station in stations:
        hub, km = near[station.id]
        calendar = _workdays(draft, station)
        early = 290 - truck_minutes(km, _TRUCKS["TRUCK18" if km < 120 else "TRUCK40"][2])  # in before five
        _runs(draft, hub, station, km, (early, 600), draft.calendar("1111111"), spread_over=5)
        _runs(draft, station, hub, km, (810, 1200), calendar, spread_over=60)
        kg, m3 = _VAN[0] * _TOUR_VANS, _VAN[1] * _TOUR_VANS
        own = f"DOOR-DELIVERY-{station.country}"
        delivery = own if own in _rates() else "DOOR-DELIVERY"
        for mode, vehicle, rate, tours, cut_off in (
            (Mode.DELIVERY, "VAN-TOUR", delivery, _DELIVERY, 30),
            (Mode.COLLECTION, "VAN-PICKUP", "DOOR-COLLECTION", _COLLECTION, 60),
        ):
            for number, (leave, back) in enumerate(tours, 1):
                id = f"{mode.name[0]}-{station.id}-{number}"
                tour = Service(id, mode, "qafila delivery partners", vehicle, calendar, rate)
                home = (station.id, back, None, 0, _TOUR_KM)
                draft.add(tour, [(station.id, None, leave, cut_off, None), home], kg, m3)


def _pickup_points(draft: Draft, points: list[Facility], stations: list[Facility]) -> None:
    for point, station, km in _nearest(points, stations):
        minutes = max(20, round(km / 30 * 60))
        for a, b, way, times in ((station, point, "OUT", (540, 900)), (point, station, "IN", (660, 1080))):
            for number, leave in enumerate(times, 1):
                run = Service(
                    f"P-{point.id}-{way}-{number}",
                    Mode.ROAD,
                    "qafila delivery partners",
                    "VAN",
                    _workdays(draft, point),
                    "PICKUP-POINT",
                )
                stops = [(a.id, None, leave, 20, None), (b.id, leave + minutes, None, 0, km)]
                draft.add(run, stops, 1000, 10)


def _workdays(draft: Draft, place: Facility) -> str:
    """The calendar of the days on which people work there."""
    return draft.calendar(_workweeks()[place.country], place.country)


@cache
def _rates() -> frozenset[str]:
    return frozenset(row["id"] for row in rows("rates"))


@cache
def _workweeks() -> dict[str, str]:
    return {row["country"]: row["workweek"] for row in rows("countries")}


def _nearest(places: list[Facility], hubs: list[Facility]) -> list[tuple[Facility, Facility, float]]:
    """Each place with the nearest hub of its own country that a truck reaches over land, and the road km;
    without the places that have none."""
    km = distances([*places, *hubs])[: len(places), len(places) :]
    country = np.array([h.country for h in hubs])
    at = np.array([[h.lat, h.lon] for h in hubs])
    found = []
    for place, row in zip(places, km, strict=True):
        order = np.argsort(np.where(country == place.country, row, np.inf), kind="stable")[:6]
        here = np.repeat([[place.lat, place.lon]], len(order), axis=0)
        for hub, wet in zip(order, crosses_sea(here, at[order]), strict=True):
            if not wet and country[hub] == place.country:
                found.append((place, hubs[hub], max(2.0, float(row[hub]) * DETOUR)))
                break
    return found


@cache
def _ahead(zone: str, month: int = 1) -> int:
    moment = datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))
    return int(moment.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]  # an aware time has one


def _same_clock(a: str, b: str) -> bool:
    return a == b or all(_ahead(a, m) == _ahead(b, m) for m in (1, 3, 7, 11))
