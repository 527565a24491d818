"""The search for a plan: price, share out, price again, until bound and plan meet or time is up.

Column generation with the master of `master.py` and the sweeps of `pricing.py`. It is kept steady by a
price to set parcels aside, a little above what each commodity pays at the best prices so far: prices then
rise no faster than sweeps can confirm (a trust region on the dual). Every round of pricing proves a bound.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.planning import rounding
from qafila.planning.columns import Pool
from qafila.planning.master import Shares, share_out
from qafila.planning.pricing import LocalPricer, Priced, Pricer, bound, home_values, offered
from qafila.planning.problem import Problem

Floats = NDArray[np.float64]

KEEP_ALL = 50_000
"""Up to so many columns the master is given all; beyond, those that the best prices make likely."""


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop: at a gap, after some seconds, or after some rounds."""

    gap: float = 0.001
    seconds: float = 60.0
    rounds: int = 200
    steps: int = 200  # of the master in one round


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the search stands; costs in COST_UNITs."""

    round: int
    seconds: float
    bound: float
    cost: float  # of the best integral plan
    master: float  # of the shares; infinite while some are set aside below the penalty
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
    share_cost: float  # of the fractional plan, its excess set aside at the penalty
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
    began = time.monotonic()
    demand = problem.demand
    pool = Pool(problem)
    centre = np.zeros(problem.graph.rows)
    priced = pricer.price(centre)
    pool.add(priced)
    best = bound(problem, centre, priced)
    free = np.zeros(len(pool))
    free[:] = demand.parcels[pool.who]
    hot = pool.loads(free) > problem.graph.row_capacity
    if row_price is not None:
        hot |= row_price > 0
    if hot.any():
        pool.add(pricer.price(centre, hot))
    paid = _paid(problem, priced, centre)
    if row_price is not None:
        warm = pricer.price(row_price)
        pool.add(warm)
        proven = bound(problem, row_price, warm)
        if proven > best:
            best, centre, paid = proven, row_price, _paid(problem, warm, row_price)
    if not len(demand):
        empty = rounding.Whole(np.zeros(0, np.int64), np.zeros(0, np.int64), problem.graph.row_capacity, 0.0)
        none = Shares(np.zeros(0), np.zeros(0), centre, 0.0, 0.0)
        return Found(problem, pool, empty, centre, 0.0, priced, none, 0.0, 0, 0.0, ())

    trust = 0.2
    shares: Shares | None = None
    whole: rounding.Whole | None = None
    history: list[Progress] = []
    rounding_took, rounded_at = 0.0, -np.inf
    awake = np.zeros(0, np.bool_)  # columns that were left out once and should not have been
    set_aside = 1.0
    blend = False
    ahead = 1.0  # how far the master was above the bound, relative
    round_ = 0
    while True:
        round_ += 1
        aside = np.minimum(paid * (1.0 + trust) + 100.0, problem.penalty)
        # whoever is set aside must be shown every way that is cheaper than that
        near = np.clip(max(5 * ahead, trust if set_aside > 1e-4 else 0.0), 0.01, 0.1)
        usable = pool.values(centre) - paid[pool.who] <= near * aside[pool.who] + 100.0
        usable |= len(pool) <= KEEP_ALL
        if shares is not None:
            usable[: len(shares.share)] |= shares.share > 1e-3
            usable[: len(awake)] |= awake
        start = shares or Shares(np.zeros(0), np.zeros(0), centre, 0.0, 0.0)
        small = len(pool) <= 4000
        tolerance = 1e-7 if small else float(np.clip(0.02 * ahead, 1e-5, 5e-3))
        shares = share_out(
            problem, pool, aside, start, effort.steps, tolerance, usable, None if small else hot
        )
        # after a step that proved nothing, price halfway back to the best prices
        point = shares.row_price if not blend else 0.5 * (shares.row_price + centre)
        load = pool.loads(shares.share * demand.parcels[pool.who])
        over = load > problem.graph.row_capacity * (1 + 1e-6)
        found_hot = int((over & ~hot).sum())
        hot |= over | (point > 0)
        priced = pricer.price(point, hot)
        proven = bound(problem, point, priced)
        hoped = max(shares.value - best, 0.0)
        ahead = hoped / max(abs(shares.value), 1e-9)
        value = pool.values(point)
        least = np.full(len(demand), np.inf)
        np.minimum.at(least, pool.who[usable], value[usable])
        least = least * (1.0 - (1e-6 if small else 1e-5)) - 0.01
        missed = ~usable & (value < least[pool.who])  # known columns that the master was not given
        newly_missed = int(missed.sum())
        missed[: len(awake)] |= awake
        awake = missed
        fresh = (
            found_hot * (not small) + newly_missed + pool.add(priced, priced.value + _moving(problem) < least)
        )
        if proven > best:
            if proven - best > 0.1 * hoped:
                trust = min(trust * 2.0, 100.0)
            elif proven - best < 0.03 * hoped and fresh:
                trust *= 0.7
            best, centre, paid = proven, point, _paid(problem, priced, point)
            blend = False
        elif fresh:
            trust = max(trust * 0.7, 0.02)
            blend = not blend
        if not fresh:
            trust = min(trust * 2.0, 1e6)
            blend = False

        elapsed = time.monotonic() - began
        set_aside = float(np.dot(shares.aside, demand.parcels)) / float(demand.parcels.sum())
        settled = abs(shares.cost - best) <= max(0.5 * effort.gap, 1e-7) * abs(shares.cost)
        close = set_aside < 0.02 and abs(shares.cost - best) <= max(2 * effort.gap, 1e-3) * abs(shares.cost)
        last = stopped() or elapsed + rounding_took > effort.seconds or round_ >= effort.rounds
        done = settled and (not fresh or set_aside < 1e-3 or np.all(aside >= problem.penalty))
        due = elapsed - rounded_at > 3 * rounding_took + 1.0
        if whole is None and demand.homes is not None:
            stay = np.array([float(len(h) > 0) for h in demand.homes])
            home = np.zeros(len(pool))
            home[: int(stay.sum())] = 1.0  # a pool begins with the home ways
            whole = rounding.round_off(problem, pool, home, centre, 1)
        if last or done or (close and due) or whole is None:
            before = time.monotonic()
            tries = 6 if last or done else int(close)
            rounded = rounding.round_off(problem, pool, _padded(shares.share, len(pool)), centre, tries)
            if whole is None or rounded.cost < whole.cost:
                whole = rounded
            rounded_at = time.monotonic() - began
            rounding_took = rounded_at - (before - began)
        shares = Shares(
            _padded(shares.share, len(pool)), shares.aside, shares.row_price, shares.cost, shares.value
        )
        state = Progress(
            round_, time.monotonic() - began, best, whole.cost,
            shares.cost if set_aside < 1e-9 or np.all(aside >= problem.penalty) else np.inf, len(pool),
        )  # fmt: skip
        history.append(state)
        report(state)
        exhausted = not fresh and settled and trust > 1e3
        if last or exhausted or state.gap <= effort.gap:
            break

    exact = pricer.price(centre, exact=True)
    whole = rounding.Whole(
        np.concatenate([whole.parcels, np.zeros(len(pool) - len(whole.parcels), np.int64)]),
        whole.unserved,
        whole.room,
        whole.cost,
    )
    return Found(
        problem, pool, whole, centre, bound(problem, centre, exact), exact, shares,
        min(fractional_cost(problem, pool, shares), whole.cost), round_, time.monotonic() - began, tuple(history),
    )  # fmt: skip


def fractional_cost(problem: Problem, pool: Pool, shares: Shares) -> float:
    """Cost of the shares made feasible: what is over capacity on its way goes unserved."""
    load = pool.loads(shares.share * problem.demand.parcels[pool.who])
    over = load > problem.graph.row_capacity
    keep = np.ones(problem.graph.rows)
    keep[over] = problem.graph.row_capacity[over] / load[over]
    g = problem.graph
    ride = np.minimum.reduceat(np.append(keep[g.use_row], 1.0), g.use_ptr[:-1])
    ride[np.diff(g.use_ptr) == 0] = 1.0
    path = np.minimum.reduceat(np.append(ride[pool.rides], 1.0), pool.ptr[:-1])
    quantity = shares.share * path * problem.demand.parcels[pool.who]
    served = np.bincount(pool.who, quantity, minlength=len(problem.demand))
    unserved = np.maximum(problem.demand.parcels - served, 0.0)
    return float(np.dot(quantity, pool.cost) + np.dot(problem.penalty, unserved))


def _padded(values: Floats, length: int) -> Floats:
    return np.concatenate([values, np.zeros(length - len(values))])


def _moving(problem: Problem) -> Floats | float:
    return 0.0 if problem.demand.move_price is None else problem.demand.move_price


def _paid(problem: Problem, priced: Priced, row_price: Floats) -> Floats:
    """[K] what a parcel pays at most: its cheapest way, its home way, or the penalty."""
    way = offered(problem.demand, priced.value, home_values(problem, row_price))
    return np.minimum(way, problem.penalty)
