"""The restricted master: share each commodity out over the columns found so far, within capacity."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qafila.planning import exact_master
from qafila.planning import primal_dual as kernel
from qafila.planning.columns import Pool
from qafila.planning.problem import Problem

Floats = NDArray[np.float64]

EXACT_COLUMNS = 4000
"""Up to so many contested columns a simplex is quicker than first-order steps."""

CHECK = 40
"""Steps between two looks at how far shares and prices are apart."""

EAGER = 50.0
"""How fast prices move at first, in mean costs of a column: what is over capacity is set aside in the end,
at prices far above those of the ways, and prices have to get there."""

LEAST_EAGER = 5.0
"""No master begins slower: near the best prices they hardly move, and at their pace shares would swing."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What the master answers: shares within capacity, and prices that prove what they may cost at least."""

    share: Floats  # [C] of its commodity's parcels on each column
    row_price: Floats  # [M] COST_UNITs for one unit of capacity
    cost: float  # COST_UNITs, what took no column at its penalty
    eagerness: float = EAGER  # how fast prices moved in the end: where the next master begins


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """The part of the master that is contested: commodities with a column over a row that may overflow."""

    columns: NDArray[np.int64]  # columns of the pool, by commodity; -1 stands for set aside
    block: NDArray[np.int64]  # [B+1]
    commodity: NDArray[np.int64]  # [B]
    cost: Floats
    start: NDArray[np.int64]
    row: NDArray[np.int32]
    part: Floats
    rows: NDArray[np.int64]  # contested rows
    room: Floats  # share of capacity left by those who are not contested
    capacity: Floats


def _contest(problem: Problem, pool: Pool, usable: NDArray[np.bool_]) -> tuple[_Blocks, NDArray[np.int64]]:
    """Split off the commodities that cannot be in anybody's way; these take their cheapest column."""
    g, d = problem.graph, problem.demand
    parcels = d.parcels.astype(np.float64)
    order = np.argsort(pool.who, kind="stable")
    order = order[usable[order]]
    shape = (
        pool.who,
        pool.ptr,
        pool.rides,
        parcels,
        g.use_ptr,
        g.use_row,
        g.use_factor,
        g.row_measure,
        d.grams,
        d.cm3,
    )
    contested = kernel.potential(order, *shape, g.rows) > g.row_capacity * (1 + 1e-9)
    rows = np.flatnonzero(contested)
    number = np.full(g.rows, -1, np.int32)
    number[rows] = np.arange(len(rows), dtype=np.int32)
    capacity = np.maximum(g.row_capacity, 1e-6)

    start, _, _ = kernel.entries(order, *shape, number, capacity)
    touches = np.zeros(len(d), np.bool_)
    touches[pool.who[order[np.diff(start) > 0]]] = True

    cheapest = order[np.lexsort((pool.cost[order], pool.who[order]))]
    cheapest = cheapest[np.diff(pool.who[cheapest], prepend=-1) != 0]
    calm = cheapest[~touches[pool.who[cheapest]]]
    calm = calm[pool.cost[calm] <= problem.penalty[pool.who[calm]]]

    inside = order[touches[pool.who[order]]]
    commodity, first = np.unique(pool.who[inside], return_index=True)
    where = np.append(first, len(inside))[1:]
    columns = np.insert(inside, where, -1)  # the choice to set aside closes each block
    block = np.append(first, len(inside)) + np.arange(len(commodity) + 1)
    cost = np.empty(len(columns))
    real = columns >= 0
    cost[real] = pool.cost[inside] * parcels[pool.who[inside]]
    cost[~real] = problem.penalty[commodity] * parcels[commodity]
    count, row, part = kernel.entries(inside, *shape, number, capacity)
    widths = np.zeros(len(columns), np.int64)
    widths[real] = np.diff(count)
    quantity = np.zeros(len(pool))
    quantity[calm] = parcels[pool.who[calm]]
    left = g.row_capacity[rows] - pool.loads(quantity)[rows]
    return _Blocks(
        columns=columns, block=block.astype(np.int64), commodity=commodity, cost=cost,
        start=np.concatenate([[0], np.cumsum(widths)]).astype(np.int64), row=row, part=part,
        rows=rows, room=left / capacity[rows], capacity=capacity[rows],
    ), calm  # fmt: skip


def share_out(
    problem: Problem, pool: Pool, before: Shares, steps: int, tolerance: float, usable: NDArray[np.bool_]
) -> Shares:
    """Solve the master to a relative `tolerance` or for so many steps, from where `before` left off.

    A parcel that takes none of the columns pays its penalty. `usable` [C] leaves out columns that are not
    worth carrying.
    """
    blocks, calm = _contest(problem, pool, usable)
    share, price = np.zeros(len(pool)), np.zeros(problem.graph.rows)
    share[calm] = 1.0
    lost = np.ones(len(problem.demand), np.bool_)
    lost[pool.who[calm]] = False
    lost[blocks.commodity] = False
    parcels = problem.demand.parcels
    calm_cost = float(np.dot(pool.cost[calm], parcels[pool.who[calm]]))
    calm_cost += float(np.dot(problem.penalty[lost], parcels[lost]))
    if not len(blocks.rows):
        return Shares(share, price, calm_cost, before.eagerness)

    real = blocks.columns >= 0
    if len(blocks.columns) <= EXACT_COLUMNS:
        x, y, cost = exact_master.solve(
            blocks.block, blocks.cost, blocks.start, blocks.row, blocks.part, blocks.room
        )
        eagerness = before.eagerness
    else:
        known = np.zeros(len(pool))
        known[: len(before.share)] = before.share
        x = np.zeros(len(blocks.columns))
        x[real] = known[blocks.columns[real]]
        total = np.add.reduceat(x, blocks.block[:-1])
        x[blocks.block[1:] - 1] = np.maximum(1.0 - total, 0.0)
        y = before.row_price[blocks.rows] * blocks.capacity
        x, y, cost, eagerness = _solve(blocks, x, y, steps, tolerance, abs(calm_cost), before.eagerness)
    share[blocks.columns[real]] = x[real]
    price[blocks.rows] = y / blocks.capacity
    return Shares(share, price, cost + calm_cost, eagerness)


