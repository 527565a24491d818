"""Kernels of the opening for heavy weeks: commodities move, one after the other, to where it is cheapest now.

Every row has a price that reacts at once to its load: y + slope × (load − capacity), never below nothing. A commodity looks
at its ways, and at all departures of its known routes, at these prices, and moves parcels to the cheapest until the price
there has risen to what they paid before: path equilibration, as in the assignment of road traffic.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.shapes import Fares, Floats, Ints, Kinds, Longs

WAYS, ROUTES, LEGS = 12, 6, 24
"""Ways in use and routes known of a commodity, and rides of each, at most."""

DEPARTURES, LOOKED_AT = 40, 200
"""Departures of each leg of a route that are kept, the later of them the cheaper, and looked at, at most."""

ALIKE = 0.98
"""Departures of a leg cost at least this part of each other, as long as rows have no price."""

STEPS = 8
"""Halvings by which it is found how many parcels move."""


class Prices(NamedTuple):
    """The rows that each ride loads, and how the M rows react. What is read together lies together: a look at a row costs
    one place of memory, and rows are too many for the memory that is near."""

    ptr: Longs  # [R+1] uses of ride r: ptr[r] : ptr[r + 1]
    row: Ints  # [U]
    factor: Floats  # [U] units of the row for one parcel, gram or cm³
    measure: NDArray[np.uint8]  # [U] 0 counts parcels, 1 grams, 2 cm³
    state: Floats  # [M, 4] see the properties

    @property
    def fixed(self) -> Floats:
        """[M] COST_UNITs a unit at exactly full."""
        return self.state[:, 0]

    @property
    def slope(self) -> Floats:
        """[M] COST_UNITs a unit and unit of load."""
        return self.state[:, 1]

    @property
    def capacity(self) -> Floats:
        """[M]"""
        return self.state[:, 2]

    @property
    def load(self) -> Floats:
        """[M] kept as parcels move."""
        return self.state[:, 3]


class Lines(NamedTuple):
    """The rides between two nodes, in time order, L lines."""

    of: Ints  # [R] line
    at: Ints  # [R] place in it
    ptr: Longs  # [L+1]
    rides: Ints  # [R]


class Stock(NamedTuple):
    """Ways or routes of K commodities: a route is told by rides of it."""

    length: Ints  # [K, ways]; 0 where there is none
    rides: Ints  # [K, ways, LEGS]
    parcels: Floats  # [K, ways]


class Wants(NamedTuple):
    """What K commodities ask for."""

    first: Ints  # [K] the first ride that can be boarded
    alone: Floats  # [K] what a parcel pays at least; infinite where it has no way
    worth: Floats  # [K] what it costs to stay


class Table(NamedTuple):
    """Room to choose departures in, [LEGS, DEPARTURES]."""

    cost: Floats
    before: Ints
    ride: Ints


@njit(nogil=True, cache=True)
def _unit(u: int, k: int, kinds: Kinds, prices: Prices) -> float:
    """What one parcel of commodity k puts on the row of use u."""
    m = prices.measure[u]
    if m == 0:
        return prices.factor[u]
    return prices.factor[u] * (kinds.grams[k] if m == 1 else kinds.cm3[k])


@njit(nogil=True, cache=True)
def _congested(r: int, k: int, more: float, kinds: Kinds, prices: Prices) -> float:
    """What prices add for a parcel of k on ride r if so many more are on it."""
    ptr, row, state, added = prices.ptr, prices.row, prices.state, 0.0
    for u in range(ptr[r], ptr[r + 1]):
        n, each = row[u], _unit(u, k, kinds, prices)
        price = state[n, 0] + state[n, 1] * (state[n, 3] + more * each - state[n, 2])
        if price > 0.0:
            added += price * each
    return added


@njit(nogil=True, cache=True)
def _fare(r: int, k: int, fares: Fares, kinds: Kinds) -> float:
    by_weight = np.floor(fares.kg[r] * kinds.chargeable[k, fares.mode[r]] + 1e-6)
    return fares.fixed[r] + by_weight + fares.gram[r] * kinds.grams[k]


@njit(nogil=True, cache=True)
def _late(r: int, k: int, fares: Fares, kinds: Kinds) -> float:
    late = fares.ready[r] - kinds.due[k]
    return kinds.late_price[k] * late / 60.0 if late > 0 else 0.0


@njit(nogil=True, cache=True)
def _put(way: Ints, k: int, parcels: float, kinds: Kinds, prices: Prices) -> None:
    for r in way:
        for u in range(prices.ptr[r], prices.ptr[r + 1]):
            prices.state[prices.row[u], 3] += parcels * _unit(u, k, kinds, prices)


@njit(nogil=True, cache=True)
def _departures(
    route: Ints,
    k: int,
    first: int,
    least: float,
    lines: Lines,
    onward: Ints,
    fares: Fares,
    kinds: Kinds,
    prices: Prices,
    table: Table,
) -> tuple[float, int]:
    """Fill the table with the cheapest departures on a route; what they cost, and the last of them, -1 where none cost
    less than `least`."""
    (cost, before, ride), (line_of, _, ptr, line_rides) = table, lines
    known, legs, earliest, ahead = 0, len(route), first, 0.0
    for r in route:
        ahead += _fare(r, k, fares, kinds)
    cheapest, kept = 0.0, 0
    for leg in range(legs):
        line, number = line_of[route[leg]], 0
        low, high = ptr[line], ptr[line + 1]
        start = low + np.searchsorted(line_rides[low:high], earliest)
        prefix, arg, j, soonest, lowest = (0.0 if leg == 0 else np.inf), -1, 0, len(onward), np.inf
        ahead -= ALIKE * _fare(route[leg], k, fares, kinds)
        for n in range(start, min(high, start + LOOKED_AT)):
            r = line_rides[n]
            while leg and j < known and onward[ride[leg - 1, j]] <= r:
                if cost[leg - 1, j] < prefix:
                    prefix, arg = cost[leg - 1, j], j
                j += 1
            if prefix == np.inf or fares.forbids[r] & kinds.goods[k]:
                continue
            late = _late(r, k, fares, kinds)
            if prefix + late + max(ahead, 0.0) >= least:
                break
            paid = prefix + _fare(r, k, fares, kinds)
            congested = _congested(r, k, 0.0, kinds, prices)
            paid += congested
            if leg == legs - 1:
                paid += late
            # one that arrives later and costs no less is of no use
            if paid < lowest and paid + max(ahead, 0.0) < least:
                cost[leg, number], before[leg, number], ride[leg, number] = paid, arg, r
                number += 1
                lowest, soonest = paid, min(soonest, onward[r])
                if number == DEPARTURES:
                    break
                if congested == 0.0 and (leg == 0 or arg == kept):
                    break  # neither here nor before is anything cheaper
        if number == 0:
            return np.inf, -1
        known, earliest = number, soonest
        kept, cheapest = number - 1, lowest
    return cheapest, kept


@njit(nogil=True, cache=True)
def _way_now(way: Ints, k: int, fares: Fares, kinds: Kinds, prices: Prices) -> float:
    paid = _late(way[-1], k, fares, kinds)
    for r in way:
        paid += _fare(r, k, fares, kinds) + _congested(r, k, 0.0, kinds, prices)
    return paid


@njit(nogil=True, cache=True)
def _dearer_by(moved: float, a: Ints, b: Ints, k: int, kinds: Kinds, prices: Prices) -> float:
    """What prices on way a are above those on way b once so many parcels have moved from a to b; rides of both aside."""
    more = 0.0
    for r in a:
        shared = False
        for s in b:
            shared |= s == r
        if not shared:
            more += _congested(r, k, -moved, kinds, prices)
    for r in b:
        shared = False
        for s in a:
            shared |= s == r
        if not shared:
            more -= _congested(r, k, moved, kinds, prices)
    return more


@njit(nogil=True, cache=True)
def _shift(
    parcels: float,
    dearer: float,
    a: Ints,
    b: Ints,
    k: int,
    kinds: Kinds,
    prices: Prices,
    whole: bool,
) -> float:
    """Move parcels from way a, which costs so much more, to way b until both cost the same; how many. `whole`: as many
    whole ones as come nearest to that."""
    now = _dearer_by(0.0, a, b, k, kinds, prices)
    low, high = 0.0, parcels
    if dearer + _dearer_by(parcels, a, b, k, kinds, prices) - now < 0.0:
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            if dearer + _dearer_by(middle, a, b, k, kinds, prices) - now < 0.0:
                high = middle
            else:
                low = middle
        high = low
    if whole:
        high = np.floor(high + 0.5)
    if high > 0.0:
        _put(a, k, -high, kinds, prices)
        _put(b, k, high, kinds, prices)
    return high


@njit(nogil=True, cache=True)
def equilibrate(
    turn: Longs,
    wants: Wants,
    ways: Stock,
    routes: Stock,
    lines: Lines,
    onward: Ints,
    fares: Fares,
    kinds: Kinds,
    prices: Prices,
    whole: bool,
    every: bool,
) -> float:
    """One pass: each commodity in turn moves to its cheapest way at the prices of now. The last of a commodity's ways
    is to stay. `whole`: only whole parcels move. `every`: departures of every route are looked at, not only those of the
    routes found last. Returns what the pass gained, in COST_UNITs."""
    first, alone, worth = wants
    table = Table(
        np.empty((LEGS, DEPARTURES)),
        np.empty((LEGS, DEPARTURES), np.int32),
        np.empty((LEGS, DEPARTURES), np.int32),
    )
    (length, on, parcels), stay, gained = ways, WAYS - 1, 0.0
    costs, best = np.empty(WAYS), np.empty(LEGS, np.int32)
    for k in turn:
        least, to = worth[k], stay
        dearest, free = 0.0, -1
        costs[stay] = worth[k]
        for w in range(stay):
            if length[k, w] == 0:
                free = w
                continue
            if parcels[k, w] < 1e-6:
                _put(on[k, w, : length[k, w]], k, -parcels[k, w], kinds, prices)
                parcels[k, stay] += parcels[k, w]
                length[k, w], parcels[k, w], free = 0, 0.0, w
                continue
            costs[w] = _way_now(on[k, w, : length[k, w]], k, fares, kinds, prices)
            dearest = max(dearest, costs[w])
            if costs[w] < least:
                least, to = costs[w], w
        if parcels[k, stay] > 0.0:
            dearest = max(dearest, worth[k])
        if dearest <= alone[k] + 0.5:  # there is nothing cheaper
            continue
        legs, latest = 0, routes.parcels[k].max()
        for n in range(ROUTES):
            size = routes.length[k, n]
            if size == 0:
                break
            if not every and routes.parcels[k, n] < latest:
                continue
            route = routes.rides[k, n, :size]
            paid, at = _departures(
                route, k, first[k], least - 0.5, lines, onward, fares, kinds, prices, table
            )
            if at >= 0 and paid < least - 0.5:
                least, to, legs = paid, -1, size
                for leg in range(size - 1, -1, -1):
                    best[leg] = table.ride[leg, at]
                    at = table.before[leg, at]
        if dearest - least <= 0.5:
            continue
        if to < 0:
            if free < 0:  # all places are taken: the emptiest gives way
                free = int(np.argmin(parcels[k, :stay]))
                _put(on[k, free, : length[k, free]], k, -parcels[k, free], kinds, prices)
                _put(best[:legs], k, parcels[k, free], kinds, prices)
            else:
                parcels[k, free] = 0.0
            to = free
            length[k, to], on[k, to, :legs] = legs, best[:legs]
        costs[to] = least
        target = on[k, to, : length[k, to]] if to < stay else best[:0]
        for w in range(WAYS):
            if w == to or parcels[k, w] == 0.0 or (w < stay and length[k, w] == 0):
                continue
            source = on[k, w, : length[k, w]] if w < stay else best[:0]
            # the target has grown dearer by what moved there before
            now = worth[k] if to == stay else _way_now(target, k, fares, kinds, prices)
            mine = worth[k] if w == stay else _way_now(source, k, fares, kinds, prices)
            if mine - now <= 0.5:
                continue
            moved = _shift(parcels[k, w], mine - now, source, target, k, kinds, prices, whole)
            parcels[k, w] -= moved
            parcels[k, to] += moved
            gained += moved * (mine - now)
    return gained


@njit(nogil=True, cache=True)
def learn_routes(length: Ints, path: Ints, routes: Stock, line_of: Ints, used: Longs) -> int:
    """Write down the routes of found ways ([K, found] and [K, found, width] of a sweep) that are new; returns how many.
    Where all places are taken the one found longest ago gives way: `used` [K] counts sweeps, `routes.parcels` says at which
    each was found last."""
    new = 0
    for k in range(len(length)):
        used[k] += 1
        for w in range(length.shape[1]):
            n = length[k, w]
            if n == 0 or n > LEGS:
                continue
            at = -1
            for s in range(ROUTES):
                same = routes.length[k, s] == n
                for i in range(n):
                    if not same or line_of[routes.rides[k, s, i]] != line_of[path[k, w, i]]:
                        same = False
                        break
                if same:
                    at = s
            if at < 0:
                at = int(np.argmin(routes.parcels[k]))
                routes.length[k, at], routes.rides[k, at, :n] = n, path[k, w, :n]
                new += 1
            routes.parcels[k, at] = used[k]
    return new


@njit(nogil=True, cache=True)
def loaded(ways: Stock, kinds: Kinds, prices: Prices) -> None:
    """Write what all ways put on the rows."""
    prices.state[:, 3] = 0.0
    for k in range(len(ways.length)):
        for w in range(WAYS - 1):
            if ways.length[k, w] and ways.parcels[k, w] > 0.0:
                _put(ways.rides[k, w, : ways.length[k, w]], k, ways.parcels[k, w], kinds, prices)
