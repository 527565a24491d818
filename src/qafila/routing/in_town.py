"""From door to door of one facility: the vans that collect bring the parcel in, the vans that deliver take it out.

The doors that a facility's vans serve are one node of the timetable, so a search from there to there would end
before it began. What is meant is a way over the facility.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qafila.network.timetable import Timetable
from qafila.routing.itinerary import Answer, Itinerary, Query
from qafila.routing.routing_points import few


def in_town(timetable: Timetable, query: Query) -> bool:
    """Whether a query asks for a way from doors to the doors of the same facility."""
    if query.origins != query.destinations or len(query.origins) != 1:
        return False
    (node,) = query.origins
    return bool(timetable.door_node[timetable.node_facility[node]] == node)


def over_the_facility(
    timetable: Timetable, query: Query, find: Callable[[Query], Answer], limit: int | None = None
) -> Answer:
    """The Pareto set of such a query, by arrival: every way in with every way out that it still reaches.

    `find` answers each half. A way in that another beats can be left out: what leaves after it leaves after the
    other too. `limit` is that of `search`.
    """
    (door,) = query.origins
    facility = int(timetable.node_facility[door])
    inward = find(replace(query, destinations=(facility,)))
    found: dict[tuple[int, int, int], Itinerary] = {}
    refusal = inward.refusal
    for first in inward.itineraries:
        ready = timetable.minute(first.arrival)
        outward = find(replace(query, origins=(facility,), ready=ready))
        refusal = refusal or outward.refusal
        for second in outward.itineraries:
            legs = (*first.legs, *second.legs)
            cost, co2e = first.cost + second.cost, first.co2e_mg + second.co2e_mg
            per_kg = int(timetable.ride_co2e[[leg.ride for leg in legs]].sum())
            whole = Itinerary(legs, first.ready, second.arrival, cost, co2e)
            found.setdefault((timetable.minute(second.arrival), cost, per_kg), whole)
    points = [p for p in sorted(found) if not any(_beats(q, p) for q in found)]
    if limit is not None:
        points = few(points, limit)
    return Answer(tuple(found[p] for p in points), None if points else refusal)


def _beats(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
