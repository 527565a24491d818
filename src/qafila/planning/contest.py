"""The contested part of a master: whose ways compete for rows that they could overload, laid out for the kernels."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Floats, Ints, Kinds, Longs, Rows, Truths, Ways, unit


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Commodities with a way over contested rows that is cheaper than all that avoid them. B blocks, a commodity each.

    Of a commodity's ways that use no contested row only the cheapest is there, and none that is dearer than it.
    """

    columns: Longs  # columns of the pool, by commodity; -1 stands for set aside, the last of each block
    block: Longs  # [B+1]
    commodity: Longs  # [B]
    spare: Longs  # [B] place of the way that uses no contested row; that of set aside where there is none
    cost: Floats  # of all the parcels
    start: Longs  # entries of a column: row[start[c] : start[c + 1]]
    row: Ints
    part: NDArray[np.float32]  # shares of capacity, if all the parcels go there
    rows: Longs  # contested
    room: Floats  # share of capacity left by those who are not contested
    capacity: Floats
    calm: Longs  # columns of those who are not contested: their cheapest


@njit(nogil=True, cache=True)
def _potential(order: Longs, ways: Ways, parcels: Floats, rows: Rows, kinds: Kinds) -> Floats:
    """[M] the most that could come upon each row: every commodity with one of these columns over it, in full."""
    (who, ptr, rides), (use_ptr, use_row, _, measure) = ways, rows
    most, seen = np.zeros(len(measure)), np.full(len(measure), -1, np.int64)
    for c in order:
        k = who[c]
        for i in range(ptr[c], ptr[c + 1]):
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                row = use_row[u]
                if seen[row] != k:
                    seen[row] = k
                    most[row] += parcels[k] * unit(u, k, rows, kinds)
    return most


@njit(nogil=True, cache=True)
def _part_ways(
    order: Longs, ways: Ways, cost: Floats, penalty: Floats, contested: Truths
) -> tuple[Truths, Truths]:
    """[order] the columns that compete (with each commodity's cheapest that does not), and the calm ones."""
    competes, calm = np.zeros(len(order), np.bool_), np.zeros(len(order), np.bool_)
    first = 0
    while first < len(order):
        k = ways.who[order[first]]
        end, spare, least = first, -1, penalty[k]
        while end < len(order) and ways.who[order[end]] == k:
            c = order[end]
            for i in range(ways.ptr[c], ways.ptr[c + 1]):
                if contested[ways.rides[i]]:
                    competes[end] = True
                    break
            if not competes[end] and cost[c] <= least:
                spare, least = end, cost[c]
            end += 1
        any_ = False
        for n in range(first, end):
            competes[n] &= cost[order[n]] < least
            any_ |= competes[n]
        if spare >= 0:
            competes[spare] = any_
            calm[spare] = not any_
        first = end
    return competes, calm


@njit(nogil=True, cache=True)
def _entries(
    chosen: Longs, row_number: Ints, capacity: Floats, ways: Ways, parcels: Floats, rows: Rows, kinds: Kinds
) -> tuple[Longs, Ints, NDArray[np.float32]]:
    """The chosen columns' entries on numbered rows; a column -1 has none."""
    (who, ptr, rides), (use_ptr, use_row, _, _) = ways, rows
    start = np.zeros(len(chosen) + 1, np.int64)
    for n in range(len(chosen)):
        c, total = chosen[n], 0
        if c >= 0:
            for i in range(ptr[c], ptr[c + 1]):
                for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                    total += row_number[use_row[u]] >= 0
        start[n + 1] = start[n] + total
    row, part = np.empty(start[-1], np.int32), np.empty(start[-1], np.float32)
    for n in range(len(chosen)):
        c = chosen[n]
        e = start[n]
        if start[n + 1] == e:
            continue
        k = who[c]
        for i in range(ptr[c], ptr[c + 1]):
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                full = use_row[u]
                if row_number[full] >= 0:
                    row[e] = row_number[full]
                    part[e] = parcels[k] * unit(u, k, rows, kinds) / capacity[full]
                    e += 1
    return start, row, part


def contest(problem: Problem, pool: Pool, usable: Truths, aside: Floats) -> Blocks:
    """Lay out the usable columns [C] that compete for rows which they could overload together; `aside` [K] is what a
    parcel costs that is set aside."""
    g, d = problem.graph, problem.demand
    parcels = d.parcels.astype(np.float64)
    order = np.flatnonzero(usable)
    order = order[np.argsort(pool.who[order], kind="stable")]
    shape = pool.ways, parcels, g.uses, problem.kinds
    threads = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(threads) as team:
        cut = np.searchsorted(pool.who[order], len(d) * np.arange(1, threads) // threads)
        most = team.map(lambda some: _potential(some, *shape), np.split(order, cut))
        full = sum(most) > g.row_capacity * (1 + 1e-9)
    on_ride = np.logical_or.reduceat(np.append(full[g.use_row], False), g.use_ptr[:-1])
    on_ride[np.diff(g.use_ptr) == 0] = False
    competes, calm = _part_ways(order, pool.ways, pool.cost, problem.penalty, on_ride)
    calm, inside = order[calm], order[competes]

    commodity, first = np.unique(pool.who[inside], return_index=True)
    columns = np.insert(
        inside, np.append(first, len(inside))[1:], -1
    )  # the choice to set aside closes each block
    block = np.append(first, len(inside)) + np.arange(len(commodity) + 1)
    real = columns >= 0
    cost = np.empty(len(columns))
    cost[real] = pool.cost[inside] * parcels[pool.who[inside]]
    cost[~real] = aside[commodity] * parcels[commodity]
    rows = np.flatnonzero(full)
    number = np.full(g.rows, -1, np.int32)
    number[rows] = np.arange(len(rows), dtype=np.int32)
    capacity = np.maximum(g.row_capacity, 1e-6)
    with ThreadPoolExecutor(threads) as team:
        laid = list(
            team.map(lambda some: _entries(some, number, capacity, *shape), np.array_split(columns, threads))
        )
    start = np.append(0, np.cumsum(np.concatenate([np.diff(s) for s, _, _ in laid])))
    row, part = (np.concatenate([stretch[n] for stretch in laid]) for n in (1, 2))
    spare = block[1:] - 1
    free = np.flatnonzero(real & (np.diff(start) == 0))
    spare[np.searchsorted(block, free, side="right") - 1] = free
    quantity = np.zeros(len(pool))
    quantity[calm] = parcels[pool.who[calm]]
    left = g.row_capacity[rows] - pool.loads(quantity)[rows]
    return Blocks(
        columns=columns,
        block=block.astype(np.int64),
        commodity=commodity,
        spare=spare,
        cost=cost,
        start=start,
        row=row,
        part=part,
        rows=rows,
        room=left / capacity[rows],
        capacity=capacity[rows],
        calm=calm,
    )