def _solve(
    b: _Blocks, x: Floats, y: Floats, steps: int, tolerance: float, elsewhere: float, eagerness: float
) -> tuple[Floats, Floats, float, float]:
    """Restarted primal–dual steps; x and y are where to start.

    Returned are the cheapest shares seen that overload nothing, the prices seen that prove most, what the shares
    cost, and the eagerness in the end. What is over a row is made to fit by setting it aside, and judged so:
    a sum of overloads says little, for what they cost depends on who has to make room.
    """
    width = np.diff(b.start)
    column = np.repeat(np.arange(len(width), dtype=np.int32), width)
    turn = np.argsort(b.row, kind="stable")
    row_start = np.zeros(len(b.rows) + 1, np.int64)
    np.cumsum(np.bincount(b.row, minlength=len(b.rows)), out=row_start[1:])
    row_column, row_part = column[turn], b.part[turn]

    sums = np.zeros(len(width))
    np.add.at(sums, column, b.part)
    step_x = 1.0 / np.maximum(np.maximum.reduceat(sums, b.block[:-1]), 1e-9)
    step_y = 1.0 / np.maximum(np.bincount(b.row, b.part, minlength=len(b.rows)), 1e-9)
    scale = np.abs(b.cost).mean()
    weight = max(eagerness, LEAST_EAGER) * scale  # prices move `weight` times as fast, shares as much slower

    threads = min(os.cpu_count() or 1, 8)
    block_cut = np.linspace(0, len(b.commodity), threads + 1).astype(int)
    row_cut = np.searchsorted(row_start, np.linspace(0, row_start[-1], threads + 1)[1:-1])
    row_cut = np.concatenate([[0], row_cut, [len(b.rows)]]).astype(int)
    turned = np.empty_like(x)
    _, most, load = kernel.judge(b.block, b.cost, b.start, b.row, b.part, b.room, x, y)
    least, best_x = kernel.repaired(b.block, b.cost, b.start, b.row, b.part, b.room, load, x)
    best_y = y.copy()
    with ThreadPoolExecutor(threads) as team:
        done = 0
        x0, y0, merit0 = x.copy(), y.copy(), np.inf
        sum_x, sum_y, since = np.zeros_like(x), np.zeros_like(y), 0
        while done < steps:
            sx, sy = step_x / weight, step_y * weight
            for _ in range(CHECK):
                primal = (b.block, sx, b.cost, b.start, b.row, b.part, y, x, turned, sum_x)
                _spread(team, kernel.primal_step, block_cut, primal)
                dual = (row_start, row_column, row_part, b.room, sy, turned, y, sum_y)
                _spread(team, kernel.dual_step, row_cut, dual)
            done += CHECK
            since += CHECK
            candidates = []
            for cx, cy in ((sum_x / since, sum_y / since), (x, y)):
                _, value, load = kernel.judge(b.block, b.cost, b.start, b.row, b.part, b.room, cx, cy)
                cost, fit = kernel.repaired(b.block, b.cost, b.start, b.row, b.part, b.room, load, cx)
                candidates.append((cost - value, cx, cy))
                if cost < least:
                    least, best_x = cost, fit
                if value > most:
                    most, best_y = value, cy.copy()
            merit, near_x, near_y = min(candidates, key=lambda c: c[0])
            if least - most <= tolerance * (abs(most) + elsewhere):
                break
            if merit < 0.5 * merit0 or since >= 0.4 * done + 2 * CHECK:
                x, y, merit0 = near_x.copy(), near_y.copy(), merit
                moved_x = np.sqrt(np.dot((x - x0) ** 2, 1 / np.repeat(step_x, np.diff(b.block))))
                moved_y = np.sqrt(np.dot((y - y0) ** 2, 1 / step_y))
                if moved_x > 1e-12 and moved_y > 1e-12:
                    weight = float(np.sqrt(moved_y / moved_x * weight))
                x0, y0 = x.copy(), y.copy()
                sum_x, sum_y, since = np.zeros_like(x), np.zeros_like(y), 0
    return best_x, best_y, least, weight / scale


def _spread(
    team: ThreadPoolExecutor, step: Callable[..., None], cut: NDArray[np.int64], arguments: tuple[object, ...]
) -> None:
    """Run a kernel on each stretch between the cuts, a thread each."""
    waiting = [team.submit(step, low, high, *arguments) for low, high in pairwise(cut.tolist())]
    for each in waiting:
        each.result()
