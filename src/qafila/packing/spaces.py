"""Maximal empty spaces: the largest cuboids that no box reaches into, kept up to date box by box."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST_SPACES = 400

Ints = NDArray[np.int32]


@njit(cache=True, nogil=True)
def _within(spaces: Ints, one: int, other: int) -> bool:
    """Whether space `one` lies inside space `other`."""
    for axis in range(3):
        if spaces[one, axis] < spaces[other, axis] or spaces[one, axis + 3] > spaces[other, axis + 3]:
            return False
    return True


@njit(cache=True, nogil=True)
def take_out(spaces: Ints, count: int, box: Ints, least: Ints) -> int:
    """Take the room of a box out of all spaces.

    Args:
        spaces: (MOST_SPACES, 7) as x1, y1, z1, x2, y2, z2 and a mark that is 1 where nothing was found to fit; changed.
        count: how many of them there are.
        box: x1, y1, z1, x2, y2, z2.
        least: the shortest length, width and height of what may still come; narrower spaces are dropped.

    Returns:
        How many spaces there are now.
    """
    kept = 0
    fresh = np.empty((MOST_SPACES, 7), np.int32)
    born = 0
    for s in range(count):
        clear = (
            box[0] >= spaces[s, 3]
            or box[3] <= spaces[s, 0]
            or box[1] >= spaces[s, 4]
            or box[4] <= spaces[s, 1]
            or box[2] >= spaces[s, 5]
            or box[5] <= spaces[s, 2]
        )
        if clear:
            if kept != s:
                spaces[kept] = spaces[s]
            kept += 1
            continue
        for axis in range(3):
            if box[axis] - spaces[s, axis] >= least[axis] and born < MOST_SPACES:
                fresh[born] = spaces[s]
                fresh[born, axis + 3] = box[axis]
                fresh[born, 6] = 0
                born += 1
            if spaces[s, axis + 3] - box[axis + 3] >= least[axis] and born < MOST_SPACES:
                fresh[born] = spaces[s]
                fresh[born, axis] = box[axis + 3]
                fresh[born, 6] = 0
                born += 1
    old = kept
    for n in range(born):
        useless = False
        for s in range(old):
            if _inside(fresh, n, spaces, s):
                useless = True
                break
        if useless:
            continue
        for m in range(born):
            if m != n and _within(fresh, n, m) and not (m > n and _within(fresh, m, n)):
                useless = True
                break
        if not useless and kept < MOST_SPACES:
            spaces[kept] = fresh[n]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _inside(these: Ints, one: int, those: Ints, other: int) -> bool:
    """Whether space `one` of these lies inside space `other` of those."""
    for axis in range(3):
        if these[one, axis] < those[other, axis] or these[one, axis + 3] > those[other, axis + 3]:
            return False
    return True
