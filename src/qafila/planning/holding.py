"""Holding for a fuller bag: parcels of a bag that leaves nearly empty wait for one that has room, where that pays.

What is looked at are the parcels on one ride for one destination. They may take one of the next rides on the same
leg, if they still make what follows and there is room on vehicle, docks, sorter and customs. As many as empty one
bag, or all of them, are held if the bags that are saved are worth more than what it costs: lateness above all, and
the price of moving a parcel in a re-plan. What saves most is held first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from math import ceil, floor

import numpy as np
import polars as pl

from qafila.network.timetable import COST_UNIT
from qafila.planning.columns import loads, path_costs
from qafila.planning.consolidation import BAG_KG, BAG_M3, BAG_PRICE, GRAIN, bags_for
from qafila.planning.plan import Plan

NEXT = 4
"""So many of the next rides on the leg are looked at."""

HOLDS: dict[str, type[pl.DataType]] = {
    "segment": pl.Int64, "to_segment": pl.Int64, "destination": pl.Int64, "parcels": pl.Int64,
    "kg": pl.Float64, "bags": pl.Int64, "cost": pl.Float64, "lateness": pl.Float64,
}  # fmt: skip
"""Of a hold: the first segment of each ride, the node of the destination, what waits, how many bags are saved, what
it costs and how much of that is lateness, in the currency."""

_Way = tuple[int, tuple[int, ...], tuple[int, ...]]  # commodity, rides as planned, rides as held
_Bag = tuple[int, int]  # segment, destination


@dataclass(frozen=True, slots=True)
class _Hold:
    """Parcels of some ways that would take `target` instead of a ride."""

    target: int
    moved: dict[_Way, int]
    kg: float
    cost: float  # currency
    late: float  # currency, part of the cost
    bags: int  # saved

    @property
    def saves(self) -> float:
        return self.bags * BAG_PRICE - self.cost


def hold(plan: Plan) -> tuple[Plan, pl.DataFrame]:
    """The plan with what pays to be held, and the HOLDS by departure.

    The cost of plan and bags together never grows.
    """
    search = _Search(plan)
    done = search.holds()
    return (search.plan() if done else plan), pl.DataFrame(done, schema=HOLDS, orient="row")


class _Search:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        p = plan.problem
        # as lists: they are asked for one by one
        d, t, g = p.demand, p.graph.timetable, p.graph
        self._d = d
        self._grams, self._cm3, self._goods = d.grams.tolist(), d.cm3.tolist(), d.goods.tolist()
        self._due, self._late_price, self._to = d.due.tolist(), d.late_price.tolist(), d.destination.tolist()
        self._first, self._count = t.ride_first_segment.tolist(), t.ride_segment_count.tolist()
        self._board_by, self._ready_at = t.ride_board_by.tolist(), t.ride_ready_at.tolist()
        self._mode, self._forbids, self._closed = (
            t.ride_mode.tolist(),
            t.ride_forbids.tolist(),
            g.closed.tolist(),
        )
        self._fixed, self._kg, self._gram = p.ride_fixed.tolist(), p.ride_kg.tolist(), p.ride_gram.tolist()
        self._chargeable = p.chargeable_kg.tolist()
        self._use_ptr, self._use_factor = g.use_ptr.tolist(), g.use_factor.tolist()
        self._use_row, self._use_measure = g.use_row.tolist(), g.row_measure[g.use_row].tolist()
        self._room = (g.row_capacity - plan.load).tolist()
        self._parcels: dict[_Way, int] = {}
        self._on: dict[int, dict[int, list[_Way]]] = defaultdict(
            lambda: defaultdict(list)
        )  # ride, destination
        self._bags: dict[_Bag, tuple[float, float]] = {}  # kg, m³
        for path, k in enumerate(plan.who.tolist()):
            rides = tuple(plan.rides[plan.ptr[path] : plan.ptr[path + 1]].tolist())
            self._add((k, rides, rides), int(plan.parcels[path]))
        self._next_on_leg = g.next_on_leg.tolist()

    def holds(self) -> list[tuple[int, int, int, int, float, int, float, float]]:
        """Applies what pays, what saves most first, and says what."""
        done = []
        groups = [(ride, destination) for ride, some in self._on.items() for destination in some]
        queue = [(-found.saves, *group) for group in groups if (found := self._best(*group))]
        heapify(queue)
        while queue:
            hoped, ride, destination = heappop(queue)
            found = self._best(ride, destination)  # others may have taken the room since
            if found is None:
                continue
            if found.saves < -hoped - 1e-6:
                heappush(queue, (-found.saves, ride, destination))
                continue
            for way, n in found.moved.items():
                self._move(way, ride, found.target, n)
            done.append(
                (
                    self._first[ride], self._first[found.target], destination, sum(found.moved.values()), found.kg,
                    found.bags, found.cost, found.late,
                )
            )  # fmt: skip
            for group in ((ride, destination), (found.target, destination)):
                if more := self._best(*group):
                    heappush(queue, (-more.saves, *group))
        return sorted(done)

    def plan(self) -> Plan:
        """The plan as it stands; of a commodity's ways the cheapest first."""
        problem, d = self._plan.problem, self._d
        ways = [way for way, n in self._parcels.items() if n]
        who = np.array([k for k, _, _ in ways], np.int64)
        ptr = np.cumsum([0, *(len(rides) for _, _, rides in ways)]).astype(np.int64)
        rides = np.array([r for _, _, way in ways for r in way], np.int32)
        cost = path_costs(problem, who, ptr, rides)[0]
        cost += np.array([self._moving(k, way) for k, _, way in ways])
        order = np.lexsort((cost, who))
        ways, who, cost = [ways[i] for i in order], who[order], cost[order]
        ptr = np.cumsum([0, *(len(rides) for _, _, rides in ways)]).astype(np.int64)
        rides = np.array([r for _, _, way in ways for r in way], np.int32)
        parcels = np.array([self._parcels[way] for way in ways], np.int64)
        assert parcels.sum() + self._plan.unserved.sum() == d.parcels.sum()
        return replace(
            self._plan, who=who, ptr=ptr, rides=rides, parcels=parcels, cost=cost,
            before=tuple(before if before != way else () for _, before, way in ways),
            load=loads(problem, who, ptr, rides, parcels.astype(np.float64)),
        )  # fmt: skip

    def _best(self, ride: int, destination: int) -> _Hold | None:
        """The hold that saves the most, None where none saves."""
        best = None
        for target in self._next(ride):
            if self._closed[target] or not self._may_save(ride, target, destination):
                continue
            units = self._movable(ride, target, destination)
            if not units:
                continue
            for moved in self._amounts(units, ride, destination):
                found = self._weigh(moved, units, ride, target, destination)
                if found is not None and found.saves > max(1e-6, best.saves if best else 0.0):
                    best = found
        return best

    def _may_save(self, ride: int, target: int, destination: int) -> bool:
        """A bag can only be saved where there is one to join, or fewer segments to ride; and of two vehicles, unless
        the later one costs less, only if both loads take fewer bags in one pile than in two."""
        if self._count[ride] == self._count[target] == 1 and self._no_cheaper(ride, target):
            joins = self._bags.get((self._first[target], destination))
            if joins is None:
                return False
            kg, m3 = self._bags.get((self._first[ride], destination), (0.0, 0.0))
            together = bags_for(kg + joins[0] - GRAIN * BAG_KG, m3 + joins[1] - GRAIN * BAG_M3)
            return together < bags_for(kg, m3) + bags_for(*joins)
        waiting = sum([(s, destination) in self._bags for s in self._segments(target)])
        return self._count[target] - waiting < self._count[ride]

    def _no_cheaper(self, ride: int, target: int) -> bool:
        """Whether no parcel can pay less on the target: all its prices are as high, and it arrives no sooner."""
        return (
            self._d.move_price is None
            and self._mode[target] == self._mode[ride]
            and self._fixed[target] >= self._fixed[ride]
            and self._kg[target] >= self._kg[ride]
            and self._gram[target] >= self._gram[ride]
            and self._ready_at[target] >= self._ready_at[ride]
        )

    def _movable(self, ride: int, target: int, destination: int) -> dict[_Way, tuple[float, float]]:
        """What a parcel's cost and lateness would change by, in COST_UNITs, of the ways that can take the target."""
        units: dict[_Way, tuple[float, float]] = {}
        moving = self._d.move_price is not None
        for way in self._on[ride][destination]:
            k, _, rides = way
            if not self._parcels.get(way) or self._forbids[target] & self._goods[k]:
                continue
            at = rides.index(ride)
            if at + 1 < len(rides) and self._ready_at[target] > self._board_by[rides[at + 1]]:
                continue
            late = 0.0
            if at + 1 == len(rides):
                late = (self._late(k, target) - self._late(k, ride)) * self._late_price[k] / 60
            more = self._ride_cost(k, target) - self._ride_cost(k, ride) + late
            if moving:
                changed = (*rides[:at], target, *rides[at + 1 :])
                more += self._moving(k, changed) - self._moving(k, rides)
            units[way] = (more, late)
        return units

    def _amounts(
        self, units: dict[_Way, tuple[float, float]], ride: int, destination: int
    ) -> Iterator[dict[_Way, int]]:
        """All parcels that can be moved, and of each segment as many as empty its last bag."""
        cheapest = sorted(units, key=lambda w: (units[w][0] / self._grams[w[0]], w))
        for s in self._segments(ride):
            kg, m3 = self._bags[s, destination]
            full = bags_for(kg, m3) - 1
            kg, m3 = kg - full * BAG_KG - GRAIN, m3 - full * BAG_M3 - GRAIN  # to be moved
            moved: dict[_Way, int] = {}
            for way in cheapest:
                each_kg, each_m3 = self._grams[way[0]] / 1e3, self._cm3[way[0]] / 1e6
                needed = max(ceil(kg / each_kg), ceil(m3 / each_m3) if each_m3 else 0)
                if needed <= 0:
                    break
                moved[way] = n = min(needed, self._parcels[way])
                kg, m3 = kg - n * each_kg, m3 - n * each_m3
            if kg <= 0 and m3 <= 0:
                yield moved
        yield {way: self._parcels[way] for way in units}

    def _weigh(
        self, moved: dict[_Way, int], units: dict[_Way, tuple[float, float]], ride: int, target: int, destination: int
    ) -> _Hold | None:  # fmt: skip
        """What a hold saves and costs; None where there is no room."""
        grams = sum([n * self._grams[way[0]] for way, n in moved.items()])
        cm3 = sum([n * self._cm3[way[0]] for way, n in moved.items()])
        change: dict[int, float] = {}
        for r, sign in ((target, 1.0), (ride, -1.0)):
            for row, load in self._loads(r, (sum(moved.values()), grams, cm3)):
                change[row] = change.get(row, 0.0) + sign * load
        if any(more > max(self._room[row], 0.0) * (1 + GRAIN) for row, more in change.items() if more > 0):
            return None
        flows = dict.fromkeys(self._segments(target), 1)
        for s in self._segments(ride):
            flows[s] = flows.get(s, 0) - 1
        kg, m3, saved = grams / 1e3, cm3 / 1e6, 0
        for s, sign in flows.items():
            there = self._bags.get((s, destination), (0.0, 0.0))
            saved += bags_for(*there) - bags_for(there[0] + sign * kg, there[1] + sign * m3)
        cost, late = (sum([units[w][i] * n for w, n in moved.items()]) / COST_UNIT for i in (0, 1))
        return _Hold(target, moved, kg, cost, late, saved)

    def _move(self, way: _Way, ride: int, target: int, parcels: int) -> None:
        k, before, rides = way
        self._take(way, parcels)
        at = rides.index(ride)
        held = (k, before, (*rides[:at], target, *rides[at + 1 :]))
        self._add(held, parcels)
        each = (parcels, parcels * self._grams[k], parcels * self._cm3[k])
        for r, sign in ((target, -1.0), (ride, 1.0)):
            for row, load in self._loads(r, each):
                self._room[row] += sign * load

    def _add(self, way: _Way, parcels: int) -> None:
        k, _, rides = way
        destination = self._to[k]
        if way not in self._parcels:
            for ride in rides:
                self._on[ride][destination].append(way)
        self._parcels[way] = self._parcels.get(way, 0) + parcels
        self._fill(way, parcels)

    def _take(self, way: _Way, parcels: int) -> None:
        self._parcels[way] -= parcels
        self._fill(way, -parcels)

    def _fill(self, way: _Way, parcels: int) -> None:
        k, _, rides = way
        kg, m3 = parcels * self._grams[k] / 1e3, parcels * self._cm3[k] / 1e6
        for ride in rides:
            for s in self._segments(ride):
                bag = (s, self._to[k])
                before = self._bags.pop(bag, (0.0, 0.0))
                after = (before[0] + kg, before[1] + m3)
                if after[0] > GRAIN:  # every parcel weighs something
                    self._bags[bag] = after

    def _loads(self, ride: int, each: tuple[float, float, float]) -> list[tuple[int, float]]:
        """What parcels, grams and cm³ put on the rows of a ride."""
        some = slice(self._use_ptr[ride], self._use_ptr[ride + 1])
        uses = zip(self._use_row[some], self._use_factor[some], self._use_measure[some], strict=True)
        return [(row, f * each[m]) for row, f, m in uses]

    def _next(self, ride: int) -> list[int]:
        """The next rides on the leg, by departure."""
        after: list[int] = []
        while len(after) < NEXT and (ride := self._next_on_leg[ride]) < len(self._next_on_leg):
            after.append(ride)
        return after

    def _segments(self, ride: int) -> range:
        return range(self._first[ride], self._first[ride] + self._count[ride])

    def _late(self, k: int, ride: int) -> int:
        return max(self._ready_at[ride] - self._due[k], 0)

    def _ride_cost(self, k: int, ride: int) -> float:
        """COST_UNITs of one parcel on a ride."""
        by_weight = floor(self._kg[ride] * self._chargeable[k][self._mode[ride]] + 1e-6)
        return self._fixed[ride] + by_weight + self._gram[ride] * self._grams[k]

    def _moving(self, k: int, rides: tuple[int, ...]) -> float:
        """The price of not staying on the home way, in COST_UNITs."""
        d = self._d
        if d.move_price is None or (d.homes is not None and d.homes[k] == rides):
            return 0.0
        return float(d.move_price[k])
