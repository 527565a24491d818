"""Where goods should lie, against every placement tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.storage.placement import NowhereServed, Question, alone, place


def _question(seed: int, products: int = 2, warehouses: int = 3, places: int = 3) -> Question:
    dice = np.random.default_rng(seed)
    return Question(
        demand=dice.integers(0, 60, (products, places)).astype(float), supply=dice.uniform(0, 3, (products, warehouses)),
        hold=dice.uniform(0, 0.5, (products, warehouses)), carry=dice.uniform(1, 9, (products, warehouses, places)),
        days=dice.uniform(1, 9, (warehouses, places)), day_worth=0.2, opening=40.0, shelf=9.0,
        most=np.full(warehouses, np.inf),
    )  # fmt: skip


def _best(q: Question) -> float:
    """Every choice of the warehouses that keep each product; each buyer is served from the cheapest of them."""
    unit = q.supply[:, :, None] + q.hold[:, :, None] + q.carry + q.day_worth * q.days[None]
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
