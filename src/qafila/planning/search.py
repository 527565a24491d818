"""The search for a plan: price, share out, price again, until bound and plan meet or time is up.

Column generation with the master of `master.py` and the sweeps of `pricing.py`, from the ways that one-by-one
assignment finds. Every round of pricing proves a bound; where the master's prices prove no more than those before,
the next are drawn back towards the best ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qafila.core.message import Message
from qafila.planning import rounding
from qafila.planning.asides import MUCH, aside_at_first, dearer_aside
from qafila.planning.found import Effort, Found, Progress, SoFar
from qafila.planning.heavy_week import Opened, opened
from qafila.planning.master import LEAST_EAGER, Shares, share_out
from qafila.planning.path_columns import Pool
from qafila.planning.planning_messages import BOUND_NOT_PROVEN, CARRIED_ON, SEARCH_ENDED
from qafila.planning.planning_problem import Problem
from qafila.planning.polishing import Polish
from qafila.planning.priced import Priced
from qafila.planning.pricing import LocalPricer, Pricer, bound
from qafila.planning.rounding import Whole
from qafila.planning.stopwatch import Stopwatch
from qafila.planning.swept import passed

Floats = NDArray[np.float64]

_LOG = logging.getLogger(__name__)

SMALL = 4000
"""Up to so many columns the master is solved to the optimum, with every row in it."""

NEARLY_FULL = 0.7
"""A row that a plan fills further than this may soon be full: the master heeds it, ways around it are asked for."""

NEAR = 0.05
"""Once the master is no further above the bound than this, ways with room are searched in every round for parcels that
are left over."""

FAR = 0.1
"""While it is further above the bound than this it takes half the steps: prices are wrong by more than they can mend."""

PLENTY = 300_000
"""With more columns than this a step costs so much that two thirds of the steps and sooner new prices close faster."""

NEARLY = 1.3
"""From so many times the gap that is asked for on, rounds are priced exactly: the last one is a proof then."""

LOOK_ROUND = 5
"""Each so many rounds far from the bound, and once near it, a sweep looks at all places again."""

HEAVY, MANY = 0.3, 1000
"""Where more than this part of the flow has no room on the cheapest ways, of at least so many commodities, the search
opens with the method of multipliers."""

EARLY = 0.3
"""Of the time that the search has, so much may pass before the first master."""

REROUTE = 2
"""Searches for ways with room, for parcels that are left over, near the end: more find little that prices do not find
sooner."""


def search(
    problem: Problem,
    effort: Effort | None = None,
    pricer: Pricer | None = None,
    row_price: Floats | None = None,
    report: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
    start: SoFar | None = None,
    keep: Callable[[Pool, Whole, Floats], None] = lambda pool, whole, row_price: None,
) -> Found:
    """Plan. `row_price` starts from known prices, `start` from the best plan of a search that was killed; `keep` is handed
    the best plan so far after each round. `stopped` is asked between steps and ends the search
    with the best plan so far. So does an error: the plan is written, and what happened is among its remarks."""
    run = _Search(problem, effort or Effort(), pricer or LocalPricer(problem), row_price, stopped)
    if len(problem.demand):
        try:
            run.one_by_one(start)
            keep(run.pool, run.whole, run.centre)
            while not run.done:
                run.next_round()
                keep(run.pool, run.whole, run.centre)
                report(run.history[-1])
            run.polish()
            report(run.history[-1])
        except Exception as error:  # whatever it is, nobody loses the plan for it
            run.ended(error)
    return run.found()


class _Search:
    """One search: what is known so far, and the round that comes next."""

    def __init__(
        self,
        problem: Problem,
        effort: Effort,
        pricer: Pricer,
        row_price: Floats | None,
        stopped: Callable[[], bool],
    ) -> None:
        """Prices of nothing prove the first bound, the known `row_price` perhaps more."""
        self.problem, self.effort, self.pricer, self.stopped = problem, effort, pricer, stopped
        self.watch = Stopwatch()
        self.pool = Pool(problem)
        nothing = np.zeros(problem.graph.rows)
        priced = pricer.price(nothing)
        self.pool.add(priced)
        self.best, self.centre = bound(problem, nothing, priced), nothing
        self.first = self.best, nothing, priced
        load = self._load(np.ones(len(self.pool)))
        self.hot = load > problem.graph.row_capacity
        vehicles = slice(0, problem.graph.timetable.segments)  # by weight
        excess = np.maximum(load - problem.graph.row_capacity, 0.0)[vehicles].sum()
        self.over = float(
            excess / max(load[vehicles].sum(), 1e-9)
        )  # of what would go, if all went the cheapest way
        self.aside = aside_at_first(problem, priced, nothing)
        if row_price is not None:
            self.hot |= row_price > 0
            priced = pricer.price(row_price)
            self.pool.add(priced)
            proven = bound(problem, row_price, priced)
            if proven > self.best:
                self.best, self.centre = proven, row_price
                self.aside = aside_at_first(problem, priced, row_price)
        self.sure = self.best, self.centre  # what is proven by all rides, and at which prices
        self.whole = Whole(
            np.zeros(0, np.int64), problem.demand.parcels.copy(), problem.graph.row_capacity, float("inf")
        )
        self.shares = Shares(np.zeros(0), nothing, float("inf"))
        self.much = MUCH
        self.awake = np.zeros(0, np.bool_)  # columns that were left out once and should not have been
        self.offered_before = 0  # columns that were there at the last master
        # how far prices are drawn back towards the best ones: the first master knows few ways
        self.back = 0.5
        self.ahead = 1.0  # how far the master is above the bound, relative
        self.exactly = self.looked_round = self.done = False
        self.proof: tuple[float, Floats, Priced] | None = None
        self.history: list[Progress] = []
        self.round_took = 0.0
        self.whole_bound = float("-inf")  # what no plan of whole parcels costs less than
        self.remarks: dict[str, Message] = {}  # what went otherwise than it should, by its template

    def ended(self, error: Exception) -> None:
        """Say that an error ended the search."""
        _LOG.error("the search for a plan ended with an error", exc_info=error)
        self._remark(SEARCH_ENDED(error=f"{type(error).__name__}: {error}"))

    def _remark(self, message: Message | None) -> None:
        if message is not None:
            self.remarks[message.id] = message

    def one_by_one(self, start: SoFar | None = None) -> None:
        """As a booking system would: a plan from the first moment, and ways that have room; or from a plan that was
        found before."""
        problem, pool, pricer, homes = self.problem, self.pool, self.pricer, self.problem.demand.homes
        pricer.keep_to(passed(problem, pool.ptr, pool.rides))
        if self.hot.any():
            around = pricer.price(np.zeros(problem.graph.rows), self.hot)
            pool.add(around)
            heavy = self.over > HEAVY and len(problem.demand) >= MANY
            if heavy and homes is None and start is None:
                self._begin_with(opened(problem, pool, pricer, self.first[2], around, self._part_of_time))
                return
        begin = np.zeros(len(pool))
        if homes is not None:  # everybody stays; a pool begins with the homes
            begin[: sum(len(home) > 0 for home in homes)] = 1.0
        before = None
        if start is not None:
            before = rounding.taken_up(problem, pool, start.who, start.ptr, start.rides, start.parcels)
            self._remark(CARRIED_ON() if before is not None else None)
        self.whole = before or rounding.round_off(
            problem,
            pool,
            begin,
            self.centre,
            1 if homes is not None else rounding.FIRST_REROUTE,
            0.1,
            lambda: self.stopped() or self.watch.seconds > EARLY * self.effort.seconds,
        )
        placed = self.whole.parcels.astype(np.float64)
        self.hot |= pool.loads(placed) > NEARLY_FULL * problem.graph.row_capacity
        self.shares = Shares(placed / problem.demand.parcels[pool.who], self.centre, self.whole.cost)
        self.narrow = passed(problem, pool.ptr, pool.rides)
        pricer.keep_to(self.narrow)
        self.estimated = pricer.coarse  # until the end, when each commodity is priced as it is, by all rides

    def _begin_with(self, week: Opened) -> None:
        """Go on from where a heavy week was opened."""
        if week.bound > self.best:
            self.best, self.centre = self.sure = week.bound, week.centre
        self.whole = week.whole
        load = self._load(week.share)
        self.hot |= (load > NEARLY_FULL * self.problem.graph.row_capacity) | (week.row_price > 0)
        self.shares = Shares(week.share, week.row_price, self.whole.cost, LEAST_EAGER)
        self.aside = self.problem.penalty
        self.ahead = FAR  # prices are nearly right: a master is worth all of its steps
        self.back = 0.0
        self.narrow = passed(self.problem, self.pool.ptr, self.pool.rides)
        self.pricer.keep_to(self.narrow)
        self.estimated = self.pricer.coarse

    def _part_of_time(self) -> float:
        """Of the time that the search has, what has passed; infinite once it is told to stop."""
        return np.inf if self.stopped() else self.watch.seconds / max(self.effort.seconds, 1e-9)

    def next_round(self) -> None:
        """Share out, price, round, and learn from it."""
        began = self.watch.seconds
        round_ = len(self.history) + 1
        small = len(self.pool) <= SMALL
        usable = self._share_out(small)
        point = (1.0 - self.back) * self.shares.row_price + self.back * self.centre
        self.hot |= (self._load(self.shares.share) > NEARLY_FULL * self.problem.graph.row_capacity) | (
            point > 0
        )
        near, far = self.ahead <= NEAR, self.ahead > FAR
        self.exactly |= bool(self.history) and self.history[-1].gap <= NEARLY * self.effort.gap
        look_round = (
            self.narrow is not None
            and not self.exactly
            and ((near and not self.looked_round) or (far and round_ % LOOK_ROUND == 0))
        )
        if look_round:
            self.pricer.keep_to(None)
        late = self.watch.seconds + self.round_took > self.effort.seconds
        last = self.stopped() or late or round_ >= self.effort.rounds
        priced = self._price_and_round(point, last, near)
        proven = bound(self.problem, point, priced)
        # whole parcels find room that shares made to fit leave
        known = min(self.shares.cost, self.whole.cost)
        self.ahead = max(known - max(self.best, proven), 0.0) / max(abs(known), 1e-9)
        fresh = self._learn_ways(priced, point, usable, small)
        if look_round:
            self.looked_round = near
            self._look_round(proven, point, far)
        settled, stuck = self._learn_bound(proven, point, priced, fresh, known)
        self.round_took = self.watch.seconds - began
        state = Progress(
            round_, self.watch.seconds, self.best, self.whole.cost, self.shares.cost, len(self.pool)
        )
        self.history.append(state)
        enough = state.gap <= self.effort.gap
        if last or (not self.estimated and (enough or ((settled or stuck) and not fresh))):
            self.done = True
        elif self.estimated and (self.exactly or enough or settled or stuck):
            self.estimated, self.exactly = False, True
            if self.proof is None:
                self.best, self.centre, priced = self.proof = self._prove()
                self.pool.add(priced)
            self.done = self.whole.cost - self.best <= self.effort.gap * self.whole.cost

    def polish(self) -> None:
        """Place whole parcels better in the time that is left."""
        left = self.effort.seconds - self.watch.seconds
        tired = self.stopped() or left <= 0 or len(self.history) >= self.effort.rounds
        if tired or self.history[-1].gap <= self.effort.gap:
            return
        self.pricer.keep_to(None)
        self.proof = self.proof or self._prove()
        polish = Polish(
            self.problem,
            self.pool,
            self.whole,
            self.proof[0],
            self.proof[1],
            self.proof[2],
            lambda: self.effort.seconds - self.watch.seconds,
            self.stopped,
            self.effort.gap,
        )
        try:
            polish.run()
        finally:
            self.whole, self.whole_bound = polish.whole, polish.proven
            last = self.history[-1]
            self.history.append(
                replace(last, seconds=self.watch.seconds, cost=self.whole.cost, columns=len(self.pool))
            )

    def found(self) -> Found:
        """What is known in the end, proven."""
        self.pricer.keep_to(None)
        try:
            best, centre, exact = self.proof or self._prove()
        except Exception as error:
            _LOG.error("the bound could not be proven", exc_info=error)
            self._remark(BOUND_NOT_PROVEN(error=f"{type(error).__name__}: {error}"))
            best, centre, exact = self.first
        parcels = np.append(self.whole.parcels, np.zeros(len(self.pool) - len(self.whole.parcels), np.int64))
        cost = self.whole.cost if len(self.problem.demand) else 0.0
        return Found(
            self.problem,
            self.pool,
            replace(self.whole, parcels=parcels, cost=cost),
            centre,
            best,
            exact,
            self.shares,
            min(self.shares.cost, cost),
            len(self.history),
            self.watch.seconds,
            tuple(self.history),
            tuple(self.remarks.values()),
            max(best, self.whole_bound),
        )

    def _load(self, share: Floats) -> Floats:
        """[M] what shares of the columns [C] put on the rows."""
        return self.pool.loads(share * self.problem.demand.parcels[self.pool.who])

    def _share_out(self, small: bool) -> NDArray[np.bool_]:
        """Solve the master; returns the columns [C] that it was given."""
        pool, shares = self.pool, self.shares
        usable = pool.worth_carrying(shares.share, shares.row_price, self.offered_before)
        usable[: len(self.awake)] |= self.awake
        self.offered_before = len(pool)
        tolerance = 1e-7 if small else float(np.clip(0.02 * self.ahead, 1e-5, 5e-3))
        steps = self.effort.steps * (2 if len(pool) > PLENTY else 3) // (6 if self.ahead > FAR else 3)
        aside = None if small else self.aside
        self.shares = share_out(self.problem, pool, shares, steps, tolerance, usable, aside)
        self._remark(self.shares.remark)
        self.aside, self.much = dearer_aside(self.problem, self.shares, self.aside, self.much)
        return usable

    def _price_and_round(self, point: Floats, last: bool, near: bool) -> Priced:
        """The cheapest ways at prices, whole parcels from the shares meanwhile. What is left over finds ways with room in
        each round: they are later departures, which are new to the pool as well."""

        def enough() -> bool:
            return self.stopped() or (not near and self.watch.seconds > self.effort.seconds)

        with ThreadPoolExecutor(1) as beside:
            rounding_ = beside.submit(
                rounding.round_off,
                self.problem,
                self.pool,
                self.shares.share,
                self.centre,
                REROUTE if last or near else 0,
                0.1,
                enough,
            )
            priced = self.pricer.price(point, self.hot, exact=self.exactly)
            rounded = rounding_.result()
        if rounded.cost < self.whole.cost:
            self.whole = rounded
        self.shares = replace(self.shares, share=_padded(self.shares.share, len(self.pool)))
        return priced

    def _learn_ways(self, priced: Priced, point: Floats, usable: NDArray[np.bool_], small: bool) -> int:
        """Add the ways that are cheaper than what the master was given; returns how many, with those that it should have
        been given and was not."""
        pool = self.pool
        usable, awake = (np.append(a, np.zeros(len(pool) - len(a), np.bool_)) for a in (usable, self.awake))
        value = pool.values(point)
        least = np.full(len(self.problem.demand), np.inf)
        np.minimum.at(least, pool.who[usable], value[usable])
        least = least * (1.0 - (1e-6 if small else 1e-5)) - 0.01
        missed = ~usable & (value < least[pool.who])
        self.awake = awake | missed
        return int(missed.sum()) + pool.add(priced, priced.value + _moving(self.problem) < least)

    def _learn_bound(
        self, proven: float, point: Floats, priced: Priced, fresh: int, known: float
    ) -> tuple[bool, bool]:
        """Keep the prices if they prove more, and say how far the next are drawn back to them; returns whether the bound is
        as near as it has to be, and whether nothing new was learned."""
        stuck = not fresh and self.back == 0.0 and proven <= self.best
        if proven > self.best:
            self.best, self.centre = proven, point
            self.proof = (proven, point, priced) if self.exactly else None
            self.back *= 0.5
        elif fresh:
            self.back = 0.5 if self.back < 0.5 else 0.5 * (1 + self.back) if self.back < 0.9 else 0.0
        else:
            self.back = 0.0
        return known - self.best <= max(0.5 * self.effort.gap, 1e-7) * abs(known), stuck

    def _look_round(self, proven: float, point: Floats, far: bool) -> None:
        """After a sweep of all rides: what is sure now, and the places to keep to from now on."""
        self.sure = max(self.sure, (proven, point), key=lambda known: known[0])
        if (
            far and self.centre is not self.sure[1]
        ):  # by known places alone the best prices may prove too much
            best = bound(self.problem, self.centre, self.pricer.price(self.centre))
            self.sure = max(self.sure, (best, self.centre), key=lambda known: known[0])
            self.best, self.centre = self.sure
        self.pricer.keep_to(passed(self.problem, self.pool.ptr, self.pool.rides))

    def _prove(self) -> tuple[float, Floats, Priced]:
        """What prices prove, by all rides and each commodity as it is: those at the centre, or what is sure if that is
        more."""

        def at(point: Floats) -> tuple[float, Floats, Priced]:
            priced = self.pricer.price(point, exact=True)
            return bound(self.problem, point, priced), point, priced

        proof = at(self.centre)
        if proof[0] < self.sure[0] and self.centre is not self.sure[1]:
            proof = max(proof, at(self.sure[1]), key=lambda known: known[0])
        return proof


def _padded(values: Floats, length: int) -> Floats:
    return np.concatenate([values, np.zeros(length - len(values))])


def _moving(problem: Problem) -> Floats | float:
    return 0.0 if problem.demand.move_price is None else problem.demand.move_price
