"""The opening for heavy weeks: the method of multipliers, with path equilibration between its steps.

Where half of the flow has no room, prices that a master finds come late: a congested leg's departures are priced one after
the other. Here a price reacts while commodities move (equilibrium.py), all departures of a route are looked at, sweeps
only look for new routes, and who stays pays its true penalty from the start. What is left is shares that nearly fit,
prices that are nearly right, and the ways that matter, for the master to go on from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qafila.planning import equilibrium as kernel
from qafila.planning.path_columns import Pool
from qafila.planning.priced import Priced
from qafila.planning.pricing import Pricer, bound
from qafila.planning.problem import Problem
from qafila.planning.shapes import Floats, Longs

KAPPA = 1.0
"""A row so much over its capacity, as a part of it, costs as much again as parcels pay for all of their ways."""

PASSES = 2
"""Passes of equilibration between two steps of the multipliers."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where the opening stands after a step of the multipliers."""

    row_price: Floats  # [M]
    bound: float  # what the prices prove, by the rides that were looked at
    priced: Priced
    over: float  # of the load, what is over capacity
    new: int  # routes


class Opening:
    """Shares that are moved to where it is cheapest, and prices that follow them."""

    def __init__(self, problem: Problem, pricer: Pricer, alone: Floats) -> None:
        """`alone` [K] is what a parcel pays on its cheapest way; infinite where it has none."""
        self.problem, self.pricer = problem, pricer
        g, k = problem.graph, len(problem.demand)
        self._alone = alone * (1.0 - 1e-5)  # 32-bit floats found it
        self._lines = _lines(problem)
        self._ways, self._routes = (_stock(k, n) for n in (kernel.WAYS, kernel.ROUTES))
        self._ways.parcels[:, -1] = problem.demand.parcels
        self._used = np.zeros(k, np.int64)
        slope = _worth_of_a_unit(problem, alone) / KAPPA / np.maximum(g.row_capacity, 1e-9)
        self.prices = kernel.Prices(
            np.zeros(g.rows), slope, np.maximum(g.row_capacity, 1e-9), np.zeros(g.rows)
        )
        d = problem.demand
        self._moving = np.zeros(k) if d.move_price is None else d.move_price
        order = np.argsort(-problem.penalty / np.maximum(d.grams, 1.0), kind="stable")
        self._turn: Longs = order.astype(np.int64)

    def learn(self, priced: Priced) -> int:
        """Write down the routes of ways that were found; returns how many are new."""
        return kernel.learn_routes(priced.length, priced.path, self._routes, self._lines.of, self._used)

    def step(self, enough: Callable[[], bool]) -> Step:
        """Equilibrate, price, learn new routes, and move the multipliers."""
        problem, rows = self.problem, self.problem.graph.uses
        for _ in range(PASSES):
            kernel.equilibrate(
                self._turn, problem.first, self._alone, problem.penalty - self._moving, self._ways, self._routes, self._lines,
                problem.graph.onward, problem.fares, rows, problem.kinds, self.prices,
            )  # fmt: skip
            kernel.loaded(self._ways, rows, problem.kinds, self.prices.load)  # sums of floats wander
            if enough():
                break
        fixed, slope, capacity, load = self.prices
        price = np.maximum(fixed + slope * (load - capacity), 0.0)
        priced = self.pricer.price(price, price > 0)
        new = self.learn(priced)
        fixed[:] = price
        over = float(np.maximum(load - capacity, 0.0)[: problem.graph.timetable.segments].sum())
        carried = float(load[: problem.graph.timetable.segments].sum())
        return Step(price, bound(problem, price, priced), priced, over / max(carried, 1e-9), new)

    def shares(self, pool: Pool) -> Floats:
        """[C] of each column of the pool, to which the ways in use are added."""
        length, rides, parcels = self._ways
        use = (length > 0) & (parcels > 1e-6)
        use[:, -1] = False
        who = np.nonzero(use)[0].astype(np.int64)
        size = length[use]
        ptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        inside = np.arange(kernel.LEGS)[None, :] < size[:, None]
        column = pool.extend(who, ptr, rides[use][inside])
        share = np.zeros(len(pool))
        known = column >= 0
        np.add.at(share, column[known], (parcels[use] / self.problem.demand.parcels[who])[known])
        return share


def _stock(commodities: int, ways: int) -> kernel.Stock:
    return kernel.Stock(
        np.zeros((commodities, ways), np.int32), np.zeros((commodities, ways, kernel.LEGS), np.int32),
        np.zeros((commodities, ways)),
    )  # fmt: skip


def _lines(problem: Problem) -> kernel.Lines:
    """The rides of each pair of nodes, without those that are closed."""
    t = problem.graph.timetable
    leg = np.asarray(t.ride_from).astype(np.int64) * t.nodes + np.asarray(t.ride_to)
    _, of = np.unique(leg, return_inverse=True)
    open_ = np.flatnonzero(np.isfinite(problem.ride_fixed))
    order = open_[np.argsort(of[open_], kind="stable")]
    ptr = np.searchsorted(of[order], np.arange(of.max(initial=-1) + 2))
    at = np.zeros(t.rides, np.int32)
    at[order] = np.arange(len(order)) - ptr[of[order]]
    return kernel.Lines(of.astype(np.int32), at, ptr.astype(np.int64), order.astype(np.int32))


def _worth_of_a_unit(problem: Problem, alone: Floats) -> Floats:
    """[M] what parcels pay for their cheapest ways on average, for each unit of a row."""
    g, d = problem.graph, problem.demand
    parcels = d.parcels.astype(np.float64)
    paid = float(np.dot(np.minimum(problem.penalty, alone), parcels))
    each = np.array([paid / max(np.dot(parcels, size), 1e-9) for size in (np.ones(len(d)), d.grams, d.cm3)])
    uses = np.bincount(g.use_row, minlength=g.rows)
    factor = np.bincount(g.use_row, g.use_factor, minlength=g.rows) / np.maximum(uses, 1)
    worth = each[g.row_measure] / np.where(factor > 0, factor, 1.0)
    return np.asarray(worth)
