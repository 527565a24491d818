"""Later departures: what does not fit on the first ride takes the next ones, and nothing is overloaded."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.planning.departures import depart_later
from qafila.planning.graph import build
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.shapes import Turns
from tests.planning import networks


def departed(problem: Problem) -> tuple[Pool, np.ndarray, np.ndarray, np.ndarray]:
    """Everybody takes the cheapest way, or later departures on it: pool, parcels by column, what is left, room."""
    pool = Pool(problem)
    pool.add(LocalPricer(problem).price(np.zeros(problem.graph.rows)))
    everyone = np.arange(len(problem.demand))
    block = np.searchsorted(pool.who, np.append(everyone, len(everyone)))
    turns = Turns(everyone, block, np.arange(len(pool)))
    left, room = problem.demand.parcels.copy(), problem.graph.row_capacity.copy()
    column, parcels = depart_later(problem, pool, turns, left, room)
    placed = np.zeros(len(pool), np.int64)
    np.add.at(placed, column, parcels)
    return pool, placed, left, room


def test_parcels_fill_one_departure_after_the_other() -> None:
    # 50 parcels of 1 kg, 20 on a vehicle, one vehicle a day: 20, 20 and 10; the 15 of the next day then fill up
    pool, placed, left, _ = departed(networks.line((50, 15), (0, 1000), capacity_kg=20.0, days=4))
    on = {
        (int(pool.who[c]), tuple(pool.rides[pool.ptr[c] : pool.ptr[c + 1]].tolist())): int(n)
        for c, n in enumerate(placed)
        if n
    }
    assert on == {(0, (0,)): 20, (0, (1,)): 20, (0, (2,)): 10, (1, (2,)): 10, (1, (3,)): 5}
    assert not left.any()


def test_what_finds_no_departure_is_left() -> None:
    _, placed, left, room = departed(networks.line((50, 15), (0, 1000), capacity_kg=20.0, days=2))
    assert (placed.sum(), left.tolist(), room.min()) == (40, [10, 15], 0)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_overloaded_and_ways_are_ways(seed: int) -> None:
    t = networks.timetable(seed, services=60, capacity_kg=20.0)
    problem = pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, 25, parcels=30))
    pool, placed, left, room = departed(problem)
    d = problem.demand
    assert (np.bincount(pool.who, placed, minlength=len(d)) + left == d.parcels).all()
    assert room == pytest.approx(problem.graph.row_capacity - pool.loads(placed.astype(float)), abs=1e-6)
    assert (room >= -1e-6 * problem.graph.row_capacity).all()
    for c in np.flatnonzero(placed):
        k, way = int(pool.who[c]), pool.rides[pool.ptr[c] : pool.ptr[c + 1]]
        assert t.ride_from[way[0]] == d.origin[k]
        assert t.ride_board_by[way[0]] >= d.release[k]
        assert t.ride_to[way[-1]] == d.destination[k]
        assert (t.ride_to[way[:-1]] == t.ride_from[way[1:]]).all()
        assert (t.ride_ready_at[way[:-1]] <= t.ride_board_by[way[1:]]).all()
        assert not (t.ride_forbids[way] & d.goods[k]).any()
        assert pool.cost[c] <= problem.penalty[k]
