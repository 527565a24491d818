"""Kernels that place whole parcels one by one within what room is left, and move them to cheaper ways that have room.

No capacity is ever exceeded here: a parcel is placed only where every row on its way has room for it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@njit(nogil=True, cache=True)
def _apply(
    c: int, k: int, n: int, ptr: Longs, rides: Ints, use_ptr: Longs, use_row: Ints, use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, room: Floats,
) -> bool:  # fmt: skip
    """Take the room of n parcels on column c, whether there is enough or not; says whether there was."""
    fits = True
    for i in range(ptr[c], ptr[c + 1]):
        for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
            m = measure[use_row[u]]
            unit = use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
            room[use_row[u]] -= n * unit
            if room[use_row[u]] < -1e-6 * unit:
                fits = False
    return fits


@njit(nogil=True, cache=True)
def put(
    c: int, k: int, want: int, ptr: Longs, rides: Ints, use_ptr: Longs, use_row: Ints,
    use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, room: Floats,
) -> int:  # fmt: skip
    """Place up to `want` parcels on column c (take off, if negative); returns how many."""
    n = want
    while True:
        for i in range(ptr[c], ptr[c + 1]):
            if n <= 0:
                break
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                m = measure[use_row[u]]
                unit = use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
                if n > 0 and unit > 0.0:
                    n = min(n, int(np.floor(room[use_row[u]] / unit + 1e-9)))
        if want > 0 and n <= 0:
            return 0
        fits = _apply(c, k, n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
        if fits or n < 0:
            return n
        # the way loads a row twice: take it back and try half
        _apply(c, k, -n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
        n //= 2
        if n == 0:
            return 0


@njit(nogil=True, cache=True)
def fill(
    turn: Longs, block: Longs, columns: Longs, wanted: Longs, left: Longs, who: Longs, ptr: Longs,
    rides: Ints, use_ptr: Longs, use_row: Ints, use_factor: Floats, measure: NDArray[np.uint8], grams: Floats, cm3: Floats,
    room: Floats, placed: Longs,
) -> None:  # fmt: skip
    """Commodity by commodity (in the order `turn`), place up to `wanted` on its columns in their order."""
    for k in turn:
        for b in range(block[k], block[k + 1]):
            if left[k] == 0:
                break
            c = columns[b]
            want = min(wanted[c], left[k])
            if want > 0:
                n = put(c, k, want, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                placed[c] += n
                left[k] -= n


@njit(nogil=True, cache=True)
def improve(
    block: Longs, columns: Longs, cost: Floats, ptr: Longs, rides: Ints, use_ptr: Longs,
    use_row: Ints, use_factor: Floats, measure: NDArray[np.uint8], grams: Floats, cm3: Floats, room: Floats, placed: Longs,
) -> float:  # fmt: skip
    """Move parcels to cheaper columns that have room; columns of a block run from cheap to dear."""
    saved = 0.0
    moved = np.empty(np.diff(block).max() if len(block) > 1 else 0, np.int64)
    for k in range(len(block) - 1):
        first = block[k]
        for b in range(block[k + 1] - 1, first, -1):
            dear = columns[b]
            n = placed[dear]
            if n == 0 or cost[dear] - cost[columns[first]] <= 1e-9:
                continue
            put(dear, k, -n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
            rest, tried = n, 0
            while rest > 0 and first + tried < b and cost[dear] - cost[columns[first + tried]] > 1e-9:
                cheap = columns[first + tried]
                moved[tried] = put(
                    cheap, k, rest, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room
                )
                rest -= moved[tried]
                tried += 1
            back = 0
            if rest > 0:
                back = put(dear, k, rest, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
            if back < rest:  # ways that share a row unevenly: leave it as it was
                put(dear, k, -back, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                for a in range(tried):
                    cheap = columns[first + a]
                    put(
                        cheap,
                        k,
                        -moved[a],
                        ptr,
                        rides,
                        use_ptr,
                        use_row,
                        use_factor,
                        measure,
                        grams,
                        cm3,
                        room,
                    )
                _apply(dear, k, n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                continue
            for a in range(tried):
                placed[columns[first + a]] += moved[a]
                saved += (cost[dear] - cost[columns[first + a]]) * moved[a]
            placed[dear] = rest
    return saved
