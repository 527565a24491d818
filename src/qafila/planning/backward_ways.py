"""The cheapest way of one parcel, searched backward in time over the rides of a plan's files.

It shares nothing with the searches that make a plan: it is there to check them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from qafila.planning.shapes import Floats, Ints, Longs, Truths


class Roads(NamedTuple):
    """R rides in the order in which they have to be boarded; the one after the last stands for none."""

    end: Ints  # [R] node
    later: Longs  # [R] the next one from the same node
    onward: Longs  # [R] the first that can be boarded where it ends
    ready: Longs  # [R] minute
    mode: Longs  # [R] number in MODES
    fixed: Floats  # [R] COST_UNITs a parcel, with what its rows cost each
    kg: Floats  # [R] COST_UNITs for each chargeable kg
    gram: Floats  # [R] COST_UNITs for each gram, with what its rows cost
    cm3: Floats  # [R] COST_UNITs for each cm³ of what its rows cost


class Uses(NamedTuple):
    """What rides load, and what is free."""

    ptr: Longs  # [R+1]
    row: Longs
    factor: Floats
    measure: Longs  # [M] 0: each parcel, 1: grams, 2: cm³
    room: Floats  # [M]


class Parcel(NamedTuple):
    """One parcel that is to go somewhere."""

    start: int  # the first ride that it can board
    destination: int
    each: Floats  # [3] one, its grams, its cm³
    chargeable: Floats  # [len(MODES)] kg
    due: float  # minute; infinite where there is none
    late: float  # COST_UNITs for a minute after it
    most: int  # rides at most; 0: as many as it takes


@njit(nogil=True, cache=True)
def _pays(r: int, roads: Roads, parcel: Parcel) -> float:
    """What a parcel pays on a ride."""
    at_mode = np.floor(roads.kg[r] * parcel.chargeable[roads.mode[r]] + 1e-6)
    return roads.fixed[r] + at_mode + roads.gram[r] * parcel.each[1] + roads.cm3[r] * parcel.each[2]


@njit(nogil=True, cache=True)
def cost_of(way: Longs, roads: Roads, parcel: Parcel) -> float:
    """What a parcel pays on a way."""
    total = max(roads.ready[way[-1]] - parcel.due, 0.0) * parcel.late
    for r in way:
        total += _pays(r, roads, parcel)
    return total


@njit(nogil=True, cache=True)
def _has_room(r: int, parcel: Parcel, uses: Uses) -> bool:
    for u in range(uses.ptr[r], uses.ptr[r + 1]):
        row = uses.row[u]
        if uses.room[row] < uses.factor[u] * parcel.each[uses.measure[row]] * (1 - 1e-9):
            return False
    return True


@njit(nogil=True, cache=True)
def cheapest_backward(
    parcel: Parcel, worth: float, usable: Truths, roads: Roads, uses: Uses, heed_room: bool
) -> tuple[float, Longs]:
    """The cheapest way below `worth`, backward in time: its cost and its rides, none where there is none."""
    n, layers = len(roads.end), max(parcel.most, 1)
    # of the last layer rides without number where they are not limited
    best = np.full((layers, n + 1), np.inf)
    board = np.full((layers, n + 1), -1, np.int64)
    for layer in range(layers):
        for r in range(n - 1, parcel.start - 1, -1):
            wait = roads.later[r]
            best[layer, r], board[layer, r] = best[layer, wait], board[layer, wait]
            if not usable[r]:
                continue
            if roads.end[r] == parcel.destination:
                after = max(roads.ready[r] - parcel.due, 0.0) * parcel.late
            elif parcel.most == 0:
                after = best[0, roads.onward[r]]
            elif layer > 0:
                after = best[layer - 1, roads.onward[r]]
            else:
                continue
            if not after < worth:
                continue
            cost = after + _pays(r, roads, parcel)
            if cost < best[layer, r] and cost < worth and (not heed_room or _has_room(r, parcel, uses)):
                best[layer, r], board[layer, r] = cost, r
    layer, at = layers - 1, parcel.start
    if not best[layer, at] < worth:
        return worth, np.empty(0, np.int64)
    cost, way = best[layer, at], np.empty(0, np.int64)
    while True:
        r = board[layer, at]
        way = np.append(way, r)
        if roads.end[r] == parcel.destination:
            return cost, way
        at = roads.onward[r]
        if parcel.most > 0:
            layer -= 1
