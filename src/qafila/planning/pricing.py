"""Pricing: at given congestion prices, the cheapest way of every commodity, by one sweep a destination."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qafila.planning import sweep
from qafila.planning.lanes import COARSE, Lanes, gather, never_late
from qafila.planning.path_columns import path_values
from qafila.planning.planning_problem import Commodities, Problem
from qafila.planning.priced import Priced
from qafila.planning.sweep import LANES
from qafila.planning.swept import Swept, swept

LANES_IN_ALL = 12_000
"""With more lanes than this, searching makes do with coarse ones, the finest that are no more."""

FEWER = 0.5
"""What ways cost at least is asked if that takes fewer than this part of the lanes."""

MUCH_MORE = 0.4
"""The first time, sweeps look as far as is right where congestion makes ways dearer by this part."""

WAYS, WAYS_IN_ALL = 8, 200_000
"""Ways written down for each commodity, where next best ones are asked for; and how many there may be of all
together, beyond one or two each: a master of a million columns takes longer than the rounds it saves."""


class Pricer(Protocol):
    """Whoever answers for the cheapest ways: this process, or workers elsewhere."""

    @property
    def coarse(self) -> bool:
        """Whether values are estimates unless `exact` ones are asked for."""
        ...

    def keep_to(self, through: NDArray[np.bool_] | None) -> None:
        """From now on, unless `exact` is asked for, goods change vehicles nowhere but at these nodes [N]; None: anywhere."""
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


class LocalPricer:
    """Sweeps in this process, its threads sharing the destinations.

    Sweeps for searching run in 32-bit floats, which is right to a few millionths, and where parcels differ
    in too many ways (see LANES_IN_ALL) on coarse lanes: the bound at that point is an estimate. A
    proof (`exact`) is priced in 64 bits, each commodity as it is.

    What may be released where depends on both ends of a way (docs/plan.md), and a sweep knows one. It bars
    releases in other territories than its destination's; goods from abroad whose way leaves that territory again,
    as none that is cheap does, are swept once more with leaving barred.
    """

    def __init__(
        self,
        problem: Problem,
        threads: int | None = None,
        part: tuple[int, int] = (0, 1),
        through: NDArray[np.bool_] | None = None,
    ) -> None:
        """`part` (n, of): only every `of`-th destination, from the n-th. `through` [N]: goods change vehicles nowhere
        else, in a proof neither."""
        self._problem, self._through = problem, through
        self._rides = self._some = swept(problem, through)
        place = np.unique(problem.demand.destination, return_inverse=True)[1]
        mine = np.flatnonzero(place % part[1] == part[0])
        self.members = mine
        self._lanes = self._exact = self._gathered(None, mine)
        self._coarse: tuple[float, float, int] | None = None
        for level in COARSE:
            if self._lanes.count * part[1] <= LANES_IN_ALL:
                break
            self._coarse, self._lanes = level, self._gathered(level, mine)
        self._wide = self._lanes
        self._threads = threads or min(os.cpu_count() or 1, 16)
        own, bound_for = (problem.territory[n] for n in (problem.demand.origin, problem.demand.destination))
        self._imported = own != bound_for  # [K]
        self._width = 20
        self._part = part
        self._least: NDArray[np.float64] | None = None

    @property
    def coarse(self) -> bool:
        """Whether searching makes do with coarse lanes, or with some of the rides."""
        return self._coarse is not None or self._some is not self._rides

    @property
    def lanes(self) -> int:
        """Lanes over all destinations."""
        return self._lanes.count

    def keep_to(self, through: NDArray[np.bool_] | None) -> None:
        """See Pricer."""
        self._on_time()
        self._some = self._rides if through is None else swept(self._problem, through)
        self._lanes = self._wide if through is None else _within(self._wide, self._rides, self._some)

    def price(
        self,
        row_price: NDArray[np.float64],
        hot_row: NDArray[np.bool_] | None = None,
        first: NDArray[np.int32] | None = None,
        exact: bool = False,
    ) -> Priced:
        """See Pricer. Commodities that are not this pricer's `members` come back without a way."""
        p, g = self._problem, self._problem.graph
        least = self._on_time()
        lanes, rides = (self._exact, self._rides) if exact else (self._lanes, self._some)
        real: type[np.floating[Any]] = np.float64 if exact else np.float32
        priced = sweep.ride_prices(g.uses, row_price, p.ride_fixed, p.ride_gram)[rides.kept].astype(real)
        start = rides.place[p.first if first is None else first]
        ways = 1 if hot_row is None else int(np.clip(WAYS_IN_ALL // max(len(start), 1), 2, WAYS))
        hot = np.zeros(g.timetable.rides, np.bool_)
        if hot_row is not None:
            hot[np.repeat(np.arange(len(hot)), np.diff(g.use_ptr))[hot_row[g.use_row]]] = True
        hot = hot[rides.kept]
        kg = rides.kg.astype(real)
        across = np.flatnonzero((rides.left >= 0) | (rides.entered >= 0))
        left, entered = rides.left[across], rides.entered[across]

        def fill(lanes: Lanes, found: Priced, leaving: bool) -> None:
            groups = sweep.Groups(
                lanes.node,
                lanes.group_low,
                lanes.group_high,
                lanes.grams.astype(real),
                lanes.cm3.astype(real),
                lanes.chargeable_kg.astype(real),
                lanes.goods,
                lanes.due,
                lanes.late_price.astype(real),
                lanes.down,
                lanes.lane_members,
                lanes.member,
            )

            def work(thread: int) -> None:
                lawful, best = priced.copy(), np.empty((len(rides) + 1, LANES), real)
                taken, ends = np.empty(len(rides) + 1, np.uint16), np.zeros(g.timetable.nodes, np.uint32)
                on = sweep.Rides(
                    rides.passing,
                    rides.to,
                    rides.mode,
                    rides.forbids,
                    rides.board_by,
                    rides.ready_at,
                    kg,
                    rides.onward,
                    rides.later,
                    lawful,
                )
                asked, room = sweep.Asked(start, least, hot), sweep.Room(best, taken, ends)
                some = np.arange(thread, len(lanes.node), self._threads)
                where = lanes.group_territory[some]
                for territory in np.unique(where).tolist():
                    barred = (entered >= 0) & (entered != territory)
                    if not leaving:
                        barred |= left == territory
                    lawful[across, 0] = np.where(barred, np.inf, priced[across, 0])
                    sweep.sweep_groups(
                        some[where == territory],
                        groups,
                        on,
                        asked,
                        room,
                        sweep.Ways(found.value, found.length, found.path),
                    )

            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(work, range(self._threads)))
            if rides.passing < g.timetable.rides:  # by their numbers in the timetable
                path = found.path[lanes.member]
                there = np.arange(self._width) < found.length[lanes.member][:, :, None]
                path[there] = rides.kept[path[there]]
                found.path[lanes.member] = path

        while True:
            found = Priced(
                np.full(len(start), np.inf),
                np.zeros((len(start), ways), np.int32),
                np.empty((len(start), ways, self._width), np.int32),
            )
            fill(lanes, found, leaving=True)
            if found.length.max(initial=0) <= self._width and self._imported.any():
                astray = self._astray(found)
                found.length[astray] = 0
                if astray[:, 0].any():
                    again = self._gathered(None if exact else self._coarse, np.flatnonzero(astray[:, 0]))
                    fill(_within(again, self._rides, rides), found, leaving=False)
            longest = int(found.length.max(initial=0))
            if longest <= self._width:
                return found if exact or self._coarse is None else self._as_they_are(found, row_price)
            self._width = longest

    def _gathered(self, coarse: tuple[float, float, int] | None, only: NDArray[np.int64]) -> Lanes:
        return _within(gather(self._problem, coarse, only), None, self._rides)

    def _on_time(self) -> NDArray[np.float64]:
        """[K] what each commodity's ways cost at least, however late they are and whatever the prices.

        Parcels that weigh about the same are swept together, as if they weighed what the lightest do. 0 where that is
        not worth a sweep.
        """
        if self._least is None:
            self._least = np.zeros(len(self._problem.demand))
            light = never_late(self._problem)
            if light is not None and gather(light, only=self.members).count < FEWER * self._exact.count:
                pricer = LocalPricer(light, self._threads, self._part, self._through)
                self._least = pricer.price(np.zeros(light.graph.rows), exact=pricer.coarse).value * (
                    1.0 - 1e-4
                )
                for lanes in {id(some): some for some in (self._lanes, self._exact)}.values():
                    self._look_ahead(lanes)
        return self._least

    def _look_ahead(self, lanes: Lanes) -> None:
        """Say how many rides a group's first sweep looks at: as if ways cost little more than they do at least."""
        assert self._least is not None
        p, board = self._problem, self._rides.board_by
        passing = board[: self._rides.passing]
        group = np.repeat(np.arange(len(lanes.lane_members) - 1) // LANES, np.diff(lanes.lane_members))
        k = lanes.member
        late, start = p.demand.late_price[k], np.append(board, 0)[self._rides.place[p.first[k]]]
        with np.errstate(divide="ignore", invalid="ignore"):
            minute = np.where(late > 0, p.demand.due[k] + 60.0 * MUCH_MORE * self._least[k] / late, np.inf)
        lanes.group_high[:] = 0
        np.maximum.at(lanes.group_high, group, np.searchsorted(passing, np.maximum(minute, start)))

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
        best = Priced(found.value, found.length[:, :1], found.path[:, :1])
        who, ptr, rides = best.paths(np.ones(len(found.value), np.bool_))
        found.value[who] = path_values(self._problem, who, ptr, rides, row_price)
        return found


def _within(lanes: Lanes, before: Swept | None, rides: Swept) -> Lanes:
    """The same lanes, to be swept over some of the rides that they were swept over before (None: of all)."""
    ends = np.array([lanes.group_low, lanes.group_high])
    if before is not None:
        ends = np.append(before.kept[: before.passing], np.iinfo(np.int64).max)[ends]
    low, high = np.searchsorted(rides.kept[: rides.passing], ends)
    return replace(lanes, group_low=low, group_high=high)


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
