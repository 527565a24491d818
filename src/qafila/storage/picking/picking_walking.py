"""From the choices of the shortest tour to the walk itself: which stop comes after which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking.grid import WORD, Grid, bits
from qafila.storage.picking.picking_connecting import FROM_LOWER, FROM_UPPER, NONE, ONCE, TWICE
from qafila.storage.picking.touring import decisions, searched

Point = tuple[int, float]
"""A column, and the distance from the front."""


@dataclass(frozen=True, slots=True)
class Tour:
    """A walk: its length in metres, its stops in the order in which they are reached, and the points it passes."""

    length: float
    stops: tuple[int, ...]
    way: tuple[Point, ...]


def tour(grid: Grid, stops: Sequence[int] | NDArray[np.int64]) -> Tour:
    """The shortest tour from the depot past these stops and back; each stop once, however often it is given."""
    wanted = sorted({int(stop) for stop in stops})
    if not wanted:
        return Tour(0.0, (), ())
    if not len(grid.steps.last):
        total, order = searched(grid, bits(grid, wanted))
        return Tour(total, tuple(order), tuple(_passed(grid, order)))
    total, chosen = decisions(grid, bits(grid, wanted))
    at = {(int(grid.column[stop]), float(grid.depth[stop])): stop for stop in wanted}
    edges: dict[Point, list[Point]] = defaultdict(list)
    for one, other in _walked(grid, wanted, chosen):
        edges[one].append(other)
        edges[other].append(one)
    way = _round(edges, (grid.depot_column, float(grid.cross[grid.depot_cross])))
    seen = dict.fromkeys(at[point] for point in way if point in at)
    return Tour(total, tuple(seen), tuple(way))


def _passed(grid: Grid, order: Sequence[int]) -> Iterator[Point]:
    """The points of a walk past stops in this order, from the depot and back."""
    depot = (grid.depot_column, float(grid.cross[grid.depot_cross]))
    stops = [depot, *((int(grid.column[s]), float(grid.depth[s])) for s in order), depot]
    yield depot
    for (column, depth), (other, deep) in pairwise(stops):
        if column != other:
            over = float(min(grid.cross, key=lambda cross: abs(depth - cross) + abs(cross - deep)))
            step = 1 if other > column else -1
            yield from ((between, over) for between in range(column, other + step, step))
        yield other, deep


def _walked(
    grid: Grid, stops: Sequence[int], chosen: Sequence[tuple[int, int]]
) -> Iterator[tuple[Point, Point]]:
    """Every stretch that the tour walks, as often as it walks it."""
    column = 0
    for kind, choice in chosen:
        if kind == -2:
            for cross, times in enumerate(grid.steps.crossings[choice]):
                depth = float(grid.cross[cross])
                yield from [((column, depth), (column + 1, depth))] * int(times)
            column += 1
        elif kind >= 0 and choice != NONE:
            lower, upper = float(grid.cross[kind]), float(grid.cross[kind + 1])
            cell = column * (len(grid.cross) - 1) + kind
            begin, end = grid.words[cell] * WORD, grid.words[cell + 1] * WORD
            depths = [float(grid.depth[stop]) for stop in stops if begin <= stop < end]
            points = [lower, *depths, upper]
            legs = list(pairwise(points))
            if choice == FROM_LOWER:
                legs = legs[:-1]
            elif choice == FROM_UPPER:
                legs = legs[1:]
            elif choice not in (ONCE, TWICE):  # from both ends: the widest gap between two stops is left out
                widest = max(range(1, len(legs) - 1), key=lambda i: legs[i][1] - legs[i][0], default=None)
                # with one stop there is no gap between stops: it is reached from its lower end, and the upper ends there
                legs = [leg for i, leg in enumerate(legs) if i != widest]
            times = 1 if choice == ONCE else 2
            for one, other in legs:
                yield from [((column, one), (column, other))] * (times if one != other else 0)


def _round(edges: dict[Point, list[Point]], start: Point) -> list[Point]:
    """A walk from the start along every edge once and back (Hierholzer); all degrees are even."""
    walk, stack = [], [start]
    while stack:
        here = stack[-1]
        if edges[here]:
            there = edges[here].pop()
            edges[there].remove(here)
            stack.append(there)
        else:
            walk.append(stack.pop())
    return walk
