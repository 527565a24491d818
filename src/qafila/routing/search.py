"""From facility to facility: the Pareto set of itineraries over arrival, cost and CO2e.

Two ways to the same points. The whole set is one search over three criteria, aimed at the destination. A few
representatives of it (`limit`) are taken from the best compromises of arrival and cost, ties broken by CO2e,
and the cleanest: each of these is in the whole set, the extremes are among them, and they cost a fraction.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing import pareto
from qafila.routing.borders import barred
from qafila.routing.capacity import Room
from qafila.routing.in_town import in_town, over_the_facility
from qafila.routing.index import horizon
from qafila.routing.itinerary import Answer, Itinerary, Query
from qafila.routing.parcel import Approach, Parcel, approach, bound, leg_book, parcel
from qafila.routing.points import representatives
from qafila.routing.refusal import refuse
from qafila.routing.workspace import Labels, workspace

Closed = NDArray[np.bool_]
_AIMED = 2  # up to so many destinations are searched one by one, more by one search to everywhere
_Criteria = tuple[int, int, int]  # arrival, COST_UNITs, mg CO2e per kg
_Point = tuple[int, int, int, tuple[int, ...]]  # and the rides


@dataclass(slots=True, eq=False)
class _Start:
    """Queries that differ in destination and weight only share what is known of arrival and CO2e."""

    origins: NDArray[np.int32]
    ready: int
    goods: Goods
    avoid: frozenset[Mode]
    closed: Closed | None
    queries: int = 0
    _lock: Lock = field(default_factory=Lock)
    _everywhere: Labels | None = None

    def least_co2e(self, t: Timetable, near: Approach, targets: NDArray[np.int32], latest: int) -> int | None:
        """The least CO2e, in mg per kg, of what arrives in time; None where nothing does."""
        free = parcel(t, (0,) * len(Mode), self.goods, self.avoid)
        index = free.lanes
        start = (self.origins, self.ready)
        space = workspace(t, index, slot=3)
        if self.queries <= 2 * _AIMED:
            real = (
                b.real(free, *start, index.co2e, index.nothing, self.closed) for b in (near.time, near.co2e)
            )
            to_go = (near.time.least, near.co2e.least, index.nowhere)
            labels = space.explore(
                *start, latest, index.co2e, index.nothing, free.barred, self.closed, targets, to_go,
                _known(real, latest),
            )  # fmt: skip
        else:
            with self._lock:
                if self._everywhere is None:
                    self._everywhere = space.explore(
                        *start, horizon(t), index.co2e, index.nothing, free.barred, self.closed
                    ).copy()
            labels = self._everywhere
        ends = labels.at(targets)
        ends = ends[labels.minute[ends] <= latest]
        return int(labels.cost[ends].min()) if len(ends) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """What queries share that one search can answer."""

    origins: NDArray[np.int32]
    ready: int
    charged: tuple[int, ...]
    goods: Goods
    avoid: frozenset[Mode]
    closed: Closed | None
    unlawful: Closed | None  # of the closed rides those that are so by the law, not for want of room
    parcel: Parcel
    start: _Start


def search(
    timetable: Timetable, query: Query, closed: Closed | Room | None = None, limit: int | None = None
) -> Answer:
    """The Pareto set of one query, by arrival; or why there is no itinerary.

    `closed` is a bool for each ride: those that have no room; or a Room, which knows it for each parcel.
    `limit` keeps that many itineraries at most: the earliest, the cheapest and the cleanest, then those
    that differ most. Raises ValueError where the query names nodes that the timetable does not have.
    """
    return search_many(timetable, [query], closed, limit)[0]


def search_many(
    timetable: Timetable,
    queries: Sequence[Query],
    closed: Closed | Room | None = None,
    limit: int | None = None,
) -> list[Answer]:
    """Answers in the order of the queries, as `search` gives them.

    Queries with the same origin, time, goods and chargeable weight share their searches, and searches run
    on all cores.
    """
    around = {q for q in queries if in_town(timetable, q)}
    answers = _search_all(timetable, [q for q in queries if q not in around], closed, limit)
    for query in around:
        answers[query] = over_the_facility(
            timetable, query, lambda half: _search_all(timetable, [half], closed, limit)[half], limit
        )
    return [answers[query] for query in queries]


def _search_all(
    timetable: Timetable, queries: Sequence[Query], closed: Closed | Room | None, limit: int | None
) -> dict[Query, Answer]:
    groups: dict[object, _Group] = {}
    shut_with: dict[object, Closed | None] = {}
    starts: dict[object, _Start] = {}
    members: dict[object, dict[Query, None]] = {}
    for query in queries:
        _check(timetable, query)
        full = closed.closed(query.grams, query.cm3) if isinstance(closed, Room) else closed
        origins = tuple(sorted(set(query.origins)))
        law = barred(timetable, origins, query.destinations)
        both = (id(full), id(law))
        if both not in shut_with:
            shut_with[both] = full if law is None else law if full is None else full | law
        shut = shut_with[both]
        charged = tuple(timetable.chargeable_g(query.grams, query.cm3).tolist())
        kind = (charged, query.goods, query.avoid_modes)
        since = (query.ready, query.goods, query.avoid_modes)
        common: object = (origins, *since, id(shut))
        start = starts.get(common)
        if start is None:
            start = starts[common] = _Start(np.array(origins, np.int32), *since, shut)
        start.queries += 1
        key: object = (charged, common)
        if key not in groups:
            seen = parcel(timetable, *kind)
            groups[key] = _Group(start.origins, query.ready, *kind, shut, law, seen, start)
        members.setdefault(key, {})[query] = None

    def answer(key: object) -> dict[Query, Answer]:
        return _answer(timetable, groups[key], list(members[key]), limit)

    answers: dict[Query, Answer] = {}
    if len(groups) < 4:
        for one in groups:
            answers.update(answer(one))
    else:
        for some in _threads().map(answer, groups):
            answers.update(some)
    return answers


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads that live on, each with its workspaces; the kernels run without the interpreter's lock."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="routing")


def _check(timetable: Timetable, query: Query) -> None:
    if not query.origins or not query.destinations:
        raise ValueError("a query needs at least one origin and one destination node")
    for node in (*query.origins, *query.destinations):
        if not 0 <= node < timetable.nodes:
            raise ValueError(
                f"node {node} is not in the timetable, which has nodes 0 … {timetable.nodes - 1}"
            )


def _answer(
    timetable: Timetable, group: _Group, queries: list[Query], limit: int | None
) -> dict[Query, Answer]:
    answers = {}
    shared = None
    p, last = group.parcel, horizon(timetable)
    places = {q.destinations for q in queries}
    if limit is not None and p.packed is not None and len(places) > _AIMED and 0 <= group.ready <= last:
        shared = workspace(timetable, p.lanes).explore(
            group.origins, group.ready, last, p.packed, p.lanes.nothing, p.barred, group.closed
        )
    for query in queries:
        points = _points(timetable, group, query, shared, limit)
        book = leg_book(timetable, query.grams, group.charged)
        itineraries = []
        for arrival, cost, _, rides in points:
            legs = book.legs(rides)
            itineraries.append(
                Itinerary(
                    legs=legs,
                    ready=timetable.instant(query.ready),
                    arrival=timetable.instant(arrival),
                    cost=cost,
                    co2e_mg=sum(leg.co2e_mg for leg in legs),
                )
            )
        refusal = None if itineraries else refuse(timetable, query, group.closed, group.unlawful)
        answers[query] = Answer(tuple(itineraries), refusal)
    return answers


def _points(
    t: Timetable, group: _Group, query: Query, shared: Labels | None, limit: int | None
) -> list[_Point]:
    """The points of one query, by arrival."""
    latest = horizon(t) if query.latest is None else min(query.latest, horizon(t))
    targets = np.array(sorted(set(query.destinations)), np.int32)
    near = approach(t, group.goods, group.avoid, tuple(targets.tolist()))
    if not 0 <= query.ready <= latest or (near.time.least[group.origins] == pareto.FAR).all():
        return []
    found: dict[_Criteria, tuple[Labels, int]] = {}
    if limit is not None and group.parcel.packed is not None:
        clean = _cleanest(t, group, near, targets, latest)
        if clean is not None:
            labels = shared or _arrival_and_cost(t, group, near, targets, latest)
            ends = labels.at(targets)
            ends = ends[labels.minute[ends] <= latest]
            bits = group.parcel.bits
            co2e = labels.cost[ends] & ((1 << bits) - 1)
            found = _by_criteria(labels, ends, labels.cost[ends] >> bits, co2e)
            found.setdefault(*clean)
    if not found:
        labels = _all_three(t, group, near, targets, latest)
        ends = labels.at(targets)
        found = _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])
    points = sorted(found)
    if limit is not None and len(points) > limit:
        array = np.array(points, np.int64)
        points = [points[i] for i in representatives(array[:, 0], array[:, 1], array[:, 2], limit)]
    return [(*point, tuple(found[point][0].rides_to(found[point][1]))) for point in points]


def _by_criteria(
    labels: Labels, ends: NDArray[np.int32], cost: NDArray[np.int64], co2e: NDArray[np.int64]
) -> dict[_Criteria, tuple[Labels, int]]:
    criteria = zip(labels.minute[ends].tolist(), cost.tolist(), co2e.tolist(), strict=True)
    return {three: (labels, end) for three, end in zip(criteria, ends.tolist(), strict=True)}


def _all_three(
    t: Timetable, group: _Group, near: Approach, targets: NDArray[np.int32], latest: int
) -> Labels:
    """Arrival × cost × CO2e, aimed at the targets."""
    p = group.parcel
    bounds = (near.time, bound(p, p.cost, targets), near.co2e)
    real = (b.real(p, group.origins, group.ready, p.cost, p.lanes.co2e, group.closed) for b in bounds)
    return workspace(t, p.lanes, slot=2).explore(
        group.origins, group.ready, latest, p.cost, p.lanes.co2e, p.barred, group.closed,
        targets, (bounds[0].least, bounds[1].least, bounds[2].least), _known(real, latest),
    )  # fmt: skip


def _arrival_and_cost(
    t: Timetable, group: _Group, near: Approach, targets: NDArray[np.int32], latest: int
) -> Labels:
    """Arrival × cost with the CO2e in its lower bits, aimed at the targets."""
    p = group.parcel
    assert p.packed is not None
    least = bound(p, p.packed, targets)
    start = (group.origins, group.ready)
    real = (b.real(p, *start, p.packed, p.lanes.nothing, group.closed) for b in (near.time, least))
    return workspace(t, p.lanes).explore(
        *start, latest, p.packed, p.lanes.nothing, p.barred, group.closed,
        targets, (near.time.least, least.least, p.lanes.nowhere), _known(real, latest),
    )  # fmt: skip


def _cleanest(
    t: Timetable, group: _Group, near: Approach, targets: NDArray[np.int32], latest: int
) -> tuple[_Criteria, tuple[Labels, int]] | None:
    """Of the least CO2e the cheapest, and of these the earliest; None where nothing arrives in time."""
    p = group.parcel
    least = int(near.co2e.least[group.origins].min())  # as a rule some departure keeps to it
    for _ in range(2):
        labels = workspace(t, p.lanes, slot=1).explore(
            group.origins, group.ready, latest, p.cost, p.lanes.co2e, p.barred, group.closed,
            targets, (near.time.least, p.lanes.nowhere, near.co2e.least), None, least,
        )  # fmt: skip
        ends = labels.at(targets)
        if len(ends):
            criteria = _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])
            best = min(criteria, key=lambda three: (three[2], three[1], three[0]))
            return best, criteria[best]
        real = group.start.least_co2e(t, near, targets, latest)
        if real is None:
            return None
        least = real
    raise AssertionError("the least CO2e of a real way was not found again")


def _known(real: Iterable[tuple[int, int, int]], latest: int) -> NDArray[np.int64]:
    return np.array([r for r in real if r[0] <= latest], np.int64).reshape(-1, 3)
