"""All ways that may be part of a better plan: those whose cost at prices is near enough to the least.

At prices, a plan costs what they prove and, for each parcel, what its way costs above the least of its commodity. A plan
better than one that is known uses therefore no way further above the least than that plan is above the bound.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from qafila.planning.planning_problem import Problem
from qafila.planning.residual import Ends, Net, between
from qafila.planning.shapes import Fares, Floats, Ints, Kinds, Longs, Ways
from qafila.planning.sweep import ride_prices

LONGEST = 64
"""Rides of a way at most."""


@njit(nogil=True, cache=True)
def _ahead(k: int, ends: Ends, net: Net, fares: Fares, kinds: Kinds, price: Floats) -> tuple[Floats, Floats]:
    """[R + 1] what the cheapest way on costs from each ride's event, and [R] what a ride costs with what follows, at
    prices; infinite where there is none."""
    rides = len(net.to)
    on, go = np.full(rides + 1, np.inf), np.full(rides, np.inf)
    for r in range(rides - 1, ends.first[k] - 1, -1):
        on[r] = on[net.later[r]]
        left, entered = net.left[r], net.entered[r]
        lawful = (left < 0 or left == ends.own[k]) and (entered < 0 or entered == ends.bound_for[k])
        if not lawful or fares.forbids[r] & kinds.goods[k] or fares.fixed[r] == np.inf:
            continue
        cost = _ride(r, k, fares, kinds, price)
        if net.to[r] == ends.destination[k]:
            go[r] = cost + kinds.late_price[k] / 60.0 * max(fares.ready[r] - kinds.due[k], 0)
        else:
            go[r] = cost + on[net.onward[r]]
        on[r] = min(on[r], go[r])
    return on, go


@njit(nogil=True, cache=True)
def _ride(r: int, k: int, fares: Fares, kinds: Kinds, price: Floats) -> float:
    by_weight = np.floor(fares.kg[r] * kinds.chargeable[k, fares.mode[r]] + 1e-6)
    congested = price[r, 0] + price[r, 1] * kinds.grams[k] + price[r, 2] * kinds.cm3[k]
    return fares.fixed[r] + by_weight + fares.gram[r] * kinds.grams[k] + congested


@njit(nogil=True, cache=True)
def _every(
    k: int,
    limit: float,
    most: int,
    ends: Ends,
    net: Net,
    fares: Fares,
    kinds: Kinds,
    price: Floats,
    legs: list[int],
    rides: list[int],
) -> int:
    """Append the ways of commodity k that cost up to a limit at prices; returns how many, -1 where more than `most`."""
    last, found = len(net.to), 0
    if ends.first[k] >= last:
        return 0
    on, go = _ahead(k, ends, net, fares, kinds, price)
    way, paid, depth = np.empty(LONGEST, np.int64), np.zeros(LONGEST + 1), 0
    at, longest = np.int64(ends.first[k]), ends.most[k] if ends.most[k] else LONGEST
    while True:
        # the next ride from here whose cheapest end is within the limit; none is if the cheapest of all later is not
        while at < last and paid[depth] + on[at] <= limit and paid[depth] + go[at] > limit:
            at = np.int64(net.later[at])
        if at < last and paid[depth] + on[at] <= limit and depth < longest:
            way[depth] = at
            if net.to[at] == ends.destination[k]:
                found += 1
                if found > most:
                    return -1
                legs.append(depth + 1)
                for i in range(depth + 1):
                    rides.append(way[i])
                at = np.int64(net.later[at])
            else:
                paid[depth + 1] = paid[depth] + _ride(at, k, fares, kinds, price)
                depth += 1
                at = np.int64(net.onward[at])
        elif depth == 0:
            return found
        else:
            depth -= 1
            at = np.int64(net.later[way[depth]])


@njit(nogil=True, cache=True)
def _near(
    who: Longs, limit: Floats, most: int, ends: Ends, net: Net, fares: Fares, kinds: Kinds, price: Floats
) -> tuple[list[int], list[int], list[int], bool]:
    owner, legs, rides = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    for k in who:
        found = _every(k, limit[k], most - len(legs), ends, net, fares, kinds, price, legs, rides)
        if found < 0:
            return owner, legs, rides, False
        for _ in range(found):
            owner.append(k)
    return owner, legs, rides, True


def near_ways(problem: Problem, row_price: Floats, limit: Floats, who: Longs, most: int) -> tuple[Ways, bool]:
    """The ways of some commodities that cost up to `limit` [K] a parcel at prices of the rows [M], the price of moving
    aside; and whether these are all: `most` are written down."""
    ends, net = between(problem)
    free = np.zeros(problem.graph.timetable.rides)
    price = ride_prices(problem.graph.uses, row_price, free, free)
    owner, legs, rides, whole = _near(who, limit, most, ends, net, problem.fares, problem.kinds, price)
    ptr = np.concatenate([[0], np.cumsum(np.array(legs[: len(owner)], np.int64))]).astype(np.int64)
    on: Ints = np.array(rides[: ptr[-1]], np.int32)
    return Ways(np.array(owner, np.int64), ptr, on), whole
