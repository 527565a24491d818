"""The search for what departures are to be.

On a small network every way that costs less than leaving a parcel is written down, and an integer program over ways and
departures together finds the best and proves it. On others what departures cost is spread over what they carried before,
gram by gram, and the planner asked again (slope scaling); then departures are thinned out one by one while that saves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from qafila.planning import residual
from qafila.planning.design.bounding import bound_of
from qafila.planning.design.design_choices import LEVELS, Choices, Option, evened
from qafila.planning.design.design_program import Decided, Program
from qafila.planning.found import Effort
from qafila.planning.near_ways import near_ways
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.polishing import EVERY, LOOKED_AT
from qafila.planning.search import search
from qafila.planning.shapes import Floats, Longs
from qafila.planning.stopwatch import Stopwatch

SMALLEST = 1e-6
"""COST_UNITs by which something has to be cheaper."""

TURNS = 8
"""Times that the planner is asked at prices a gram."""

EMPTY = 0.25
"""A departure that carries nothing is priced as if it were so full."""


@dataclass(slots=True, eq=False)
class Design:
    """What was decided: parcels on columns of the pool, the option of each departure, and what is proven."""

    pool: Pool
    parcels: Longs  # [C]
    unserved: Longs  # [K]
    chosen: tuple[int, ...]
    cost: float  # COST_UNITs in all
    bound: float  # COST_UNITs: nothing costs less in all
    least: float  # COST_UNITs of the cheapest found; `cost` is more where fewer lines are changed
    exact: bool = False
    unproven: bool = field(default=False)  # whether fewer changes may be possible at that cost


def decide(
    problem: Problem,
    choices: Choices,
    effort: Effort,
    few: float | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Design:
    """Decide what every departure is to be.

    Args:
        problem: on the graph of the timetable, one vehicle a departure.
        choices: what there is to decide.
        effort: seconds, and the gap that is good enough.
        few: by which part the cost may be more than the least, for the fewest changed lines; None: it may not.
        stopped: asked between steps.
    """
    search_ = _Deciding(problem, choices, effort, stopped)
    return search_.exactly(few) or search_.by_slopes(few)


class _Deciding:
    def __init__(
        self, problem: Problem, choices: Choices, effort: Effort, stopped: Callable[[], bool]
    ) -> None:
        self.problem, self.choices, self.effort, self.stopped = problem, choices, effort, stopped
        self.watch = Stopwatch()
        self.largest = replace(problem, graph=choices.graph(problem.graph, choices.largest()))

    def _seconds(self, part: float = 1.0) -> float:
        return part * (self.effort.seconds - self.watch.seconds)

    def _done(self) -> bool:
        return self.stopped() or self._seconds() <= 0

    def exactly(self, few: float | None) -> Design | None:
        """The best design by one integer program; None where the network is too large for it."""
        p = self.largest
        if len(p.demand) * p.graph.timetable.rides > LOOKED_AT:
            return None
        everyone, zero = np.arange(len(p.demand)), np.zeros(p.graph.rows)
        ways, complete = near_ways(p, zero, p.penalty, everyone, EVERY)
        if not complete:
            return None
        pool = Pool(p)
        pool.extend(*ways)
        columns = np.arange(len(pool))
        program = Program(self.problem, pool, columns, self.choices)
        found = program.cheapest(self._seconds(0.6 if few is not None else 1.0))
        if found is None:
            return None
        first = found
        if few is not None and not self._done():
            fewest = program.fewest_changes(first.value * (1.0 + few) + SMALLEST, self._seconds(0.6))
            if fewest is not None:
                found = program.cheapest(self._seconds(), len(self.choices.changed(fewest.chosen))) or fewest
                unproven = not (fewest.optimal and first.optimal)
                return self._taken(pool, found, first, unproven)
        return self._taken(pool, found, first)

    def _taken(self, pool: Pool, found: Decided, first: Decided, unproven: bool = False) -> Design:
        load = pool.loads(found.parcels.astype(np.float64))
        cost = self.total(pool, found.parcels, found.unserved, found.chosen, load)
        return Design(
            pool,
            found.parcels,
            found.unserved,
            found.chosen,
            cost,
            min(first.bound, first.value),
            first.value,
            found.optimal and first.optimal,
            unproven,
        )

    def total(
        self, pool: Pool, parcels: Longs, unserved: Longs, chosen: tuple[int, ...], load: Floats
    ) -> float:
        """COST_UNITs of ways, of what is left, and of departures."""
        ways = float(np.dot(pool.cost, parcels) + np.dot(self.problem.penalty, unserved))
        return ways + self.choices.cost(chosen, load, self.problem.graph)

    def by_slopes(self, few: float | None) -> Design:
        """A good design by prices a gram, thinned out; and what prices prove."""
        p, choices = self.problem, self.choices
        pool, zero = Pool(self.largest), np.zeros(p.graph.rows)
        per_gram = np.array([_slope(d.options, None) for d in choices.departures])
        even, price = np.zeros(p.graph.rows), zero
        best: Design | None = None
        bound = -np.inf
        for turn in range(TURNS):
            priced = replace(
                self.largest,
                ride_gram=p.ride_gram + choices.surcharge(p.graph, per_gram),
                ride_fixed=np.where(self.largest.graph.closed, np.inf, p.ride_fixed) + self._even(even),
            )
            share = self._seconds(0.7 / (TURNS - turn)) if turn < TURNS - 1 else self._seconds(0.5)
            found = search(
                priced,
                Effort(gap=self.effort.gap, seconds=max(share, 1.0)),
                row_price=price,
                stopped=self.stopped,
            )
            price = found.row_price
            bound = max(bound, bound_of(self.largest, choices, price, per_gram))
            used = np.flatnonzero(found.whole.parcels > 0)
            ptr = np.concatenate([[0], np.cumsum(np.diff(found.pool.ptr)[used])])
            on = np.concatenate(
                [found.pool.rides[found.pool.ptr[c] : found.pool.ptr[c + 1]] for c in used]
                or [np.zeros(0, np.int32)]
            )
            column = pool.extend(found.pool.who[used], ptr.astype(np.int64), on)
            parcels = np.zeros(len(pool), np.int64)
            np.add.at(parcels, column, found.whole.parcels[used])
            load = pool.loads(parcels.astype(np.float64))
            chosen = choices.fitting(load)
            cost = self.total(pool, parcels, found.whole.unserved, chosen, load)
            if best is None or cost < best.cost - SMALLEST:
                best = Design(pool, parcels, found.whole.unserved.copy(), chosen, cost, bound, cost)
            now = np.array(
                [_slope(d.options, float(load[d.rows].max(initial=0.0))) for d in choices.departures]
            )
            carried = np.array([load[d.rows].max(initial=0.0) > 0 for d in choices.departures], np.bool_)
            per_gram = np.where(carried, 0.5 * (per_gram + now), per_gram) if len(now) else per_gram
            even = self._slopes_of_fill(load)
            if self._done() or best.cost - bound <= self.effort.gap * abs(best.cost):
                break
        assert best is not None
        best.parcels = _padded(best.parcels, pool)
        self._thin(best)
        best.least, best.bound = best.cost, bound
        if few is not None:
            self._revert(best, best.cost * (1.0 + few))
            best.unproven = bool(choices.changed(best.chosen))
        return best

    def _slopes_of_fill(self, load: Floats) -> Floats:
        """[M] COST_UNITs that one unit more on each row makes its fill dearer."""
        prices = np.zeros(self.problem.graph.rows)
        if not self.choices.balance:
            return prices
        rows, full = evened(self.problem.graph), self.choices.full(self.problem.graph)
        level = np.clip(np.floor(load[rows] / full[rows] * 10).astype(int), 0, 9)
        prices[rows] = self.choices.balance * (LEVELS[level] + LEVELS[level + 1]) / full[rows]
        return prices

    def _even(self, prices: Floats) -> Floats:
        """[R] COST_UNITs for a parcel of the mean weight on each ride, at prices of rows."""
        g, d = self.problem.graph, self.problem.demand
        each = np.array([1.0, np.average(d.grams, weights=d.parcels), np.average(d.cm3, weights=d.parcels)])
        of_use = g.use_factor * prices[g.use_row] * each[g.row_measure[g.use_row]]
        ride = np.repeat(np.arange(g.timetable.rides), np.diff(g.use_ptr))
        return np.bincount(ride, of_use, minlength=g.timetable.rides).astype(np.float64)

    def _thin(self, design: Design) -> None:
        """Departures, the dearest for what they carry first, get a smaller option while that saves."""
        choices = self.choices
        improved = True
        while improved and not self._done():
            improved = False
            load = design.pool.loads(design.parcels.astype(np.float64))
            worth = []
            for n, (d, at) in enumerate(zip(choices.departures, design.chosen, strict=True)):
                if at > 0 and d.options[at].cost > d.options[at - 1].cost:
                    worth.append((d.options[at].cost / max(float(load[d.rows].max()), 1.0), n))
            for _, n in sorted(worth, reverse=True):
                if self._done():
                    return
                smaller = list(design.chosen)
                smaller[n] -= 1
                improved |= self._try(design, tuple(smaller), design.cost - SMALLEST)

    def _try(self, design: Design, chosen: tuple[int, ...], most: float) -> bool:
        """Take other options if the plan, with those who have no room any more going elsewhere, costs up to `most`."""
        p, pool = self.problem, design.pool
        graph = self.choices.graph(p.graph, chosen)
        fixed = replace(p, graph=graph, ride_fixed=np.where(graph.closed, np.inf, p.ride_fixed))
        parcels, left = design.parcels.copy(), design.unserved.copy()
        load = pool.loads(parcels.astype(np.float64))
        over = np.flatnonzero(load > graph.row_capacity * (1 + 1e-9) + 1e-6)
        if len(over):
            on = np.zeros(p.graph.timetable.rides, np.bool_)
            user = np.repeat(np.arange(len(on)), np.diff(graph.use_ptr))
            on[user[np.isin(graph.use_row, over)]] = True
            ways = np.flatnonzero(parcels)
            length = np.diff(pool.ptr)[ways]
            leg = np.repeat(pool.ptr[:-1][ways] - np.cumsum(length) + length, length) + np.arange(
                length.sum()
            )
            hit = np.zeros(len(pool), np.bool_)
            hit[np.repeat(ways, length)[on[pool.rides[leg]]]] = True
            np.add.at(left, pool.who[hit], parcels[hit])
            parcels[hit] = 0
            load = pool.loads(parcels.astype(np.float64))
        room = graph.row_capacity - load
        more, placed = residual.serve(fixed, left, room, self._done)
        column = pool.extend(*more)
        parcels = _padded(parcels, pool)
        np.add.at(parcels, column, placed)
        load = pool.loads(parcels.astype(np.float64))
        fitting = self.choices.fitting(load)
        chosen = tuple(
            min(a, b, key=lambda o: d.options[o].cost)
            for d, a, b in zip(self.choices.departures, chosen, fitting, strict=True)
        )
        cost = self.total(pool, parcels, left, chosen, load)
        design.parcels = _padded(design.parcels, pool)
        if cost > most:
            return False
        design.parcels, design.unserved, design.chosen, design.cost = parcels, left, chosen, cost
        return True

    def _revert(self, design: Design, most: float) -> None:
        """Changed lines go back to what the timetable has, those of the smallest change first, within a cost."""
        planned = self.choices.as_planned()
        of = [d.line for d in self.choices.departures]

        def size(line: int) -> float:
            return sum(
                abs(d.options[a].cost - d.options[b].cost)
                for d, a, b in zip(self.choices.departures, design.chosen, planned, strict=True)
                if d.line == line
            )

        for line in sorted(self.choices.changed(design.chosen), key=size):
            if self._done():
                return
            back = tuple(b if o == line else a for o, a, b in zip(of, design.chosen, planned, strict=True))
            self._keep(design, back, most, line)

    def _keep(self, design: Design, chosen: tuple[int, ...], most: float, line: int) -> None:
        """Take options back to plan; the line runs as planned, though less would do."""
        before = design.parcels.copy(), design.unserved, design.chosen, design.cost
        if not self._try(design, chosen, np.inf):
            return
        held = tuple(
            c if d.line == line else o
            for d, c, o in zip(self.choices.departures, chosen, design.chosen, strict=True)
        )
        load = design.pool.loads(design.parcels.astype(np.float64))
        design.chosen = held
        design.cost = self.total(design.pool, design.parcels, design.unserved, held, load)
        if design.cost > most:
            design.parcels = _padded(before[0], design.pool)
            design.unserved, design.chosen, design.cost = before[1:]


def _slope(options: tuple[Option, ...], load: float | None) -> float:
    """COST_UNITs a gram of what carries a load; of no load, of the cheapest for a quarter of its room."""
    if load is None or load <= 0:
        return min((o.cost / max(float(o.room.max()), 1.0) for o in options if o.vehicles), default=0.0) * (
            1.0 if load is None else 1.0 / EMPTY
        )
    able = [o.cost for o in options if o.room.max(initial=0.0) >= load * (1 - 1e-9)]
    return min(able, default=options[-1].cost) / load


def _padded(parcels: Longs, pool: Pool) -> Longs:
    return np.append(parcels, np.zeros(len(pool) - len(parcels), np.int64))
