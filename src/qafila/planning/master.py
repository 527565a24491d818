"""The restricted master: share each commodity out over the columns found so far, within capacity."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.core.message import Message
from qafila.planning import exact_master
from qafila.planning import primal_dual as kernel
from qafila.planning.contest import Blocks, contest
from qafila.planning.path_columns import Pool
from qafila.planning.planning_messages import SOLVER_FAILED
from qafila.planning.planning_problem import Problem

Floats = NDArray[np.float64]

EXACT_COLUMNS = 4000
"""Up to so many contested columns a simplex is quicker than first-order steps."""

INSTEAD = 2000
"""Steps where the simplex gave no answer."""

CHECK = 40
"""Steps between two looks at how far shares and prices are apart."""

EAGER = 50.0
"""How fast prices move at first, in mean costs of a column: what is over capacity is set aside in the end,
at prices far above those of the ways, and prices have to get there."""

LEAST_EAGER = 5.0
"""No master begins slower: near the best prices they hardly move, and at their pace shares would swing."""


HEEDED = 0.7
"""Rows that are less full than this and have no price are not looked at in the steps between."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What the master answers: shares within capacity, and prices that prove what they may cost at least."""

    share: Floats  # [C] of its commodity's parcels on each column
    row_price: Floats  # [M] COST_UNITs for one unit of capacity
    cost: float  # COST_UNITs, what took no column at its penalty
    eagerness: float = EAGER  # how fast prices moved in the end: where the next master begins
    out: Floats = field(default_factory=lambda: np.zeros(0))  # [K] of the parcels, what took no column
    remark: Message | None = None  # what went otherwise than it should


def share_out(
    problem: Problem,
    pool: Pool,
    before: Shares,
    steps: int,
    tolerance: float,
    usable: NDArray[np.bool_],
    aside: Floats | None = None,
) -> Shares:
    """Solve the master to a relative `tolerance` or for so many steps, from where `before` left off.

    A parcel that takes none of the columns pays its penalty, or as the master sees it `aside` [K]. `usable` [C] leaves
    out columns that are not worth carrying.
    """
    parcels, penalty = problem.demand.parcels, problem.penalty
    b = contest(problem, pool, usable, penalty if aside is None else aside)
    share, price = np.zeros(len(pool)), np.zeros(problem.graph.rows)
    share[b.calm] = 1.0
    lost = np.ones(len(problem.demand), np.bool_)
    lost[pool.who[b.calm]] = False
    lost[b.commodity] = False
    calm_cost = float(
        np.dot(pool.cost[b.calm], parcels[pool.who[b.calm]]) + np.dot(penalty[lost], parcels[lost])
    )
    if not len(b.commodity):
        return Shares(share, price, calm_cost, before.eagerness, lost.astype(np.float64))

    real, eagerness, remark, solved = b.columns >= 0, before.eagerness, None, None
    if len(b.columns) <= EXACT_COLUMNS:
        try:
            solved = exact_master.solve(b.block, b.cost, b.start, b.row, b.part.astype(np.float64), b.room)
        except exact_master.NotSolved as error:
            remark = SOLVER_FAILED(columns=len(b.columns), answer=str(error))
            steps, tolerance = max(steps, INSTEAD), 1e-6
    if solved is not None:
        x, y, _ = solved
    else:
        known = np.zeros(len(pool))
        known[: len(before.share)] = before.share
        x = np.zeros(len(b.columns))
        x[real] = known[b.columns[real]]
        x[b.spare] += np.maximum(1.0 - np.add.reduceat(x, b.block[:-1]), 0.0)
        y = before.row_price[b.rows] * b.capacity
        x, y, eagerness = _solve(b, x, y, steps, tolerance, abs(calm_cost), eagerness)
    share[b.columns[real]] = x[real]
    price[b.rows] = y / b.capacity
    quantity = share * parcels[pool.who]
    out = np.maximum(1.0 - np.bincount(pool.who, share, minlength=len(parcels)), 0.0)
    cost = float(np.dot(pool.cost, quantity) + np.dot(penalty, out * parcels))
    return Shares(share, price, cost, eagerness, out, remark)


