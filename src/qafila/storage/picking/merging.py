"""Savings: batches grow by joining the two whose joint tour saves most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid
from qafila.storage.picking.touring import shortest

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Work(NamedTuple):
    """Orders to batch: their stops as bits, what they load, the boxes they take; and what a cart carries."""

    masks: NDArray[np.uint64]  # [order, word]
    load: Floats
    boxes: Longs
    most_load: float
    most_boxes: int


@njit(nogil=True, cache=True)
def merge(grid: Grid, work: Work) -> Longs:
    """[order] → batch, numbered from 0."""
    count, words = work.masks.shape
    mask = work.masks.copy()
    load = work.load.copy()
    boxes = work.boxes.copy()
    of = np.arange(count)
    alive = np.ones(count, np.bool_)
    alone = np.empty(count)
    joint = np.empty(words, np.uint64)
    for i in range(count):
        alone[i] = shortest(grid, mask[i])
    saving = np.full((count, count), -1.0, np.float32)  # of pairs i < j
    best = np.full(count, -1.0, np.float32)
    with_ = np.full(count, -1, np.int64)
    for i in range(count):
        for j in range(i + 1, count):
            if load[i] + load[j] > work.most_load or boxes[i] + boxes[j] > work.most_boxes:
                continue
            for w in range(words):
                joint[w] = mask[i, w] | mask[j, w]
            saving[i, j] = alone[i] + alone[j] - shortest(grid, joint)
            if saving[i, j] > best[i]:
                best[i], with_[i] = saving[i, j], j
    while True:
        i = int(np.argmax(best))
        if best[i] < 0.0:
            break
        j = int(with_[i])
        for w in range(words):
            mask[i, w] |= mask[j, w]
        load[i] += load[j]
        boxes[i] += boxes[j]
        alone[i] = shortest(grid, mask[i])
        alive[j] = False
        best[j] = -1.0
        for k in range(count):
            if of[k] == j:
                of[k] = i
        best[i], with_[i] = -1.0, -1
        for k in range(count):
            if not alive[k] or k == i:
                continue
            a, b = min(i, k), max(i, k)
            if load[a] + load[b] > work.most_load or boxes[a] + boxes[b] > work.most_boxes:
                saving[a, b] = -1.0
            else:
                for w in range(words):
                    joint[w] = mask[a, w] | mask[b, w]
                saving[a, b] = alone[a] + alone[b] - shortest(grid, joint)
            if saving[a, b] > best[a]:
                best[a], with_[a] = saving[a, b], b
            elif with_[a] == i or with_[a] == j:  # what was best has changed or is gone
                _again(saving, alive, best, with_, a)
        for k in range(count):
            if alive[k] and with_[k] == j:
                _again(saving, alive, best, with_, k)
    number = np.full(count, -1, np.int64)
    used = 0
    for k in range(count):
        if number[of[k]] < 0:
            number[of[k]] = used
            used += 1
        of[k] = number[of[k]]
    return of


@njit(nogil=True, cache=True)
def _again(
    saving: NDArray[np.float32], alive: NDArray[np.bool_], best: NDArray[np.float32], with_: Longs, a: int
) -> None:
    best[a], with_[a] = -1.0, -1
    for b in range(a + 1, len(alive)):
        if alive[b] and saving[a, b] > best[a]:
            best[a], with_[a] = saving[a, b], b


@njit(nogil=True, cache=True)
def with_lengths(grid: Grid, work: Work, of: Longs) -> Floats:
    """[batch] → the length of its shortest tour."""
    found = np.zeros(of.max() + 1)
    mask = np.zeros((len(found), work.masks.shape[1]), np.uint64)
    for order in range(len(of)):
        mask[of[order]] |= work.masks[order]
    for batch in range(len(found)):
        found[batch] = shortest(grid, mask[batch])
    return found
