"""Warehouses of six blocks and more: the tours that are found beside the best, by trying all and by an exact solver."""

from __future__ import annotations

import highspy
import numpy as np
import pytest
from hypothesis import given, settings

from qafila.storage.picking import picking_walking, roaming, touring
from qafila.storage.picking.batching import Cart, batches
from qafila.storage.picking.grid import bits, grid
from tests.storage.picking.layouts import Small, distances, points, shortest, small


@settings(max_examples=60, deadline=None)
@given(small(blocks=(6, 12)))
def test_a_few_stops_are_walked_as_short_as_can_be(case: Small) -> None:
    best = shortest(case.grid, case.stops)
    found = picking_walking.tour(case.grid, case.stops)
    assert best - 1e-6 <= found.length <= 1.02 * best + 1e-6
    assert best - 1e-6 <= touring.shortest(case.grid, bits(case.grid, case.stops)) <= 1.5 * best + 1e-6
    assert sorted(found.stops) == case.stops
    start, *visited = points(case.grid, list(found.stops))
    between = distances(case.grid, [start, *visited, start])
    assert sum(between[i, i + 1] for i in range(len(visited) + 1)) == pytest.approx(found.length)
    assert found.way[0] == found.way[-1] == start
    steps = distances(case.grid, list(found.way))
    assert sum(steps[i, i + 1] for i in range(len(found.way) - 1)) == pytest.approx(found.length)


def best_round(metres: np.ndarray) -> float:
    """The optimum by HiGHS: two ways at each point, and cuts until there is one round."""
    model = highspy.Highs()
    model.silent()
    pairs = [(i, j) for i in range(len(metres)) for j in range(i)]
    walked = {pair: model.addBinary(metres[pair]) for pair in pairs}
    for point in range(len(metres)):
        model.addConstr(sum(walked[pair] for pair in pairs if point in pair) == 2)
    while True:
        model.run()
        chosen = model.getSolution().col_value
        joined = np.arange(len(metres))
        for (i, j), variable in walked.items():
            if chosen[variable.index] > 0.5:
                joined[joined == joined[i]] = joined[j]
        rounds = [set(np.flatnonzero(joined == name).tolist()) for name in np.unique(joined)]
        if len(rounds) == 1:
            return float(model.getInfo().objective_function_value)
        for inside in rounds:
            within = [walked[p] for p in pairs if inside.issuperset(p)]
            model.addConstr(sum(within) <= len(inside) - 1)


def test_many_stops_are_within_two_percent_of_an_exact_solver() -> None:
    dice = np.random.default_rng(5)
    over = []
    for aisles, blocks, count in ((5, 6, 24), (12, 6, 30), (8, 9, 28), (10, 12, 20), (4, 8, 32)):
        cross = np.cumsum(dice.integers(6, 16, blocks + 1)).astype(float)
        x = np.cumsum(dice.integers(3, 6, aisles)).astype(float)
        column, depth = dice.integers(0, aisles, count), np.round(dice.uniform(cross[0], cross[-1], count))
        stops = grid(x, cross, (column, depth), (float(x[0]), 0))
        wanted = sorted(set(stops.stop.tolist()))
        metres = distances(stops.grid, points(stops.grid, wanted))
        over.append(picking_walking.tour(stops.grid, wanted).length / best_round(metres) - 1)
    assert min(over) > -1e-9
    assert np.mean(over) < 0.02
    assert max(over) < 0.02


def test_the_same_stops_give_the_same_tour() -> None:
    dice = np.random.default_rng(1)
    x, depth = dice.uniform(0, 50, 40), dice.uniform(0, 90, 40)
    metres = roaming.between(x, depth, np.linspace(0.0, 90.0, 10))
    one, two = roaming.thorough(metres, 500, 3), roaming.thorough(metres, 500, 3)
    assert one.tolist() == two.tolist()
    assert sorted(one.tolist()) == list(range(40))
    assert roaming.length(metres, one) <= roaming.length(metres, roaming.quick(metres)) + 1e-9


@pytest.mark.parametrize("blocks", [4, 5, 7])
def test_batches_of_many_blocks_say_the_length_of_the_tour_that_is_walked(blocks: int) -> None:
    aisle, depth = np.repeat(np.arange(6), 40), np.tile(np.arange(1.0, 41), 6)
    stops = grid(np.arange(6) * 4.0, np.linspace(0, 42, blocks + 1), (aisle, depth))
    dice = np.random.default_rng(blocks)
    orders = [stops.stop[dice.choice(240, 4, replace=False)] for _ in range(14)]
    found = batches(stops.grid, orders, [4.0] * 14, Cart(16))
    assert sorted(o for b in found for o in b.orders) == list(range(14))
    for batch in found:
        assert len(batch.orders) <= 4
        walked = picking_walking.tour(stops.grid, np.concatenate([orders[o] for o in batch.orders]))
        assert batch.length == pytest.approx(walked.length)
