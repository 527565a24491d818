"""Departures and whole parcels together as one integer program on known ways."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from qafila.planning.design.design_choices import LEVELS, Choices, evened
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Floats, Longs
from qafila.planning.whole_program import EXACTLY, entries, printing_elsewhere

UNIT = 1e4
"""COST_UNITs that the program counts as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """An answer: parcels on the ways given, and what each departure is to be."""

    parcels: Longs  # [columns]
    unserved: Longs  # [K]
    chosen: tuple[int, ...]  # option of each departure
    value: float  # of what was asked: COST_UNITs, or changed lines
    bound: float  # no answer on these ways has less
    optimal: bool


class Program:
    """The program of a problem, its choices and some columns of the pool; asked once or several times."""

    def __init__(self, problem: Problem, pool: Pool, columns: Longs, choices: Choices) -> None:
        """`problem` is on the graph of the timetable, one vehicle a departure."""
        self.problem, self.pool, self.columns, self.choices = problem, pool, columns, choices
        d, _g = problem.demand, problem.graph
        self._rows: list[tuple[Longs, Floats, float, float]] = []  # columns, factors, least, most
        self._cost: list[Floats] = []
        self._upper: list[Floats] = []
        self._whole: list[bool] = []
        self._count = 0
        way = self._add(pool.cost[columns], d.parcels[pool.who[columns]].astype(float), True)
        left = self._add(problem.penalty, d.parcels.astype(float), True)
        for k in range(len(d)):
            on = way[pool.who[columns] == k]
            self._limit(
                np.append(on, left[k]), np.ones(len(on) + 1), float(d.parcels[k]), float(d.parcels[k])
            )
        self._options = [
            self._add(np.array([o.cost for o in dep.options]), np.ones(len(dep.options)), True)
            for dep in choices.departures
        ]
        for options in self._options:
            self._limit(options, np.ones(len(options)), 1.0, 1.0)
        self._capacities(way)
        self._lines()
        self._way, self._left = way, left

    def _add(self, cost: Floats, upper: Floats, whole: bool) -> Longs:
        first = self._count
        self._count += len(cost)
        self._cost.append(np.asarray(cost, float) / UNIT)
        self._upper.append(np.asarray(upper, float))
        self._whole += [whole] * len(cost)
        return np.arange(first, self._count)

    def _limit(self, columns: Longs, factors: Floats, least: float, most: float) -> None:
        self._rows.append((columns, factors, least, most))

    def _capacities(self, way: Longs) -> None:
        """Room of all rows, by what is chosen of the departures; and what their fill costs."""
        g, choices = self.problem.graph, self.choices
        row, column, amount = entries(self.problem, self.pool, self.columns)
        order = np.argsort(row, kind="stable")
        row, column, amount = row[order], column[order], amount[order]
        ends = np.flatnonzero(np.diff(row, append=-1)) + 1
        begins = np.append(0, ends[:-1])
        chosen = {int(r): (n, i) for n, dep in enumerate(choices.departures) for i, r in enumerate(dep.rows)}
        even = set(evened(g).tolist()) if choices.balance else set()
        full = choices.full(g)
        for low, high in zip(begins.tolist(), ends.tolist(), strict=True):
            r = int(row[low])
            on, units = way[column[low:high]], amount[low:high]
            scale = max(float(g.row_capacity[r]), 1.0)
            if r in chosen:
                n, i = chosen[r]
                rooms = np.array([o.room[i] for o in choices.departures[n].options])
                self._limit(
                    np.concatenate([on, self._options[n]]),
                    np.concatenate([units, -rooms]) / scale,
                    -np.inf,
                    0.0,
                )
            else:
                self._limit(on, units / scale, -np.inf, float(g.row_capacity[r]) / scale)
            if r in even:
                self._even(on, units / float(full[r]))

    def _even(self, on: Longs, share: Floats) -> None:
        """What the fill of a place costs: no less than each of the straight lines."""
        paid = self._add(np.array([self.choices.balance]), np.array([1.0]), False)
        for low, high in itertools.pairwise(LEVELS):
            slope = low + high
            self._limit(np.append(on, paid), np.append(slope * share, -1.0), -np.inf, slope * low - low**2)

    def _lines(self) -> None:
        """A line runs if one of its departures does, and is changed if one is not as planned."""
        choices = self.choices
        runs = self._add(np.array([cost for _, cost in choices.lines]), np.ones(len(choices.lines)), True)
        self._changed = self._add(np.zeros(len(choices.lines)), np.ones(len(choices.lines)), True)
        for dep, options in zip(choices.departures, self._options, strict=True):
            on = options[[o.vehicles > 0 for o in dep.options]]
            if choices.lines[dep.line][1]:
                self._limit(np.append(on, runs[dep.line]), np.append(np.ones(len(on)), -1.0), -np.inf, 0.0)
            if dep.planned is not None:
                other = np.delete(options, dep.planned)
                self._limit(
                    np.append(other, self._changed[dep.line]),
                    np.append(np.ones(len(other)), -1.0),
                    -np.inf,
                    0.0,
                )

    def cheapest(self, seconds: float, most_changes: int | None = None) -> Decided | None:
        """The least cost, with so many changed lines at most."""
        more = []
        if most_changes is not None:
            more.append((self._changed, np.ones(len(self._changed)), -np.inf, float(most_changes)))
        return self._solve(np.concatenate(self._cost), more, seconds, UNIT)

    def fewest_changes(self, most_cost: float, seconds: float) -> Decided | None:
        """The fewest changed lines at a cost of so many COST_UNITs at most."""
        cost, few = np.concatenate(self._cost), np.zeros(self._count)
        few[self._changed] = 1.0
        scale = max(most_cost / UNIT, 1.0)
        limit = (np.arange(self._count), cost / scale, -np.inf, most_cost / UNIT / scale)
        return self._solve(few, [limit], seconds, 1.0)

    def _solve(
        self, goal: Floats, more: list[tuple[Longs, Floats, float, float]], seconds: float, unit: float
    ) -> Decided | None:
        """None where the solver found nothing in so many seconds."""
        rows = self._rows + more
        number = np.repeat(np.arange(len(rows)), [len(r[0]) for r in rows])
        matrix = csr_array(
            (np.concatenate([r[1] for r in rows]), (number, np.concatenate([r[0] for r in rows]))),
            shape=(len(rows), self._count),
        )
        solver: Any = milp
        with printing_elsewhere():
            answer = solver(
                goal,
                integrality=np.array(self._whole, float),
                bounds=Bounds(0.0, np.concatenate(self._upper)),
                constraints=LinearConstraint(
                    matrix, np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
                ),
                options={"time_limit": max(seconds, 0.1), "mip_rel_gap": EXACTLY},
            )
        if answer.x is None:
            return None
        x = np.round(answer.x).astype(np.int64)
        bound = -np.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound) * unit
        return Decided(
            x[self._way],
            x[self._left],
            tuple(int(np.argmax(answer.x[o])) for o in self._options),
            float(answer.fun) * unit,
            bound,
            answer.status == 0,
        )
