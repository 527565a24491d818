"""Later departures: a way whose rides are full, with the next rides on the same legs that have room.

Where a place is asked for more than its next vehicles carry, this finds the later ones at once that prices would find
one at a time.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.path_columns import Pool, way_cost
from qafila.planning.placing import put
from qafila.planning.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

TRIES = 20
"""Departures over which the parcels of one commodity are spread at most, each time."""


@njit(nogil=True, cache=True)
def _has_room(
    r: int, k: int, use_ptr: Longs, use_row: Ints, use_factor: Floats, measure: NDArray[np.uint8],
    grams: Floats, cm3: Floats, room: Floats,
) -> bool:  # fmt: skip
    """Whether one parcel of commodity k finds room on ride r."""
    for u in range(use_ptr[r], use_ptr[r + 1]):
        m = measure[use_row[u]]
        unit = use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
        if room[use_row[u]] < unit * (1 - 1e-9):
            return False
    return True


@njit(nogil=True, cache=True)
def _with_room(
    k: int, way: Ints, open_: NDArray[np.bool_], next_on_leg: Ints, onward: Ints, use_ptr: Longs, use_row: Ints,
    use_factor: Floats, measure: NDArray[np.uint8], grams: Floats, cm3: Floats, room: Floats, out: Ints,
) -> bool:  # fmt: skip
    """Write the way whose legs each take the first ride, not before the one of `way`, that can be made and has room
    for a parcel; False if there is none."""
    rides = len(next_on_leg)
    for i in range(len(way)):
        r = way[i]
        while r < rides and (
            (i > 0 and r < onward[out[i - 1]])
            or not open_[r]
            or not _has_room(r, k, use_ptr, use_row, use_factor, measure, grams, cm3, room)
        ):
            r = next_on_leg[r]
        if r == rides:
            return False
        out[i] = r
    return True


@njit(nogil=True, cache=True)
def _depart_later(
    turn: Longs, block: Longs, columns: Longs, penalty: Floats, moving: Floats, closed: NDArray[np.bool_],
    forbids: NDArray[np.uint16], goods: NDArray[np.uint16], next_on_leg: Ints, onward: Ints,
    ptr: Longs, rides: Ints, use_ptr: Longs, use_row: Ints, use_factor: Floats, measure: NDArray[np.uint8],
    grams: Floats, cm3: Floats,
    fixed: Floats, kg: Floats, gram: Floats, mode: NDArray[np.uint8], ready: Ints, chargeable: Floats, due: Ints,
    late_price: Floats, room: Floats, left: Longs,
) -> tuple[Longs, Longs, Ints, Longs]:  # fmt: skip
    """Place what is left; takes from `room` and `left`. Returned are the ways: commodity, ptr, rides, parcels."""
    widest = 0
    for c in range(len(ptr) - 1):
        widest = max(widest, ptr[c + 1] - ptr[c])
    way, best, alone = np.empty(widest, np.int32), np.empty(widest, np.int32), np.zeros(2, np.int64)
    count, held = 0, 0
    out_who, out_parcels, out_ptr = np.empty(64, np.int64), np.empty(64, np.int64), np.zeros(65, np.int64)
    out_rides = np.empty(64 * (widest + 1), np.int32)
    kinds = goods.max() if len(goods) else 0
    open_ = ~closed
    for k in turn:
        for _ in range(TRIES):
            if left[k] == 0:
                break
            least, legs = penalty[k], 0
            for b in range(block[k], block[k + 1]):
                known = rides[ptr[columns[b]] : ptr[columns[b] + 1]]
                found = _with_room(
                    k,
                    known,
                    open_,
                    next_on_leg,
                    onward,
                    use_ptr,
                    use_row,
                    use_factor,
                    measure,
                    grams,
                    cm3,
                    room,
                    way,
                )
                if not found:
                    continue
                allowed = True
                if kinds:
                    for r in way[: len(known)]:
                        allowed &= not forbids[r] & goods[k]
                cost = moving[k] + way_cost(
                    k, way[: len(known)], fixed, kg, gram, mode, ready, chargeable, grams, due, late_price
                )
                if allowed and cost < least:
                    least, legs = cost, len(known)
                    best[:legs] = way[:legs]
            if legs == 0:
                break
            alone[1] = legs
            n = put(0, k, left[k], alone, best, use_ptr, use_row, use_factor, measure, grams, cm3, room)
            if n == 0:
                break
            left[k] -= n
            if count == len(out_who):
                out_who = np.append(out_who, np.empty(count, np.int64))
                out_parcels = np.append(out_parcels, np.empty(count, np.int64))
                out_ptr = np.append(out_ptr, np.empty(count, np.int64))
                out_rides = np.append(out_rides, np.empty(count * (widest + 1), np.int32))
            out_who[count], out_parcels[count] = k, n
            out_rides[held : held + legs] = best[:legs]
            held += legs
            count += 1
            out_ptr[count] = held
    return out_who[:count], out_ptr[: count + 1], out_rides[:held], out_parcels[:count]


def depart_later(
    problem: Problem, pool: Pool, turn: Longs, columns: Longs, block: Longs, left: Longs, room: Floats
) -> tuple[Longs, Longs]:
    """Place parcels that are `left` [K] on the ways of the pool, or with later departures on the same legs.

    Commodities in the order `turn`, each on whichever of its `columns` (block[k] : block[k+1]) then costs least and
    less than staying unserved. New ways go into the pool, what is placed is taken from `left` and `room`.
    Returned are columns and the parcels placed on them.
    """
    g, d, t = problem.graph, problem.demand, problem.graph.timetable
    who, ptr, rides, parcels = _depart_later(
        turn, block, columns, problem.penalty,
        np.zeros(len(d)) if d.move_price is None else d.move_price,
        ~np.isfinite(problem.ride_fixed), t.ride_forbids, d.goods, g.next_on_leg, g.onward,
        pool.ptr, pool.rides, g.use_ptr, g.use_row, g.use_factor, g.row_measure, d.grams, d.cm3,
        problem.ride_fixed, problem.ride_kg, problem.ride_gram, np.asarray(t.ride_mode), np.asarray(t.ride_ready_at),
        problem.chargeable_kg, d.due, d.late_price, room, left,
    )  # fmt: skip
    return pool.extend(who, ptr, rides), parcels
