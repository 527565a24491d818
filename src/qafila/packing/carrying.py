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
def tops(pile: Pile, count: int, space: Ints, under: Ints) -> tuple[int, float, float]:
    """The boxes on which something in a space could stand.

    Args:
        pile: the boxes that stand.
        count: how many.
        space: x1, y1, z1, x2, y2, z2.
        under: room for MOST_BOXES numbers; those whose tops are the space's floor.

    Returns:
        How many they are, the cm² of floor that they make, and the kg that they could still bear together.
    """
    found, area, spare = 0, 0.0, 0.0
    for n in range(count):
        if pile.box[n, 5] == space[2]:
            wide = min(space[3], pile.box[n, 3]) - max(space[0], pile.box[n, 0])
            deep = min(space[4], pile.box[n, 4]) - max(space[1], pile.box[n, 1])
            if wide > 0 and deep > 0:
                under[found] = n
                found += 1
                area += float(wide) * deep
                spare += pile.most[n] - pile.borne[n]
    return found, area, spare


@njit(cache=True, nogil=True)
def rests(
    pile: Pile, count: int, box: Ints, weight: float, least: float, under: Ints, tops: int, added: Floats
) -> bool:
    """Whether a box may stand here: enough of its base carried, nothing overloaded, and under no other box's base.

    Args:
        pile: the boxes that stand; row `count` gets the carriers of the new one.
        count: how many stand.
        box: x1, y1, z1, x2, y2, z2 of the new one.
        weight: its kg.
        least: the share of its base that must be carried.
        under: the boxes that may carry it; see `tops`.
        tops: how many they are.
        added: room for MOST_BOXES figures; the kg that would be added to each box.
    """
    base = float(box[3] - box[0]) * (box[4] - box[1])
    found = 0
    area = 0.0
    if box[2] > 0:
        for t in range(tops):
            n = under[t]
            wide = min(box[3], pile.box[n, 3]) - max(box[0], pile.box[n, 0])
            deep = min(box[4], pile.box[n, 4]) - max(box[1], pile.box[n, 1])
            if wide <= 0 or deep <= 0:
                continue
            if found == MOST_CARRIERS:
                return False
            pile.carriers[count, found] = n
            pile.share[count, found] = float(wide) * deep
            area += float(wide) * deep
            found += 1
        if area < least * base:
            return False
    for n in range(count):
        if (
            pile.box[n, 2] == box[5]
            and box[3] > pile.box[n, 0]
            and pile.box[n, 3] > box[0]
            and box[4] > pile.box[n, 1]
            and pile.box[n, 4] > box[1]
        ):
            return False  # it would take weight off the boxes that carry that one: shares would be wrong
    if box[2] == 0:
        pile.carried[count] = 0
        return True
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
