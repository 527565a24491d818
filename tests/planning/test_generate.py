"""Demands that are made: as congested as asked, as many as asked, and carried one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qafila.planning import generate
from qafila.planning.graph import Graph, build
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Commodities, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.rounding import round_off
from tests.planning import networks


def made(
    seed: int, wanted: generate.Congestion, commodities: int = 300, parcels: int = 20_000
) -> tuple[Graph, Commodities]:
    t = networks.timetable(seed, facilities=12, services=600, minutes=20_000, territories=1)
    t = replace(t, ride_kg_cost=t.ride_kg_cost // 20)
    graph, everywhere = build(t), np.arange(t.facilities, dtype=np.int32)
    return graph, generate.generate(graph, everywhere, everywhere, commodities, parcels, wanted, 5, seed)


@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_of_the_legs_with_flow_is_overloaded(seed: int) -> None:
    graph, demand = made(seed, generate.MODERATE)
    assert (len(demand), demand.parcels.sum(), demand.parcels.min() > 0) == (300, 20_000, True)
    assert (demand.origin != demand.destination).all()
    # counted by hand: everybody on the cheapest way, leg by leg
    t = graph.timetable
    problem = pose(graph, demand)
    who, ptr, rides = (
        LocalPricer(problem).price(np.zeros(graph.rows), exact=True).paths(np.ones(300, np.bool_))
    )
    kg, m3 = np.zeros(t.segments), np.zeros(t.segments)
    for path, k in enumerate(who):
        for r in rides[ptr[path] : ptr[path + 1]]:
            legs = slice(t.ride_first_segment[r], t.ride_first_segment[r] + t.ride_segment_count[r])
            kg[legs] += demand.parcels[k] * demand.grams[k]
            m3[legs] += demand.parcels[k] * demand.cm3[k]
    over = (kg > t.segment_capacity_g) | (m3 > t.segment_capacity_cm3)
    found = generate.congestion(graph, demand)
    assert found.legs == (kg > 0).sum()
    assert found.overloaded_legs == pytest.approx(over.sum() / (kg > 0).sum())
    assert found.overloaded_legs == pytest.approx(0.10, abs=0.02)  # a leg of some hundred is half a hundredth
    assert found.excess == pytest.approx(np.maximum(kg - t.segment_capacity_g, 0).sum() / kg.sum())


def test_half_of_the_flow_is_over_capacity_where_it_is_heavy() -> None:
    graph, demand = made(1, generate.HEAVY)
    assert (len(demand), demand.parcels.sum(), demand.parcels.min() > 0) == (300, 20_000, True)
    assert generate.congestion(graph, demand).excess == pytest.approx(0.5, abs=0.02)


def test_what_is_made_can_be_carried_one_by_one_and_is_made_again() -> None:
    graph, demand = made(2, generate.MODERATE)
    problem, zero = pose(graph, demand), np.zeros(graph.rows)
    pool = Pool(problem)
    pool.add(LocalPricer(problem).price(zero))
    whole = round_off(problem, pool, np.zeros(len(pool)), zero, rounds=8)
    assert whole.unserved.sum() <= 0.02 * demand.parcels.sum()
    again = made(2, generate.MODERATE)[1]
    assert (again.ids, again.grams.tolist()) == (demand.ids, demand.grams.tolist())
