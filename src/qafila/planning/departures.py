"""Later departures: a way whose rides are full, with the next rides on the same legs that have room.

Where a place is asked for more than its next vehicles carry, this finds the later ones at once that prices would find
one at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from qafila.planning.path_columns import Pool
from qafila.planning.planning_placing import put
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Fares, Floats, Ints, Kinds, Longs, Rows, Turns, Ways, unit, way_cost

TRIES = 20
"""Departures over which the parcels of one commodity are spread at most, each time."""


class Following(NamedTuple):
    """What comes after a ride."""

    on_leg: Ints  # [R] the next between the same two nodes, R where there is none
    onward: Ints  # [R] the first that can be boarded after it


@njit(nogil=True, cache=True)
def _has_room(r: int, k: int, rows: Rows, kinds: Kinds, room: Floats) -> bool:
    """Whether one parcel of commodity k finds room on ride r."""
    use_ptr, row, _, _ = rows
    for u in range(use_ptr[r], use_ptr[r + 1]):
        if room[row[u]] < unit(u, k, rows, kinds) * (1 - 1e-9):
            return False
    return True


@njit(nogil=True, cache=True)
def _with_room(
    k: int, way: Ints, following: Following, fares: Fares, rows: Rows, kinds: Kinds, room: Floats, out: Ints
) -> bool:
    """Write the way whose legs each take the first open ride, not before the one of `way`, that can be made and has
    room for a parcel; False if there is none."""
    (on_leg, onward), fixed = following, fares.fixed
    rides = len(on_leg)
    for i in range(len(way)):
        r = way[i]
        while r < rides and (
            (i > 0 and r < onward[out[i - 1]]) or fixed[r] == np.inf or not _has_room(r, k, rows, kinds, room)
        ):
            r = on_leg[r]
        if r == rides:
            return False
        out[i] = r
    return True


@njit(nogil=True, cache=True)
def _depart_later(
    turns: Turns,
    worth: Floats,
    moving: Floats,
    following: Following,
    ways: Ways,
    fares: Fares,
    rows: Rows,
    kinds: Kinds,
    room: Floats,
    left: Longs,
) -> tuple[Ways, Longs]:
    """Place what is left where it costs less than it is `worth` [K]; takes from `room` and `left`. Returned are the
    ways taken and the parcels on each."""
    widest = 0
    for c in range(len(ways.ptr) - 1):
        widest = max(widest, ways.ptr[c + 1] - ways.ptr[c])
    way, best, alone = np.empty(widest, np.int32), np.empty(widest, np.int32), np.zeros(2, np.int64)
    count, held = 0, 0
    out_who, out_parcels, out_ptr = np.empty(64, np.int64), np.empty(64, np.int64), np.zeros(65, np.int64)
    out_rides = np.empty(64 * (widest + 1), np.int32)
    goods = kinds.goods
    restricted = goods.max() if len(goods) else 0
    for k in turns.turn:
        for _ in range(TRIES):
            if left[k] == 0:
                break
            least, legs = worth[k], 0
            for b in range(turns.block[k], turns.block[k + 1]):
                c = turns.columns[b]
                known = ways.rides[ways.ptr[c] : ways.ptr[c + 1]]
                found = _with_room(k, known, following, fares, rows, kinds, room, way)
                if not found:
                    continue
                allowed = True
                if restricted:
                    for r in way[: len(known)]:
                        allowed &= not fares.forbids[r] & goods[k]
                cost = moving[k] + way_cost(k, way[: len(known)], fares, kinds)
                if allowed and cost < least:
                    least, legs = cost, len(known)
                    best[:legs] = way[:legs]
            if legs == 0:
                break
            alone[1] = legs
            n = put(0, k, left[k], Ways(alone, alone, best), rows, kinds, room)
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
    return Ways(out_who[:count], out_ptr[: count + 1], out_rides[:held]), out_parcels[:count]


def depart_later(
    problem: Problem, pool: Pool, turns: Turns, left: Longs, room: Floats
) -> tuple[Longs, Longs]:
    """Place parcels that are `left` [K] on the ways of the pool, or with later departures on the same legs.

    Each takes whichever of its columns then costs least, and less than staying unserved. New ways go into the pool, what
    is placed is taken from `left` and `room`. Returned are columns and the parcels placed on them.
    """
    g, d = problem.graph, problem.demand
    moving = np.zeros(len(d)) if d.move_price is None else d.move_price
    taken, parcels = _depart_later(
        turns,
        problem.penalty,
        moving,
        Following(g.next_on_leg, g.onward),
        pool.ways,
        problem.fares,
        g.uses,
        problem.kinds,
        room,
        left,
    )
    return pool.extend(*taken), parcels