def _solve(
    b: Blocks, x: Floats, y: Floats, steps: int, tolerance: float, elsewhere: float, eagerness: float
) -> tuple[Floats, Floats, float]:
    """Restarted primal–dual steps; x and y are where to start.

    Returned are the cheapest shares seen that overload nothing, the prices seen that prove most, and the
    eagerness in the end. What is over a row is made to fit by setting it aside, and judged so:
    a sum of overloads says little, for what they cost depends on who has to make room.
    """
    rows, entries = len(b.rows), kernel.Entries(b.start, b.row, b.part)
    column = np.repeat(np.arange(len(b.cost), dtype=np.int32), np.diff(b.start))
    sums = np.bincount(column, b.part, minlength=len(b.cost))
    step_x = 1.0 / np.maximum(np.maximum.reduceat(sums, b.block[:-1]), 1e-9)
    step_y = 1.0 / np.maximum(np.bincount(b.row, b.part, minlength=rows), 1e-9)
    scale = np.abs(b.cost).mean()
    weight = max(eagerness, LEAST_EAGER) * scale  # prices move `weight` times as fast, shares as much slower

    threads = min(os.cpu_count() or 1, 8)
    cut = np.searchsorted(b.start[b.block], np.linspace(0, b.start[-1], threads + 1)[1:-1])
    cut = np.concatenate([[0], cut, [len(b.commodity)]]).astype(int)
    load, fit = np.empty((threads, rows)), np.empty_like(x)
    with ThreadPoolExecutor(threads) as team:

        def judged(cx: Floats, cy: Floats) -> tuple[float, float]:
            """What the prices prove, and what the shares cost once they fit; these are in `fit`."""
            _spread(team, kernel.loads, cut, (b.block, entries, cx, load))
            heeded[:] |= (cy > 0) | (load.sum(axis=0) > HEEDED * b.room)
            each = _spread(
                team,
                kernel.judge,
                cut,
                (b.block, b.cost, entries, b.room, load.sum(axis=0), cy, cx, fit),
            )
            return sum(d for d, _ in each) - float(np.dot(b.room, cy)), sum(c for _, c in each)

        heeded = np.zeros(rows, np.bool_)
        most, least = judged(x, y)
        best_x, best_y = fit.copy(), y.copy()
        done = 0
        x0, y0, merit0 = x.copy(), y.copy(), np.inf
        sum_x, sum_y, since = np.zeros_like(x), np.zeros_like(y), 0
        while done < steps:
            sx, sy = step_x / weight, np.where(heeded, step_y * weight, 0.0)
            some = kernel.on_rows(entries, heeded)
            for _ in range(CHECK):
                primal = (b.block, sx, b.cost, some, y, x, sum_x, load)
                _spread(team, kernel.primal_step, cut, primal)
                kernel.dual_step(load, b.room, sy, y, sum_y)
            done += CHECK
            since += CHECK
            candidates = []
            heeded[:] = False
            for cx, cy in ((sum_x / since, sum_y / since), (x, y)):
                value, cost = judged(cx, cy)
                candidates.append((cost - value, cx, cy))
                if cost < least:
                    least = cost
                    best_x[:] = fit
                if value > most:
                    most = value
                    best_y[:] = cy
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
    return best_x, best_y, weight / scale


def _spread(
    team: ThreadPoolExecutor, step: Callable[..., Any], cut: NDArray[np.int64], arguments: tuple[object, ...]
) -> list[Any]:
    """What a kernel answers on each stretch between the cuts, a thread each."""
    waiting = [team.submit(step, n, *ends, *arguments) for n, ends in enumerate(pairwise(cut.tolist()))]
    return [each.result() for each in waiting]
