"""The whole problem as one arc-flow linear program for HiGHS: what the planner must equal on small networks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from qafila.planning.planning_problem import Problem
from tests.planning import networks


def solve(problem: Problem, whole: bool = False, even: dict[int, tuple[float, float]] | None = None) -> float:
    """Least cost in COST_UNITs with parcels as fractions, or `whole`; nodes are (facility, moment), waiting is free.

    Where rides are limited a node stands for the rides that led there, too. `even` has rows whose fill costs: what full
    costs, and how much that is; in between it rises as the square, in straight lines between tenths.
    """
    t, d, g = problem.graph.timetable, problem.demand, problem.graph
    inf = np.inf
    rows: list[dict[int, float]] = []
    lower: list[float] = []
    upper: list[float] = []
    costs: list[float] = []

    def column(cost: float) -> int:
        costs.append(cost)
        return len(costs) - 1

    scarce: list[dict[int, float]] = [{} for _ in range(g.rows)]
    for k in range(len(d)):
        balance: dict[tuple[int, int, int], dict[int, float]] = {}
        moments: dict[int, set[int]] = {}
        most = int(d.limits[k])
        flows = []
        for r in range(t.rides):
            if t.ride_forbids[r] & d.goods[k] or t.ride_board_by[r] < d.release[k] or g.closed[r]:
                continue
            if t.ride_from[r] == d.destination[k]:
                continue
            if not networks.lawful(t, r, int(d.origin[k]), int(d.destination[k])):
                continue
            cost = (
                t.ride_fixed_cost[r]
                + np.floor(t.ride_kg_cost[r] * problem.chargeable_kg[k, t.ride_mode[r]] + 1e-6)
                + problem.ride_gram[r] * d.grams[k]
            )
            if t.ride_to[r] == d.destination[k]:
                cost += d.late_price[k] * max(int(t.ride_ready_at[r]) - int(d.due[k]), 0) / 60
            columns = [column(float(cost)) for _ in range(max(most, 1))]
            flows += [(r, layer, x) for layer, x in enumerate(columns)]
            moments.setdefault(int(t.ride_from[r]), set()).add(int(t.ride_board_by[r]))
            moments.setdefault(int(t.ride_to[r]), set()).add(int(t.ride_ready_at[r]))
            for use in range(g.use_ptr[r], g.use_ptr[r + 1]):
                row = g.use_row[use]
                unit = g.use_factor[use] * (1.0, d.grams[k], d.cm3[k])[g.row_measure[row]]
                for x in columns:
                    scarce[row][x] = scarce[row].get(x, 0.0) + unit
        moments.setdefault(int(d.origin[k]), set()).add(int(d.release[k]))
        for node, times in moments.items():
            for layer in range(max(most, 1)):
                for m in times:
                    balance[node, m, layer] = {}
                if node == d.destination[k]:
                    continue
                for a, b in pairwise(sorted(times)):
                    wait = column(0.0)
                    balance[node, a, layer][wait] = -1.0
                    balance[node, b, layer][wait] = 1.0
        for r, layer, x in flows:
            balance[int(t.ride_from[r]), int(t.ride_board_by[r]), layer][x] = -1.0
            to, after = int(t.ride_to[r]), layer + (most > 0)
            if to == d.destination[k]:
                balance[to, int(t.ride_ready_at[r]), 0][x] = 1.0
            else:  # a ride too many leads nowhere
                balance.setdefault((to, int(t.ride_ready_at[r]), after), {})[x] = 1.0
        unserved = column(float(problem.penalty[k]))
        balance[int(d.origin[k]), int(d.release[k]), 0][unserved] = -1.0
        for (node, m, layer), entries in balance.items():
            if node == d.destination[k]:
                continue
            source = float(d.parcels[k]) if (node, m, layer) == (d.origin[k], d.release[k], 0) else 0.0
            rows.append(entries)
            lower.append(-source)
            upper.append(-source)
    for row in range(g.rows):
        if scarce[row]:
            rows.append(scarce[row])
            lower.append(-inf)
            upper.append(float(g.row_capacity[row]))
    tenths = [(a / 10, (a + 1) / 10) for a in range(10)]
    for row, (price, full) in (even or {}).items():
        paid = column(price)
        for a, b in tenths:
            line = {x: (a + b) * unit / full for x, unit in scarce[row].items()}
            rows.append(line | {paid: -1.0})
            lower.append(-inf)
            upper.append(a * b)
    smooth = len(even or {})
    entry = [(i, c, v) for i, entries in enumerate(rows) for c, v in entries.items()]
    i, c, v = (np.array(x) for x in zip(*entry, strict=True))
    matrix = csr_array((v, (i, c)), shape=(len(rows), len(costs)))
    low, high = np.array(lower), np.array(upper)
    equal = low == high
    up, down = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
    answer = linprog(
        np.array(costs) / 1e4,
        A_ub=vstack([matrix[up], -matrix[down]]),
        b_ub=np.concatenate([high[up], -low[down]]),
        A_eq=matrix[equal],
        b_eq=low[equal],
        method="highs",
        integrality=np.append(np.ones(len(costs) - smooth), np.zeros(smooth)) if whole else None,
        options={"mip_rel_gap": 1e-9} if whole else {},
    )
    assert answer.success, answer.message
    return float(answer.fun) * 1e4
