"""A limit of transfers: prices, room and whole parcels equal to a search, and a program, that count rides."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from qafila.planning import planning_files, planning_job, reopening, residual
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.path_columns import path_values
from qafila.planning.plan import conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.search import search
from tests.planning import arc_flow, networks, stranger


def problem(
    seed: int, services: int = 60, commodities: int = 30, parcels: int = 20, facilities: int = 10
) -> Problem:
    t = networks.timetable(seed, facilities=facilities, services=services, capacity_kg=12.0)
    demand = networks.demand(seed, t, commodities, parcels)
    most = np.random.default_rng(seed + 9).choice([0, 1, 2, 3, 5, 16], commodities).astype(np.int32)
    return pose(build(t, networks.rates(seed, t.facilities)), replace(demand, most_rides=most))


def least(p: Problem, k: int, price: np.ndarray, room: np.ndarray | None = None) -> float:
    """The cheapest way of one parcel at prices, of as many rides as it may take, by recursion in plain Python."""
    t, g, d = p.graph.timetable, p.graph, p.demand

    def units(r: int) -> list[tuple[int, float]]:
        return [
            (row, g.use_factor[u] * (1.0, d.grams[k], d.cm3[k])[g.row_measure[row]])
            for u in range(g.use_ptr[r], g.use_ptr[r + 1])
            for row in [int(g.use_row[u])]
        ]

    @cache
    def on(node: int, ready: int, left: int) -> float:
        best = np.inf
        if left == 0:
            return best
        for r in np.flatnonzero((t.ride_from == node) & (t.ride_board_by >= ready)).tolist():
            if t.ride_forbids[r] & d.goods[k]:
                continue
            if not networks.lawful(t, r, int(d.origin[k]), int(d.destination[k])):
                continue
            if room is not None and any(room[row] < unit * (1 - 1e-9) for row, unit in units(r)):
                continue
            cost = t.ride_fixed_cost[r] + np.floor(
                t.ride_kg_cost[r] * p.chargeable_kg[k, t.ride_mode[r]] + 1e-6
            )
            cost += p.ride_gram[r] * d.grams[k] + sum(price[row] * unit for row, unit in units(r))
            if t.ride_to[r] == d.destination[k]:
                cost += d.late_price[k] * max(int(t.ride_ready_at[r]) - int(d.due[k]), 0) / 60
            else:
                cost += on(int(t.ride_to[r]), int(t.ride_ready_at[r]), left - 1)
            best = min(best, float(cost))
        return best

    return on(int(d.origin[k]), int(d.release[k]), int(d.limits[k]) or 99)


@pytest.mark.parametrize("seed", range(4))
def test_limited_sweeps_equal_the_recursion(seed: int) -> None:
    p = problem(seed)
    price = np.random.default_rng(seed).uniform(0, 2, p.graph.rows)
    found = LocalPricer(p).price(price, np.ones(p.graph.rows, np.bool_), exact=True)
    assert found.value == pytest.approx([least(p, k, price) for k in range(len(p.demand))], rel=1e-12)
    who, ptr, rides = found.paths(np.ones(len(p.demand), np.bool_))
    most = np.where(p.demand.limits > 0, p.demand.limits, 99)
    assert (np.diff(ptr) <= most[who]).all()  # those around hot rides, too
    first = np.full(len(p.demand), np.inf)
    np.minimum.at(first, who, path_values(p, who, ptr, rides, price))
    assert first == pytest.approx(found.value, rel=1e-12)


def test_limits_bind() -> None:
    dearer = 0
    for seed in range(4):
        p = problem(seed)
        zero = np.zeros(p.graph.rows)
        free = LocalPricer(pose(p.graph, replace(p.demand, most_rides=None))).price(zero, exact=True).value
        limited = LocalPricer(p).price(zero, exact=True).value
        assert (free <= limited + 1e-9).all()
        dearer += int((free < limited - 1.0).sum())
    assert dearer >= 3


@pytest.mark.parametrize("seed", range(2))
def test_a_stranger_agrees_on_limits(seed: int, tmp_path: Path) -> None:
    p = problem(seed)
    plan = conclude(search(p, Effort(gap=0.0, seconds=60)))
    planning_files.write(plan, tmp_path)
    planning_job.write_summary(tmp_path, planning_files.summary(plan))
    found = stranger.check(tmp_path)
    assert found.cost == pytest.approx(found.stated_cost)
    assert found.bound == pytest.approx(found.stated_bound)
    assert not found.broken_paths
    assert not found.parcels_missing
    assert found.worst_overload <= 1e-9
    again = reopening.read(tmp_path).problem.demand
    assert (again.limits == p.demand.limits).all()


@pytest.mark.parametrize("seed", range(4))
def test_limited_ways_through_what_room_is_left(seed: int) -> None:
    p = problem(seed)
    rng = np.random.default_rng(seed)
    room = p.graph.row_capacity * rng.choice([0.0, 0.02, 1.0], p.graph.rows, p=[0.2, 0.2, 0.6])
    zero = np.zeros(p.graph.rows)
    for k in range(len(p.demand)):
        left = np.where(np.arange(len(p.demand)) == k, 1, 0)
        ways, parcels = residual.serve(p, left, room.copy())
        expected = least(p, k, zero, room)
        if expected >= p.penalty[k]:
            assert not len(parcels)
            continue
        assert len(ways.rides) <= (int(p.demand.limits[k]) or 99)
        assert path_values(p, ways.who, ways.ptr, ways.rides, zero) == pytest.approx([expected])


@pytest.mark.parametrize("seed", range(20))
def test_limited_whole_parcels_equal_the_integer_program(seed: int) -> None:
    p = problem(seed, services=18, commodities=7, parcels=12, facilities=5)
    found = search(p, Effort(gap=0.0, seconds=60))
    optimum = arc_flow.solve(p, whole=True)
    assert found.whole.cost == pytest.approx(optimum, rel=1e-7)
    assert found.bound <= optimum * (1 + 1e-9)
    plan = conclude(found)
    assert plan.total == pytest.approx(optimum, rel=1e-7)
    assert (np.diff(plan.ptr) <= np.where(p.demand.limits > 0, p.demand.limits, 99)[plan.who]).all()
