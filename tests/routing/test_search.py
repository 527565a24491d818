"""The router against an exhaustive reference in plain Python, on random small networks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.itinerary import Itinerary, Query
from qafila.routing.routing_points import EXTREMES
from qafila.routing.way_search import search, search_many
from tests.routing.networks import large, ragged, small

network = cache(small)
Triple = tuple[int, int, int]
BEST_IN = ((0, 1, 2), (1, 2, 0), (2, 1, 0))  # the earliest, the cheapest, the cleanest, and what breaks ties


def everywhere(t: Timetable, query: Query, closed: np.ndarray | None = None) -> dict[int, set[Triple]]:
    """(arrival, cost, mg CO2e per kg) of all that reaches each node: every ride, every label, nothing clever."""
    charged = t.chargeable_g(query.grams, query.cm3)
    cost = t.ride_cost(charged)
    if query.latest is not None and query.ready > query.latest:
        return {}
    labels: dict[int, set[Triple]] = {o: {(query.ready, 0, 0)} for o in query.origins}
    for r in range(t.rides):
        if closed is not None and closed[r]:
            continue
        if int(t.ride_forbids[r]) & int(query.goods) or Mode(t.ride_mode[r]) in query.avoid_modes:
            continue
        ready_at = int(t.ride_ready_at[r])
        if query.latest is not None and ready_at > query.latest:
            continue
        for minute, c, e in list(labels.get(int(t.ride_from[r]), ())):
            if minute <= t.ride_board_by[r]:
                new = (ready_at, c + int(cost[r]), e + int(t.ride_co2e[r]))
                there = labels.setdefault(int(t.ride_to[r]), set())
                if not any(all(x <= y for x, y in zip(old, new, strict=True)) for old in there):
                    there.add(new)
    return labels


def undominated(ends: set[Triple]) -> set[Triple]:
    return {
        a for a in ends if not any(b != a and all(x <= y for x, y in zip(b, a, strict=True)) for b in ends)
    }


def exhaustive(t: Timetable, query: Query, closed: np.ndarray | None = None) -> set[Triple]:
    labels = everywhere(t, query, closed)
    return undominated(set().union(*(labels.get(d, set()) for d in query.destinations)))


def parted(t: Timetable, query: Query) -> tuple[Timetable, Query]:
    """From doors to the doors of the same facility: the doors to which vans deliver are a node of their own."""
    doors = query.origins[0]
    if not query.origins == query.destinations == (doors,) or t.door_node[t.node_facility[doors]] != doors:
        return t, query
    delivered = np.where(t.ride_to == doors, t.nodes, t.ride_to)
    owners = np.append(t.node_facility, t.node_facility[doors])
    return replace(t, ride_to=delivered, node_facility=owners), replace(query, destinations=(t.nodes,))


def triples(t: Timetable, query: Query, itineraries: tuple[Itinerary, ...]) -> list[Triple]:
    return [
        (t.minute(i.arrival), i.cost, sum(int(t.ride_co2e[leg.ride]) for leg in i.legs)) for i in itineraries
    ]


def assert_real(t: Timetable, query: Query, itinerary: Itinerary, closed: np.ndarray | None) -> None:
    """The legs join up, keep every cut-off, carry these goods and sum up to the criteria."""
    node, minute, cost = None, query.ready, 0
    charged = t.chargeable_g(query.grams, query.cm3)
    for leg in itinerary.legs:
        assert leg.from_node in query.origins if node is None else leg.from_node == node
        assert minute <= t.ride_board_by[leg.ride]
        assert closed is None or not closed[leg.ride]
        assert not int(t.ride_forbids[leg.ride]) & int(query.goods)
        assert leg.mode not in query.avoid_modes
        assert leg.cost == int(t.ride_cost(charged)[leg.ride])
        assert leg.board_by < leg.ready_at
        assert leg.depart < leg.arrive <= leg.ready_at
        assert leg.depart == t.instant(t.segment_depart[leg.segments[0]])
        assert leg.arrive == t.instant(t.segment_arrive[leg.segments[-1]])
        assert leg.from_facility == t.facility_ids[t.node_facility[leg.from_node]]
        assert len(leg.calls) == len(leg.segments) == t.ride_segment_count[leg.ride]
        node, minute, cost = leg.to_node, int(t.ride_ready_at[leg.ride]), cost + leg.cost
    if itinerary.legs:
        assert node in query.destinations
    assert (itinerary.arrival, itinerary.cost) == (t.instant(minute), cost)
    assert itinerary.co2e_mg == sum(leg.co2e_mg for leg in itinerary.legs)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Timetable, Query, np.ndarray | None]:
    t = network(draw(st.integers(0, 11)))
    node = st.integers(0, t.nodes - 1)
    query = Query(
        origins=tuple(draw(st.lists(node, min_size=1, max_size=2, unique=True))),
        destinations=tuple(draw(st.lists(node, min_size=1, max_size=3, unique=True))),
        ready=draw(st.integers(0, 3000)),
        grams=draw(st.integers(1, 30_000)),
        cm3=draw(st.integers(1, 100_000)),
        goods=Goods(draw(st.sampled_from([0, 1, 2, 4, 32, 33, 64]))),
        latest=draw(st.none() | st.integers(1500, 9000)),
        avoid_modes=frozenset(draw(st.lists(st.sampled_from(list(Mode)), max_size=2))),
    )
    share = draw(st.sampled_from([None, 0.1, 0.5]))
    closed = (
        None if share is None else np.random.default_rng(draw(st.integers(0, 99))).random(t.rides) < share
    )
    return t, query, closed


@settings(max_examples=150, deadline=None)
@given(cases())
def test_equals_the_exhaustive_search(case: tuple[Timetable, Query, np.ndarray | None]) -> None:
    t, query, closed = case
    answer = search(t, query, closed)
    found = triples(t, query, answer.itineraries)
    assert set(found) == exhaustive(*parted(t, query), closed)
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    assert (answer.refusal is None) == bool(found)
    few = search(t, query, closed, limit=4)
    kept = triples(t, query, few.itineraries)
    assert len(kept) <= 4
    assert set(kept) <= set(found)
    for k in range(3 if found else 0):
        assert min(x[k] for x in kept) == min(x[k] for x in found)
    extreme = search(t, query, closed, limit=EXTREMES)
    best = {min(found, key=lambda x: tuple(x[k] for k in order)) for order in BEST_IN} if found else set()
    assert triples(t, query, extreme.itineraries) == sorted(best)
    for itinerary in (*answer.itineraries, *few.itineraries, *extreme.itineraries):
        assert_real(t, query, itinerary, closed)


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_equals_it_for_departures_in_any_rhythm(
    case: tuple[Timetable, Query, np.ndarray | None], draw: int
) -> None:
    t, query, closed = case
    t = ragged(t, draw)
    assert set(triples(t, query, search(t, query, closed).itineraries)) == exhaustive(
        *parted(t, query), closed
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 11), st.integers(0, 3000), st.integers(1, 30_000), st.sampled_from([None, 0.1, 0.5]))
def test_from_door_to_door_of_one_facility_the_parcel_is_brought_in_and_taken_out(
    seed: int, ready: int, grams: int, share: float | None
) -> None:
    t = network(seed)
    closed = None if share is None else np.random.default_rng(seed).random(t.rides) < share
    for doors in map(int, t.door_node[t.door_node >= 0]):
        query = Query((doors,), (doors,), ready, grams, 1000)
        answer = search(t, query, closed)
        found = triples(t, query, answer.itineraries)
        assert found == sorted(exhaustive(*parted(t, query), closed))
        assert (answer.refusal is None) == bool(found)
        for itinerary in answer.itineraries:
            assert {leg.mode for leg in itinerary.legs} >= {Mode.COLLECTION, Mode.DELIVERY}
            assert_real(t, query, itinerary, closed)


def test_equals_it_to_all_places_of_a_dense_network() -> None:
    """Where many labels are settled in one turn, out of the order of their minutes."""
    t = large(days=8, warehouses=40, centres=48, links=500)
    for origin, ready in ((3, 700), (17, 2900), (60, 1440)):
        labels = everywhere(t, Query((origin,), (0,), ready, 1200, 3000))
        places = [d for d in range(t.facilities) if d != origin]
        answers = search_many(t, [Query((origin,), (d,), ready, 1200, 3000) for d in places])
        for d, answer in zip(places, answers, strict=True):
            query = Query((origin,), (d,), ready, 1200, 3000)
            assert set(triples(t, query, answer.itineraries)) == undominated(labels.get(d, set()))


def test_many_answers_are_those_of_one_by_one_in_order() -> None:
    t = network(3)
    rng = np.random.default_rng(0)
    queries = [
        Query(
            (int(rng.integers(0, 3)),),
            (int(rng.integers(0, t.nodes)),),
            int(rng.integers(0, 3) * 300),
            int(rng.integers(1, 3)) * 400,
            1000,
            Goods(int(rng.integers(0, 2))),
        )
        for _ in range(200)
    ]
    closed = rng.random(t.rides) < 0.2
    for shut, limit in product((None, closed), (5, EXTREMES)):
        for query, answer in zip(queries, search_many(t, queries, shut), strict=True):
            assert answer == search(t, query, shut)
        for query, answer in zip(queries, search_many(t, queries, shut, limit=limit), strict=True):
            alone = search(t, query, shut, limit=limit)
            assert triples(t, query, answer.itineraries) == triples(t, query, alone.itineraries)
            for itinerary in answer.itineraries:
                assert_real(t, query, itinerary, shut)


def test_a_limit_keeps_the_three_extremes() -> None:
    t = network(5)
    seen = 0
    for origin in range(t.facilities):
        for destination in range(t.nodes):
            query = Query((origin,), (destination,), 0, 900, 4000)
            full = search(t, query).itineraries
            few = search(t, query, limit=3).itineraries
            if len(full) > 3:
                seen += 1
                assert len(few) == 3
                everything, kept = triples(t, query, full), triples(t, query, few)
                assert set(kept) <= set(everything)
                for k in range(3):
                    assert min(x[k] for x in kept) == min(x[k] for x in everything)
    assert seen > 0


def test_an_unknown_node_is_named() -> None:
    t = network(0)
    with pytest.raises(ValueError, match="node 999 is not in the timetable"):
        search(t, Query((999,), (0,), 0, 100, 100))
    with pytest.raises(ValueError, match="at least one origin"):
        search(t, Query((), (0,), 0, 100, 100))


def test_origin_is_destination() -> None:
    t = network(0)
    answer = search(t, Query((2,), (2,), 60, 100, 100))
    assert [i.legs for i in answer.itineraries] == [()]
    assert answer.itineraries[0].arrival == t.instant(60)
