"""Planning against its peers on the same demands: one-by-one assignment and the arc-flow linear program."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from benchmarks.report import Report
from qafila.network import installed
from qafila.network.timetable import COST_UNIT
from qafila.planning import generate
from qafila.planning.consolidation import BAG_PRICE, consolidate
from qafila.planning.facility_rates import rates
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.holding import hold
from qafila.planning.path_columns import Pool
from qafila.planning.plan import Plan, conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from qafila.planning.rounding import round_off
from qafila.planning.search import search
from qafila.routing.border_masks import law, unlawful

SIZES = (1, 100, 1_000)
PARCELS_EACH = 50
MERCHANTS = 20
LARGEST_LINEAR_PROGRAM = 2_000_000  # columns: one commodity takes 3 GiB, more does not fit into 8
SECONDS = 60.0


def run(report: Report) -> None:
    """Cost, time and memory of each method on growing demands, in one run."""
    feed, timetable = installed.feed(), installed.timetable(date(2026, 1, 5), 17)
    graph = build(timetable, rates(feed, timetable))
    origins, destinations = generate.ends(feed, timetable)
    for size in SIZES:
        demand = generate.generate(graph, origins, destinations, size, size * PARCELS_EACH)
        merchants = np.random.default_rng(0).integers(0, MERCHANTS, len(demand))
        demand = replace(demand, merchant_class=tuple(f"M{m}" for m in merchants))
        problem = pose(graph, demand)
        report(f"{len(demand)} commodities, {int(demand.parcels.sum())} parcels, {timetable.rides} rides")
        began = time.perf_counter()
        found = search(problem, Effort(gap=0.001, seconds=SECONDS))
        report(
            f"  qafila plan: cost {found.whole.cost / COST_UNIT:,.0f}, gap {found.gap:.3%},"
            f" {time.perf_counter() - began:.1f} s, {_memory()}"
        )
        report(_bags(conclude(found)))
        began = time.perf_counter()
        greedy = one_by_one(problem)
        report(
            f"  one by one: cost {greedy / COST_UNIT:,.0f} ({greedy / found.whole.cost - 1:+.1%}),"
            f" {time.perf_counter() - began:.1f} s, {_memory()}"
        )
        columns = len(demand) * timetable.rides * 2
        if columns > LARGEST_LINEAR_PROGRAM:
            report(f"  arc-flow linear program: gives up, {columns:,} columns")
            continue
        began = time.perf_counter()
        optimum = arc_flow(problem, SECONDS)
        took = f"{time.perf_counter() - began:.1f} s, {_memory()}"
        if optimum is None:
            report(f"  arc-flow linear program (HiGHS): gives up after {took}, {columns:,} columns")
        else:
            report(
                f"  arc-flow linear program (HiGHS): cost {optimum / COST_UNIT:,.0f}"
                f" ({optimum / found.whole.cost - 1:+.1%}), {took}"
            )


def _bags(plan: Plan) -> str:
    """Bags if each merchant fills its own, if they share, and if parcels also wait for fuller ones."""
    began = time.perf_counter()
    held, holds = hold(plan)
    apart, shared, after = consolidate(plan).apart, consolidate(plan).count, consolidate(held).count
    return (
        f"  bags: {apart:,} with each of {MERCHANTS} merchants apart, {shared:,} shared ({shared / apart - 1:+.1%}),"
        f" {after:,} with holding ({after / apart - 1:+.1%}; lateness {holds['lateness'].sum():,.2f} for bags worth"
        f" {BAG_PRICE * (shared - after):,.2f}), {time.perf_counter() - began:.1f} s"
    )


def one_by_one(problem: Problem) -> float:
    """What a booking system does: each commodity in turn on the cheapest way that still has room."""
    pool, zero = Pool(problem), np.zeros(problem.graph.rows)
    pool.add(LocalPricer(problem).price(zero))
    return round_off(problem, pool, np.zeros(len(pool)), zero, rounds=12).cost


def arc_flow(problem: Problem, seconds: float) -> float | None:
    """The whole problem as one linear program: a flow on each ride and each wait for each commodity."""
    g, d, t = problem.graph, problem.demand, problem.graph.timetable
    rides, many = t.rides, len(d)
    # events are rides: arriving goods join the chain of boardings at `onward`, waiting goes along `later`
    cost, rows, columns, values, right = [], [], [], [], []
    cap_rows, cap_columns, cap_values = [], [], []
    user = np.repeat(np.arange(rides), np.diff(g.use_ptr))
    for k in range(many):
        base, first = k * (2 * rides + 1), k * rides
        each = (
            problem.ride_fixed
            + np.floor(problem.ride_kg * problem.chargeable_kg[k, np.asarray(t.ride_mode)] + 1e-6)
            + problem.ride_gram * d.grams[k]
        )
        ends = np.asarray(t.ride_to) == d.destination[k]
        late = np.maximum(np.asarray(t.ride_ready_at).astype(np.int64) - d.due[k], 0)
        each = each + ends * late * d.late_price[k] / 60
        each[(np.asarray(t.ride_forbids) & d.goods[k]) > 0] = 1e9
        each[~ends & (g.onward >= rides)] = 1e9  # leads nowhere
        borders = law(t, d.origin[k : k + 1].tolist(), d.destination[k : k + 1].tolist())
        if borders is not None:
            each[unlawful(t, borders)] = 1e9
        cost.append(np.concatenate([each, np.zeros(rides), [problem.penalty[k]]]))
        event = np.arange(rides)
        going = ~ends & (g.onward < rides)
        waits = g.later < rides
        start = int(problem.first[k])
        rows += [first + event, first + g.onward[going], first + event[waits], first + g.later[waits]]
        columns += [
            base + event,
            base + event[going],
            base + rides + event[waits],
            base + rides + event[waits],
        ]
        values += [
            np.ones(rides),
            -np.ones(int(going.sum())),
            np.ones(int(waits.sum())),
            -np.ones(int(waits.sum())),
        ]
        out = np.zeros(rides)
        if start < rides:
            out[start] = d.parcels[k]
            rows.append(np.array([first + start]))
            columns.append(np.array([base + 2 * rides]))
            values.append(np.ones(1))
        right.append(out)
        unit = np.array([1.0, d.grams[k], d.cm3[k]])[g.row_measure[g.use_row]]
        cap_rows.append(g.use_row)
        cap_columns.append(base + user)
        cap_values.append(g.use_factor * unit)
    width = many * (2 * rides + 1)
    balance = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(many * rides, width)
    )
    scarce = csr_array(
        (np.concatenate(cap_values), (np.concatenate(cap_rows), np.concatenate(cap_columns))),
        shape=(g.rows, width),
    )
    touched = np.diff(scarce.indptr) > 0
    solve: Any = linprog  # its stubs do not know sparse matrices
    answer = solve(
        np.concatenate(cost),
        A_ub=scarce[touched],
        b_ub=g.row_capacity[touched],
        A_eq=balance,
        b_eq=np.concatenate(right),
        method="highs",
        options={"time_limit": seconds},
    )
    return float(answer.fun) if answer.status == 0 else None


def _memory() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{peak:.1f} GiB at most so far"
