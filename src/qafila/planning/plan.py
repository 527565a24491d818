"""A plan in plain values: what each commodity does, what it costs, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.core.message import Message
from qafila.planning.found import Found
from qafila.planning.path_columns import loads
from qafila.planning.pricing import LocalPricer, Pricer
from qafila.planning.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

TIGHTEST = 10


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Paths with their parcels, and what explains them. K commodities, P paths in use."""

    problem: Problem
    who: Longs  # [P] commodity, ascending
    ptr: Longs  # [P+1]
    rides: Ints
    parcels: Longs  # [P]
    cost: Floats  # [P] COST_UNITs for one parcel, the price of moving included
    before: Ints  # rides before they were held for a fuller bag; those of a path begin at the same `ptr`
    unserved: Longs  # [K]
    row_price: Floats  # [M] COST_UNITs for one more unit of capacity
    load: Floats  # [M]
    bound: float  # COST_UNITs
    share_cost: float  # COST_UNITs, of the plan before parcels were made whole
    alone_cost: Floats  # [K] one parcel's cheapest way if nobody else were there; infinite where none
    alone_binds: Ints  # [K] the dearest row on that way, -1 where none binds
    next_cost: Floats  # [K] one parcel on the next best way, as things stand; infinite where none
    rounds: int
    seconds: float
    remarks: tuple[Message, ...] = ()  # what went otherwise than it should

    @property
    def total(self) -> float:
        """COST_UNITs of the integral plan, the penalty for unserved parcels included."""
        return float(np.dot(self.cost, self.parcels) + np.dot(self.problem.penalty, self.unserved))

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return max(self.total - self.bound, 0.0) / max(self.total, 1e-9)

    @property
    def share_gap(self) -> float:
        """Of the plan before parcels were made whole."""
        return max(self.share_cost - self.bound, 0.0) / max(self.share_cost, 1e-9)

    def tightest(self, count: int = TIGHTEST) -> Ints:
        """Rows with the highest worth: price × capacity."""
        worth = self.row_price * self.problem.graph.row_capacity
        worth = np.where(self.row_price > 0, worth, 0.0)
        order = np.argsort(-worth, kind="stable")[:count]
        return order[worth[order] > 0].astype(np.int32)


def conclude(found: Found, pricer: Pricer | None = None) -> Plan:
    """The plan that a search found, with the reason for each commodity's way."""
    problem, pool = found.problem, found.pool
    pricer = pricer or LocalPricer(problem)
    used = np.flatnonzero(found.whole.parcels > 0)
    used = used[np.lexsort((pool.cost[used], pool.who[used]))]
    length = np.diff(pool.ptr)[used]
    rides = np.concatenate(
        [pool.rides[pool.ptr[c] : pool.ptr[c + 1]] for c in used] or [np.zeros(0, np.int32)]
    )
    ptr = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    who, quantity = pool.who[used], found.whole.parcels[used]
    load = loads(problem, who, ptr, rides, quantity.astype(np.float64))

    alone = pricer.price(np.zeros(problem.graph.rows))
    everyone = np.ones(len(problem.demand), np.bool_)
    alone_who, alone_ptr, alone_rides = alone.paths(everyone)
    binds = np.full(len(problem.demand), -1, np.int32)
    dearest = _dearest(problem, alone_who, alone_ptr, alone_rides, found.row_price)
    binds[alone_who] = dearest
    return Plan(
        problem=problem, who=who, ptr=ptr, rides=rides, parcels=quantity, cost=pool.cost[used], before=rides,
        unserved=found.whole.unserved, row_price=found.row_price, load=load, bound=found.bound,
        share_cost=found.share_cost, alone_cost=alone.value, alone_binds=binds,
        next_cost=_next_best(found, used, pricer), rounds=found.rounds, seconds=found.seconds,
        remarks=found.remarks,
    )  # fmt: skip


def _next_best(found: Found, used: Longs, pricer: Pricer) -> Floats:
    """[K] the cheapest way, at congestion prices, that a commodity does not take."""
    pool, price = found.pool, found.row_price
    other = np.ones(len(pool), np.bool_)
    other[used] = False
    best = np.full(len(found.problem.demand), np.inf)
    np.minimum.at(best, pool.who[other], pool.values(price)[other])
    # who knows one way only: the best that boards a later departure than its first
    first = found.problem.first.copy()
    boarded = pool.rides[np.minimum(pool.ptr[:-1][used], max(len(pool.rides) - 1, 0))]
    first[pool.who[used]] = found.problem.graph.later[boarded]
    return np.minimum(best, pricer.price(price, first=first).value)


def _dearest(problem: Problem, who: Longs, ptr: Longs, rides: Ints, price: Floats) -> Ints:
    """Of each path the row whose price weighs most on a parcel, -1 where none has a price."""
    g, d = problem.graph, problem.demand
    return _weighs_most(
        who, ptr, rides, g.use_ptr, g.use_row, g.use_factor, g.row_measure, d.grams, d.cm3, price
    )


@njit(nogil=True, cache=True)
def _weighs_most(
    who: Longs, ptr: Longs, rides: Ints, use_ptr: Longs, use_row: Ints, use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, price: Floats,
) -> Ints:  # fmt: skip
    found = np.full(len(who), -1, np.int32)
    for p in range(len(who)):
        k, most = who[p], 0.0
        for r in rides[ptr[p] : ptr[p + 1]]:
            for u in range(use_ptr[r], use_ptr[r + 1]):
                m = measure[use_row[u]]
                unit = use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
                if price[use_row[u]] * unit > most:
                    found[p], most = use_row[u], price[use_row[u]] * unit
    return found
