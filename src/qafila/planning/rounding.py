"""From shares to whole parcels: placed one by one within what room is left, then moved to cheaper ways.

No capacity is ever exceeded here: a parcel is placed only where every row on its way has room for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.columns import Pool
from qafila.planning.pricing import LocalPricer
from qafila.planning.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


EAGERNESS = 1e-5
"""COST_UNITs a minute by which an earlier arrival breaks a tie; never part of a cost that is reported."""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """An integral plan over a pool's columns."""

    parcels: Longs  # [C] on each column
    unserved: Longs  # [K]
    room: Floats  # [M] capacity left
    cost: float  # COST_UNITs, the penalty for unserved parcels included


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
def _put(
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
                if unit > 0.0:
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
def _fill(
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
                n = _put(c, k, want, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                placed[c] += n
                left[k] -= n


@njit(nogil=True, cache=True)
def _improve(
    block: Longs, columns: Longs, cost: Floats, ptr: Longs, rides: Ints, use_ptr: Longs,
    use_row: Ints, use_factor: Floats, measure: NDArray[np.uint8], grams: Floats, cm3: Floats, room: Floats, placed: Longs,
) -> float:  # fmt: skip
    """Move parcels to cheaper columns that have room; columns of a block run from cheap to dear."""
    saved = 0.0
    for k in range(len(block) - 1):
        if block[k + 1] - block[k] < 2:
            continue
        for b in range(block[k + 1] - 1, block[k], -1):
            dear = columns[b]
            if placed[dear] == 0:
                continue
            for a in range(block[k], b):
                cheap = columns[a]
                gain = cost[dear] - cost[cheap]
                if gain <= 1e-9 or placed[dear] == 0:
                    break
                n = placed[dear]
                _put(dear, k, -n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                moved = _put(cheap, k, n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                back = 0
                if moved < n:
                    back = _put(
                        dear,
                        k,
                        n - moved,
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
                if back < n - moved:  # ways that share a row unevenly: leave it as it was
                    _put(dear, k, -back, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                    _put(
                        cheap, k, -moved, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room
                    )
                    _apply(dear, k, n, ptr, rides, use_ptr, use_row, use_factor, measure, grams, cm3, room)
                    continue
                placed[dear] -= moved
                placed[cheap] += moved
                saved += gain * moved
    return saved


def round_off(
    problem: Problem,
    pool: Pool,
    share: Floats,
    row_price: Floats,
    rounds: int = 3,
    progress: float = 0.0,
    enough: Callable[[], bool] = lambda: False,
) -> Whole:
    """Whole parcels from shares. In up to so many `rounds`, while each places that share of what is left and it is
    not `enough`, ways with room are searched for parcels that are left over; they are added to the pool."""
    g, d = problem.graph, problem.demand
    room = g.row_capacity.copy()
    left = d.parcels.copy()
    placed = np.zeros(len(pool), np.int64)

    ideal = share * d.parcels[pool.who]
    floor = np.floor(ideal + 1e-6).astype(np.int64)
    value = pool.values(row_price)
    # parcels that have the most to lose by waiting go first
    least = np.full(len(d), np.inf)
    np.minimum.at(least, pool.who, value)
    turn = np.argsort(-(np.where(np.isfinite(least), least, 0.0)), kind="stable").astype(np.int64)

    def fill(key: Floats, wanted: Longs) -> None:
        columns, block = _by_commodity(pool, key, len(d))
        _fill(turn, block, columns, wanted, left, *_shape(pool, problem), room, placed)

    fill(-ideal, floor)
    fill(-(ideal - floor), np.where(ideal - floor > 1e-3, 1, 0))
    fill(value, np.full(len(pool), np.iinfo(np.int64).max))
    for _ in range(rounds):
        if not left.any() or enough() or not _reroute(problem, pool, left, room, row_price):
            break
        placed = np.concatenate([placed, np.zeros(len(pool) - len(placed), np.int64)])
        value = pool.values(row_price)
        before = left.sum()
        fill(value, np.full(len(pool), np.iinfo(np.int64).max))
        if left.sum() > (1.0 - progress) * before or left.sum() == before:
            break
    # of ways that cost the same, the one that arrives first
    arrival = np.asarray(g.timetable.ride_ready_at)[pool.rides[pool.ptr[1:] - 1]]
    eager = pool.cost + EAGERNESS * arrival
    columns, block = _by_commodity(pool, eager, len(d))
    for _ in range(4):
        saved = _improve(block, columns, eager, *_shape(pool, problem)[1:], room, placed)
        if saved <= 1e-6 * abs(float(np.dot(pool.cost, placed))):
            break
    # nobody is carried at more than it is worth
    dear = (placed > 0) & (pool.cost > problem.penalty[pool.who])
    for c in np.flatnonzero(dear):
        left[pool.who[c]] += placed[c]
        placed[c] = 0
    if dear.any():
        room = g.row_capacity - pool.loads(placed.astype(np.float64))
    cost = float(np.dot(pool.cost, placed)) + float(np.dot(problem.penalty, left))
    return Whole(placed, left, room, cost)


_Shape = tuple[Longs, Longs, Ints, Longs, Ints, Floats, NDArray[np.uint8], Floats, Floats]


def _shape(pool: Pool, problem: Problem) -> _Shape:
    g, d = problem.graph, problem.demand
    return (pool.who, pool.ptr, pool.rides, g.use_ptr, g.use_row, g.use_factor, g.row_measure, d.grams, d.cm3)


def _by_commodity(pool: Pool, key: Floats, commodities: int) -> tuple[Longs, Longs]:
    """Columns by commodity, within it by key; and where each commodity's begin."""
    columns = np.lexsort((key, pool.who)).astype(np.int64)
    block = np.zeros(commodities + 1, np.int64)
    np.cumsum(np.bincount(pool.who, minlength=commodities), out=block[1:])
    return columns, block


def _reroute(problem: Problem, pool: Pool, left: Longs, room: Floats, row_price: Floats) -> int:
    """Search ways for parcels left over where there still is room; returns how many were new."""
    who = np.flatnonzero(left > 0)
    some = replace(problem.demand.take(who), move_price=None, homes=None)
    g = problem.graph
    need = g.use_factor * np.array([1.0, some.grams.max(), some.cm3.max()])[g.row_measure[g.use_row]]
    full = room[g.use_row] < need * (1 - 1e-9)
    rides = np.add.reduceat(np.append(full, False).astype(np.int64), g.use_ptr[:-1])
    rides[np.diff(g.use_ptr) == 0] = 0
    part = replace(
        problem,
        demand=some,
        chargeable_kg=problem.chargeable_kg[who],
        first=problem.first[who],
        ride_fixed=np.where(rides > 0, np.inf, problem.ride_fixed),
    )
    priced = LocalPricer(part).price(row_price, room < 0.2 * g.row_capacity)
    index, ptr, rides = priced.paths(np.ones(len(who), np.bool_))
    return pool.extend(who[index].astype(np.int64), ptr, rides)
