"""The earliest, the cheapest and the cleanest itinerary of a query, without the compromises between them.

For whoever books the best in one respect: some thirty times as quick as the whole Pareto set, and exact in
that respect: the cheapest and the cleanest are the earliest of those that ride lanes of least cost and of
least CO2e only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.capacity import Room
from qafila.routing.earliest import NEVER, earliest
from qafila.routing.itinerary import Answer, Itinerary, Query
from qafila.routing.parcel import Parcel, bound, leg_book, parcel
from qafila.routing.pareto import FAR
from qafila.routing.refusal import refuse
from qafila.routing.search import search

_ALL_OPEN: NDArray[np.bool_] = np.zeros(0, np.bool_)


@lru_cache(maxsize=1024)
def _least_cost(kind: Parcel, targets: tuple[int, ...]) -> NDArray[np.int64]:
    return bound(kind, kind.cost, np.array(targets, np.int32)).least


@lru_cache(maxsize=1024)
def _least_co2e(
    timetable: Timetable, goods: Goods, avoid: frozenset[Mode], targets: tuple[int, ...]
) -> NDArray[np.int64]:
    """CO2e goes by weight alone, so it is the same for all parcels of these goods."""
    free = parcel(timetable, (0,) * len(Mode), goods, avoid)
    return bound(free, free.lanes.co2e, np.array(targets, np.int32)).least


@njit(cache=True, nogil=True)
def _along(  # type: ignore[no-untyped-def]
    least, weight, barred, origins, ready, leaving, to_node, first, times, ready_at, best, ride, closed
):
    """The rides of least weight that arrive first; empty where they run out.

    `least` int64 [N] is the least weight still to come: only lanes that lie on such a way are ridden, so
    nodes come in the order of what is left, and one pass over them finds the earliest.
    """
    nodes = len(leaving) - 1
    minute = np.full(nodes, NEVER, np.int32)
    by_ride = np.full(nodes, -1, np.int32)
    before = np.full(nodes, -1, np.int32)
    met = np.empty(nodes, np.int32)
    count = 0
    start = FAR
    for origin in origins:
        start = min(start, least[origin])
    for origin in origins:
        if least[origin] == start and start < FAR:
            minute[origin] = ready
            met[count] = origin
            count += 1
    target = -1
    done = np.zeros(nodes, np.bool_)
    while True:
        v = -1
        for i in range(count):  # the few nodes of the way: looked through, farthest first
            if not done[met[i]] and (v < 0 or least[met[i]] > least[v]):
                v = met[i]
        if v < 0:
            break
        done[v] = True
        if least[v] == 0:
            if target < 0 or minute[v] < minute[target]:
                target = v
            continue
        for lane in range(leaving[v], leaving[v + 1]):
            w = to_node[lane]
            if barred[lane] or least[w] == FAR or weight[lane] + least[w] != least[v]:
                continue
            low = first[lane]
            end = first[lane + 1]
            high = end
            while low < high:
                middle = (low + high) >> 1
                if times[middle, 0] < minute[v]:
                    low = middle + 1
                else:
                    high = middle
            found = -1
            for i in range(low, end):  # of the rides from here on, the open one that is ready first
                if found >= 0 and ready_at[best[i]] >= ready_at[found]:
                    break
                if (len(closed) == 0 or not closed[ride[i]]) and (found < 0 or ready_at[i] < ready_at[found]):
                    found = i
            if found >= 0 and ready_at[found] < minute[w]:
                if minute[w] == NEVER:
                    met[count] = w
                    count += 1
                minute[w] = ready_at[found]
                by_ride[w] = ride[found]
                before[w] = v
    rides = np.empty(count, np.int32)
    length = 0
    while target >= 0 and by_ride[target] >= 0:
        rides[length] = by_ride[target]
        length += 1
        target = before[target]
    return rides[:length][::-1].copy()


def extremes(
    timetable: Timetable,
    query: Query,
    closed: NDArray[np.bool_] | Room | None = None,
) -> Answer:
    """Up to three itineraries, by arrival: the best in each respect; or why there is none.

    `closed` as in `search`, and so are the errors.
    """
    charged = tuple(timetable.chargeable_g(query.grams, query.cm3).tolist())
    kind = parcel(timetable, charged, query.goods, query.avoid_modes)
    shut = closed.closed(query.grams, query.cm3) if isinstance(closed, Room) else closed
    label, _ = earliest(
        timetable, query.origins, query.ready, query.goods, query.avoid_modes, shut, query.destinations
    )
    soonest = int(min(label[d] for d in query.destinations))
    if soonest == NEVER or (query.latest is not None and soonest > query.latest):
        return Answer((), refuse(timetable, query, shut))
    # of all that arrive at the earliest minute, the cheapest: a search with no time to spare is short
    found = list(search(timetable, replace(query, latest=soonest), closed).itineraries[:1])
    index = kind.lanes
    origins = np.array(sorted(set(query.origins)), np.int32)
    book = leg_book(timetable, query.grams, charged)
    least_cost = _least_cost(kind, query.destinations)
    least_co2e = _least_co2e(timetable, query.goods, query.avoid_modes, query.destinations)
    for least, weight in ((least_cost, kind.cost), (least_co2e, index.co2e)):
        rides = _along(
            least, weight, kind.barred, origins, query.ready, index.leaving, index.to_node, index.first,
            index.times, index.ready_at, index.best, index.ride, _ALL_OPEN if shut is None else shut,
        )  # fmt: skip
        legs = book.legs(rides.tolist())
        if not legs or (query.latest is not None and timetable.minute(legs[-1].ready_at) > query.latest):
            # the lanes of least cost are shut or run past the horizon: only the whole search knows
            return search(timetable, query, closed, limit=3)
        found.append(
            Itinerary(
                legs=legs,
                ready=timetable.instant(query.ready),
                arrival=legs[-1].ready_at,
                cost=sum(leg.cost for leg in legs),
                co2e_mg=sum(leg.co2e_mg for leg in legs),
            )
        )
    apart = {tuple(leg.ride for leg in i.legs): i for i in found}
    return Answer(tuple(sorted(apart.values(), key=lambda i: (i.arrival, i.cost, i.co2e_mg))))


def extremes_many(
    timetable: Timetable,
    queries: Sequence[Query],
    closed: NDArray[np.bool_] | Room | None = None,
) -> list[Answer]:
    """Answers in the order of the queries; what several queries share is worked out once."""
    order = sorted(
        set(queries), key=lambda q: (q.destinations, q.origins, q.ready, q.grams, q.cm3, int(q.goods))
    )
    answers = {query: extremes(timetable, query, closed) for query in order}
    return [answers[query] for query in queries]
