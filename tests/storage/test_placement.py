"""Where goods should lie, against every placement tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from qafila.storage.placement import NowhereServed, Question, alone, place


def _question(seed: int, products: int = 2, warehouses: int = 3, places: int = 3) -> Question:
    dice = np.random.default_rng(seed)
    return Question(
        demand=dice.integers(0, 60, (products, places)).astype(float),
        supply=dice.uniform(0, 3, (products, warehouses)),
        hold=dice.uniform(0, 0.5, (products, warehouses)),
        carry=dice.uniform(1, 9, (products, warehouses, places)),
        days=dice.uniform(1, 9, (products, warehouses, places)),
        day_worth=0.2,
        opening=40.0,
        shelf=9.0,
        most=np.full(warehouses, np.inf),
    )


def _best(q: Question) -> float:
    """Every choice of the warehouses that keep each product; each buyer is served from the cheapest of them."""
    unit = q.supply[:, :, None] + q.hold[:, :, None] + q.carry + q.day_worth * q.days
    products, warehouses, _ = unit.shape
    sets = [s for n in range(1, warehouses + 1) for s in itertools.combinations(range(warehouses), n)]
    best = np.inf
    for chosen in itertools.product(sets, repeat=products):
        used = {w for p, s in enumerate(chosen) if q.demand[p].any() for w in s}
        cost = q.opening * len(used)
        for p, s in enumerate(chosen):
            if q.demand[p].any():
                cost += q.shelf * len(s) + float((q.demand[p] * unit[p, list(s), :].min(0)).sum())
        best = min(best, cost)
    return best


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_the_best_of_all_placements(seed: int) -> None:
    question = _question(seed)
    found = place(question)
    assert found.cost == pytest.approx(_best(question), rel=1e-4)
    assert found.gap <= 1e-4 + 1e-9
    assert found.flows.sum(1) == pytest.approx(question.demand)
    single, _ = alone(question)
    assert found.cost <= single.cost + 1e-6


def _by_pieces(q: Question) -> float:
    """The same question as another program: pieces in place of shares, and one bound for all that a warehouse keeps of a product."""
    unit = q.supply[:, :, None] + q.hold[:, :, None] + q.carry + q.day_worth * q.days
    products, warehouses, places = unit.shape
    flows, kept = products * warehouses * places, products * warehouses
    count = flows + kept + warehouses
    reached = np.isfinite(unit)
    cost = np.concatenate(
        [np.where(reached, unit, 0.0).ravel(), np.full(kept, q.shelf), np.full(warehouses, q.opening)]
    )
    rows: list[tuple[np.ndarray, float, float]] = []
    x, y = np.arange(flows).reshape(unit.shape), flows + np.arange(kept).reshape(products, warehouses)
    for p, d in itertools.product(range(products), range(places)):
        row = np.zeros(count)
        row[x[p, :, d]] = 1
        rows.append((row, q.demand[p, d], q.demand[p, d]))
    for p, w in itertools.product(range(products), range(warehouses)):
        row = np.zeros(count)
        row[x[p, w]], row[y[p, w]] = 1, -q.demand[p].sum()
        rows.append((row, -np.inf, 0))
    for w in range(warehouses):
        row = np.zeros(count)
        row[y[:, w]], row[flows + kept + w] = 1, -products
        rows.append((row, -np.inf, 0))
        row = np.zeros(count)
        row[x[:, w].ravel()] = 1
        rows.append((row, -np.inf, q.most[w]))
    upper = np.concatenate([np.where(reached, np.inf, 0.0).ravel(), np.ones(kept + warehouses)])
    whole = np.concatenate([np.zeros(flows), np.ones(kept + warehouses)])
    limits = optimize.LinearConstraint(*(np.array(part) for part in zip(*rows, strict=True)))
    found = optimize.milp(
        cost,
        constraints=limits,
        bounds=optimize.Bounds(0, upper),
        integrality=whole,
        options={"mip_rel_gap": 1e-6},
    )
    return float(found.fun) if found.success else np.inf


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_another_program_finds_the_same_where_ways_are_missing_and_warehouses_are_small(seed: int) -> None:
    dice = np.random.default_rng(seed)
    q = _question(seed, 3, 4, 3)
    carry = np.where(dice.random(q.carry.shape) < 0.2, np.inf, q.carry)
    supply = np.where(dice.random(q.supply.shape) < 0.2, np.inf, q.supply)
    most = np.where(dice.random(4) < 0.5, q.demand.sum() * dice.uniform(0.3, 0.8), np.inf)
    q = q._replace(carry=carry, supply=supply, most=most)
    best = _by_pieces(q)
    try:
        found = place(q)
    except NowhereServed:
        assert not np.isfinite(best)
        return
    assert found.cost == pytest.approx(best, rel=2e-4)
    assert (found.stock().sum(0) <= q.most + 1e-6).all()
    unit = q.supply[:, :, None] + q.hold[:, :, None] + q.carry + q.day_worth * q.days
    used = [
        w for w in range(4) if q.demand.sum() <= q.most[w] and np.isfinite(unit[:, w][q.demand > 0]).all()
    ]
    each = [
        q.opening + q.shelf * q.demand.any(1).sum() + (q.demand * np.where(q.demand > 0, unit[:, w], 0)).sum()
        for w in used
    ]  # all in one place, reckoned by hand
    if not used:
        with pytest.raises(NowhereServed):
            alone(q)
    else:
        single, at = alone(q)
        assert (single.cost, at) == (pytest.approx(min(each)), used[int(np.argmin(each))])
        assert single.days == pytest.approx(
            (q.demand * np.where(q.demand > 0, q.days[:, at], 0)).sum() / q.demand.sum()
        )


def test_a_full_warehouse_leaves_the_rest_to_others() -> None:
    q = _question(3)
    first = int(place(q).stock().sum(0).argmax())
    most = np.full(3, np.inf)
    most[first] = 10.0
    assert place(q._replace(most=most)).stock().sum(0)[first] <= 10.0 + 1e-6


def test_what_nothing_reaches_is_named() -> None:
    q = _question(4)
    carry = q.carry.copy()
    carry[1, :, 2] = np.inf
    with pytest.raises(NowhereServed) as fault:
        place(q._replace(carry=carry, demand=np.ones((2, 3))))
    assert (fault.value.product, fault.value.destination) == (1, 2)
