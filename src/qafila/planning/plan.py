"""A plan in plain values: what each commodity does, what it costs, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from qafila.core.message import Message
from qafila.planning import residual
from qafila.planning.found import Found
from qafila.planning.path_columns import loads, path_costs
from qafila.planning.planning_problem import Problem
from qafila.planning.pricing import LocalPricer, Pricer
from qafila.planning.shapes import Floats, Ints, Kinds, Longs, Rows, Ways, unit

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
    alone_ways: Ways  # that way, of those who have one
    alone_binds: (
        Ints  # [K] the dearest row on that way that has no room for one more parcel, -1 where all have
    )
    next_cost: Floats  # [K] one parcel on the next best way, as things stand; infinite where none
    rounds: int
    seconds: float
    remarks: tuple[Message, ...] = ()  # what went otherwise than it should
    whole_bound: float = (
        0.0  # COST_UNITs: no plan of whole parcels costs less; `bound` where nothing more is known
    )

    @property
    def total(self) -> float:
        """COST_UNITs of the integral plan, the penalty for unserved parcels included."""
        return float(np.dot(self.cost, self.parcels) + np.dot(self.problem.penalty, self.unserved))

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return max(self.total - max(self.bound, self.whole_bound), 0.0) / max(self.total, 1e-9)

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


def conclude(found: Found, pricer: Pricer | None = None, evened: bool = False) -> Plan:
    """The plan that a search found, with the reason for each commodity's way. Where load is `evened` out nobody is moved to
    a cheaper way that has room."""
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
    alone_ways = Ways(*alone.paths(np.ones(len(problem.demand), np.bool_)))
    plan = Plan(
        problem=problem,
        who=who,
        ptr=ptr,
        rides=rides,
        parcels=quantity,
        cost=pool.cost[used],
        before=rides,
        unserved=found.whole.unserved,
        row_price=found.row_price,
        load=load,
        bound=found.bound,
        share_cost=found.share_cost,
        alone_cost=alone.value,
        alone_ways=alone_ways,
        alone_binds=np.full(len(problem.demand), -1, np.int32),
        next_cost=_next_best(found, used, pricer),
        rounds=found.rounds,
        seconds=found.seconds,
        remarks=found.remarks,
        whole_bound=found.whole_bound,
    )
    return completed(plan, held=evened)


def completed(plan: Plan, held: bool = False) -> Plan:
    """The plan with everybody served who still has a way with room that is worth its cost, with nobody on a dearer way
    while the cheapest has room (unless parcels are `held`: they wait by choice), and with the row that keeps each off
    its cheapest way."""
    problem, d = plan.problem, plan.problem.demand
    unserved, parcels = plan.unserved.copy(), plan.parcels.copy()
    room = problem.graph.row_capacity - plan.load
    open_ = _binding(plan.alone_ways, problem.graph.uses, problem.kinds, plan.row_price, room) < 0
    moving = 0.0 if d.move_price is None else d.move_price
    least = np.full(len(d), np.inf)
    least[plan.alone_ways.who[open_]] = (plan.alone_cost + moving)[plan.alone_ways.who[open_]]
    dear = np.flatnonzero(plan.cost > least[plan.who] + 1.0) if not held else np.zeros(0, np.int64)
    dear = dear[np.argsort(-(plan.cost - least[plan.who])[dear], kind="stable")]
    ways = Ways(plan.who, plan.ptr, plan.rides)
    found = [
        residual.shorten(problem, ways, dear, plan.cost, parcels, room),
        residual.serve(problem, unserved, room),
    ]
    if any(len(some) for _, some in found):
        plan = _with(replace(plan, parcels=parcels, unserved=unserved), found)
    binds = np.full(len(d), -1, np.int32)
    room = problem.graph.row_capacity - plan.load
    binds[plan.alone_ways.who] = _binding(
        plan.alone_ways, problem.graph.uses, problem.kinds, plan.row_price, room
    )
    return replace(plan, alone_binds=binds)


def _with(plan: Plan, more: list[tuple[Ways, Longs]]) -> Plan:
    """The plan with parcels on more ways; those that are there already are not written twice."""
    problem, moving = plan.problem, plan.problem.demand.move_price
    at: dict[tuple[int, ...], int] = {}
    before: list[tuple[int, ...]] = []
    parcels: list[int] = []

    def add(way: tuple[int, ...], was: tuple[int, ...], n: int) -> None:
        if way not in at:
            at[way] = len(parcels)
            parcels.append(0)
            before.append(was)
        parcels[at[way]] += n

    for p, (k, low, high) in enumerate(zip(plan.who, plan.ptr[:-1], plan.ptr[1:], strict=True)):
        way = (int(k), *plan.rides[low:high].tolist())
        add(way, tuple(plan.before[low:high].tolist()), int(plan.parcels[p]))
    for ways, some in more:
        for k, low, high, n in zip(ways.who, ways.ptr[:-1], ways.ptr[1:], some, strict=True):
            rides = tuple(ways.rides[low:high].tolist())
            add((int(k), *rides), rides, int(n))
    every = [(*way, n) for way, n in zip(at, parcels, strict=True)]
    who = np.array([way[0] for way in every], np.int64)
    ptr = np.concatenate([[0], np.cumsum([len(way) - 2 for way in every])]).astype(np.int64)
    rides_ = np.array([r for way in every for r in way[1:-1]], np.int32)
    cost = path_costs(problem, who, ptr, rides_)[0]
    if moving is not None and problem.demand.homes is not None:
        homes = problem.demand.homes
        cost += [0.0 if way[1:-1] == homes[way[0]] else moving[way[0]] for way in every]
    on = np.flatnonzero(np.array(parcels) > 0)
    on = on[np.lexsort((cost[on], who[on]))]
    kept = [every[c] for c in on]
    length = np.array([len(way) - 2 for way in kept], np.int64)
    ptr, rides_ = (
        np.concatenate([[0], np.cumsum(length)]).astype(np.int64),
        np.array([r for way in kept for r in way[1:-1]], np.int32),
    )
    quantity = np.array(parcels, np.int64)[on]
    return replace(
        plan,
        who=who[on],
        ptr=ptr,
        rides=rides_,
        parcels=quantity,
        cost=cost[on],
        before=np.array([r for c in on for r in before[c]], np.int32),
        load=loads(problem, who[on], ptr, rides_, quantity.astype(np.float64)),
    )


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


@njit(nogil=True, cache=True)
def _binding(ways: Ways, rows: Rows, kinds: Kinds, price: Floats, room: Floats) -> Ints:
    """[C] of the rows on each path that have no room for one more parcel the one whose price weighs most on it; -1 where
    all have."""
    found = np.full(len(ways.who), -1, np.int32)
    for p in range(len(ways.who)):
        k, most = ways.who[p], -1.0
        for r in ways.rides[ways.ptr[p] : ways.ptr[p + 1]]:
            for u in range(rows.ptr[r], rows.ptr[r + 1]):
                row, each = rows.row[u], unit(u, k, rows, kinds)
                if room[row] < each * (1 - 1e-9) and price[row] * each > most:
                    found[p], most = row, price[row] * each
    return found
