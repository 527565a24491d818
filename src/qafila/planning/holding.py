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
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        self._t, self._d, self._g = p.graph.timetable, p.demand, p.graph
        # as lists: they are asked for one by one
        self._grams, self._cm3 = self._d.grams.tolist(), self._d.cm3.tolist()
        self._first, self._count = self._t.ride_first_segment.tolist(), self._t.ride_segment_count.tolist()
        self._room = self._g.row_capacity - plan.load
        self._parcels: dict[_Way, int] = {}
        self._on: dict[int, dict[int, list[_Way]]] = defaultdict(
            lambda: defaultdict(list)
        )  # ride, destination
        self._bags: dict[_Bag, tuple[float, float]] = {}  # kg, m³
        for path, k in enumerate(plan.who.tolist()):
            rides = tuple(plan.rides[plan.ptr[path] : plan.ptr[path + 1]].tolist())
            self._add((k, rides, rides), int(plan.parcels[path]))
        self._next = _NextOnLeg(self._t.ride_from, self._t.ride_to, self._t.nodes)

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
            if self._g.closed[target] or not self._may_save(ride, target, destination):
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
        """A bag can only be saved where there is one to join, or fewer segments to ride."""
        waiting = sum([(s, destination) in self._bags for s in self._segments(target)])
        return self._count[target] - waiting < self._count[ride]

    def _movable(self, ride: int, target: int, destination: int) -> dict[_Way, tuple[float, float]]:
        """What a parcel's cost and lateness would change by, in COST_UNITs, of the ways that can take the target."""
        t, d, units = self._t, self._d, {}
        for way in self._on[ride][destination]:
            k, _, rides = way
            if not self._parcels.get(way) or t.ride_forbids[target] & d.goods[k]:
                continue
            at = rides.index(ride)
            if at + 1 < len(rides) and t.ride_ready_at[target] > t.ride_board_by[rides[at + 1]]:
                continue
            late = 0.0
            if at + 1 == len(rides):
                late = (self._late(k, target) - self._late(k, ride)) * float(d.late_price[k]) / 60
            changed = (*rides[:at], target, *rides[at + 1 :])
            moving = self._moving(k, changed) - self._moving(k, rides)
            units[way] = (self._ride_cost(k, target) - self._ride_cost(k, ride) + late + moving, late)
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
        destination = int(self._d.destination[k])
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
                bag = (s, int(self._d.destination[k]))
                before = self._bags.pop(bag, (0.0, 0.0))
                after = (before[0] + kg, before[1] + m3)
                if after[0] > GRAIN:  # every parcel weighs something
                    self._bags[bag] = after

    def _loads(self, ride: int, each: tuple[float, float, float]) -> list[tuple[int, float]]:
        """What parcels, grams and cm³ put on the rows of a ride."""
        g = self._g
        some = slice(g.use_ptr[ride], g.use_ptr[ride + 1])
        rows = g.use_row[some]
        measures = g.row_measure[rows].tolist()
        factors = g.use_factor[some].tolist()
        return [(row, f * each[m]) for row, f, m in zip(rows.tolist(), factors, measures, strict=True)]

    def _segments(self, ride: int) -> range:
        return range(self._first[ride], self._first[ride] + self._count[ride])

    def _late(self, k: int, ride: int) -> int:
        return max(int(self._t.ride_ready_at[ride]) - int(self._d.due[k]), 0)

    def _ride_cost(self, k: int, ride: int) -> float:
        """COST_UNITs of one parcel on a ride."""
        p = self._plan.problem
        by_weight = np.floor(p.ride_kg[ride] * p.chargeable_kg[k, self._t.ride_mode[ride]] + 1e-6)
        return float(p.ride_fixed[ride] + by_weight + p.ride_gram[ride] * self._d.grams[k])

    def _moving(self, k: int, rides: tuple[int, ...]) -> float:
        """The price of not staying on the home way, in COST_UNITs."""
        d = self._d
        if d.move_price is None or (d.homes is not None and d.homes[k] == rides):
            return 0.0
        return float(d.move_price[k])


class _NextOnLeg:
    """The next rides between the same two nodes, by departure."""

    def __init__(self, start: NDArray[np.int32], end: NDArray[np.int32], nodes: int) -> None:
        leg = np.asarray(start).astype(np.int64) * nodes + np.asarray(end)
        order = np.argsort(leg, kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        self._leg, self._order, self._place = leg.tolist(), order.tolist(), place.tolist()

    def __call__(self, ride: int) -> list[int]:
        after = self._order[self._place[ride] + 1 : self._place[ride] + 1 + NEXT]
        return [r for r in after if self._leg[r] == self._leg[ride]]
