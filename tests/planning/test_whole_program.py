"""Whole parcels equal the integer program of the whole network where it is small, and get better where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.planning import polishing
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.near_ways import near_ways
from qafila.planning.path_columns import path_values
from qafila.planning.plan import conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.search import search
from tests.planning import arc_flow, networks
from tests.planning.test_pricing import cheapest


def problem(seed: int, commodities: int = 7, services: int = 18) -> Problem:
    t = networks.timetable(seed, facilities=5, services=services, capacity_kg=(8.0, 15.0, 30.0)[seed % 3])
    return pose(
        build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, commodities, parcels=12)
    )


@pytest.mark.parametrize("seed", range(60))
def test_whole_parcels_equal_the_integer_program(seed: int) -> None:
    p = problem(seed)
    found = search(p, Effort(gap=0.0, seconds=60))
    optimum = arc_flow.solve(p, whole=True)
    assert found.whole.cost == pytest.approx(optimum, rel=1e-7)
    assert found.whole_bound == pytest.approx(optimum, rel=1e-7)
    assert found.bound <= optimum * (1 + 1e-9)
    plan = conclude(found)
    assert plan.total == pytest.approx(optimum, rel=1e-7)
    assert plan.gap <= 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_near_ways_are_all_there_are(seed: int) -> None:
    p = problem(seed)
    price = np.random.default_rng(seed).uniform(0, 1, p.graph.rows)
    least = np.array([cheapest(p, k, price) for k in range(len(p.demand))])
    some = np.flatnonzero(np.isfinite(least))
    ways, complete = near_ways(p, price, np.where(np.isfinite(least), least * 1.5, 0.0), some, 100_000)
    assert complete
    value = path_values(p, ways.who, ways.ptr, ways.rides, price)
    assert (value <= least[ways.who] * 1.5 + 1e-6).all()
    best = np.full(len(least), np.inf)
    np.minimum.at(best, ways.who, value)
    assert best[some] == pytest.approx(least[some])
    # as many as a plain walk finds
    assert len(ways.who) == sum(_count(p, int(k), price, least[k] * 1.5) for k in some)
    assert not near_ways(p, price, least * 1.5, some, len(ways.who) - 1)[1]


def _count(p: Problem, k: int, price: np.ndarray, limit: float) -> int:
    t, d = p.graph.timetable, p.demand

    def on(node: int, ready: int, way: tuple[int, ...]) -> int:
        found = 0
        for r in range(t.rides):
            if t.ride_from[r] != node or t.ride_board_by[r] < ready or t.ride_forbids[r] & d.goods[k]:
                continue
            if not networks.lawful(t, r, int(d.origin[k]), int(d.destination[k])):
                continue
            taken = (*way, r)
            ptr, who = np.array([0, len(taken)]), np.array([k])
            if t.ride_to[r] == d.destination[k]:
                found += path_values(p, who, ptr, np.array(taken, np.int32), price)[0] <= limit
            else:
                found += on(int(t.ride_to[r]), int(t.ride_ready_at[r]), taken)
        return found

    return int(on(int(d.origin[k]), int(d.release[k]), ()))


def test_larger_networks_get_better_around_full_places(monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(4, commodities=40, services=60)
    monkeypatch.setattr(polishing, "LOOKED_AT", 0)
    with monkeypatch.context() as before:
        before.setattr(polishing.Polish, "run", lambda self: None)
        plain = search(p, Effort(gap=0.0, seconds=3, rounds=12))
    found = search(p, Effort(gap=1e-4, seconds=3))
    assert found.whole.cost < plain.whole.cost
    assert (found.whole.room >= -1e-6 * p.graph.row_capacity).all()
    served = np.bincount(found.pool.who, found.whole.parcels, minlength=len(p.demand))
    assert (served + found.whole.unserved == p.demand.parcels).all()
    value = LocalPricer(p).price(found.row_price, exact=True)
    assert found.bound <= found.whole.cost
    assert np.isfinite(value.value).any()
