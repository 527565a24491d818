"""Departures decided: equal to trying every choice on small networks; within its bound, and right, on larger ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from qafila.planning.design import design_deciding
from qafila.planning.design.design_choices import Choices, Departure, Option, evened
from qafila.planning.design.design_deciding import decide
from qafila.planning.design.lines_file import Line, choices
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.path_columns import loads
from qafila.planning.planning_problem import Problem, pose
from tests.planning import arc_flow, networks


def problem(seed: int, services: int = 12, commodities: int = 6, facilities: int = 4) -> Problem:
    t = networks.timetable(seed, facilities=facilities, services=services, capacity_kg=15.0, territories=1)
    demand = networks.demand(seed, t, commodities, parcels=12)
    return pose(build(t, networks.rates(seed, facilities)), demand)


def line(name: str, **more: object) -> Line:
    plain = Line(name, "", 0, vehicle_cost=0.0, line_cost=0.0, planned=1, most=1, cancel=True, steps=())
    return replace(plain, **more)  # type: ignore[arg-type]


def some_lines(p: Problem, seed: int) -> list[Line]:
    """Lines of every kind: that may be cancelled, reinforced, added, bought by the weight."""
    rng = np.random.default_rng(seed)
    carried = sorted({p.graph.timetable.service_ids[s] for s in p.graph.timetable.segment_service})
    names = rng.permutation(carried)[:5].tolist()
    return [
        line(names[0], vehicle_cost=40.0),
        line(names[1], vehicle_cost=15.0, line_cost=20.0, most=2),
        line(names[2], vehicle_cost=25.0, planned=0, most=1),
        line(names[3], steps=((4.0, 10.0), (9.0, 16.0), (40.0, 60.0))),
        line(names[4], vehicle_cost=30.0, most=2, cancel=False),
    ]


def every(p: Problem, c: Choices) -> dict[tuple[int, ...], float]:
    """What each choice costs with the best ways, by the arc-flow integer program."""
    found = {}
    for chosen in product(*(range(len(d.options)) for d in c.departures)):
        g = c.graph(p.graph, chosen)
        fixed = replace(p, graph=g, ride_fixed=np.where(g.closed, np.inf, p.ride_fixed))
        full = c.full(p.graph)
        even = {int(r): (c.balance, float(full[r])) for r in evened(p.graph)} if c.balance else {}
        ways = arc_flow.solve(fixed, whole=True, even=even)
        vehicles = sum(d.options[n].cost for d, n in zip(c.departures, chosen, strict=True))
        runs = {d.line for d, n in zip(c.departures, chosen, strict=True) if d.options[n].vehicles}
        found[chosen] = ways + vehicles + sum(c.lines[i][1] for i in runs)
    return found


def whole(p: Problem, c: Choices, d: design_deciding.Design) -> None:
    """It is a plan: everybody is somewhere, nothing is overloaded, what is said to be its cost is."""
    used = np.flatnonzero(d.parcels)
    served = np.bincount(d.pool.who, d.parcels, minlength=len(p.demand))
    assert (served + d.unserved == p.demand.parcels).all()
    load = loads(p, d.pool.who, d.pool.ptr, d.pool.rides, d.parcels.astype(float))
    g = c.graph(p.graph, d.chosen)
    assert (load <= g.row_capacity * (1 + 1e-9) + 1e-6).all()
    closed = np.logical_or.reduceat(g.closed[d.pool.rides], d.pool.ptr[:-1]) if len(d.pool) else used
    assert not closed[used].any()
    cost = float(np.dot(d.pool.cost, d.parcels) + np.dot(p.penalty, d.unserved)) + c.cost(
        d.chosen, load, p.graph
    )
    assert d.cost == pytest.approx(cost)
    assert d.bound <= d.cost * (1 + 1e-9) + 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_a_design_equals_trying_every_choice(seed: int) -> None:
    p = problem(seed)
    c = choices(p.graph, some_lines(p, seed))
    costs = every(p, c)
    found = decide(p, c, Effort(gap=0.0, seconds=60))
    whole(p, c, found)
    assert found.exact
    assert found.cost == pytest.approx(min(costs.values()), rel=1e-7)
    assert found.bound == pytest.approx(found.cost, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("part", [0.0, 0.3])
def test_the_fewest_changed_lines_equal_trying_every_choice(seed: int, part: float) -> None:
    p = problem(seed)
    c = choices(p.graph, some_lines(p, seed)[:4])
    costs = every(p, c)
    least = min(costs.values())
    within = {n: cost for n, cost in costs.items() if cost <= least * (1 + part) + 1e-3}
    fewest = min(len(c.changed(n)) for n in within)
    cheapest = min(cost for n, cost in costs.items() if len(c.changed(n)) <= fewest)
    found = decide(p, c, Effort(gap=0.0, seconds=60), few=part)
    whole(p, c, found)
    assert len(c.changed(found.chosen)) == fewest
    assert found.cost == pytest.approx(cheapest, rel=1e-7)
    assert found.least == pytest.approx(least, rel=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_balance_equals_the_integer_program(seed: int) -> None:
    p = problem(seed)
    for balance in (5.0, 50.0):
        c = choices(p.graph, some_lines(p, seed)[:1] if seed % 2 else [], balance)
        found = decide(p, c, Effort(gap=0.0, seconds=60))
        whole(p, c, found)
        assert found.cost == pytest.approx(min(every(p, c).values()), rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_a_larger_network_is_designed_within_its_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(seed)
    c = choices(p.graph, some_lines(p, seed))
    best = min(every(p, c).values())
    monkeypatch.setattr(design_deciding, "LOOKED_AT", 0)
    found = decide(p, c, Effort(gap=0.0, seconds=4))
    whole(p, c, found)
    assert not found.exact
    assert found.bound <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= found.cost <= best * 1.15
    few = decide(p, c, Effort(gap=0.0, seconds=4), few=0.5)
    whole(p, c, few)
    assert few.cost <= few.least * 1.5 + 1e-3
    assert len(c.changed(few.chosen)) <= len(c.changed(found.chosen))


def test_a_step_holds_a_load_at_the_least_cost() -> None:
    options = tuple(
        Option(np.array([room, room]), cost, 1 if room else 0)
        for room, cost in ((0.0, 0.0), (5.0, 9.0), (8.0, 7.0), (20.0, 30.0))
    )
    d = Departure(0, 0, np.array([0, 1]), options, None, 0)
    assert [d.holding(np.array([load, 1.0])) for load in (0.0, 4.0, 8.0, 9.0, 99.0)] == [2, 2, 2, 3, 3]
    assert d.holding(np.zeros(2)) == 0
