"""Pricing: sweeps equal Bellman's recursion, coarse lanes still end in a true bound, Ray equals in-process."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from qafila.planning import pricing
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.path_columns import path_values
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.search import search
from tests.planning import arc_flow, networks


def problem(seed: int, commodities: int = 30) -> Problem:
    t = networks.timetable(seed, services=60)
    return pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, commodities))


def cheapest(p: Problem, k: int, price: np.ndarray, room: np.ndarray | None = None) -> float:
    """By recursion over rides, one after the other; of those with `room` for a parcel, if that is given."""
    t, g, d = p.graph.timetable, p.graph, p.demand
    value = np.full(t.rides, np.inf)
    unit = np.array([1.0, d.grams[k], d.cm3[k]])

    def best(node: int, since: int) -> float:
        return float(value[(t.ride_from == node) & (t.ride_board_by >= since)].min(initial=np.inf))

    for r in reversed(range(t.rides)):
        if t.ride_forbids[r] & d.goods[k] or t.ride_from[r] == d.destination[k]:
            continue
        if not networks.lawful(t, r, int(d.origin[k]), int(d.destination[k])):
            continue
        row = g.use_row[g.use_ptr[r] : g.use_ptr[r + 1]]
        each = g.use_factor[g.use_ptr[r] : g.use_ptr[r + 1]] * unit[g.row_measure[row]]
        if room is not None and (room[row] < each * (1 - 1e-9)).any():
            continue
        cost = t.ride_fixed_cost[r] + np.floor(t.ride_kg_cost[r] * p.chargeable_kg[k, t.ride_mode[r]] + 1e-6)
        cost += p.ride_gram[r] * d.grams[k] + float(np.dot(price[row], each))
        if t.ride_to[r] == d.destination[k]:
            value[r] = cost + d.late_price[k] * max(int(t.ride_ready_at[r]) - int(d.due[k]), 0) / 60
        else:
            value[r] = cost + best(int(t.ride_to[r]), int(t.ride_ready_at[r]))
    return best(int(d.origin[k]), int(d.release[k]))


@pytest.mark.parametrize("seed", range(3))
def test_a_sweep_equals_the_recursion(seed: int) -> None:
    p = problem(seed)
    price = np.random.default_rng(seed).uniform(0, 2, p.graph.rows)
    exact = pricing.LocalPricer(p).price(price, exact=True)
    expected = [cheapest(p, k, price) for k in range(len(p.demand))]
    assert exact.value == pytest.approx(expected, rel=1e-12)
    who, ptr, rides = exact.paths(np.ones(len(p.demand), np.bool_))
    assert path_values(p, who, ptr, rides, price) == pytest.approx(exact.value[who], rel=1e-12)


def test_ways_around_hot_rides_are_ways() -> None:
    p = problem(5)
    zero = np.zeros(p.graph.rows)
    found = pricing.LocalPricer(p).price(zero, np.ones(p.graph.rows, np.bool_))
    t = p.graph.timetable
    assert (found.length > 0).sum() > (found.length[:, 0] > 0).sum()
    who, ptr, rides = found.paths(np.ones(len(p.demand), np.bool_))
    for c, k in enumerate(who):
        path = rides[ptr[c] : ptr[c + 1]]
        assert t.ride_from[path[0]] == p.demand.origin[k]
        assert t.ride_board_by[path[0]] >= p.demand.release[k]
        assert t.ride_to[path[-1]] == p.demand.destination[k]
        for a, b in pairwise(path):
            assert t.ride_to[a] == t.ride_from[b]
            assert t.ride_ready_at[a] <= t.ride_board_by[b]
        assert all(networks.lawful(t, r, int(p.demand.origin[k]), int(p.demand.destination[k])) for r in path)


@pytest.mark.parametrize("seed", range(6))
def test_how_far_a_sweep_looks_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(seed)
    rng = np.random.default_rng(seed)
    d = replace(
        p.demand, due=(p.demand.release + 200).astype(np.int32), late_price=np.full(len(p.demand), 5e3)
    )
    p = pose(p.graph, d)
    monkeypatch.setattr(pricing, "FEWER", 0.0)
    whole = pricing.LocalPricer(p)
    monkeypatch.setattr(pricing, "FEWER", 10.0)
    short = pricing.LocalPricer(p)
    looked = []
    for much in (0.0, 0.1, 10.0, 0.0, 1.0):
        price = rng.uniform(0, much, p.graph.rows)
        for exact in (False, True):
            whole._lanes.group_high[:] = p.graph.timetable.rides
            a = whole.price(price, price > 0.5 * much, exact=exact)
            b = short.price(price, price > 0.5 * much, exact=exact)
            assert (a.value == b.value).all()
            assert (a.length == b.length).all()
            assert (a.paths(np.ones(len(d), np.bool_))[2] == b.paths(np.ones(len(d), np.bool_))[2]).all()
        looked.append(short._exact.group_high.min())
    assert min(looked) < p.graph.timetable.rides


@pytest.mark.parametrize("seed", range(4))
def test_coarse_lanes_end_in_a_true_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "LANES_IN_ALL", 0)
    p = problem(seed)
    rng = np.random.default_rng(seed)
    grams = rng.uniform(200, 3000, len(p.demand))
    p = pose(p.graph, replace(p.demand, grams=grams, cm3=grams * rng.uniform(3, 8, len(p.demand))))
    found = search(p, Effort(gap=0.0, seconds=3, rounds=30))
    optimum = arc_flow.solve(p)
    assert found.bound <= optimum * (1 + 1e-9)
    assert found.bound == pytest.approx(optimum, rel=1e-3)
    assert found.whole.cost >= found.bound


def test_ray_equals_in_process() -> None:
    cluster = pytest.importorskip("qafila.planning.cluster")
    p = problem(7)
    price = np.random.default_rng(1).uniform(0, 1, p.graph.rows)
    hot = price > 0.5
    here = pricing.LocalPricer(p)
    try:
        there = cluster.RayPricer(p, workers=2)
        for arguments in ((price, hot), (price, None, None, True)):
            a, b = here.price(*arguments), there.price(*arguments)
            assert (a.value == b.value).all()
            assert (a.length == b.length).all()
            everyone = np.ones(len(p.demand), np.bool_)
            assert (a.paths(everyone)[2] == b.paths(everyone)[2]).all()
        effort = Effort(gap=1e-3, seconds=20, rounds=10)
        assert search(p, effort, there).bound == search(p, effort, here).bound
    finally:
        cluster.ray.shutdown()
