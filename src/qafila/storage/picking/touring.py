"""The shortest tour through the aisles: exact, by a dynamic program over the columns, for one to five blocks.

At each column the kernel keeps the cheapest way to reach each state of `connecting`; it walks each block of the aisle
in one of six ways, then goes on to the next column. The work grows with aisles and blocks, not with stops. With more
blocks the tour is searched for (`roaming`).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid
from qafila.storage.picking.one_block import lowest, one_block
from qafila.storage.picking.picking_connecting import FROM_LOWER, FROM_UPPER, NONE, ONCE, SPLIT, TWICE
from qafila.storage.picking.roaming import KICKS, LEAST_KICKS, between, quick, thorough
from qafila.storage.picking.roaming import length as length_of

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]


@njit(nogil=True, cache=True)
def _costs(grid: Grid, mask: Words, cell: int, lower: float, upper: float, cost: Floats) -> bool:
    """What each way of walking one block of one aisle costs; says whether anything is picked there."""
    at, widest, first, last = lower, 0.0, lower, lower
    found = 0
    for word in range(grid.words[cell], grid.words[cell + 1]):
        left = mask[word]
        while left:
            at = grid.depth[word * 64 + lowest(left)]
            left &= left - np.uint64(1)
            if found == 0:
                first = at
            elif at - last > widest:
                widest = at - last
            last = at
            found += 1
    length = upper - lower
    cost[ONCE] = length
    cost[TWICE] = 2.0 * length
    if found == 0:
        return False
    cost[FROM_LOWER] = 2.0 * (last - lower)
    cost[FROM_UPPER] = 2.0 * (upper - first)
    cost[SPLIT] = 2.0 * (length - widest)
    return True


@njit(nogil=True, cache=True)
def relax(grid: Grid, mask: Words, how: NDArray[np.int32], came: NDArray[np.int32]) -> float:
    """The length of the shortest tour from the depot past every stop of the mask and back; 0 for no stop.

    how, came: [step, state], or empty where only the length is asked for: the choice that led to the state at
    each step, and the state before it.
    """
    states = len(grid.steps.last)
    blocks = len(grid.cross) - 1
    columns = len(grid.gaps) + 1
    kept = len(how) > 0
    for word in range(len(mask)):
        if mask[word]:
            break
    else:
        return 0.0
    best = np.full(states, np.inf)
    after = np.full(states, np.inf)
    cost = np.zeros(6)
    best[0] = 0.0
    step = 0
    for column in range(columns):
        if column == grid.depot_column:
            after[:] = np.inf
            for s in range(states):
                t = grid.steps.touched[s, grid.depot_cross]
                if t >= 0 and best[s] < after[t]:
                    after[t] = best[s]
                    if kept:
                        how[step, t], came[step, t] = 0, s
            best, after = after, best
            step += 1
        for block in range(blocks):
            picked = _costs(
                grid, mask, column * blocks + block, grid.cross[block], grid.cross[block + 1], cost
            )
            after[:] = np.inf
            for s in range(states):
                if best[s] == np.inf:
                    continue
                for way in range(ONCE if picked else NONE, SPLIT + 1 if picked else TWICE + 1):
                    t = grid.steps.vertical[s, block, way]
                    if t < 0:
                        continue
                    value = best[s] + (cost[way] if way != NONE else 0.0)
                    if value < after[t]:
                        after[t] = value
                        if kept:
                            how[step, t], came[step, t] = way, s
            best, after = after, best
            step += 1
        if column + 1 == columns:
            break
        after[:] = np.inf
        for s in range(states):
            if best[s] == np.inf:
                continue
            for w in range(grid.steps.ways[s], grid.steps.ways[s + 1]):
                t = grid.steps.to[w]
                value = best[s] + grid.steps.walked[w] * grid.gaps[column]
                if value < after[t]:
                    after[t] = value
                    if kept:
                        how[step, t], came[step, t] = w, s
        best, after = after, best
        step += 1
    found = np.inf
    ended = -1
    for s in range(states):
        if grid.steps.last[s] and best[s] < found:
            found, ended = best[s], s
    if kept:
        came[step, 0] = ended
    return found + grid.extra


@njit(nogil=True, cache=True)
def _stops(grid: Grid, mask: Words) -> NDArray[np.int64]:
    """The stops of a mask, from left to right and from the front."""
    count = 0
    for word in range(len(mask)):
        left = mask[word]
        while left:
            left &= left - np.uint64(1)
            count += 1
    found = np.empty(count, np.int64)
    count = 0
    for word in range(len(mask)):
        left = mask[word]
        while left:
            found[count] = word * 64 + lowest(left)
            left &= left - np.uint64(1)
            count += 1
    return found


@njit(nogil=True, cache=True)
def _metres(grid: Grid, stops: NDArray[np.int64]) -> Floats:
    """Metres on foot between the depot (point 0) and stops."""
    left = np.zeros(len(grid.gaps) + 1)
    left[1:] = np.cumsum(grid.gaps)
    x, depth = np.empty(len(stops) + 1), np.empty(len(stops) + 1)
    x[0], depth[0] = left[grid.depot_column], grid.cross[grid.depot_cross]
    for i in range(len(stops)):
        x[i + 1], depth[i + 1] = left[grid.column[stops[i]]], grid.depth[stops[i]]
    return between(x, depth, grid.cross)


@njit(nogil=True, cache=True)
def shortest(grid: Grid, mask: Words) -> float:
    """The length in metres of the shortest tour past every stop of the mask (words of bits); for kernels. With more than
    five blocks it is that of a good tour, found quickly."""
    if len(grid.steps.last) == 0:
        stops = _stops(grid, mask)
        if len(stops) == 0:
            return 0.0
        metres = _metres(grid, stops)
        return length_of(metres, quick(metres)) + grid.extra
    if len(grid.cross) == 2:
        return one_block(grid, mask)
    nothing = np.empty((0, 0), np.int32)
    return relax(grid, mask, nothing, nothing)


def length(grid: Grid, mask: Words) -> float:
    """The same, called from outside; with more than five blocks of the best tour that is found."""
    return float(shortest(grid, mask)) if len(grid.steps.last) else searched(grid, mask)[0]


def searched(grid: Grid, mask: Words) -> tuple[float, list[int]]:
    """The length of the best tour that is found by searching, and its stops in the order of the walk."""
    stops = _stops(grid, mask)
    if not len(stops):
        return 0.0, []
    metres = _metres(grid, stops)
    order = thorough(metres, max(LEAST_KICKS, KICKS * len(stops)), 1)
    return float(length_of(metres, order)) + grid.extra, [int(stops[i - 1]) for i in order[1:]]


def decisions(grid: Grid, mask: Words) -> tuple[float, list[tuple[int, int]]]:
    """The shortest tour's length and its choices: (kind of step, what was chosen), from left to right.

    Kind −1: the depot; −2: to the next column (an index into the steps); else the block that was walked, and how.
    """
    blocks, columns = len(grid.cross) - 1, len(grid.gaps) + 1
    kinds: list[int] = []
    for column in range(columns):
        kinds += [-1] * (column == grid.depot_column) + list(range(blocks)) + [-2] * (column + 1 < columns)
    how = np.full((len(kinds) + 1, len(grid.steps.last)), -1, np.int32)
    came = np.full_like(how, -1)
    total = float(relax(grid, mask, how, came))
    state = int(came[len(kinds), 0])
    chosen: list[tuple[int, int]] = []
    for step in range(len(kinds) - 1, -1, -1):
        if total == 0.0:
            break
        chosen.append((kinds[step], int(how[step, state])))
        state = int(came[step, state])
    return total, chosen[::-1]
