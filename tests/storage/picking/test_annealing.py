"""Annealing: carts are never overfilled, no order is lost, the result is never longer and the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.storage.picking.annealing import anneal
from qafila.storage.picking.batching import Cart, batches
from qafila.storage.picking.grid import Stops, bits, grid
from qafila.storage.picking.merging import Work, with_lengths


def _warehouse(blocks: int) -> Stops:
    aisle, depth = np.repeat(np.arange(5), 12), np.tile(np.arange(1.0, 13.0), 5)
    return grid(np.arange(5) * 3.0, np.linspace(0, 13, blocks + 1), (aisle, depth), (3.0, 0))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2), st.integers(2, 25), st.integers(1, 6), st.integers(0, 1000))
def test_what_a_cart_carries_is_kept_and_nothing_gets_longer(
    blocks: int, count: int, boxes: int, seed: int
) -> None:
    house, dice = _warehouse(blocks), np.random.default_rng(seed)
    orders = [dice.integers(0, 60, dice.integers(1, 6)) for _ in range(count)]
    work = Work(
        np.stack([bits(house.grid, house.stop[order]) for order in orders]),
        np.array([float(len(order)) for order in orders]),
        dice.integers(1, 3, count),
        9.0,
        1 + boxes,
    )
    before = np.arange(count)  # each order on a tour of its own
    after = before.copy()
    anneal(house.grid, work, after, 3000, seed)
    assert set(after) <= set(before)
    for batch in set(after):
        assert work.load[after == batch].sum() <= 9.0
        assert work.boxes[after == batch].sum() <= 1 + boxes
    assert with_lengths(house.grid, work, after).sum() <= with_lengths(house.grid, work, before).sum() + 1e-9
    again = before.copy()
    anneal(house.grid, work, again, 3000, seed)
    assert np.array_equal(after, again)


def test_two_aisles_are_told_apart() -> None:
    # four orders, two of each end of the warehouse, paired the wrong way round: each cart is to have one end
    house = _warehouse(1)
    orders = [[0, 1], [58, 59], [2, 3], [56, 57]]
    work = Work(
        np.stack([bits(house.grid, house.stop[order]) for order in orders]),
        np.full(4, 2.0),
        np.ones(4, np.int64),
        4.0,
        10,
    )
    of = np.array([0, 0, 1, 1])
    anneal(house.grid, work, of, 500, 1)
    assert of[0] == of[2] != of[1] == of[3]


@pytest.mark.parametrize("blocks", [2, 4, 6])
def test_batches_of_more_blocks_are_told_with_their_real_tours(blocks: int) -> None:
    house, dice = _warehouse(blocks), np.random.default_rng(3)
    orders = [house.stop[dice.integers(0, 60, 3)] for _ in range(30)]
    found = batches(house.grid, orders, [3.0] * 30, Cart(12), effort=300)
    alone = sum(b.length for order in orders for b in batches(house.grid, [order], [3.0], Cart(12)))
    assert sorted(i for b in found for i in b.orders) == list(range(30))
    assert len(found) == 8
    assert sum(b.length for b in found) < 0.6 * alone
