"""From facility to facility: the Pareto set of itineraries over arrival, cost and CO2e.

Three ways to the same points. The whole set is one search over three criteria, aimed at the destination. A few
representatives of it (`limit`) are taken from the best compromises of arrival and cost, ties broken by CO2e,
and the cleanest: each of these is in the whole set, the extremes are among them, and they cost a fraction. The
extremes alone cost a fraction of that: each is looked for by itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from qafila.network.timetable import Timetable
from qafila.routing.aimed import Aim, Closed, Criteria, End, Group, Start, all_three, compromises, extremes
from qafila.routing.border_masks import law
from qafila.routing.in_town import in_town, over_the_facility
from qafila.routing.index import FAR, horizon
from qafila.routing.itinerary import Answer, Itinerary, Query
from qafila.routing.parcel import approach, leg_book, parcel
from qafila.routing.refusal import refuse
from qafila.routing.room_left import Room
from qafila.routing.routing_points import EXTREMES, few
from qafila.routing.workspace import Labels, workspace

_AIMED = 2  # up to so many destinations are searched one by one, more by one search to everywhere
_several = True  # threads
_Point = tuple[int, int, int, tuple[int, ...]]  # and the rides


def search(
    timetable: Timetable, query: Query, closed: Closed | Room | None = None, limit: int | None = None
) -> Answer:
    """The Pareto set of one query, by arrival; or why there is no itinerary.

    `closed` is a bool for each ride: those that have no room; or a Room, which knows it for each parcel.
    `limit` keeps that many itineraries at most: the earliest, the cheapest and the cleanest, then those
    that differ most; EXTREMES these three alone, which is quicker. Raises ValueError where the query names nodes that the timetable does not have.
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
    half_limit = None if limit == EXTREMES else limit  # ties of a whole way are not those of its halves
    answers = _search_all(timetable, [q for q in queries if q not in around], closed, limit)
    for query in around:
        answers[query] = over_the_facility(
            timetable, query, lambda half: _search_all(timetable, [half], closed, half_limit)[half], limit
        )
    return [answers[query] for query in queries]


def _search_all(
    timetable: Timetable, queries: Sequence[Query], closed: Closed | Room | None, limit: int | None
) -> dict[Query, Answer]:
    groups: dict[object, Group] = {}
    starts: dict[object, Start] = {}
    members: dict[object, dict[Query, None]] = {}
    for query in queries:
        _check(timetable, query)
        full = closed.closed(query.grams, query.cm3) if isinstance(closed, Room) else closed
        origins = tuple(sorted(set(query.origins)))
        kind = (query.goods, query.avoid_modes, law(timetable, origins, query.destinations))
        common: object = (origins, query.ready, *kind, id(full))
        start = starts.get(common)
        if start is None:
            start = starts[common] = Start(np.array(origins, np.int32), query.ready, *kind, full)
        start.queries += 1
        charged = tuple(timetable.chargeable_g(query.grams, query.cm3).tolist())
        key: object = (charged, common)
        if key not in groups:
            groups[key] = Group(start, charged, parcel(timetable, charged, *kind))
        members.setdefault(key, {})[query] = None

    def answer(key: object) -> dict[Query, Answer]:
        return _answer(timetable, groups[key], list(members[key]), limit)

    answers: dict[Query, Answer] = {}
    if len(groups) < 4 or not _several:
        for one in groups:
            answers.update(answer(one))
    else:
        for some in _threads().map(answer, groups):
            answers.update(some)
    return answers


def one_thread() -> None:
    """Searches of this process keep to one thread: others like it are at work on the other cores."""
    global _several
    _several = False


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
    timetable: Timetable, group: Group, queries: list[Query], limit: int | None
) -> dict[Query, Answer]:
    answers = {}
    everywhere = None
    p, last = group.parcel, horizon(timetable)
    places = {q.destinations for q in queries}
    several = limit is not None and limit != EXTREMES and len(places) > _AIMED
    if several and p.packed is not None and 0 <= group.start.ready <= last:
        everywhere = workspace(timetable, p.lanes).frontier(
            *group.begin, last, p.packed_lanes, p.barred, group.start.closed
        )
    for query in queries:
        points = _points(timetable, group, query, everywhere, limit)
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
        refusal = None if itineraries else refuse(timetable, query, group.start.closed, group.start.law)
        answers[query] = Answer(tuple(itineraries), refusal)
    return answers


def _points(
    t: Timetable, group: Group, query: Query, everywhere: Labels | None, limit: int | None
) -> list[_Point]:
    """The points of one query, by arrival."""
    start = group.start
    latest = horizon(t) if query.latest is None else min(query.latest, horizon(t))
    targets = np.array(sorted(set(query.destinations)), np.int32)
    near = approach(t, start.goods, start.avoid, start.law, tuple(targets.tolist()))
    if not 0 <= query.ready <= latest or (near.time.least[start.origins] == FAR).all():
        return []
    aim = Aim(targets, near, latest)
    found: dict[Criteria, End]
    if limit is None or group.parcel.packed is None:
        found = all_three(t, group, aim)
    elif limit == EXTREMES:
        found = extremes(t, group, aim)
    else:
        found = compromises(t, group, aim, everywhere)
    points = sorted(found)
    if limit is not None:
        points = few(points, limit)
    return [(*point, tuple(found[point][0].rides_to(found[point][1]))) for point in points]
