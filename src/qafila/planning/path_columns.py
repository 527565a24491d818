"""Columns: the ways that pricing has found for each commodity, with what a parcel pays on them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.shapes import Fares, Floats, Ints, Kinds, Longs, Rows, Ways, way_cost
from qafila.planning.sweep import ride_prices

KEEP_ALL = 50_000
"""Up to so many columns the master is given all; beyond, those that its last prices make likely."""

LIKELY = 4
"""Columns of each commodity that a master of many is given, besides those in use and those just found: those that cost
least at its last prices. More take longer than the rounds they save."""


@njit(nogil=True, cache=True)
def _costs(ways: Ways, fares: Fares, kinds: Kinds) -> tuple[Floats, Longs]:
    """Cost of one parcel on each path, and a number that tells paths apart."""
    cost, key = np.zeros(len(ways.who)), np.zeros(len(ways.who), np.int64)
    for c in range(len(ways.who)):
        k = ways.who[c]
        way = ways.rides[ways.ptr[c] : ways.ptr[c + 1]]
        cost[c] = way_cost(k, way, fares, kinds)
        h = np.int64(1469598103934665603) ^ (np.int64(k) * np.int64(-7046029254386353131))
        for r in way:
            h = (h ^ np.int64(r + 1)) * np.int64(1099511628211)
            h ^= h >> np.int64(29)
        key[c] = h
    return cost, key


@njit(nogil=True, cache=True)
def _priced(ways: Ways, price: Floats, kinds: Kinds) -> Floats:
    """What congestion prices add for one parcel on each path; `price` [R, 3] is a ride's for a parcel, gram, cm³."""
    who, ptr, rides = ways
    extra = np.zeros(len(who))
    for c in range(len(who)):
        grams, cm3 = kinds.grams[who[c]], kinds.cm3[who[c]]
        for i in range(ptr[c], ptr[c + 1]):
            r = rides[i]
            extra[c] += price[r, 0] + price[r, 1] * grams + price[r, 2] * cm3
    return extra


@njit(nogil=True, cache=True)
def _load(ways: Ways, quantity: Floats, rows: Rows, kinds: Kinds, load: Floats) -> None:
    """Add what `quantity` parcels on each path put on the rows."""
    on = np.zeros((len(rows.ptr) - 1, 3))  # each ride: parcels, grams, cm³
    for c in range(len(ways.who)):
        if quantity[c] == 0.0:
            continue
        k = ways.who[c]
        for i in range(ways.ptr[c], ways.ptr[c + 1]):
            r = ways.rides[i]
            on[r, 0] += quantity[c]
            on[r, 1] += quantity[c] * kinds.grams[k]
            on[r, 2] += quantity[c] * kinds.cm3[k]
    for r in range(len(on)):
        if on[r, 0] == 0.0:
            continue
        for u in range(rows.ptr[r], rows.ptr[r + 1]):
            load[rows.row[u]] += rows.factor[u] * on[r, rows.measure[rows.row[u]]]


def path_costs(problem: Problem, who: Longs, ptr: Longs, rides: Ints) -> tuple[Floats, Longs]:
    """Cost of a parcel of commodity `who[c]` on path c, without congestion prices; and the path's key."""
    return _costs(Ways(who, ptr, rides), problem.fares, problem.kinds)


def path_values(problem: Problem, who: Longs, ptr: Longs, rides: Ints, row_price: Floats) -> Floats:
    """Cost of a parcel on each path with congestion prices."""
    return path_costs(problem, who, ptr, rides)[0] + congestion(problem, who, ptr, rides, row_price)


def congestion(problem: Problem, who: Longs, ptr: Longs, rides: Ints, row_price: Floats) -> Floats:
    """What congestion prices add for a parcel on each path."""
    free = np.zeros(problem.graph.timetable.rides)
    price = ride_prices(problem.graph.uses, row_price, free, free)
    return _priced(Ways(who, ptr, rides), price, problem.kinds)


def loads(problem: Problem, who: Longs, ptr: Longs, rides: Ints, quantity: Floats) -> Floats:
    """[M] what the paths put on each row."""
    load = np.zeros(problem.graph.rows)
    _load(Ways(who, ptr, rides), quantity, problem.graph.uses, problem.kinds, load)
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

    @property
    def ways(self) -> Ways:
        """The columns, for the kernels."""
        return Ways(self.who, self.ptr, self.rides)

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

    def worth_carrying(self, share: Floats, row_price: Floats, known: int) -> NDArray[np.bool_]:
        """[C] the columns that a master is given: all if they are few, else those in use at the last `share` [C or fewer],
        those beyond the first `known`, and of each commodity the LIKELY ones that cost least at the last `row_price` [M]."""
        if len(self) <= KEEP_ALL:
            return np.ones(len(self), np.bool_)
        order = np.lexsort((self.values(row_price), self.who))
        first = np.searchsorted(self.who[order], self.who[order])
        worth = np.zeros(len(self), np.bool_)
        worth[order] = np.arange(len(self)) - first < LIKELY
        worth[known:] = True
        worth[: len(share)] |= share > 1e-3
        return worth
