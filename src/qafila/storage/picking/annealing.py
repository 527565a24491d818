"""Better batches by simulated annealing: orders move to other carts and change places, a little longer at first, then only
what is shorter.

Three moves: an order goes to another cart; two orders of two carts change places; two orders of one change places
with one of another, which is what fills a cart to its brim. Every move is weighed by the exact tours of both carts.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid
from qafila.storage.picking.merging import Work, with_lengths
from qafila.storage.picking.touring import shortest

Longs = NDArray[np.int64]

WARM, COLD = 0.009, 0.002
"""What a move may lengthen with a chance of one in e, first and last, as a part of the mean tour."""

_LITTLE = 1e-9


@njit(nogil=True, cache=True)
def anneal(grid: Grid, work: Work, of: Longs, effort: int, seed: int) -> None:
    """Changes `of` ([order] → batch) to the best that is met; an empty batch keeps its number. effort: tours to try."""
    np.random.seed(seed)
    count, words = work.masks.shape
    batches = of.max() + 1
    if batches < 2 or effort <= 0:
        return
    length = with_lengths(grid, work, of)
    load, boxes = np.zeros(batches), np.zeros(batches, np.int64)
    head, after = (
        np.full(batches, -1),
        np.full(count, -1),
    )  # the orders of each batch, one pointing to the next
    for i in range(count):
        load[of[i]] += work.load[i]
        boxes[of[i]] += work.boxes[i]
        after[i], head[of[i]] = head[of[i]], i
    by_load = np.argsort(work.load)
    loads = work.load[by_load]
    mean = length.sum() / batches
    best, kept = length.sum(), of.copy()
    total = best
    here, there = np.empty(words, np.uint64), np.empty(words, np.uint64)
    left, tries = effort, 0
    heat = WARM * mean
    cooling = (COLD / WARM) ** (1.0 / 200)
    until = left
    room = work.most_load + _LITTLE
    while left > 0:
        if left <= until:
            until -= effort // 200 + 1
            heat *= cooling
        tries += 1
        if tries & 15 == 0:  # a move that does not fit costs something too
            left -= 1
        i = np.random.randint(count)
        a = of[i]
        kind = np.random.randint(4)
        second, j = -1, -1
        if kind == 0:  # i goes to another cart
            b = np.random.randint(batches)
        else:  # i, and of each four moves once another of its cart, for j of another, which loads about as much
            loaded = work.load[i]
            if kind == 1:
                second = head[a]
                for _ in range(np.random.randint(4)):
                    if after[second] >= 0:
                        second = after[second]
                if second == i:
                    continue
                loaded += work.load[second]
            least = loaded - work.most_load + load[np.random.randint(batches)]
            low = np.searchsorted(loads, least - _LITTLE)
            high = np.searchsorted(loads, loaded + work.most_load - load[a] + _LITTLE)
            if low >= high:
                continue
            j = by_load[np.random.randint(low, high)]
            b = of[j]
        if a == b:
            continue
        more = work.load[i] - (work.load[j] if j >= 0 else 0.0)
        boxed = work.boxes[i] - (work.boxes[j] if j >= 0 else 0)
        if second >= 0:
            more += work.load[second]
            boxed += work.boxes[second]
        if load[b] + more > room or load[a] - more > room:
            continue
        if boxes[b] + boxed > work.most_boxes or boxes[a] - boxed > work.most_boxes:
            continue
        here[:] = 0
        there[:] = 0
        k = head[a]
        while k >= 0:
            if k != i and k != second:
                for w in range(words):
                    here[w] |= work.masks[k, w]
            k = after[k]
        k = head[b]
        while k >= 0:
            if k != j:
                for w in range(words):
                    there[w] |= work.masks[k, w]
            k = after[k]
        for w in range(words):
            there[w] |= work.masks[i, w]
            if j >= 0:
                here[w] |= work.masks[j, w]
            if second >= 0:
                there[w] |= work.masks[second, w]
        left -= 2
        # what it may lengthen is drawn first: then the second tour need not be found if the first says no
        most = -heat * np.log(np.random.random()) + length[a] + length[b]
        first = shortest(grid, here)
        if first > most:
            continue
        other = shortest(grid, there)
        if first + other > most:
            continue
        _move(of, head, after, i, b)
        if second >= 0:
            _move(of, head, after, second, b)
        if j >= 0:
            _move(of, head, after, j, a)
        load[a] -= more
        load[b] += more
        boxes[a] -= boxed
        boxes[b] += boxed
        total += first + other - length[a] - length[b]
        length[a], length[b] = first, other
        if total < best - 1e-7:
            best = total
            kept[:] = of
    of[:] = kept


@njit(nogil=True, cache=True)
def _move(of: Longs, head: Longs, after: Longs, order: int, to: int) -> None:
    """Takes an order off the list of its batch and puts it on another's."""
    at = head[of[order]]
    if at == order:
        head[of[order]] = after[order]
    else:
        while after[at] != order:
            at = after[at]
        after[at] = after[order]
    after[order], head[to] = head[to], order
    of[order] = to
