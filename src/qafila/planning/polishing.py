"""What is done with the time that is left when prices are as good as they get: whole parcels are placed better.

On a small network every way that a better plan could use is written down, and an integer program finds the best plan
there is. On others the program is asked for the commodities around one full place at a time, while all others stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qafila.planning import residual
from qafila.planning.near_ways import near_ways
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.pricing import home_values, offered
from qafila.planning.rounding import Whole
from qafila.planning.shapes import Floats, Longs, Truths
from qafila.planning.whole_program import EXACTLY, place

EVERY = 20_000
"""Up to so many ways are a program for all commodities at once."""

SOME, SOME_SECONDS = 2000, 4.0
"""Ways, and seconds, of a program for the commodities around a full place."""

LOOKED_AT = 3e8
"""So many rides may be looked at to write down all ways that are near: commodities times rides."""

NEARER = (1.0, 0.3, 0.1, 0.03)
"""Parts of the gap within which ways count as near; all of it proves that the best plan is found."""

AT_ONCE = 20.0
"""Seconds of a program at most: it cannot be stopped meanwhile."""


@dataclass(slots=True)
class Polish:
    """Whole parcels that get better; `proven` is what no plan of whole parcels costs less than."""

    problem: Problem
    pool: Pool
    whole: Whole
    bound: float
    row_price: Floats
    priced: Priced
    seconds: Callable[[], float]  # that are left
    stopped: Callable[[], bool]
    gap: float
    proven: float = -np.inf

    def run(self) -> None:
        """Place better until the gap is met, nothing is better, or time is up."""
        self._shorten()
        if self._all():
            return
        if self.problem.graph.rows and (self.row_price > 0).any():
            self._around()

    def _done(self) -> bool:
        """Whether the gap is met, or there is no time left."""
        enough = self.whole.cost - max(self.bound, self.proven) <= self.gap * abs(self.whole.cost)
        return enough or self.stopped() or self.seconds() <= 0

    def _above(self) -> tuple[Floats, Floats]:
        """[K] the least that each parcel costs at the prices, and [C] how far above it each column is."""
        d = self.problem.demand
        least = offered(d, self.priced.value, home_values(self.problem, self.row_price))
        least = np.minimum(least, self.problem.penalty)
        return least, self.pool.values(self.row_price) - least[self.pool.who]

    def _take(self, parcels: Longs, unserved: Longs) -> None:
        load = self.pool.loads(parcels.astype(np.float64))
        cost = float(np.dot(self.pool.cost, parcels) + np.dot(self.problem.penalty, unserved))
        self.whole = Whole(parcels, unserved, self.problem.graph.row_capacity - load, cost)

    def _padded(self) -> Longs:
        return np.append(self.whole.parcels, np.zeros(len(self.pool) - len(self.whole.parcels), np.int64))

    def _shorten(self) -> None:
        """Who goes dearest above the least takes cheaper ways that have room, who is left any way."""
        _, above = self._above()
        placed, room, left = self._padded(), self.whole.room.copy(), self.whole.unserved.copy()
        lost = placed * above[: len(placed)]
        order = np.argsort(-lost, kind="stable")
        order = order[lost[order] > 1.0][:EVERY]
        for ways, parcels in (
            residual.shorten(self.problem, self.pool.ways, order, self.pool.cost, placed, room, self._done),
            residual.serve(self.problem, left, room, self._done),
        ):
            column = self.pool.extend(*ways)
            placed = np.append(placed, np.zeros(len(self.pool) - len(placed), np.int64))
            np.add.at(placed, column, parcels)
        self._take(placed, left)

    def _all(self) -> bool:
        """The best plan there is, where the ways that it may use are few; whether it was found.

        Where they are many, the best on those of them that are nearest.
        """
        problem, d = self.problem, self.problem.demand
        if len(d) * problem.graph.timetable.rides > LOOKED_AT:
            return False
        least, _ = self._above()
        far = self.whole.cost - self.bound + 1.0
        moving = 0.0 if d.move_price is None else d.move_price
        everyone = np.arange(len(d))
        for part in NEARER:
            limit = least + part * far - moving
            ways, complete = near_ways(problem, self.row_price, limit, everyone, EVERY)
            if complete:
                break
        else:
            return False
        self.pool.extend(*ways)
        _, above = self._above()
        placed = self._padded() > 0
        worth = (above <= part * far) & (self.pool.cost < problem.penalty[self.pool.who])
        columns = np.flatnonzero(worth | placed)
        if self._done():
            return False
        seconds = max(min(self.seconds(), AT_ONCE), 0.1)
        found = place(problem, self.pool, columns, everyone, problem.graph.row_capacity, seconds)
        if found is None:
            return False
        if found.cost < self.whole.cost - 1e-6:
            parcels = np.zeros(len(self.pool), np.int64)
            parcels[columns] = found.parcels
            self._take(parcels, found.unserved)
        if part == 1.0:  # no plan that is better uses any other way
            self.proven = max(self.proven, min(found.bound, self.whole.cost * (1.0 - EXACTLY)))
        return found.optimal and part == 1.0

    def _around(self) -> None:
        """Commodities around a priced row are placed anew, row after row, those first that are worth most."""
        g = self.problem.graph
        worth = self.row_price * g.row_capacity
        rows = np.flatnonzero(worth > 0)
        rng = np.random.default_rng(len(rows))
        while not self._done():
            order = rows[np.argsort(-worth[rows] * rng.uniform(0.2, 1.0, len(rows)), kind="stable")]
            seen = np.zeros(g.rows, np.bool_)
            for row in order:
                if self._done():
                    return
                if not seen[row]:
                    self._near_row(int(row), seen)

    def _near_row(self, row: int, seen: Truths) -> None:
        problem, g, pool = self.problem, self.problem.graph, self.pool
        _, above = self._above()
        on = np.repeat(np.arange(g.timetable.rides), np.diff(g.use_ptr))[g.use_row == row]
        uses = np.zeros(g.timetable.rides, np.bool_)
        uses[on] = True
        crosses = np.logical_or.reduceat(uses[pool.rides], pool.ptr[:-1]) if len(pool) else uses[:0]
        placed = self._padded()
        near = above <= np.maximum(problem.penalty[pool.who] * 0.1, 1.0)
        chosen = np.unique(pool.who[crosses & (near | (placed > 0))])
        if not len(chosen):
            return
        mine = np.isin(pool.who, chosen)
        columns = np.flatnonzero(mine & (near | (placed > 0)))
        if len(columns) > SOME:
            rng = np.random.default_rng(row)
            some = rng.permutation(chosen)[: max(int(len(chosen) * SOME / len(columns)), 2)]
            chosen = np.sort(some)
            mine = np.isin(pool.who, chosen)
            columns = np.flatnonzero(mine & (near | (placed > 0)))
        seen[row] = True
        room = g.row_capacity - pool.loads(np.where(mine, 0, placed).astype(np.float64))
        seconds = min(self.seconds(), SOME_SECONDS)
        found = place(problem, pool, columns, chosen, room, max(seconds, 0.1))
        if found is None:
            return
        now = float(np.dot(pool.cost[mine], placed[mine]))
        now += float(np.dot(problem.penalty[chosen], self.whole.unserved[chosen]))
        if found.cost < now - 1e-6:
            parcels, unserved = np.where(mine, 0, placed), self.whole.unserved.copy()
            parcels[columns] = found.parcels
            unserved[chosen] = found.unserved
            self._take(parcels, unserved)
