"""Ways through what room is left: equal to a search of all ways on small networks; nobody is left who has one."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.planning import residual
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.holding import hold
from qafila.planning.path_columns import Pool, path_costs
from qafila.planning.plan import completed, conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.rounding import round_off
from qafila.planning.search import search
from qafila.planning.shapes import Ways
from tests.planning import networks
from tests.planning.test_pricing import cheapest


def problem(seed: int, capacity_kg: float = 12.0) -> Problem:
    t = networks.timetable(seed, services=60, capacity_kg=capacity_kg)
    return pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, 30, parcels=20))


def unit(p: Problem, k: int, use: int) -> float:
    row = p.graph.use_row[use]
    return p.graph.use_factor[use] * (1.0, p.demand.grams[k], p.demand.cm3[k])[p.graph.row_measure[row]]


def least(p: Problem, k: int, room: np.ndarray) -> float:
    """The cheapest way of one parcel on rides with room for it, by recursion."""
    return cheapest(p, k, np.zeros(p.graph.rows), room)


@pytest.mark.parametrize("seed", range(6))
def test_a_residual_way_equals_the_recursion(seed: int) -> None:
    p = problem(seed)
    rng = np.random.default_rng(seed)
    room = p.graph.row_capacity * rng.choice([0.0, 0.02, 1.0], p.graph.rows, p=[0.2, 0.2, 0.6])
    everyone = np.ones(len(p.demand), np.int64)
    found = 0
    for k in range(len(p.demand)):
        left, some = np.where(np.arange(len(everyone)) == k, 1, 0), room.copy()
        ways, parcels = residual.serve(p, left, some)
        expected = least(p, k, room)
        if expected >= p.penalty[k]:
            assert not len(parcels)
            continue
        found += 1
        assert parcels.tolist() == [1]
        assert path_costs(p, *ways)[0] == pytest.approx([expected])
        assert (room - some).min() >= 0
    assert found > 5


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_left_who_has_a_way(seed: int) -> None:
    p = problem(seed)
    plan = conclude(search(p, Effort(gap=0.0, seconds=5, rounds=3)))
    done, holds = hold(plan)
    for some in (plan, completed(done, held=True)):
        room = p.graph.row_capacity - some.load
        assert (room >= -1e-6 * p.graph.row_capacity).all()
        assert some.unserved.any()
        served = np.bincount(some.who, some.parcels, minlength=len(p.demand))
        assert (served + some.unserved == p.demand.parcels).all()
        for k in np.flatnonzero(some.unserved):
            assert least(p, int(k), room) >= p.penalty[k] - 1e-6
        # a row that is named as full is full
        for k in np.flatnonzero(some.alone_binds >= 0):
            row = some.alone_binds[k]
            a, b = np.searchsorted(some.alone_ways.who, [k, k + 1])
            assert b == a + 1
            way = some.alone_ways.rides[some.alone_ways.ptr[a] : some.alone_ways.ptr[b]]
            uses = [u for r in way for u in range(p.graph.use_ptr[r], p.graph.use_ptr[r + 1])]
            assert room[row] < max(unit(p, int(k), u) for u in uses if p.graph.use_row[u] == row)
    assert len(holds) >= 0


@pytest.mark.parametrize("seed", range(4))
def test_who_goes_dear_takes_cheaper_ways_that_have_room(seed: int) -> None:
    p = problem(seed, capacity_kg=40.0)
    pool = Pool(p)
    pool.add(LocalPricer(p).price(np.zeros(p.graph.rows), np.ones(p.graph.rows, np.bool_)))
    whole = round_off(p, pool, np.zeros(len(pool)), np.zeros(p.graph.rows), rounds=0)
    placed, room = whole.parcels.copy(), whole.room.copy()
    order = np.flatnonzero(placed)[::-1].copy()
    ways, parcels = residual.shorten(p, pool.ways, order, pool.cost, placed, room)
    cost = path_costs(p, *ways)[0] if len(parcels) else np.zeros(0)
    now = float(np.dot(pool.cost, placed) + np.dot(cost, parcels))
    assert now <= float(np.dot(pool.cost, whole.parcels)) + 1e-6
    assert placed.sum() + parcels.sum() == whole.parcels.sum()
    load = pool.loads(placed.astype(float))
    if len(parcels):
        other = Pool(p)
        column = other.extend(*ways)
        quantity = np.bincount(column, parcels, minlength=len(other)).astype(float)
        load += other.loads(quantity)
    assert room == pytest.approx(p.graph.row_capacity - load, abs=1e-6)
    assert (room >= -1e-6 * p.graph.row_capacity).all()
    assert isinstance(ways, Ways)
