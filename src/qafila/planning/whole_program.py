"""Whole parcels to the optimum: an integer program on known ways, for all commodities or for some while others stay."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Floats, Longs

EXACTLY = 1e-9
"""By how much of its cost a program's answer may be dearer than the optimum."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An answer: parcels on the ways given, and what no plan on them costs less than."""

    parcels: Longs  # [columns]
    unserved: Longs  # [commodities]
    cost: float  # COST_UNITs
    bound: float  # COST_UNITs
    optimal: bool


def place(
    problem: Problem, pool: Pool, columns: Longs, who: Longs, room: Floats, seconds: float
) -> Placed | None:
    """Whole parcels of the commodities `who` on some columns of the pool within `room` [M], at the least cost.

    None where the solver found nothing in so many seconds, or nothing that holds to the last gram.
    """
    d, g = problem.demand, problem.graph
    number = np.full(len(d), -1, np.int64)
    number[who] = np.arange(len(who))
    scale = 1e4
    parcels = d.parcels[who].astype(np.float64)
    cost = np.concatenate([pool.cost[columns], problem.penalty[who]]) / scale
    uses = entries(problem, pool, columns)
    rows = np.unique(uses[0])
    over = csr_array((uses[2], (np.searchsorted(rows, uses[0]), uses[1])), shape=(len(rows), len(columns)))
    most: Floats = np.asarray(over @ parcels[number[pool.who[columns]]])
    tight = most > room[rows]  # others hold whatever is chosen
    over, rows = over[tight], rows[tight]
    owner = csr_array(
        (np.ones(len(columns)), (number[pool.who[columns]], np.arange(len(columns)))),
        shape=(len(who), len(columns)),
    )
    whole = hstack([owner, csr_array((np.ones(len(who)), (np.arange(len(who)), np.arange(len(who)))))])
    limited = hstack([over, csr_array((len(rows), len(who)))])
    solver: Any = milp
    with printing_elsewhere():
        answer = solver(
            cost,
            integrality=np.ones(len(cost)),
            bounds=Bounds(0.0, np.concatenate([parcels[number[pool.who[columns]]], parcels])),
            constraints=LinearConstraint(
                vstack([whole, limited]).tocsr(),
                np.concatenate([parcels, np.full(len(rows), -np.inf)]),
                np.concatenate([parcels, np.maximum(room[rows], 0.0)]),
            ),
            options={"time_limit": seconds, "mip_rel_gap": EXACTLY},
        )
    if answer.x is None:
        return None
    x = np.round(answer.x).astype(np.int64)
    taken, unserved = x[: len(columns)], x[len(columns) :]
    if (owner @ taken + unserved != d.parcels[who]).any():
        return None
    if (over @ taken.astype(np.float64) > room[rows] + 1e-9 * g.row_capacity[rows] + 1e-9).any():
        return None
    bound = -np.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound) * scale
    return Placed(taken, unserved, float(np.dot(cost, x)) * scale, bound, answer.status == 0)


_printing = RLock()


@contextmanager
def printing_elsewhere() -> Iterator[None]:
    """HiGHS prints a line of its own at times, whatever it is told: to standard error, for answers go to the other."""
    with _printing:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
        try:
            yield
        finally:
            ctypes.CDLL(None).fflush(None)
            os.dup2(kept, 1)
            os.close(kept)


def entries(problem: Problem, pool: Pool, columns: Longs) -> tuple[Longs, Longs, Floats]:
    """What one parcel on each column puts on the rows: row, number of the column, units."""
    g, d = problem.graph, problem.demand
    length = np.diff(pool.ptr)[columns]
    leg = np.repeat(pool.ptr[:-1][columns] - np.cumsum(length) + length, length) + np.arange(length.sum())
    column, ride = np.repeat(np.arange(len(columns)), length), pool.rides[leg]
    count = np.diff(g.use_ptr)[ride]
    use = np.repeat(g.use_ptr[:-1][ride] - np.cumsum(count) + count, count) + np.arange(count.sum())
    column = np.repeat(column, count)
    row = g.use_row[use].astype(np.int64)
    k = pool.who[columns][column]
    each = np.stack([np.ones(len(k)), d.grams[k], d.cm3[k]])[g.row_measure[row], np.arange(len(k))]
    return row, column, g.use_factor[use] * each
