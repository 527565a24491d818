"""From shares to whole parcels: placed one by one within what room is left, then moved to cheaper ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qafila.planning import planning_placing
from qafila.planning.departures import depart_later
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.pricing import LocalPricer
from qafila.planning.shapes import Floats, Ints, Longs, Turns
from qafila.planning.swept import passed

IMPROVE, WANING = 4, 0.2
"""Times that parcels are offered cheaper ways, in a plan that is searched long, as long as each time saves more than this
part of the first; otherwise once."""

FIRST_REROUTE = 4
"""Searches for ways with room, for parcels that are left over, in a first plan."""

EAGERNESS = 1e-5
"""COST_UNITs a minute by which an earlier arrival breaks a tie; never part of a cost that is reported."""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """An integral plan over a pool's columns."""

    parcels: Longs  # [C] on each column
    unserved: Longs  # [K]
    room: Floats  # [M] capacity left
    cost: float  # COST_UNITs, the penalty for unserved parcels included


def taken_up(
    problem: Problem, pool: Pool, who: Longs, ptr: Longs, rides: Ints, parcels: Longs
) -> Whole | None:
    """Whole parcels that an earlier search had placed on ways, which are added to the pool; None where they no longer fit."""
    column = pool.extend(who, ptr, rides)
    if (column < 0).any():
        return None
    placed = np.bincount(column, parcels, minlength=len(pool)).astype(np.int64)
    left = problem.demand.parcels - np.bincount(who, parcels, minlength=len(problem.demand)).astype(np.int64)
    room = problem.graph.row_capacity - pool.loads(placed.astype(np.float64))
    if (left < 0).any() or (room < -1e-6 * problem.graph.row_capacity - 1e-6).any():
        return None
    return Whole(placed, left, room, float(np.dot(pool.cost, placed) + np.dot(problem.penalty, left)))


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
        turns = Turns(turn, *by_commodity(pool, key, len(d)))
        planning_placing.fill(turns, wanted, pool.ways, g.uses, problem.kinds, left, room, placed)

    fill(-ideal, floor)
    fill(-(ideal - floor), np.where(ideal - floor > 1e-3, 1, 0))
    fill(value, np.full(len(pool), np.iinfo(np.int64).max))
    placed = _later(problem, pool, turn, left, room, placed)
    for _ in range(rounds):
        if not left.any() or enough() or not _reroute(problem, pool, left, room, row_price):
            break
        before = left.sum()
        placed = _later(problem, pool, turn, left, room, placed)
        if left.sum() > (1.0 - progress) * before or left.sum() == before:
            break
    # of ways that cost the same, the one that arrives first
    arrival = np.asarray(g.timetable.ride_ready_at)[pool.rides[pool.ptr[1:] - 1]]
    eager = pool.cost + EAGERNESS * arrival
    turns = Turns(turn, *by_commodity(pool, eager, len(d)))
    enough_saved = 0.0
    for _ in range(IMPROVE if rounds else 1):
        saved = planning_placing.improve(turns, eager, pool.ways, g.uses, problem.kinds, room, placed)
        if saved <= enough_saved:
            break
        enough_saved = max(enough_saved, WANING * saved)
    # nobody is carried at more than it is worth
    dear = (placed > 0) & (pool.cost > problem.penalty[pool.who])
    for c in np.flatnonzero(dear):
        left[pool.who[c]] += placed[c]
        placed[c] = 0
    if dear.any():
        room = g.row_capacity - pool.loads(placed.astype(np.float64))
    cost = float(np.dot(pool.cost, placed)) + float(np.dot(problem.penalty, left))
    return Whole(placed, left, room, cost)


def by_commodity(pool: Pool, key: Floats, commodities: int) -> tuple[Longs, Longs]:
    """Where each commodity's columns begin [K+1]; and the columns by commodity, within it by key."""
    columns = np.lexsort((key, pool.who)).astype(np.int64)
    block = np.zeros(commodities + 1, np.int64)
    np.cumsum(np.bincount(pool.who, minlength=commodities), out=block[1:])
    return block, columns


def _later(problem: Problem, pool: Pool, turn: Longs, left: Longs, room: Floats, placed: Longs) -> Longs:
    """What is placed when parcels that are left take the pool's ways, or later departures on them."""
    turns = Turns(turn, *by_commodity(pool, pool.cost, len(left)))
    column, parcels = depart_later(problem, pool, turns, left, room)
    placed = np.concatenate([placed, np.zeros(len(pool) - len(placed), np.int64)])
    np.add.at(placed, column, parcels)
    return placed


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
    pricer = LocalPricer(part, through=passed(problem, pool.ptr, pool.rides))
    priced = pricer.price(row_price, room < 0.2 * g.row_capacity)
    index, ptr, rides = priced.paths(np.ones(len(who), np.bool_))
    before = len(pool)
    pool.extend(who[index].astype(np.int64), ptr, rides)
    return len(pool) - before
