"""Goods are released in the territory that they are for, nowhere on the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Timetable
from qafila.routing.border_masks import law
from qafila.routing.itinerary import Query
from qafila.routing.routing_points import EXTREMES
from qafila.routing.way_search import search
from tests.routing.networks import small


def with_territories(timetable: Timetable, seed: int, count: int = 3) -> Timetable:
    """Nodes dealt to territories at random; where a node is bonded it is free nowhere."""
    random = np.random.default_rng(seed)
    territory = random.integers(0, count, timetable.nodes).astype(np.int32)
    territory[random.random(timetable.nodes) < 0.3] = -1
    return replace(timetable, node_territory=territory)


def lawful(timetable: Timetable, nodes: list[int]) -> bool:
    """The law as it is said: what is released is where it is for, and stays there; what is for home, is at home."""
    free = [x for x in (int(timetable.node_territory[n]) for n in nodes) if x >= 0]
    return sum(a != b for a, b in pairwise(free)) <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_ways_are_lawful_and_none_that_is_earlier_was_kept_back(seed: int) -> None:
    timetable = with_territories(small(seed), seed)
    random = np.random.default_rng(seed)
    origin, destination = (int(n) for n in random.choice(timetable.nodes, 2, replace=False))
    if timetable.node_territory[origin] < 0 or timetable.node_territory[destination] < 0:
        return
    query = Query((origin,), (destination,), 0, 500, 1000)
    answer = search(timetable, query)
    extreme = search(timetable, query, limit=EXTREMES)
    for itinerary in (*answer.itineraries, *extreme.itineraries):
        assert lawful(timetable, [origin, *(leg.to_node for leg in itinerary.legs)])
    # the same question asked with every unlawful release closed instead
    own = [int(timetable.node_territory[n]) for n in (origin, destination)] + [-1]
    start, end = (timetable.node_territory[nodes] for nodes in (timetable.ride_from, timetable.ride_to))
    closed = ~np.isin(end, own)
    if own[0] != own[1]:  # nothing that was released where it is for is sent out again, nor comes home
        closed |= (start == own[1]) & (end != own[1])
        closed |= (start != own[0]) & (end == own[0])
    free = replace(timetable, node_territory=np.zeros(0, np.int32))
    expected = search(free, query, closed)
    assert [(i.arrival, i.cost, i.co2e_mg) for i in answer.itineraries] == [
        (i.arrival, i.cost, i.co2e_mg) for i in expected.itineraries
    ]
    assert [(i.arrival, i.cost) for i in extreme.itineraries] == [
        (i.arrival, i.cost) for i in search(free, query, closed, limit=EXTREMES).itineraries
    ]


def test_without_territories_nothing_is_barred() -> None:
    assert law(small(1), [0], [1]) is None
