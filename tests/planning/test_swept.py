"""Sweeps that keep to some places: what they find is what a network without the others has."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from qafila.planning import pricing, search, swept
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.planning_problem import Problem, pose
from tests.planning import arc_flow, networks
from tests.planning.test_pricing import cheapest, problem


def without(p: Problem, through: np.ndarray) -> Problem:
    """The problem with the rides closed that a sweep through these nodes leaves out."""
    t, d = p.graph.timetable, p.demand
    begins, ends = (through | np.isin(np.arange(t.nodes), some) for some in (d.origin, d.destination))
    barred = ~(begins[t.ride_from] & ends[t.ride_to])
    return replace(p, ride_fixed=np.where(barred, np.inf, p.ride_fixed))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("apart", [False, True])
def test_a_sweep_through_some_places_equals_a_network_without_the_others(seed: int, apart: bool) -> None:
    t = networks.timetable(seed, facilities=16, services=60)
    demand = networks.demand(seed, t, 30)
    if apart:  # nothing is bound for where something begins, as between warehouses and delivery stations
        demand = networks.demand(seed, t, 120)
        demand = demand.take(np.flatnonzero((demand.origin < 10) & (demand.destination >= 10)))
        same = {"grams": 1000.0, "cm3": 4000.0, "due": 3000, "late_price": 2000.0}  # many to a lane
        demand = replace(demand, **{name: np.full_like(getattr(demand, name), v) for name, v in same.items()})
    p = pose(build(t, networks.rates(seed, t.facilities)), demand)
    rng = np.random.default_rng(seed)
    through = rng.random(p.graph.timetable.nodes) < (0.5 if apart else 0.3)
    assert not apart or swept.swept(p, through).passing < len(swept.swept(p, through))
    narrow, closed = pricing.LocalPricer(p), pricing.LocalPricer(without(p, through))
    narrow.price(np.zeros(p.graph.rows))
    narrow.keep_to(through)
    assert narrow.coarse
    everyone = np.ones(len(p.demand), np.bool_)
    for _ in range(3):
        price = rng.uniform(0, 2, p.graph.rows)
        some, same = narrow.price(price, price > 1), closed.price(price, price > 1)
        assert (some.value == same.value).all()
        assert (some.length == same.length).all()
        assert (some.paths(everyone)[2] == same.paths(everyone)[2]).all()
        born = pricing.LocalPricer(p, through=through).price(price, exact=True)
        assert (born.value == closed.price(price, exact=True).value).all()
        exact = narrow.price(price, exact=True)
        assert exact.value == pytest.approx([cheapest(p, k, price) for k in range(len(p.demand))], rel=1e-12)
    narrow.keep_to(None)
    assert (narrow.price(price).value == pricing.LocalPricer(p).price(price).value).all()
    assert np.isfinite(some.value).sum() > 10
    assert (some.value >= exact.value * (1 - 1e-5)).all()
    assert (some.value > exact.value * (1 + 1e-5)).any(), "places that were left out were of use"


@pytest.mark.parametrize("seed", range(6))
def test_who_leaves_out_places_with_one_neighbour_loses_nothing(seed: int) -> None:
    t = networks.timetable(seed, facilities=12, services=300, territories=1)
    # of the facilities from 6 on each keeps what leads to the one six before it, and back
    away, home = np.maximum(t.ride_from, t.ride_to), np.minimum(t.ride_from, t.ride_to)
    kept = (away < 6) | (home == away - 6) & (home < 6)
    rides = {f.name: getattr(t, f.name)[kept] for f in fields(t) if f.name.startswith("ride_")}
    t = replace(t, **rides)
    demand = networks.demand(seed, t, 300)
    bound_for = (demand.destination < 6) | (demand.destination >= 9)
    demand = demand.take(np.flatnonzero((demand.origin < 9) & bound_for))
    p = pose(build(t, networks.rates(seed, t.facilities)), demand)
    pairs = set(zip(np.asarray(t.ride_from).tolist(), np.asarray(t.ride_to).tolist(), strict=True))
    neighbours = [{b for a, b in pairs if a == n} | {a for a, b in pairs if b == n} for n in range(t.nodes)]
    assert p.graph.thoroughfare.tolist() == [len(some) > 1 for some in neighbours]
    looked_at = swept.swept(p)
    assert looked_at.passing < t.rides
    rng = np.random.default_rng(seed)
    pricer, everyone = pricing.LocalPricer(p), np.ones(len(p.demand), np.bool_)
    for scale in (0.0, 1.0, 3.0):
        price = rng.uniform(0, scale, p.graph.rows)
        best = [cheapest(p, k, price) for k in range(len(p.demand))]
        assert np.isfinite(best)[p.demand.origin >= 6].sum() > 5
        assert pricer.price(price, exact=True).value == pytest.approx(best, rel=1e-12)
        found = pricer.price(price, price > 0.5)
        assert found.value == pytest.approx(best, rel=1e-5, abs=2.0)  # floats of 32 bits
        who, ptr, rides = found.paths(everyone)
        for k, a, b in zip(who, ptr, ptr[1:], strict=False):
            way = rides[a:b]
            assert t.ride_from[way[0]] == p.demand.origin[k]
            assert t.ride_to[way[-1]] == p.demand.destination[k]
            assert (np.asarray(t.ride_to)[way[:-1]] == np.asarray(t.ride_from)[way[1:]]).all()
            assert p.graph.thoroughfare[np.asarray(t.ride_to)[way[:-1]]].all()


def test_passed_are_the_places_between_the_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(1)
    t = p.graph.timetable
    _, ptr, rides = (
        pricing.LocalPricer(p).price(np.zeros(p.graph.rows)).paths(np.ones(len(p.demand), np.bool_))
    )
    between = {int(t.ride_to[r]) for a, b in pairwise(ptr) for r in rides[a : b - 1]}
    assert between
    assert swept.passed(p, ptr, rides) is None
    monkeypatch.setattr(swept, "MANY", len(p.demand))
    assert set(np.flatnonzero(swept.passed(p, ptr, rides)).tolist()) == between


@cache
def best(seed: int) -> float:
    """What the arc-flow program says a problem costs at least; solved once."""
    return arc_flow.solve(problem(seed))


@pytest.mark.parametrize("seed", range(6))
def test_a_search_that_keeps_to_places_ends_at_the_optimum(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "MANY", 0)
    monkeypatch.setattr(
        search._Search, "polish", lambda _: None
    )  # of whole parcels, for as long as there is time
    p = problem(seed)
    found = search.search(p, Effort(gap=0.0, seconds=3, rounds=30))
    optimum = best(seed)
    assert found.bound <= optimum * (1 + 1e-9)
    assert found.bound == pytest.approx(optimum, rel=1e-4)
    assert found.share_cost == pytest.approx(optimum, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rounds", [1, 3, 6])
def test_it_never_proves_less_than_prices_of_nothing_do(
    seed: int, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "MANY", 0)
    p = problem(seed)
    zero = np.zeros(p.graph.rows)
    found = search.search(p, Effort(gap=0.0, seconds=3, rounds=rounds))
    free = pricing.bound(p, zero, pricing.LocalPricer(p).price(zero, exact=True))
    assert free * (1 - 1e-9) <= found.bound <= best(seed) * (1 + 1e-9)
    again = pricing.LocalPricer(p).price(found.row_price, exact=True)
    assert found.bound == pytest.approx(pricing.bound(p, found.row_price, again), rel=1e-12)


@pytest.mark.parametrize("many", [0, 5000])
def test_where_nothing_leaves_any_more_all_stay_unserved(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swept, "MANY", many)
    p = problem(0)
    late = np.full(len(p.demand), 10**7, np.int32)
    p = pose(p.graph, replace(p.demand, release=late))
    found = search.search(p, Effort(gap=0.0, seconds=3, rounds=5))
    assert (found.whole.unserved == p.demand.parcels).all()
    assert found.bound == pytest.approx(np.dot(p.penalty, p.demand.parcels)) == found.whole.cost
