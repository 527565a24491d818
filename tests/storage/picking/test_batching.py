"""Batches: what a cart carries is kept, no order is lost, and small cases equal the best of all partitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.storage.picking import sshape, touring
from qafila.storage.picking.batching import Cart, TooLarge, batches, first_come
from qafila.storage.picking.grid import Stops, bits, grid

AISLES, DEPTHS = 6, 20


def _warehouse() -> Stops:
    aisle, depth = np.repeat(np.arange(AISLES), DEPTHS), np.tile(np.arange(1.0, DEPTHS + 1), AISLES)
    return grid(np.arange(AISLES) * 4.0, [0.0, DEPTHS + 1.0], (aisle, depth))


HOUSE = _warehouse()

ORDERS = st.lists(
    st.lists(st.integers(0, AISLES * DEPTHS - 1), min_size=1, max_size=5), min_size=1, max_size=6
)


def _partitions(orders: list[int]) -> Iterator[list[list[int]]]:
    if not orders:
        yield []
        return
    head, *rest = orders
    for parts in _partitions(rest):
        yield [[head], *parts]
        for i in range(len(parts)):
            yield [*parts[:i], [head, *parts[i]], *parts[i + 1 :]]


def _walk(stops: list[np.ndarray], members: list[int]) -> float:
    return touring.length(HOUSE.grid, bits(HOUSE.grid, np.concatenate([stops[i] for i in members])))


@settings(max_examples=60, deadline=None)
@given(ORDERS, st.integers(5, 12), st.integers(1, 4))
def test_carts_are_not_overfilled_and_small_cases_are_the_best_partition(
    orders: list[list[int]], capacity: int, boxes: int
) -> None:
    stops = [HOUSE.stop[order] for order in orders]
    loads = [len(order) for order in orders]
    cart = Cart(capacity, boxes)
    found = batches(HOUSE.grid, stops, loads, cart)
    assert sorted(i for batch in found for i in batch.orders) == list(range(len(orders)))
    for batch in found:
        assert sum(loads[i] for i in batch.orders) <= capacity
        assert len(batch.orders) <= boxes
        assert batch.length == pytest.approx(_walk(stops, list(batch.orders)))
    best = min(
        sum(_walk(stops, part) for part in parts)
        for parts in _partitions(list(range(len(orders))))
        if all(sum(loads[i] for i in part) <= capacity and len(part) <= boxes for part in parts)
    )
    assert sum(batch.length for batch in found) == pytest.approx(best)


@pytest.mark.parametrize("blocks", [1, 2, 3, 4, 5])
def test_a_dozen_orders_are_divided_as_an_exact_solver_does(blocks: int) -> None:
    aisle, depth = np.repeat(np.arange(AISLES), DEPTHS), np.tile(np.arange(1.0, DEPTHS + 1), AISLES)
    house = grid(
        np.arange(AISLES) * 4.0, np.linspace(0.0, DEPTHS + 1, blocks + 1), (aisle, depth), (8.0, blocks // 2)
    )
    dice = np.random.default_rng(blocks)
    count = {1: 12, 2: 11, 3: 10}.get(blocks, 8)
    for _ in range(2):
        stops = [house.stop[dice.integers(0, AISLES * DEPTHS, dice.integers(1, 5))] for _ in range(count)]
        loads = [float(dice.integers(1, 5)) for _ in range(count)]
        found = batches(house.grid, stops, loads, Cart(9.0))
        masks = [bits(house.grid, stop) for stop in stops]
        best = [0.0, *[np.inf] * ((1 << count) - 1)]  # [set of orders]: the least to walk for them
        alone = {
            some: touring.length(
                house.grid, np.bitwise_or.reduce([masks[i] for i in range(count) if some >> i & 1])
            )
            for some in range(1, 1 << count)
            if sum(loads[i] for i in range(count) if some >> i & 1) <= 9.0
        }
        for whole in range(1, 1 << count):
            first = whole & -whole  # the cart with the first of them, and what the others walk
            some = whole
            while some:
                if some & first and some in alone:
                    best[whole] = min(best[whole], alone[some] + best[whole ^ some])
                some = (some - 1) & whole
        assert sum(batch.length for batch in found) == pytest.approx(best[-1])


def test_a_quarter_is_saved_beside_first_come_with_s_shapes() -> None:
    dice = np.random.default_rng(7)
    orders = [HOUSE.stop[dice.integers(0, AISLES * DEPTHS, dice.integers(1, 8))] for _ in range(150)]
    loads = [len(order) for order in orders]
    cart = Cart(12)
    habit = sum(
        sshape.length(HOUSE.grid, np.concatenate([orders[i] for i in members]))
        for members in first_come(loads, cart)
    )
    found = batches(HOUSE.grid, orders, loads, cart, effort=100)
    assert sum(batch.length for batch in found) < 0.75 * habit
    assert found == batches(HOUSE.grid, orders, loads, cart, effort=100)  # the same again


def test_many_orders_are_compared_in_parts() -> None:
    dice = np.random.default_rng(8)
    orders = [HOUSE.stop[dice.integers(0, AISLES * DEPTHS, 2)] for _ in range(1500)]
    found = batches(HOUSE.grid, orders, [2] * 1500, Cart(20), effort=0)
    assert sorted(i for batch in found for i in batch.orders) == list(range(1500))
    assert max(len(batch.orders) for batch in found) == 10


def test_an_order_that_no_cart_carries_is_named() -> None:
    with pytest.raises(TooLarge, match="order 1 loads 9, and a cart carries 8") as fault:
        batches(HOUSE.grid, [HOUSE.stop[[0]], HOUSE.stop[[1]]], [1, 9], Cart(8))
    assert fault.value.order == 1


def test_first_come_fills_a_cart_before_the_next() -> None:
    assert first_come([3, 3, 3, 6], Cart(6)) == [[0, 1], [2], [3]]
    assert first_come([1, 1, 1], Cart(6, 2)) == [[0, 1], [2]]
    assert batches(HOUSE.grid, [], [], Cart(6)) == []
