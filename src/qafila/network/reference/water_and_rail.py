"""Sailings and China-Europe trains of the reference network."""

from __future__ import annotations

import itertools
from datetime import date
from functools import cache

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from qafila.core.geo import great_circle_km
from qafila.network.model import Facility, Service, Vehicle
from qafila.network.reference.draft import Draft, Stop, spread
from qafila.network.reference.reference_tables import rows, weekdays
from qafila.network.timetable import Mode

_SEA_MARGIN = 1.15  # distance sailed over the shortest way, as the emission rows say
_COASTAL_KM = 150  # two ports this near are reached along the coast
_RAIL_DETOUR = 1.2
_PORT_MINUTES = {"DEEPSEA": 22 * 60, "FEEDER": 12 * 60, "FERRY": 3 * 60}
_CUT_OFF = {"DEEPSEA": 24 * 60, "FEEDER": 12 * 60, "FERRY": 120}
_SLOTS = {"DEEPSEA": (400_000, 1_500), "FEEDER": (150_000, 550), "FERRY": (20_000, 80)}


@cache
def _sea_graph() -> tuple[dict[str, int], list[tuple[float, float]], list[tuple[int, int]]]:
    index: dict[str, int] = {}
    points: list[tuple[float, float]] = []
    for row in rows("sea_routes"):
        if row["name"] not in index:
            index[row["name"]] = len(points)
            points.append((float(row["lat"]), float(row["lon"])))
    edges = [(index[r["name"]], index[r["next"]]) for r in rows("sea_routes") if r["next"]]
    return index, points, edges


def sea_km(ports: list[Facility], canal: bool = True) -> dict[tuple[str, str], float]:
    """Shortest km by sea between all ports, along the waypoints of sea_routes.csv.

    Args:
        ports: which.
        canal: whether ships take the Suez Canal; else the way between east and west is around the Cape.
    """
    index, points, edges = _sea_graph()
    places = [*points, *((p.lat, p.lon) for p in ports)]
    closed = set() if canal else {index["suez"]}
    links = [edge for edge in edges if not closed & set(edge)]
    for i, port in enumerate(ports):
        open_ = [w for w in range(len(points)) if w not in closed]
        near = sorted(open_, key=lambda w: great_circle_km(*points[w], port.lat, port.lon))
        links += [(len(points) + i, w) for w in near[:2]]
        links += [
            (len(points) + i, len(points) + j)
            for j, other in enumerate(ports[:i])
            if great_circle_km(port.lat, port.lon, other.lat, other.lon) < _COASTAL_KM
        ]
    km = [great_circle_km(*places[a], *places[b]) + 0.001 for a, b in links]
    a, b = np.array(links).T
    shortest = dijkstra(csr_array((km, (a, b)), shape=(len(places), len(places))), directed=False)
    return {
        (p.id, q.id): float(shortest[len(points) + i, len(points) + j])
        for i, p in enumerate(ports)
        for j, q in enumerate(ports)
    }


def add_sailings(draft: Draft, ports: dict[str, Facility], vehicles: dict[str, Vehicle]) -> None:
    """The rotations of sailings.csv, on sea distances at the ship's speed.

    A rotation between Asia and Europe sails by the way of sea_ways.csv that holds when it begins, with its own calls.
    """
    km = {way: sea_km(list(ports.values()), canal=way == "suez") for way in ("suez", "cape")}
    for row in rows("sailings"):
        if not row["calls_cape"]:
            days = draft.calendar(weekdays(row["days"]))
            _sailing(draft, row, f"S-{row['id']}", row["calls"], days, ports, vehicles, km["suez"])
            continue
        for period in rows("sea_ways"):
            way = period["way"]
            days = draft.calendar(
                weekdays(row["days"]),
                valid_from=date.fromisoformat(period["valid_from"]),
                valid_to=date.fromisoformat(period["valid_to"]),
            )
            calls = row["calls"] if way == "suez" else row["calls_cape"]
            name = f"S-{row['id']}-{way.upper()}-{period['valid_from'][:7]}"
            _sailing(draft, row, name, calls, days, ports, vehicles, km[way])


def _sailing(
    draft: Draft,
    row: dict[str, str],
    name: str,
    calls: str,
    calendar: str,
    ports: dict[str, Facility],
    vehicles: dict[str, Vehicle],
    km: dict[tuple[str, str], float],
) -> None:
    vehicle = vehicles[row["vehicle"]]
    route = calls.split()
    minute = 480 + spread(row["id"], 12) * 60
    stops: list[Stop] = [(ports[route[0]].id, None, minute, _CUT_OFF[vehicle.id], None)]
    for before, code in itertools.pairwise(route):
        sailed = km[ports[before].id, ports[code].id] * _SEA_MARGIN
        arrive = -(-(minute + round(sailed / vehicle.speed_kmh * 60)) // 60) * 60
        minute = arrive + _PORT_MINUTES[vehicle.id]
        last = code is route[-1]
        stops.append((ports[code].id, arrive, None if last else minute, _CUT_OFF[vehicle.id], sailed))
    sailing = Service(
        name,
        Mode.SEA,
        "qafila sea partners",
        vehicle.id,
        calendar,
        row["rate"],
        clock="utc",
        flag=row["flag"],
    )
    draft.add(sailing, stops, *_SLOTS[vehicle.id])


def add_trains(draft: Draft, terminals: dict[str, Facility]) -> None:
    """The block trains of trains.csv: hours from first to last call, shared out by distance."""
    for row in rows("trains"):
        route = [terminals[name] for name in row["calls"].split()]
        km = [
            great_circle_km(a.lat, a.lon, b.lat, b.lon) * _RAIL_DETOUR for a, b in itertools.pairwise(route)
        ]
        stop = 24 * 60  # change of gauge and locomotive at each call on the way
        moving = int(row["hours"]) * 60 - stop * (len(route) - 2)
        minute = 600
        stops: list[Stop] = [(route[0].id, None, minute, 720, None)]
        for terminal, far in zip(route[1:], km, strict=True):
            arrive = minute + round(moving * far / sum(km))
            minute = arrive + stop
            stops.append((terminal.id, arrive, None if terminal is route[-1] else minute, 720, far))
        train = Service(
            f"R-{row['id']}",
            Mode.RAIL,
            "China-Europe rail partners",
            "BLOCKTRAIN",
            draft.calendar(weekdays(row["days"])),
            "RAIL-EURASIA",
            clock="utc",
        )
        draft.add(train, stops, 60_000, 220)
