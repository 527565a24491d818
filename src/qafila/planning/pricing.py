"""Pricing: at given congestion prices, the cheapest way of every commodity, by one sweep a destination."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qafila.planning import sweep
from qafila.planning.problem import NO_DUE, Commodities, Problem
from qafila.planning.sweep import LANES

COARSE = ((0.15, 0.3, 720), (0.3, 0.6, 1440), (0.6, 1.2, 2880), (1.5, 3.0, 10080))
"""Coarse lanes, finest first: weights and densities within so much of each other (by logarithm), dues within so
many minutes."""

LANES_IN_ALL = 12_000
"""With more lanes than this, searching makes do with coarse ones, the finest that are no more."""

WAYS, WAYS_IN_ALL = 8, 200_000
"""Ways written down for each commodity, where next best ones are asked for; and how many there may be of all
together, beyond one or two each: a master of a million columns takes longer than the rounds it saves."""


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The cheapest way of each commodity at some prices."""

    value: NDArray[np.float64]  # [K] COST_UNITs for one parcel, prices included; infinite where no way
    length: NDArray[np.int32]  # [K, ways] rides; 0 where there is no such way
    path: NDArray[np.int32]  # [K, ways, width] rides; of each way the first `length` count

    def paths(
        self, which: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """The ways of some commodities as (commodity, ptr, rides)."""
        use = (self.length > 0) & which[:, None]
        who, _ = np.nonzero(use)
        length = self.length[use]
        ptr = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        inside = np.arange(self.path.shape[2])[None, :] < length[:, None]
        return who.astype(np.int64), ptr, self.path[use][inside]


class Pricer(Protocol):
    """Whoever answers for the cheapest ways: this process, or workers elsewhere."""

    @property
    def coarse(self) -> bool:
        """Whether values are estimates unless `exact` ones are asked for."""
        ...

    def price(
        self,
        row_price: NDArray[np.float64],
        hot_row: NDArray[np.bool_] | None = None,
        first: NDArray[np.int32] | None = None,
        exact: bool = False,
    ) -> Priced:
        """The cheapest ways at prices of the rows [M], boarding no earlier than ride `first[k]`.

        With `hot_row` [M], also the next best ways around rides that use one of these rows.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Commodities gathered by destination and by what makes their costs differ; groups of LANES.

    The destinations of a group lie in one territory. Lanes released at about the same time are side by side.
    """

    count: int
    node: NDArray[np.int32]  # [G, LANES] the destinations
    group_territory: NDArray[np.int32]  # [G] of the destinations
    group_low: NDArray[np.int64]  # [G] no ride before this one is of use to the group
    grams: NDArray[np.float64]  # [G, LANES]
    cm3: NDArray[np.float64]  # [G, LANES]
    chargeable_kg: NDArray[np.float64]  # [G, modes, LANES]
    goods: NDArray[np.uint16]  # [G, LANES]
    due: NDArray[np.int32]  # [G, LANES]
    late_price: NDArray[np.float64]  # [G, LANES]
    lane_members: NDArray[np.int64]  # [G × LANES + 1]
    member: NDArray[np.int64]  # [K] commodities by lane


def gather(
    problem: Problem, coarse: tuple[float, float, int] | None = None, only: NDArray[np.int64] | None = None
) -> Lanes:
    """One lane for each different (destination, due, goods, weight, volume, lateness price), of all commodities
    or `only` of some.

    A `coarse` lane (see COARSE) takes in whatever differs little in weight, density and due; it is swept as its
    first member.
    """
    d = problem.demand
    only = np.arange(len(d)) if only is None else only
    grams, cm3, due = d.grams[only], d.cm3[only], d.due[only]
    if coarse is not None:
        weight, density, minutes = coarse
        dense = np.where(cm3 > 0, np.round(np.log(np.maximum(cm3, 1e-9) / grams) / density), -99.0)
        grams, cm3 = np.round(np.log(grams) / weight), dense
        due = np.where(due == NO_DUE, NO_DUE, due // minutes)
    columns = (d.late_price[only], cm3, grams, d.goods[only], due, d.destination[only])
    order = np.lexsort(columns)
    differs = np.zeros(len(order), np.bool_)
    for column in columns:
        differs[1:] |= column[order][1:] != column[order][:-1]
    differs[:1] = True
    start = np.flatnonzero(differs)
    order = only[order]
    members = np.diff(np.append(start, len(order)))
    who = order[start]

    # number the lanes of each territory, so that each group of LANES belongs to one
    low = np.minimum.reduceat(problem.first[order], start) if len(start) else np.zeros(0, np.int32)
    territory = problem.territory[d.destination[who]]
    turn = np.lexsort((low, territory))
    who, low, territory = who[turn], low[turn], territory[turn]
    new = np.flatnonzero(np.diff(territory, prepend=-2))
    place = np.arange(len(who)) - np.repeat(new, np.diff(np.append(new, len(who))))
    group = np.cumsum(place % LANES == 0) - 1
    groups = int(group[-1]) + 1 if len(group) else 0
    slot = group * LANES + place % LANES

    def lanes(values: NDArray[Any]) -> NDArray[Any]:
        laid = np.zeros((groups * LANES, *values.shape[1:]), values.dtype)
        laid[slot] = values[who]
        return laid.reshape(groups, LANES, *values.shape[1:])

    group_low = np.full(groups, problem.graph.timetable.rides, np.int64)
    np.minimum.at(group_low, group, low)
    sizes = np.zeros(groups * LANES, np.int64)
    sizes[slot] = members[turn]
    first_of = start[turn]
    inside = np.arange(len(order)) - np.repeat(np.cumsum(members[turn]) - members[turn], members[turn])
    return Lanes(
        count=len(who),
        node=lanes(d.destination),
        group_territory=territory[np.searchsorted(group, np.arange(groups))],
        group_low=group_low,
        grams=lanes(d.grams),
        cm3=lanes(d.cm3),
        chargeable_kg=np.ascontiguousarray(lanes(problem.chargeable_kg).transpose(0, 2, 1)),
        goods=lanes(d.goods),
        due=lanes(d.due),
        late_price=lanes(d.late_price),
        lane_members=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        member=order[np.repeat(first_of, members[turn]) + inside].astype(np.int64),
    )


class LocalPricer:
    """Sweeps in this process, its threads sharing the destinations.

    Sweeps for searching run in 32-bit floats, which is right to a few millionths, and where parcels differ
    in too many ways (see LANES_IN_ALL) on coarse lanes: the bound at that point is an estimate. A
    proof (`exact`) is priced in 64 bits, each commodity as it is.

    What may be released where depends on both ends of a way (docs/plan.md), and a sweep knows one. It bars
    releases in other territories than its destination's; goods from abroad whose way leaves that territory again,
    as none that is cheap does, are swept once more with leaving barred.
    """

    def __init__(self, problem: Problem, threads: int | None = None, part: tuple[int, int] = (0, 1)) -> None:
        """`part` (n, of): only every `of`-th destination, from the n-th."""
        self._problem = problem
        place = np.unique(problem.demand.destination, return_inverse=True)[1]
        mine = np.flatnonzero(place % part[1] == part[0])
        self.members = mine
        self._lanes = self._exact = gather(problem, only=mine)
        self._coarse: tuple[float, float, int] | None = None
        for level in COARSE:
            if self._lanes.count * part[1] <= LANES_IN_ALL:
                break
            self._coarse, self._lanes = level, gather(problem, level, mine)
        self._threads = threads or min(os.cpu_count() or 1, 16)
        own, bound_for = (problem.territory[n] for n in (problem.demand.origin, problem.demand.destination))
        self._imported = own != bound_for  # [K]
        self._width = 12
        self._rides = problem.graph.timetable.rides

    @property
    def coarse(self) -> bool:
        """Whether searching makes do with coarse lanes."""
        return self._coarse is not None

    @property
    def lanes(self) -> int:
        """Lanes over all destinations."""
        return self._lanes.count

    def price(
        self,
        row_price: NDArray[np.float64],
        hot_row: NDArray[np.bool_] | None = None,
        first: NDArray[np.int32] | None = None,
        exact: bool = False,
    ) -> Priced:
        """See Pricer. Commodities that are not this pricer's `members` come back without a way."""
        p, g, lanes = self._problem, self._problem.graph, self._exact if exact else self._lanes
        t = g.timetable
        real = np.float64 if exact else np.float32
        priced = sweep.ride_prices(
            g.use_ptr, g.use_row, g.use_factor, g.row_measure, row_price, p.ride_fixed, p.ride_gram
        ).astype(real)
        start = p.first if first is None else first
        ways = 1 if hot_row is None else int(np.clip(WAYS_IN_ALL // max(len(start), 1), 2, WAYS))
        hot = np.zeros(self._rides, np.bool_)
        if hot_row is not None:
            hot[np.repeat(np.arange(self._rides), np.diff(g.use_ptr))[hot_row[g.use_row]]] = True
        kg = p.ride_kg.astype(real)
        across = np.flatnonzero((g.left >= 0) | (g.entered >= 0))
        left, entered = g.left[across], g.entered[across]

        def swept(lanes: Lanes, found: Priced, leaving: bool) -> None:
            lane = tuple(a.astype(real) for a in (lanes.grams, lanes.cm3, lanes.chargeable_kg))
            late = lanes.late_price.astype(real)

            def work(thread: int) -> None:
                lawful, best = priced.copy(), np.empty((self._rides + 1, LANES), real)
                ends = np.zeros(t.nodes, np.uint32)
                some = np.arange(thread, len(lanes.node), self._threads)
                where = lanes.group_territory[some]
                for territory in np.unique(where).tolist():
                    barred = (entered >= 0) & (entered != territory)
                    if not leaving:
                        barred |= left == territory
                    lawful[across, 0] = np.where(barred, np.inf, priced[across, 0])
                    sweep.sweep_groups(
                        some[where == territory], lanes.node, lanes.group_low, *lane,
                        lanes.goods, lanes.due, late, lanes.lane_members, lanes.member, start,
                        t.ride_to, t.ride_mode, t.ride_forbids, t.ride_ready_at, kg,
                        g.onward, g.later, lawful, best, ends, hot, found.value, found.length, found.path,
                    )  # fmt: skip

            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(work, range(self._threads)))

        while True:
            found = Priced(
                np.full(len(start), np.inf),
                np.zeros((len(start), ways), np.int32),
                np.empty((len(start), ways, self._width), np.int32),
            )
            swept(lanes, found, leaving=True)
            if found.length.max(initial=0) <= self._width and self._imported.any():
                astray = self._astray(found)
                found.length[astray] = 0
                if astray[:, 0].any():
                    again = gather(p, None if exact else self._coarse, np.flatnonzero(astray[:, 0]))
                    swept(again, found, leaving=False)
            longest = int(found.length.max(initial=0))
            if longest <= self._width:
                return found if exact or self._coarse is None else self._as_they_are(found, row_price)
            self._width = longest

    def _astray(self, found: Priced) -> NDArray[np.bool_]:
        """[K, ways] that take goods from abroad out of the territory they are for."""
        p = self._problem
        who, ptr, rides = found.paths(self._imported)
        kept = np.repeat(p.territory[p.demand.destination[who]], np.diff(ptr))
        astray = np.zeros(found.length.shape, np.bool_)
        leaves = np.add.reduceat(np.append(p.graph.left[rides] == kept, False), ptr[:-1]) > 0
        astray[(found.length > 0) & self._imported[:, None]] = leaves
        return astray

    def _as_they_are(self, found: Priced, row_price: NDArray[np.float64]) -> Priced:
        """Ways found for a lane's first member, with what each commodity itself pays on them."""
        from qafila.planning.columns import path_values

        best = Priced(found.value, found.length[:, :1], found.path[:, :1])
        who, ptr, rides = best.paths(np.ones(len(found.value), np.bool_))
        found.value[who] = path_values(self._problem, who, ptr, rides, row_price)
        return found


def bound(problem: Problem, row_price: NDArray[np.float64], priced: Priced) -> float:
    """The Lagrangian bound in COST_UNITs: no plan costs less, whatever the prices ≥ 0.

    Each parcel pays its cheapest way at the prices (or its home way, or stays unserved), less what the
    capacities are worth at them.
    """
    each = np.minimum(offered(problem.demand, priced.value, home_values(problem, row_price)), problem.penalty)
    limited = row_price > 0
    return float(
        np.dot(each, problem.demand.parcels) - np.dot(row_price[limited], problem.graph.row_capacity[limited])
    )


def offered(demand: Commodities, away: NDArray[np.float64], home: NDArray[np.float64]) -> NDArray[np.float64]:
    """[K] the lesser of going another way, at the price of moving, and staying on the home way."""
    if demand.move_price is None:
        return away
    return np.minimum(away + demand.move_price, home)


def home_values(problem: Problem, row_price: NDArray[np.float64]) -> NDArray[np.float64]:
    """[K] one parcel's cost on its home way at prices; infinite where it has none or it is closed."""
    from qafila.planning.columns import path_values

    homes = problem.demand.homes
    value = np.full(len(problem.demand), np.inf)
    if homes is None:
        return value
    has = np.flatnonzero([len(h) > 0 for h in homes])
    if len(has):
        rides = np.concatenate([np.asarray(homes[k], np.int32) for k in has])
        ptr = np.concatenate([[0], np.cumsum([len(homes[k]) for k in has])]).astype(np.int64)
        value[has] = path_values(problem, has, ptr, rides, row_price)
    return value
