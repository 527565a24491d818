"""The opening for heavy weeks: shares that fit and prices that prove as much as the linear program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from qafila.planning import equilibrium, heavy_week
from qafila.planning import search as searching
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.opening import Opening, Step
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer, bound
from qafila.planning.search import search
from tests.planning import arc_flow, networks


def problem(seed: int, commodities: int = 60) -> Problem:
    t = networks.timetable(seed, facilities=6, services=80, capacity_kg=60.0)
    d = networks.demand(seed, t, commodities, parcels=60)
    return pose(build(t, networks.rates(seed, t.facilities)), replace(d, late_price=d.late_price + 100.0))


@pytest.mark.parametrize("seed", range(4))
def test_shares_nearly_fit_and_prices_nearly_prove_the_linear_program(seed: int) -> None:
    p = problem(seed)
    optimum = arc_flow.solve(p)
    pricer, nothing = LocalPricer(p), np.zeros(p.graph.rows)
    first = pricer.price(nothing, np.ones(p.graph.rows, np.bool_))
    opening = Opening(p, pricer, first.value)
    opening.learn(first)
    best = bound(p, nothing, first)
    for _ in range(60):
        step = opening.step(lambda: False)
        assert step.bound <= optimum * (1 + 1e-5)
        best = max(best, step.bound)
    assert best >= 0.93 * optimum
    pool = Pool(p)
    share = opening.shares(pool)
    assert (np.bincount(pool.who, share, minlength=len(p.demand)) <= 1 + 1e-9).all()
    out = np.maximum(1.0 - np.bincount(pool.who, share, minlength=len(p.demand)), 0.0)
    parcels = p.demand.parcels
    paid = np.dot(pool.cost, share * parcels[pool.who]) + np.dot(p.penalty * parcels, out)
    assert paid == pytest.approx(optimum, rel=0.08)
    # what the kernel keeps as loads is what the shares put on the rows
    load = pool.loads(share * parcels[pool.who])
    assert load == pytest.approx(opening.prices.load, abs=1e-3)
    assert step.over < 0.02


def test_the_route_found_longest_ago_gives_way() -> None:
    ways = equilibrium.ROUTES + 2
    line_of = np.arange(ways, dtype=np.int32)
    places = (1, equilibrium.ROUTES)
    routes = equilibrium.Stock(
        np.zeros(places, np.int32), np.zeros((*places, equilibrium.LEGS), np.int32), np.zeros(places)
    )
    used = np.zeros(1, np.int64)

    def learn(*rides: int) -> int:
        length = np.ones((1, len(rides)), np.int32)
        return equilibrium.learn_routes(
            length, np.array([rides], np.int32)[:, :, None], routes, line_of, used
        )

    assert [learn(ride) for ride in range(equilibrium.ROUTES)] == [1] * equilibrium.ROUTES
    assert learn(0, 1) == 0  # found again
    assert learn(ways - 2, ways - 1) == 2
    assert set(routes.rides[0, :, 0].tolist()) == set(range(ways)) - {2, 3}
    assert (routes.length == 1).all()


def test_averaged_prices_prove_no_less_than_each_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(2)
    pricer, pool = LocalPricer(p), Pool(p)
    first = pricer.price(np.zeros(p.graph.rows))
    pool.add(first)
    around = pricer.price(np.zeros(p.graph.rows), np.ones(p.graph.rows, np.bool_))
    proven: list[float] = []
    step = Opening.step

    def watched(self: Opening, enough: Callable[[], bool]) -> Step:
        taken = step(self, enough)
        proven.append(taken.bound)
        return taken

    monkeypatch.setattr(Opening, "step", watched)
    monkeypatch.setattr(heavy_week, "ALIKE", np.inf)
    week = heavy_week.opened(p, pool, pricer, first, around, lambda: 0.02 * len(proven))
    assert len(proven) >= heavy_week.AVERAGED
    price = week.row_price
    assert bound(p, price, pricer.price(price)) >= np.mean(proven[-heavy_week.AVERAGED :]) * (1 - 1e-5)
    assert week.bound >= bound(p, price, pricer.price(price)) * (1 - 1e-5)


def test_whole_parcels_settle_within_what_there_is() -> None:
    p = problem(2)
    pricer, nothing = LocalPricer(p), np.zeros(p.graph.rows)
    first = pricer.price(nothing, np.ones(p.graph.rows, np.bool_))
    opening = Opening(p, pricer, first.value)
    opening.learn(first)
    for _ in range(15):
        step = opening.step(lambda: False)
    pool, parcels = Pool(p), p.demand.parcels
    before = opening.shares(pool) * parcels[pool.who]
    rounded = pool.loads(np.ceil(before - 1e-9))
    opening.settle(step.row_price, lambda: False)
    placed = opening.shares(pool) * parcels[pool.who]
    assert placed == pytest.approx(np.round(placed), abs=1e-6)
    assert (np.bincount(pool.who, placed, minlength=len(parcels)) <= parcels + 1e-6).all()
    # what is too full gives way: less is over than where each way is rounded by itself
    room = p.graph.row_capacity
    over = np.maximum(pool.loads(placed) - room, 0.0)
    assert (over / room).sum() < 0.5 * (np.maximum(rounded - room, 0.0) / room).sum()


def test_a_heavy_week_is_opened_with_a_bound_and_a_plan() -> None:
    p = problem(3)
    optimum = arc_flow.solve(p)
    pricer, pool = LocalPricer(p), Pool(p)
    first = pricer.price(np.zeros(p.graph.rows))
    pool.add(first)
    around = pricer.price(np.zeros(p.graph.rows), np.ones(p.graph.rows, np.bool_))
    asked = 0.0

    def time() -> float:  # every look at the clock takes a little
        nonlocal asked
        asked += 0.003
        return asked

    week = heavy_week.opened(p, pool, pricer, first, around, time)
    assert 0.9 * optimum <= week.bound <= optimum * (1 + 1e-5)
    assert week.bound == pytest.approx(bound(p, week.centre, pricer.price(week.centre)))
    assert week.whole.cost >= optimum * (1 - 1e-9)
    assert week.whole.cost <= optimum * 1.2
    assert (week.whole.room >= -1e-6 * p.graph.row_capacity).all()
    load = pool.loads(week.whole.parcels.astype(np.float64))
    assert p.graph.row_capacity - load == pytest.approx(week.whole.room, abs=1e-3)


def test_a_heavy_week_opens_with_it_and_ends_as_near(monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(1)
    plain = search(p, Effort(gap=0.0, seconds=5, rounds=12))
    monkeypatch.setattr(searching, "MANY", 10)
    monkeypatch.setattr(searching, "HEAVY", 0.05)
    monkeypatch.setattr(heavy_week, "OPENING", 0.2)
    opened: list[int] = []
    step = Opening.step
    monkeypatch.setattr(Opening, "step", lambda self, enough: (opened.append(1), step(self, enough))[1])
    found = search(p, Effort(gap=0.0, seconds=5, rounds=12))
    assert opened
    assert not found.remarks
    assert found.bound == pytest.approx(plain.bound, rel=1e-3)
    assert found.whole.cost <= plain.whole.cost * 1.05
    assert (found.whole.room >= -1e-6 * p.graph.row_capacity).all()
