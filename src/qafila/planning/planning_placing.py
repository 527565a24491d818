"""Kernels that place whole parcels one by one within what room is left, and move them to cheaper ways that have room.

No capacity is ever exceeded here: a parcel is placed only where every row on its way has room for it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from qafila.planning.shapes import Floats, Kinds, Longs, Rows, Turns, Ways, unit


@njit(nogil=True, cache=True)
def _apply(c: int, k: int, n: int, ways: Ways, rows: Rows, kinds: Kinds, room: Floats) -> bool:
    """Take the room of n parcels on column c, whether there is enough or not; says whether there was."""
    (_, ptr, rides), (use_ptr, row, _, _), fits = ways, rows, True
    for i in range(ptr[c], ptr[c + 1]):
        for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
            each = unit(u, k, rows, kinds)
            room[row[u]] -= n * each
            if room[row[u]] < -1e-6 * each:
                fits = False
    return fits


@njit(nogil=True, cache=True)
def put(c: int, k: int, want: int, ways: Ways, rows: Rows, kinds: Kinds, room: Floats) -> int:
    """Place up to `want` parcels of commodity k on column c (take off, if negative); returns how many."""
    (_, ptr, rides), (use_ptr, row, _, _), n = ways, rows, want
    while True:
        for i in range(ptr[c], ptr[c + 1]):
            if n <= 0:
                break
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                each = unit(u, k, rows, kinds)
                if n > 0 and each > 0.0:
                    n = min(n, int(np.floor(room[row[u]] / each + 1e-9)))
        if want > 0 and n <= 0:
            return 0
        fits = _apply(c, k, n, ways, rows, kinds, room)
        if fits or n < 0:
            return n
        # the way loads a row twice: take it back and try half
        _apply(c, k, -n, ways, rows, kinds, room)
        n //= 2
        if n == 0:
            return 0


@njit(nogil=True, cache=True)
def fill(
    turns: Turns,
    wanted: Longs,
    ways: Ways,
    rows: Rows,
    kinds: Kinds,
    left: Longs,
    room: Floats,
    placed: Longs,
) -> None:
    """Commodity by commodity, place up to `wanted` [C] of what is `left` [K] on its columns in their order."""
    for k in turns.turn:
        for b in range(turns.block[k], turns.block[k + 1]):
            if left[k] == 0:
                break
            c = turns.columns[b]
            want = min(wanted[c], left[k])
            if want > 0:
                n = put(c, k, want, ways, rows, kinds, room)
                placed[c] += n
                left[k] -= n


@njit(nogil=True, cache=True)
def improve(
    turns: Turns, cost: Floats, ways: Ways, rows: Rows, kinds: Kinds, room: Floats, placed: Longs
) -> float:
    """Move parcels to cheaper columns that have room; columns of a block run from cheap to dear."""
    saved = 0.0
    block, columns = turns.block, turns.columns
    moved = np.empty(np.diff(block).max() if len(block) > 1 else 0, np.int64)
    for k in range(len(block) - 1):
        first = block[k]
        for b in range(block[k + 1] - 1, first, -1):
            dear = columns[b]
            n = placed[dear]
            if n == 0 or cost[dear] - cost[columns[first]] <= 1e-9:
                continue
            put(dear, k, -n, ways, rows, kinds, room)
            rest, tried = n, 0
            while rest > 0 and first + tried < b and cost[dear] - cost[columns[first + tried]] > 1e-9:
                moved[tried] = put(columns[first + tried], k, rest, ways, rows, kinds, room)
                rest -= moved[tried]
                tried += 1
            back = 0
            if rest > 0:
                back = put(dear, k, rest, ways, rows, kinds, room)
            if back < rest:  # ways that share a row unevenly: leave it as it was
                put(dear, k, -back, ways, rows, kinds, room)
                for a in range(tried):
                    put(columns[first + a], k, -moved[a], ways, rows, kinds, room)
                _apply(dear, k, n, ways, rows, kinds, room)
                continue
            for a in range(tried):
                placed[columns[first + a]] += moved[a]
                saved += (cost[dear] - cost[columns[first + a]]) * moved[a]
            placed[dear] = rest
    return saved
