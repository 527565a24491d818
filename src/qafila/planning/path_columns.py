"""Columns: the ways that pricing has found for each commodity, with what a parcel pays on them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.pricing import Priced
from qafila.planning.problem import Problem
from qafila.planning.sweep import ride_prices

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@njit(nogil=True, cache=True)
def way_cost(
    k: int, rides: Ints, fixed: Floats, kg: Floats, gram: Floats, mode: NDArray[np.uint8], ready: Ints,
    chargeable: Floats, grams: Floats, due: Ints, late_price: Floats,
) -> float:  # fmt: skip
    """Cost of one parcel of commodity k on some rides (see docs/plan.md)."""
    cost = 0.0
    for r in rides:
        cost += fixed[r] + np.floor(kg[r] * chargeable[k, mode[r]] + 1e-6) + gram[r] * grams[k]
    if len(rides):
        late = ready[rides[-1]] - due[k]
        if late > 0:
            cost += late_price[k] * late / 60.0
    return cost


@njit(nogil=True, cache=True)
def _costs(
    who: Longs, ptr: Longs, rides: Ints, fixed: Floats, kg: Floats, gram: Floats, mode: NDArray[np.uint8],
    ready: Ints, chargeable: Floats, grams: Floats, due: Ints, late_price: Floats,
) -> tuple[Floats, Longs]:  # fmt: skip
    """Cost of one parcel on each path, and a number that tells paths apart."""
    cost, key = np.zeros(len(who)), np.zeros(len(who), np.int64)
    for c in range(len(who)):
        k = who[c]
        way = rides[ptr[c] : ptr[c + 1]]
        cost[c] = way_cost(k, way, fixed, kg, gram, mode, ready, chargeable, grams, due, late_price)
        h = np.int64(1469598103934665603) ^ (np.int64(k) * np.int64(-7046029254386353131))
        for r in way:
            h = (h ^ np.int64(r + 1)) * np.int64(1099511628211)
            h ^= h >> np.int64(29)
        key[c] = h
    return cost, key


@njit(nogil=True, cache=True)
def _priced(
    who: Longs, ptr: Longs, rides: Ints, price: Floats, grams: Floats, cm3: Floats
) -> Floats:  # fmt: skip
    """What congestion prices add for one parcel on each path; `price` [R, 3] is a ride's for a parcel, gram, cm³."""
    extra = np.zeros(len(who))
    for c in range(len(who)):
        k = who[c]
        for i in range(ptr[c], ptr[c + 1]):
            r = rides[i]
            extra[c] += price[r, 0] + price[r, 1] * grams[k] + price[r, 2] * cm3[k]
    return extra


@njit(nogil=True, cache=True)
def _load(
    who: Longs, ptr: Longs, rides: Ints, quantity: Floats, use_ptr: Longs, use_row: Ints,
    use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, load: Floats,
) -> None:  # fmt: skip
    """Add what `quantity` parcels on each path put on the rows."""
    on = np.zeros((len(use_ptr) - 1, 3))  # each ride: parcels, grams, cm³
    for c in range(len(who)):
        if quantity[c] == 0.0:
            continue
        k = who[c]
        for i in range(ptr[c], ptr[c + 1]):
            r = rides[i]
            on[r, 0] += quantity[c]
            on[r, 1] += quantity[c] * grams[k]
            on[r, 2] += quantity[c] * cm3[k]
    for r in range(len(on)):
        if on[r, 0] == 0.0:
            continue
        for u in range(use_ptr[r], use_ptr[r + 1]):
            load[use_row[u]] += use_factor[u] * on[r, measure[use_row[u]]]


def path_costs(problem: Problem, who: Longs, ptr: Longs, rides: Ints) -> tuple[Floats, Longs]:
    """Cost of a parcel of commodity `who[c]` on path c, without congestion prices; and the path's key."""
    t, d = problem.graph.timetable, problem.demand
    return _costs(
        who, ptr, rides, problem.ride_fixed, problem.ride_kg, problem.ride_gram, np.asarray(t.ride_mode),
        np.asarray(t.ride_ready_at), problem.chargeable_kg, d.grams, d.due, d.late_price,
    )  # fmt: skip


