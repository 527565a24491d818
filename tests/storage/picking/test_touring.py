"""Exact tours against every order of stops tried, on small warehouses at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from qafila.storage.picking import picking_walking, sshape, touring
from qafila.storage.picking.grid import bits, grid
from qafila.storage.picking.picking_connecting import steps
from tests.storage.picking.layouts import Small, distances, points, shortest, small


def test_states_are_those_of_the_literature() -> None:
    # Ratliff and Rosenthal 1983 name 7 classes for one block, Roodbergen and de Koster 2001 name 25 for two; ours
    # count the empty state and the closed one among them
    assert [len(steps(k).last) for k in (2, 3)] == [7, 25]


@settings(max_examples=150, deadline=None)
@given(small(blocks=(1, 2)))
def test_one_and_two_blocks_equal_the_optimum(case: Small) -> None:
    assert touring.length(case.grid, bits(case.grid, case.stops)) == pytest.approx(
        shortest(case.grid, case.stops)
    )


@settings(max_examples=40, deadline=None)
@given(small(blocks=(3, 5)))
def test_more_blocks_equal_it_too(case: Small) -> None:
    assert touring.length(case.grid, bits(case.grid, case.stops)) == pytest.approx(
        shortest(case.grid, case.stops)
    )


@settings(max_examples=100, deadline=None)
@given(small(blocks=(1, 3)))
def test_the_walk_is_as_long_as_it_says_and_misses_no_stop(case: Small) -> None:
    found = picking_walking.tour(case.grid, case.stops)
    assert sorted(found.stops) == case.stops
    assert found.length == pytest.approx(touring.length(case.grid, bits(case.grid, case.stops)))
    start, *visited = points(case.grid, list(found.stops))
    between = distances(case.grid, [start, *visited, start])
    assert sum(between[i, i + 1] for i in range(len(visited) + 1)) == pytest.approx(found.length)
    assert found.way[0] == found.way[-1] == start


@settings(max_examples=100, deadline=None)
@given(small(blocks=(1, 3)))
def test_the_s_shape_is_never_shorter(case: Small) -> None:
    if case.grid.depot_cross == 0:
        walked = sshape.length(case.grid, case.stops)
        assert walked >= touring.length(case.grid, bits(case.grid, case.stops)) - 1e-9


def test_the_s_shape_by_hand() -> None:
    # three aisles 5 m apart and 10 m long; stops in all: up the first, down the second, into the third and back
    made = grid([0, 5, 10], [0, 10], (np.array([0, 1, 2]), np.array([3.0, 5.0, 4.0])))
    assert sshape.length(made.grid, made.stop) == 10 + 5 + 10 + 5 + 2 * 4 + 10


def test_no_stop_is_no_way() -> None:
    made = grid([0, 5], [0, 10], (np.array([1]), np.array([3.0])), extra=3.0)
    assert touring.length(made.grid, bits(made.grid, [])) == 0.0
    assert picking_walking.tour(made.grid, []).stops == ()
    assert touring.length(made.grid, bits(made.grid, made.stop)) == 16.0 + 3.0


def test_many_stops_of_one_aisle_are_kept_in_several_words() -> None:
    depth = np.arange(1, 200) / 4
    made = grid([0], [0, 50], (np.zeros(199, int), depth))
    assert touring.length(made.grid, bits(made.grid, made.stop)) == 2 * depth[-1]
    assert picking_walking.tour(made.grid, made.stop[[150, 3]]).length == 2 * depth[150]


@pytest.mark.parametrize(
    ("aisles", "cross", "place", "depot", "words"),
    [
        ([0, 0], [0, 9], (0, 1.0), 0, "must grow"),
        ([0], [0], (0, 0.0), 0, "2 to 61"),
        ([0], [0, 9], (1, 1.0), 0, "aisle 1"),
        ([0], [0, 9], (0, 10.0), 0, "behind the last"),
        ([0], [0, 9], (0, 1.0), 2, "cross aisle 2"),
    ],
)
def test_what_is_no_warehouse_is_refused(
    aisles: list[float], cross: list[float], place: tuple[int, float], depot: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        grid(aisles, cross, (np.array([place[0]]), np.array([place[1]])), (0.0, depot))
