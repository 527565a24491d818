"""Better batches: orders move and change places as long as that is shorter, the best move of each order first."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid
from qafila.storage.picking.merging import Work, with_lengths
from qafila.storage.picking.touring import shortest

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

_LITTLE = 1e-7
"""Metres: what counts as shorter."""


@njit(nogil=True, cache=True)
def _gather(work: Work, of: Longs, batch: int, without: int, mask: NDArray[np.uint64]) -> None:
    """The stops of a batch without one of its orders (-1: none)."""
    mask[:] = 0
    for order in range(len(of)):
        if of[order] == batch and order != without:
            for w in range(len(mask)):
                mask[w] |= work.masks[order, w]


@njit(nogil=True, cache=True)
def _joined(
    grid: Grid, mask: NDArray[np.uint64], more: NDArray[np.uint64], joint: NDArray[np.uint64]
) -> float:
    for w in range(len(mask)):
        joint[w] = mask[w] | more[w]
    return shortest(grid, joint)


@njit(nogil=True, cache=True)
def exchange(grid: Grid, work: Work, of: Longs, effort: int) -> int:
    """Moves orders to other batches and swaps pairs of orders while that is shorter; changes `of`, returns the effort
    that is left (it stops when this is used up)."""
    count, words = work.masks.shape
    batches = of.max() + 1
    length = with_lengths(grid, work, of)
    whole = np.zeros((batches, words), np.uint64)
    load, boxes = np.zeros(batches), np.zeros(batches, np.int64)
    for i in range(count):
        whole[of[i]] |= work.masks[i]
        load[of[i]] += work.load[i]
        boxes[of[i]] += work.boxes[i]
    rest = np.zeros((count, words), np.uint64)  # the batch of each order without it, and its length
    without = np.zeros(count)
    for i in range(count):
        _gather(work, of, of[i], i, rest[i])
        without[i] = shortest(grid, rest[i])
    changed = np.ones(batches, np.int64)  # the round in which a batch changed last
    joint = np.empty(words, np.uint64)
    turn = 1
    improved = True
    while improved and effort > 0:
        improved = False
        turn += 1
        for i in range(count):
            if effort <= 0:
                break
            effort -= count // 64  # looking is work too
            a = of[i]
            gain = length[a] - without[i]
            kind, better, partner, first, second = 0, _LITTLE, -1, 0.0, 0.0
            for b in range(batches):
                if b == a or max(changed[a], changed[b]) < turn - 1 or gain <= _LITTLE:
                    continue
                if load[b] + work.load[i] <= work.most_load and boxes[b] + work.boxes[i] <= work.most_boxes:
                    effort -= 1
                    after = _joined(grid, whole[b], work.masks[i], joint)
                    if gain - (after - length[b]) > better:
                        kind, better, partner, first, second = (
                            1,
                            gain - (after - length[b]),
                            b,
                            without[i],
                            after,
                        )
            for j in range(i + 1, count):
                b = of[j]
                if b == a or max(changed[a], changed[b]) < turn - 1:
                    continue
                if gain + length[b] - without[j] <= better:
                    continue
                if (
                    load[b] - work.load[j] + work.load[i] > work.most_load
                    or load[a] - work.load[i] + work.load[j] > work.most_load
                    or boxes[b] - work.boxes[j] + work.boxes[i] > work.most_boxes
                    or boxes[a] - work.boxes[i] + work.boxes[j] > work.most_boxes
                ):
                    continue
                effort -= 2
                here = _joined(grid, rest[i], work.masks[j], joint)
                if length[a] + length[b] - here - without[j] <= better:
                    continue
                there = _joined(grid, rest[j], work.masks[i], joint)
                if length[a] + length[b] - here - there > better:
                    kind, better, partner = 2, length[a] + length[b] - here - there, j
                    first, second = here, there
            if kind == 0:
                continue
            improved = True
            b = partner if kind == 1 else of[partner]
            of[i] = b
            if kind == 2:
                of[partner] = a
            length[a], length[b] = first, second
            for batch in (a, b):
                changed[batch] = turn
                load[batch], boxes[batch] = 0.0, 0
                whole[batch] = 0
            for k in range(count):
                if of[k] == a or of[k] == b:
                    load[of[k]] += work.load[k]
                    boxes[of[k]] += work.boxes[k]
                    whole[of[k]] |= work.masks[k]
                    _gather(work, of, of[k], k, rest[k])
                    without[k] = shortest(grid, rest[k])
                    effort -= 1
    return effort
