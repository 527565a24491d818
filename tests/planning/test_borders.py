"""The planner's ways over borders are the router's, way by way, and sweeps find the cheapest of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qafila.network.timetable import Timetable
from qafila.planning.graph import build
from qafila.planning.path_columns import path_values
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.routing.border_masks import law, unlawful
from tests.planning import networks


def ways(t: Timetable, origin: int, release: int, destination: int) -> list[tuple[int, ...]]:
    """Every way, by trying all; nobody leaves where they are going."""
    found, stack = [], [((), origin, release)]
    while stack:
        way, node, ready = stack.pop()
        if node == destination:
            found.append(way)
            continue
        for r in np.flatnonzero((t.ride_from == node) & (t.ride_board_by >= ready)).tolist():
            stack.append(((*way, r), int(t.ride_to[r]), int(t.ride_ready_at[r])))
    return found


def lawful(t: Timetable, way: tuple[int, ...], origin: int, destination: int) -> bool:
    """As the law is said of ways: goods for abroad leave their territory once and enter the other once; goods for
    home are free at home only."""
    free = [x for x in (int(t.node_territory[n]) for n in (origin, *(t.ride_to[r] for r in way))) if x >= 0]
    own, bound_for = (int(t.node_territory[n]) for n in (origin, destination))
    if own == bound_for:
        return set(free) == {own}
    changed = free.index(bound_for) if bound_for in free else len(free)
    crossed = [(int(t.node_territory[t.ride_from[r]]), int(t.node_territory[t.ride_to[r]])) for r in way]
    out = sum(a == own and b != own for a, b in crossed)
    into = sum(b == bound_for and a != bound_for for a, b in crossed)
    return set(free[:changed]) <= {own} and set(free[changed:]) <= {bound_for} and out == into == 1


def cheapest(problem: Problem, k: int, some: list[tuple[int, ...]], price: NDArray[np.float64]) -> float:
    """What a parcel of a commodity pays on the cheapest of some ways."""
    ptr = np.cumsum([0, *(len(w) for w in some)])
    rides = np.array([r for w in some for r in w], np.int32)
    return float(path_values(problem, np.full(len(some), k), ptr, rides, price).min(initial=np.inf))


@pytest.mark.parametrize("seed", range(12))
def test_the_planner_goes_where_the_router_goes(seed: int) -> None:
    t = networks.timetable(seed, services=26, territories=2 + seed % 3)
    demand = networks.demand(seed, t, commodities=20)
    demand = replace(demand, goods=np.zeros_like(demand.goods))
    problem = pose(build(t, networks.rates(seed, t.facilities)), demand)
    prices = np.random.default_rng(seed).uniform(0, 3, (4, problem.graph.rows))
    swept = [LocalPricer(problem).price(price, exact=True).value for price in prices]
    for k in range(len(demand)):
        ends = int(demand.origin[k]), int(demand.destination[k])
        borders = law(t, ends[:1], ends[1:])
        assert borders is not None
        closed = unlawful(t, borders)
        every = ways(t, ends[0], int(demand.release[k]), ends[1])
        router = [w for w in every if not closed[list(w)].any()]
        assert router == [w for w in every if lawful(t, w, *ends)]
        for price, value in zip(prices, swept, strict=True):
            assert value[k] == pytest.approx(cheapest(problem, k, router, price), rel=1e-12)


def test_goods_from_abroad_do_not_leave_again_where_that_is_cheap() -> None:
    """Goods for home may go round abroad; those that came from there are cleared once, though it costs more."""
    t = networks.timetable(16, services=26, territories=2)
    start, end = t.node_territory[t.ride_from], t.node_territory[t.ride_to]
    dear = np.where((start >= 0) & (start == end), 20_000_000, 1).astype(np.int32)
    demand = networks.demand(16, t, commodities=60)
    demand = replace(demand, goods=np.zeros_like(demand.goods))
    problem = pose(build(replace(t, ride_fixed_cost=dear)), demand)
    zero = np.zeros(problem.graph.rows)
    found = LocalPricer(problem).price(zero, exact=True)
    hot = LocalPricer(problem).price(zero, np.ones(len(zero), np.bool_))
    round_abroad = tempted = 0
    for k in range(len(demand)):
        ends = int(demand.origin[k]), int(demand.destination[k])
        own, bound_for = (int(t.node_territory[n]) for n in ends)
        every = ways(t, ends[0], int(demand.release[k]), ends[1])
        allowed = [w for w in every if lawful(t, w, *ends)]
        assert found.value[k] == pytest.approx(cheapest(problem, k, allowed, zero), rel=1e-12)
        for length, path in zip(hot.length[k], hot.path[k], strict=True):
            assert length == 0 or tuple(path[:length].tolist()) in allowed
        if np.isfinite(found.value[k]) and own == bound_for:
            round_abroad += (problem.graph.left[found.path[k, 0, : found.length[k, 0]]] >= 0).any()
        elif own != bound_for:
            twice = [w for w in every if np.isin(problem.graph.entered[list(w)], (-1, bound_for)).all()]
            tempted += cheapest(problem, k, twice, zero) < found.value[k]
    assert round_abroad
    assert tempted
