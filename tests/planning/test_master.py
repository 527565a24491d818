"""The master: first-order steps come to what a simplex finds, and overload nothing."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.planning import master
from qafila.planning.graph import build
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import pose
from qafila.planning.pricing import LocalPricer
from tests.planning import networks


@pytest.mark.parametrize("seed", range(8))
def test_steps_come_to_what_the_simplex_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    t = networks.timetable(seed, services=60, capacity_kg=20.0)
    problem = pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, 40, parcels=20))
    zero, parcels = np.zeros(problem.graph.rows), problem.demand.parcels
    pool = Pool(problem)
    pool.add(LocalPricer(problem).price(zero, np.ones(problem.graph.rows, np.bool_)))
    usable, begin = np.ones(len(pool), np.bool_), master.Shares(np.zeros(len(pool)), zero, 0.0)
    exact = master.share_out(problem, pool, begin, 0, 0.0, usable)
    monkeypatch.setattr(master, "EXACT_COLUMNS", 0)
    found = master.share_out(problem, pool, begin, 6000, 1e-6, usable)
    assert found.cost == pytest.approx(exact.cost, rel=1e-3)
    load = pool.loads(found.share * parcels[pool.who])
    assert (load <= problem.graph.row_capacity * (1 + 1e-5)).all()
    placed = np.bincount(pool.who, found.share, minlength=len(parcels))
    assert (placed <= 1 + 1e-9).all()
    paid = np.dot(pool.cost * parcels[pool.who], found.share) + np.dot(problem.penalty * parcels, 1 - placed)
    assert paid == pytest.approx(found.cost, rel=1e-6)
    # its prices prove nearly as much: each takes its cheapest column or pays the penalty
    least = problem.penalty.copy()
    np.minimum.at(least, pool.who, pool.values(found.row_price))
    proven = np.dot(least, parcels) - np.dot(
        found.row_price, np.where(found.row_price > 0, problem.graph.row_capacity, 0)
    )
    assert exact.cost * (1 - 1e-3) <= proven <= exact.cost * (1 + 1e-6)


def test_what_is_set_aside_caps_prices_and_is_charged_as_it_is() -> None:
    t = networks.timetable(2, services=60, capacity_kg=8.0)
    problem = pose(build(t, networks.rates(2, t.facilities)), networks.demand(2, t, 40, parcels=20))
    pool = Pool(problem)
    pool.add(LocalPricer(problem).price(np.zeros(problem.graph.rows)))
    usable = np.ones(len(pool), np.bool_)
    begin = master.Shares(np.zeros(len(pool)), np.zeros(problem.graph.rows), 0.0)
    free = master.share_out(problem, pool, begin, 0, 0.0, usable)
    least = problem.penalty.copy()
    np.minimum.at(least, pool.who, pool.cost)
    capped = master.share_out(problem, pool, begin, 0, 0.0, usable, 1.2 * least)
    assert free.out.max() > 0.0
    assert 0.0 < capped.row_price.max() < free.row_price.max()
    # who is set aside would pay more on any way, at these prices, than that costs
    value = np.full(len(problem.demand), np.inf)
    np.minimum.at(value, pool.who, pool.values(capped.row_price))
    assert (value[capped.out > 1e-6] >= 1.2 * least[capped.out > 1e-6] * (1 - 1e-6)).all()
    parcels = problem.demand.parcels
    paid = np.dot(pool.cost * parcels[pool.who], capped.share) + np.dot(problem.penalty * parcels, capped.out)
    assert capped.cost == pytest.approx(paid)
    assert capped.cost >= free.cost * (1 - 1e-9)
