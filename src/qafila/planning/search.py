"""The search for a plan: price, share out, price again, until bound and plan meet or time is up.

Column generation with the master of `master.py` and the sweeps of `pricing.py`, from the ways that one-by-one
assignment finds. Every round of pricing proves a bound; where the master's prices prove no more than those before,
the next are drawn back towards the best ones.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qafila.planning import rounding
from qafila.planning.columns import Pool
from qafila.planning.master import Shares, share_out
from qafila.planning.pricing import LocalPricer, Priced, Pricer, bound, home_values, offered
from qafila.planning.problem import Commodities, Problem
from qafila.planning.stopwatch import Stopwatch
from qafila.planning.swept import passed

Floats = NDArray[np.float64]

KEEP_ALL = 50_000
"""Up to so many columns the master is given all; beyond, those that its last prices make likely."""

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

LIKELY = 4
"""Columns of each commodity that a master of many is given, besides those in use and those just found: those that cost
least at its last prices. More take longer than the rounds they save."""

ASIDE, ASIDE_LATE = 2.0, 24 * 60.0
"""What a master sets aside costs it at first so many times the cheapest way, and so many minutes of lateness on top:
at the penalty, where that is many times more, a master that knows few ways would find prices far too high."""

MUCH, LITTLE = 0.2, 0.01
"""Where more than this part of a commodity is set aside, that costs twice as much the next time; the part is halved
when hardly any commodity is, down to the second."""

LOOK_ROUND = 5
"""Each so many rounds far from the bound, and once near it, a sweep looks at all places again."""

EARLY = 0.3
"""Of the time that the search has, so much may pass before the first master."""

FIRST_REROUTE, REROUTE = 4, 2
"""Searches for ways with room, for parcels that are left over, before the first master, and near the end: more find
little that prices do not find sooner."""


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop: at a gap, after some seconds, or after some rounds."""

    gap: float = 0.001
    seconds: float = 60.0
    rounds: int = 200
    steps: int = 240  # of the master in one round at most


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the search stands; costs in COST_UNITs."""

    round: int
    seconds: float
    bound: float
    cost: float  # of the best integral plan
    master: float  # of the shares within capacity, what is over it set aside
    columns: int

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return max(self.cost - self.bound, 0.0) / max(abs(self.cost), 1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best plan, the best prices, and what the search knows about them."""

    problem: Problem
    pool: Pool
    whole: rounding.Whole
    row_price: Floats  # [M] at which `bound` is proven
    bound: float  # COST_UNITs
    priced: Priced  # at row_price, in 64-bit floats
    shares: Shares
    share_cost: float  # of the fractional plan, what is over capacity left unserved
    rounds: int
    seconds: float
    history: tuple[Progress, ...]

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return (self.whole.cost - self.bound) / max(abs(self.whole.cost), 1e-9)

    @property
    def share_gap(self) -> float:
        """Of the fractional plan, relative to its cost."""
        return (self.share_cost - self.bound) / max(abs(self.share_cost), 1e-9)


