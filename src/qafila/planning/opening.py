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
from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.pricing import Pricer, bound
from qafila.planning.shapes import Floats, Longs

KAPPA = 12.0
"""At first a row so many times over its capacity costs as much again as parcels pay for all of their ways. Steeper from the
start, prices overshoot, and it takes most of the time until they prove anything again."""

STEEPER, WANING = 1.3, 0.7
"""A row costs so many times more where a step leaves it with more than that part of what was over capacity before it."""

LEARNED = 4
"""Ways of a commodity that are looked at for routes, the cheapest first: more would drive out routes in use."""

FITS = 0.003
"""It is enough when no more than that part of the flow is over capacity."""

SETTLING, HARDER = 8, 1.8
"""Passes in which whole parcels settle; in each a row that is too full costs so many times more than in the last."""

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
        self._excess = np.full(
            g.rows, np.inf
        )  # of each row's load, as a part of its capacity, after the last step
        slope = _worth_of_a_unit(problem, alone) / KAPPA / np.maximum(g.row_capacity, 1e-9)
        state = np.stack(
            [np.zeros(g.rows), slope, np.maximum(g.row_capacity, 1e-9), np.zeros(g.rows)], axis=1
        )
        self.prices = kernel.Prices(*g.uses[:3], g.row_measure[g.use_row], np.ascontiguousarray(state))
        d = problem.demand
        moving = np.zeros(k) if d.move_price is None else d.move_price
        self._wants = kernel.Wants(problem.first, self._alone, problem.penalty - moving)
        order = np.argsort(-problem.penalty / np.maximum(d.grams, 1.0), kind="stable")
        self._turn: Longs = order.astype(np.int64)

    def learn(self, priced: Priced) -> int:
        """Write down the routes of ways that were found; returns how many are new."""
        return kernel.learn_routes(
            priced.length[:, :LEARNED], priced.path[:, :LEARNED], self._routes, self._lines.of, self._used
        )

    def step(self, enough: Callable[[], bool]) -> Step:
        """Equilibrate, price, learn new routes, and move the multipliers."""
        problem = self.problem
        for number in range(PASSES):
            self._pass(self.prices, whole=False, every=number == PASSES - 1)
            if enough():
                break
        fixed, slope = self.prices.fixed, self.prices.slope
        capacity, load = self.prices.capacity, self.prices.load
        price = np.maximum(fixed + slope * (load - capacity), 0.0)
        priced = self.pricer.price(price, price > 0)
        new = self.learn(priced)
        fixed[:] = price
        excess = np.maximum(load / capacity - 1.0, 0.0)
        slope[excess > np.maximum(WANING * self._excess, 0.5 * FITS)] *= STEEPER
        self._excess = excess
        over = float(np.maximum(load - capacity, 0.0)[: problem.graph.timetable.segments].sum())
        carried = float(load[: problem.graph.timetable.segments].sum())
        return Step(price, bound(problem, price, priced), priced, over / max(carried, 1e-9), new)

    def settle(self, price: Floats, enough: Callable[[], bool]) -> None:
        """Make the parcels of all ways whole, and let them move on, at the multipliers `price` [M], as rows that are too
        full grow dearer: who gives way is settled between all of them, not by who comes first."""
        parcels = self._ways.parcels
        whole = np.floor(parcels + 1e-6)
        part = parcels - whole
        missing = np.round(parcels.sum(1) - whole.sum(1)).astype(np.int64)
        rank = np.argsort(np.argsort(-part, axis=1, kind="stable"), axis=1)
        parcels[:] = whole + (rank < missing[:, None])
        prices = self.prices._replace(state=self.prices.state.copy())
        prices.fixed[:] = price
        kernel.loaded(self._ways, self.problem.kinds, prices)
        for _ in range(SETTLING):
            self._pass(prices, whole=True, every=True)
            prices.slope[:] *= HARDER
            if enough():
                break

    def _pass(self, prices: kernel.Prices, whole: bool, every: bool) -> None:
        problem = self.problem
        kernel.equilibrate(
            self._turn,
            self._wants,
            self._ways,
            self._routes,
            self._lines,
            problem.graph.onward,
            problem.fares,
            problem.kinds,
            prices,
            whole,
            every,
        )
        kernel.loaded(self._ways, problem.kinds, prices)  # sums of floats wander

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
        np.zeros((commodities, ways), np.int32),
        np.zeros((commodities, ways, kernel.LEGS), np.int32),
        np.zeros((commodities, ways)),
    )


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
