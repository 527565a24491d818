"""What carries what: the share of a base that rests on boxes, and the weight that comes down on each of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST_BOXES = 400
MOST_CARRIERS = 24

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Pile(NamedTuple):
    """Boxes as they stand. A box is added after those that carry it.

    box: (MOST_BOXES, 6) as x1, y1, z1, x2, y2, z2. variant: of each. borne, most: kg on top of each, and at most.
    carriers, share, carried: which boxes carry it, with which share of its weight, and how many they are.
    """

    box: Ints
    variant: Ints
    borne: Floats
    most: Floats
    carriers: Ints
    share: Floats
    carried: Ints


@njit(cache=True, nogil=True)
def new_pile() -> Pile:
    """An empty pile."""
    return Pile(
        np.empty((MOST_BOXES, 6), np.int32),
        np.empty(MOST_BOXES, np.int32),
        np.zeros(MOST_BOXES),
        np.zeros(MOST_BOXES),
        np.empty((MOST_BOXES, MOST_CARRIERS), np.int32),
        np.empty((MOST_BOXES, MOST_CARRIERS)),
        np.zeros(MOST_BOXES, np.int32),
    )


@njit(cache=True, nogil=True)
def rests(pile: Pile, count: int, box: Ints, weight: float, least: float, added: Floats) -> bool:
    """Whether a box may stand here: enough of its base carried, nothing overloaded, and under no other box's base.

    Args:
        pile: the boxes that stand; row `count` gets the carriers of the new one.
        count: how many stand.
        box: x1, y1, z1, x2, y2, z2 of the new one.
        weight: its kg.
        least: the share of its base that must be carried.
        added: room for MOST_BOXES figures; the kg that would be added to each box.
    """
    base = float(box[3] - box[0]) * (box[4] - box[1])
    found = 0
    area = 0.0
    for n in range(count):
        top = pile.box[n, 5]
        under = pile.box[n, 2]
        if top != box[2] and under != box[5]:
            continue
        wide = min(box[3], pile.box[n, 3]) - max(box[0], pile.box[n, 0])
        deep = min(box[4], pile.box[n, 4]) - max(box[1], pile.box[n, 1])
        if wide <= 0 or deep <= 0:
            continue
        if under == box[5]:
            return False  # it would take weight off the boxes that carry that one: shares would be wrong
        if found == MOST_CARRIERS:
            return False
        pile.carriers[count, found] = n
        pile.share[count, found] = float(wide) * deep
        area += float(wide) * deep
        found += 1
    if box[2] == 0:
        pile.carried[count] = 0
        return True
    if area < least * base:
        return False
    pile.carried[count] = found
    for n in range(count):
        added[n] = 0.0
    for c in range(found):
        pile.share[count, c] /= area
        added[pile.carriers[count, c]] += weight * pile.share[count, c]
    for n in range(count - 1, -1, -1):
        if added[n] > 0.0:
            if pile.borne[n] + added[n] > pile.most[n]:
                return False
            for c in range(pile.carried[n]):
                added[pile.carriers[n, c]] += added[n] * pile.share[n, c]
    return True


@njit(cache=True, nogil=True)
def stand(pile: Pile, count: int, box: Ints, variant: int, most: float, added: Floats) -> int:
    """Add the box for which `rests` was just asked; `most` is what it bears.

    Returns:
        How many boxes stand now.
    """
    if box[2] > 0:
        for n in range(count):
            pile.borne[n] += added[n]
    for axis in range(6):
        pile.box[count, axis] = box[axis]
    pile.variant[count] = variant
    pile.borne[count] = 0.0
    pile.most[count] = most
    return count + 1