def search(
    problem: Problem,
    effort: Effort | None = None,
    pricer: Pricer | None = None,
    row_price: Floats | None = None,
    report: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Found:
    """Plan. `row_price` starts from known prices; `stopped` is asked between steps and ends the search
    with the best plan so far."""
    effort = effort or Effort()
    pricer = pricer or LocalPricer(problem)
    watch = Stopwatch()
    demand = problem.demand
    pool = Pool(problem)
    centre = np.zeros(problem.graph.rows)
    priced = pricer.price(centre)
    pool.add(priced)
    best = bound(problem, centre, priced)
    hot = pool.loads(demand.parcels[pool.who].astype(np.float64)) > problem.graph.row_capacity
    if row_price is not None:
        hot |= row_price > 0
    aside = _aside(problem, priced, centre)
    if row_price is not None:
        warm = pricer.price(row_price)
        pool.add(warm)
        proven = bound(problem, row_price, warm)
        if proven > best:
            best, centre, aside = proven, row_price, _aside(problem, warm, row_price)
    sure = best, centre  # what is proven by all rides, and at which prices
    pricer.keep_to(passed(problem, pool.ptr, pool.rides))
    if hot.any():
        pool.add(pricer.price(np.zeros(problem.graph.rows), hot))
    if not len(demand):
        empty = rounding.Whole(np.zeros(0, np.int64), np.zeros(0, np.int64), problem.graph.row_capacity, 0.0)
        none = Shares(np.zeros(0), centre, 0.0)
        return Found(problem, pool, empty, centre, 0.0, priced, none, 0.0, 0, 0.0, ())

    # one by one, as a booking system would: a plan from the first moment, and ways that have room
    begin = _homes(pool, demand) if demand.homes is not None else np.zeros(len(pool))
    whole = rounding.round_off(
        problem, pool, begin, centre, 1 if demand.homes is not None else FIRST_REROUTE, 0.1,
        lambda: stopped() or watch.seconds > EARLY * effort.seconds,
    )  # fmt: skip
    placed = whole.parcels.astype(np.float64)
    hot |= pool.loads(placed) > NEARLY_FULL * problem.graph.row_capacity
    shares = Shares(placed / demand.parcels[pool.who], centre, whole.cost)
    narrow = passed(problem, pool.ptr, pool.rides)
    pricer.keep_to(narrow)
    much = MUCH

    def enough(near: bool) -> bool:
        return stopped() or (not near and watch.seconds > effort.seconds)

    history: list[Progress] = []
    round_took = 0.0
    awake = np.zeros(0, np.bool_)  # columns that were left out once and should not have been
    offered_before = 0  # columns that were there at the last master
    back = 0.5  # how far prices are drawn back towards the best ones: the first master knows few ways
    ahead = 1.0  # how far the master is above the bound, relative
    estimated = pricer.coarse  # until the end, when each commodity is priced as it is, by all rides
    exactly = looked_round = False
    proof: tuple[float, Floats, Priced] | None = None
    round_ = 0
    while True:
        round_ += 1
        round_began = watch.seconds
        small = len(pool) <= SMALL
        usable = _worth_carrying(pool, shares, offered_before)
        usable[: len(awake)] |= awake
        offered_before = len(pool)
        tolerance = 1e-7 if small else float(np.clip(0.02 * ahead, 1e-5, 5e-3))
        steps = effort.steps * (2 if len(pool) > PLENTY else 3) // (6 if ahead > FAR else 3)
        shares = share_out(problem, pool, shares, steps, tolerance, usable, None if small else aside)
        aside, much = _dearer_aside(problem, shares, aside, much)
        point = (1.0 - back) * shares.row_price + back * centre
        load = pool.loads(shares.share * demand.parcels[pool.who])
        hot |= (load > NEARLY_FULL * problem.graph.row_capacity) | (point > 0)
        near, far = ahead <= NEAR, ahead > FAR
        look_round = narrow is not None and (
            (near and not looked_round) or (far and round_ % LOOK_ROUND == 0)
        )
        if look_round:
            pricer.keep_to(None)
        last = stopped() or watch.seconds + round_took > effort.seconds or round_ >= effort.rounds
        with ThreadPoolExecutor(1) as beside:
            # each round: what is left over finds later departures, which are new to the pool as well
            rounding_ = beside.submit(
                rounding.round_off, problem, pool, shares.share, centre, REROUTE if last or near else 0, 0.1,
                partial(enough, near),
            )  # fmt: skip
            priced = pricer.price(point, hot, exact=exactly)
            rounded = rounding_.result()
        if rounded.cost < whole.cost:
            whole = rounded
        shares = replace(shares, share=_padded(shares.share, len(pool)))
        usable, awake = (np.append(a, np.zeros(len(pool) - len(a), np.bool_)) for a in (usable, awake))
        proven = bound(problem, point, priced)
        known = min(shares.cost, whole.cost)  # whole parcels find room that shares made to fit leave
        ahead = max(known - max(best, proven), 0.0) / max(abs(known), 1e-9)
        value = pool.values(point)
        least = np.full(len(demand), np.inf)
        np.minimum.at(least, pool.who[usable], value[usable])
        least = least * (1.0 - (1e-6 if small else 1e-5)) - 0.01
        missed = ~usable & (value < least[pool.who])  # known columns that the master was not given
        fresh = int(missed.sum())
        awake |= missed
        fresh += pool.add(priced, priced.value + _moving(problem) < least)
        if look_round:
            looked_round = near
            sure = max(sure, (proven, point), key=lambda known: known[0])
            if far and centre is not sure[1]:  # by known places alone the best prices may prove too much
                best = bound(problem, centre, pricer.price(centre))
                best, centre = sure = max(sure, (best, centre), key=lambda known: known[0])
            pricer.keep_to(passed(problem, pool.ptr, pool.rides))
        stuck = not fresh and back == 0.0 and proven <= best
        if proven > best:
            best, centre = proven, point
            proof = (best, centre, priced) if exactly else None
            back *= 0.5
        elif fresh:
            back = 0.5 if back < 0.5 else 0.5 * (1 + back) if back < 0.9 else 0.0
        else:
            back = 0.0

        settled = known - best <= max(0.5 * effort.gap, 1e-7) * abs(known)
        exhausted = settled and not fresh
        round_took = watch.seconds - round_began
        state = Progress(round_, watch.seconds, best, whole.cost, shares.cost, len(pool))
        history.append(state)
        report(state)
        if last or (not estimated and (exhausted or state.gap <= effort.gap)):
            break
        if estimated and (settled or stuck or state.gap <= effort.gap):
            estimated, exactly = False, True
            best, centre, priced = proof = _proof(problem, pricer, centre, sure)
            pool.add(priced)
            if whole.cost - best <= effort.gap * whole.cost:
                break

    pricer.keep_to(None)
    best, centre, exact = proof or _proof(problem, pricer, centre, sure)
    whole = rounding.Whole(
        np.concatenate([whole.parcels, np.zeros(len(pool) - len(whole.parcels), np.int64)]),
        whole.unserved,
        whole.room,
        whole.cost,
    )
    return Found(
        problem, pool, whole, centre, best, exact, shares,
        min(shares.cost, whole.cost), round_, watch.seconds, tuple(history),
    )  # fmt: skip


def _proof(
    problem: Problem, pricer: Pricer, centre: Floats, sure: tuple[float, Floats]
) -> tuple[float, Floats, Priced]:
    """What prices prove, by all rides and each commodity as it is: those at the centre, or what is sure if that is more."""
    priced = pricer.price(centre, exact=True)
    proven = bound(problem, centre, priced)
    if proven < sure[0] and centre is not sure[1]:
        return max(
            (proven, centre, priced), _proof(problem, pricer, sure[1], sure), key=lambda known: known[0]
        )
    return proven, centre, priced


def _homes(pool: Pool, demand: Commodities) -> Floats:
    """[C] shares in which everybody stays on the home way: a pool begins with these."""
    assert demand.homes is not None
    share = np.zeros(len(pool))
    share[: sum(len(h) > 0 for h in demand.homes)] = 1.0
    return share


def _worth_carrying(pool: Pool, shares: Shares, known: int) -> NDArray[np.bool_]:
    """[C] the columns that a master is given: all if they are few, else those in use at the last shares, those beyond the
    first `known`, and of each commodity the LIKELY ones that cost least at the last prices."""
    if len(pool) <= KEEP_ALL:
        return np.ones(len(pool), np.bool_)
    order = np.lexsort((pool.values(shares.row_price), pool.who))
    first = np.searchsorted(pool.who[order], pool.who[order])
    worth = np.zeros(len(pool), np.bool_)
    worth[order] = np.arange(len(pool)) - first < LIKELY
    worth[known:] = True
    worth[: len(shares.share)] |= shares.share > 1e-3
    return worth


def _dearer_aside(problem: Problem, shares: Shares, aside: Floats, much: float) -> tuple[Floats, float]:
    """What setting aside costs the next master [K], and the part of a commodity that is much to it."""
    more = (shares.out > much) & (aside < problem.penalty)
    dearer = np.where(more, np.minimum(2.0 * aside, problem.penalty), aside)
    return dearer, max(0.5 * much, LITTLE) if more.mean() < 1e-3 else much


def _padded(values: Floats, length: int) -> Floats:
    return np.concatenate([values, np.zeros(length - len(values))])


def _moving(problem: Problem) -> Floats | float:
    return 0.0 if problem.demand.move_price is None else problem.demand.move_price


def _aside(problem: Problem, priced: Priced, row_price: Floats) -> Floats:
    """[K] what it costs a master at first to set a parcel aside, by what its cheapest or home way costs at prices."""
    way = offered(problem.demand, priced.value, home_values(problem, row_price))
    return np.minimum(ASIDE * way + ASIDE_LATE / 60.0 * problem.demand.late_price, problem.penalty)
