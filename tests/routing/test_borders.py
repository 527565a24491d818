"""Goods are released in their own territory and in the one they are for: nowhere between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Timetable
from qafila.routing.borders import barred_exports
from qafila.routing.itinerary import Query
from qafila.routing.search import search
from tests.routing.networks import small


def with_territories(timetable: Timetable, seed: int, count: int = 3) -> Timetable:
    """Nodes dealt to territories at random; where a node is bonded it is free nowhere."""
    random = np.random.default_rng(seed)
    territory = random.integers(0, count, timetable.nodes).astype(np.int32)
    territory[random.random(timetable.nodes) < 0.3] = -1
    return replace(timetable, node_territory=territory)


def lawful(timetable: Timetable, nodes: list[int], origin: int, destination: int) -> bool:
    """The law as it is said: no release in a territory that is neither the first nor the last."""
    own = {int(timetable.node_territory[origin]), int(timetable.node_territory[destination]), -1}
    return all(int(timetable.node_territory[n]) in own for n in nodes)


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
    for itinerary in answer.itineraries:
        nodes = [leg.to_node for leg in itinerary.legs]
        assert lawful(timetable, nodes, origin, destination)
    # the same question asked with every unlawful release closed instead
    own = [int(timetable.node_territory[n]) for n in (origin, destination)] + [-1]
    start, end = (timetable.node_territory[nodes] for nodes in (timetable.ride_from, timetable.ride_to))
    closed = ~np.isin(end, own)
    if own[0] != own[1]:  # and nothing that was released where it is for is sent out again
        closed |= (start == own[1]) & (end != own[1])
    free = replace(timetable, node_territory=np.zeros(0, np.int32))
    expected = search(free, query, closed)
    assert [(i.arrival, i.cost, i.co2e_mg) for i in answer.itineraries] == [
        (i.arrival, i.cost, i.co2e_mg) for i in expected.itineraries
    ]


def test_without_territories_nothing_is_barred() -> None:
    assert barred_exports(small(1), [0]) is None
