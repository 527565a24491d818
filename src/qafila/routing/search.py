"""From facility to facility: the Pareto set of itineraries over arrival, cost and CO2e."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing import pareto
from qafila.routing.capacity import Room
from qafila.routing.index import Lanes, lanes
from qafila.routing.itinerary import Answer, Itinerary, Leg, Query
from qafila.routing.refusal import refuse
from qafila.routing.workspace import workspace

Closed = NDArray[np.bool_]
_ALL_OPEN: Closed = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class _Parcel:
    """What lanes cost one kind of parcel, and which of them bar it."""

    lanes: Lanes
    grams: int
    chargeable_g: tuple[int, ...]
    cost: NDArray[np.int64]  # [L] COST_UNITs
    barred: NDArray[np.bool_]  # [L]
    legs: dict[int, Leg] = field(default_factory=dict)  # by ride, built once


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """The least that is still to come from each node to one set of destinations."""

    targets: NDArray[np.int32]
    time: NDArray[np.int64]
    cost: NDArray[np.int64]
    co2e: NDArray[np.int64]
    ways: tuple[NDArray[np.int32], ...]  # the lanes to take for each of the three


@lru_cache(maxsize=256)
def _parcel(
    timetable: Timetable, grams: int, chargeable_g: tuple[int, ...], goods: Goods, avoid: frozenset[Mode]
) -> _Parcel:
    index = lanes(timetable)
    cost = index.cost(np.array(chargeable_g, np.int64))
    return _Parcel(index, grams, chargeable_g, cost, index.barred(goods, avoid))


@lru_cache(maxsize=1024)
def _bounds(parcel: _Parcel, destinations: tuple[int, ...]) -> _Bounds:
    index, targets = parcel.lanes, np.array(destinations, np.int32)
    graph = (index.entering, index.entering_lanes, index.from_node)
    weights = (index.quickest.astype(np.int64), parcel.cost, index.co2e)
    time, cost, co2e = (pareto.least_to_go(*graph, weight, parcel.barred, targets) for weight in weights)
    return _Bounds(targets, time[0], cost[0], co2e[0], (time[1], cost[1], co2e[1]))


def search(
    timetable: Timetable, query: Query, closed: Closed | Room | None = None, limit: int | None = None
) -> Answer:
    """The Pareto set of one query, by arrival; or why there is no itinerary.

    `closed` is a bool for each ride: those that have no room; or a Room, which knows it for each parcel. `limit`
    keeps that many itineraries at most, the earliest, the cheapest and the cleanest among them.
    Raises ValueError where the query names nodes that the timetable does not have.
    """
    _check(timetable, query)
    charged = tuple(int(g) for g in timetable.chargeable_g(query.grams, query.cm3))
    parcel = _parcel(timetable, query.grams, charged, query.goods, query.avoid_modes)
    shut = closed.closed(query.grams, query.cm3) if isinstance(closed, Room) else closed
    itineraries = _itineraries(timetable, query, parcel, shut, limit)
    if itineraries:
        return Answer(itineraries)
    return Answer((), refuse(timetable, query, shut))


def search_many(
    timetable: Timetable,
    queries: Sequence[Query],
    closed: Closed | Room | None = None,
    limit: int | None = None,
) -> list[Answer]:
    """Answers in the order of the queries; what several queries share is worked out once."""
    answers: dict[Query, Answer] = {}
    order = sorted(
        set(queries), key=lambda q: (q.destinations, q.origins, q.ready, q.grams, q.cm3, int(q.goods))
    )
    for query in order:
        answers[query] = search(timetable, query, closed, limit)
    return [answers[query] for query in queries]


def _check(timetable: Timetable, query: Query) -> None:
    if not query.origins or not query.destinations:
        raise ValueError("a query needs at least one origin and one destination node")
    for node in (*query.origins, *query.destinations):
        if not 0 <= node < timetable.nodes:
            raise ValueError(
                f"node {node} is not in the timetable, which has nodes 0 … {timetable.nodes - 1}"
            )


def _itineraries(
    timetable: Timetable, query: Query, parcel: _Parcel, closed: Closed | None, limit: int | None
) -> tuple[Itinerary, ...]:
    index, bounds = parcel.lanes, _bounds(parcel, query.destinations)
    horizon = workspace(timetable, index).horizon
    latest = horizon if query.latest is None else min(query.latest, horizon)
    if not 0 <= query.ready <= latest:
        return ()
    origins = np.array(sorted(set(query.origins)), np.int32)
    if min(int(bounds.cost[o]) for o in origins) == pareto.FAR:
        return ()
    shut = _ALL_OPEN if closed is None else closed
    rides = (index.first, index.times, index.ready_at, index.best, index.ride)
    known = []
    for least, way in zip((bounds.time, bounds.cost, bounds.co2e), bounds.ways, strict=True):
        real = pareto.follow(
            least, way, origins, query.ready, index.to_node, *rides, parcel.cost, index.co2e, shut
        )
        if real[0] <= latest:
            known.append(real)
    labels = workspace(timetable, index).explore(
        origins, query.ready, latest, parcel.cost, index.co2e, parcel.barred, closed,
        bounds.targets, (bounds.time, bounds.cost, bounds.co2e), np.array(known, np.int64).reshape(-1, 3),
    )  # fmt: skip
    ends = labels.at(bounds.targets)
    if limit is not None and len(ends) > limit:
        ends = ends[_representatives(labels.minute[ends], labels.cost[ends], labels.co2e[ends], limit)]
    itineraries = []
    for end in ends:
        legs = [_leg(timetable, parcel, ride) for ride in labels.rides_to(int(end))]
        itineraries.append(
            Itinerary(
                legs=tuple(legs),
                ready=timetable.instant(query.ready),
                arrival=timetable.instant(labels.minute[end]),
                cost=int(labels.cost[end]),
                co2e_mg=sum(leg.co2e_mg for leg in legs),
            )
        )
    return tuple(itineraries)


def _representatives(
    minute: NDArray[np.int32], cost: NDArray[np.int64], co2e: NDArray[np.int64], limit: int
) -> NDArray[np.int64]:
    """Indices, rising, of the three extremes and then of those farthest from all that are chosen."""
    points = np.stack([minute, cost, co2e], axis=1).astype(float)
    spread = np.ptp(points, axis=0)
    points = (points - points.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    chosen: list[int] = []
    for first, second, third in ((0, 1, 2), (1, 0, 2), (2, 1, 0)):
        extreme = int(np.lexsort((points[:, third], points[:, second], points[:, first]))[0])
        if extreme not in chosen:
            chosen.append(extreme)
    nearest = np.min([np.abs(points - points[i]).sum(axis=1) for i in chosen], axis=0)
    while len(chosen) < limit:
        far = int(np.argmax(nearest))
        chosen.append(far)
        nearest = np.minimum(nearest, np.abs(points - points[far]).sum(axis=1))
    return np.array(sorted(chosen))


def _leg(timetable: Timetable, parcel: _Parcel, ride: int) -> Leg:
    leg = parcel.legs.get(ride)
    if leg is not None:
        return leg
    t = timetable
    start, count = int(t.ride_first_segment[ride]), int(t.ride_segment_count[ride])
    segments = tuple(range(start, start + count))
    from_node, to_node, mode = int(t.ride_from[ride]), int(t.ride_to[ride]), int(t.ride_mode[ride])
    leg = Leg(
        ride=ride,
        service_id=t.service_ids[t.segment_service[start]],
        service_day=int(t.segment_day[start]),
        mode=Mode(mode),
        from_facility=t.facility_ids[t.node_facility[from_node]],
        to_facility=t.facility_ids[t.node_facility[to_node]],
        from_node=from_node,
        to_node=to_node,
        board_by=t.instant(t.ride_board_by[ride]),
        depart=t.instant(t.segment_depart[start]),
        arrive=t.instant(t.segment_arrive[start + count - 1]),
        ready_at=t.instant(t.ride_ready_at[ride]),
        cost=int(t.ride_fixed_cost[ride]) + int(t.ride_kg_cost[ride]) * parcel.chargeable_g[mode] // 1000,
        co2e_mg=int(t.ride_co2e[ride]) * parcel.grams // 1000,
        segments=segments,
        calls=tuple(int(c) for c in t.segment_call[start : start + count]),
    )
    parcel.legs[ride] = leg
    return leg