def path_values(problem: Problem, who: Longs, ptr: Longs, rides: Ints, row_price: Floats) -> Floats:
    """Cost of a parcel on each path with congestion prices."""
    return path_costs(problem, who, ptr, rides)[0] + congestion(problem, who, ptr, rides, row_price)


def congestion(problem: Problem, who: Longs, ptr: Longs, rides: Ints, row_price: Floats) -> Floats:
    """What congestion prices add for a parcel on each path."""
    g, d = problem.graph, problem.demand
    free = np.zeros(g.timetable.rides)
    price = ride_prices(g.use_ptr, g.use_row, g.use_factor, g.row_measure, row_price, free, free)
    return _priced(who, ptr, rides, price, d.grams, d.cm3)


def loads(problem: Problem, who: Longs, ptr: Longs, rides: Ints, quantity: Floats) -> Floats:
    """[M] what the paths put on each row."""
    g, d = problem.graph, problem.demand
    load = np.zeros(g.rows)
    _load(who, ptr, rides, quantity, g.use_ptr, g.use_row, g.use_factor, g.row_measure, d.grams, d.cm3, load)
    return load


class Pool:
    """Every column found so far; `who`, `cost`, `ptr`, `rides` grow together and keep their order."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.who: Longs = np.zeros(0, np.int64)
        self.cost: Floats = np.zeros(0)
        self.ptr: Longs = np.zeros(1, np.int64)
        self.rides: Ints = np.zeros(0, np.int32)
        self._keys: Longs = np.zeros(0, np.int64)  # sorted
        self._keyed: Longs = np.zeros(0, np.int64)  # the column of each
        homes = problem.demand.homes
        if homes is not None:
            has = np.flatnonzero([len(h) > 0 for h in homes])
            ptr = np.concatenate([[0], np.cumsum([len(homes[k]) for k in has])]).astype(np.int64)
            rides = np.array([r for k in has for r in homes[k]], np.int32)
            self.extend(has.astype(np.int64), ptr, rides, home=True)

    def __len__(self) -> int:
        return len(self.who)

    def add(self, priced: Priced, reduced: NDArray[np.bool_] | None = None) -> int:
        """Take in the priced ways that are new (of the commodities `reduced` only); returns how many."""
        everyone = np.ones(len(priced.value), np.bool_)
        before = len(self)
        self.extend(*priced.paths(everyone if reduced is None else reduced))
        return len(self) - before

    def extend(self, who: Longs, ptr: Longs, rides: Ints, home: bool = False) -> Longs:
        """Take in paths, as far as they are not yet known; returns the column of each, -1 for one that is closed."""
        cost, key = path_costs(self._problem, who, ptr, rides)
        move = self._problem.demand.move_price
        if move is not None and not home:
            cost = cost + move[who]
        _, once, same = np.unique(key, return_index=True, return_inverse=True)
        fresh = np.zeros(len(key), np.bool_)
        fresh[once] = True
        column = np.full(len(key), -1, np.int64)
        if len(self._keys):
            at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            known = self._keys[at] == key
            column[known] = self._keyed[at[known]]
            fresh &= ~known
        fresh &= np.isfinite(cost)
        new = np.flatnonzero(fresh)
        column[new] = len(self) + np.arange(len(new))
        length = np.diff(ptr)
        self.who = np.concatenate([self.who, who[new]])
        self.cost = np.concatenate([self.cost, cost[new]])
        self.ptr = np.concatenate([self.ptr, self.ptr[-1] + np.cumsum(length[new])])
        self.rides = np.concatenate([self.rides, rides[np.repeat(fresh, length)]])
        keys, keyed = np.concatenate([self._keys, key[new]]), np.concatenate([self._keyed, column[new]])
        order = np.argsort(keys)
        self._keys, self._keyed = keys[order], keyed[order]
        return column[once][same]

    def loads(self, quantity: Floats) -> Floats:
        """[M] what quantities [C] of parcels put on each row."""
        return loads(self._problem, self.who, self.ptr, self.rides, quantity)

    def values(self, row_price: Floats) -> Floats:
        """[C] cost of a parcel on each column with congestion prices."""
        return self.cost + congestion(self._problem, self.who, self.ptr, self.rides, row_price)
