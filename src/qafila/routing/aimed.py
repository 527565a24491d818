"""Searches aimed at the destinations of one query: the whole Pareto set, its best compromises, its extremes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.border_masks import Law
from qafila.routing.earliest import earliest_ahead
from qafila.routing.index import NEVER, horizon, lanes
from qafila.routing.parcel import CO2E, COST, NOTHING, Approach, Parcel, bound, parcel
from qafila.routing.workspace import Labels, workspace

Closed = NDArray[np.bool_]
Criteria = tuple[int, int, int]  # arrival, COST_UNITs, mg CO2e per kg
End = tuple[Labels, int]  # the label of an itinerary that ends there
FEW = 4  # queries from one start: what they share is not worth a search to everywhere


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """Where one query goes, and until when."""

    targets: NDArray[np.int32]
    near: Approach
    latest: int


@dataclass(slots=True, eq=False)
class Start:
    """Queries that differ in destination and weight only share what is known of arrival and CO2e."""

    origins: NDArray[np.int32]
    ready: int
    goods: Goods
    avoid: frozenset[Mode]
    law: Law | None
    closed: Closed | None  # rides without room
    queries: int = 0
    _lock: Lock = field(default_factory=Lock)
    _everywhere: Labels | None = None
    _soonest: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def soonest(self, t: Timetable, targets: NDArray[np.int32]) -> tuple[int, list[int]]:
        """When the first of the targets is reached, and the rides to it; NEVER and none where none is."""
        origins = self.origins.tolist()
        barred = parcel(t, (0,) * len(Mode), self.goods, self.avoid, self.law).barred
        if self.queries <= FEW:
            ahead = lanes(t).ahead_but(barred)
            minute, via = earliest_ahead(t, ahead, origins, self.ready, self.closed, targets.tolist())
        else:
            with self._lock:
                if self._soonest is None:
                    ahead = lanes(t).ahead_but(barred)
                    self._soonest = earliest_ahead(t, ahead, origins, self.ready, self.closed)
            minute, via = self._soonest
        node = int(targets[minute[targets].argmin()])
        at = int(minute[node])
        rides = []
        while at < NEVER and via[node] >= 0:
            rides.append(int(via[node]))
            node = int(t.ride_from[via[node]])
        return at, rides[::-1]

    def least_co2e(
        self, t: Timetable, near: Approach, targets: NDArray[np.int32], latest: int
    ) -> Iterator[int]:
        """The least CO2e, in mg per kg, of what arrives in time: first guesses from below, the last one true. None where
        nothing arrives in time.

        As a rule some departure keeps to what the lanes allow. Where none does, it is for want of time, whatever is full.
        """
        yield int(near.co2e.least[self.origins].min())
        for everywhere in (self._were_all_open, self._with_room)[: 1 if self.closed is None else 2]:
            labels = everywhere(t)
            ends = labels.at(targets)
            ends = ends[labels.minute[ends] <= latest]
            if len(ends) == 0:
                return
            yield int(labels.cost[ends].min())

    def _were_all_open(self, t: Timetable) -> Labels:
        origins = tuple(self.origins.tolist())
        return _arrival_and_co2e_all_open(t, origins, self.ready, self.goods, self.avoid, self.law)

    def _with_room(self, t: Timetable) -> Labels:
        with self._lock:
            if self._everywhere is None:
                origins = tuple(self.origins.tolist())
                self._everywhere = _arrival_and_co2e(
                    t, origins, self.ready, self.goods, self.avoid, self.law, self.closed
                )
            return self._everywhere


def _arrival_and_co2e(
    t: Timetable,
    origins: tuple[int, ...],
    ready: int,
    goods: Goods,
    avoid: frozenset[Mode],
    law: Law | None,
    closed: Closed | None = None,
) -> Labels:
    """The best compromises of arrival and CO2e to all nodes."""
    free = parcel(t, (0,) * len(Mode), goods, avoid, law)
    space, start = workspace(t, free.lanes, slot=3), np.array(origins, np.int32)
    return space.frontier(start, ready, horizon(t), free.lanes.co2e, free.barred, closed).copy()


_arrival_and_co2e_all_open = lru_cache(maxsize=16)(_arrival_and_co2e)  # two megabytes each


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What queries share that one search can answer."""

    start: Start
    charged: tuple[int, ...]
    parcel: Parcel

    @property
    def begin(self) -> tuple[NDArray[np.int32], int]:
        """The origins, and when the goods are ready."""
        return self.start.origins, self.start.ready


def compromises(
    t: Timetable, group: Group, aim: Aim, everywhere: Labels | None = None
) -> dict[Criteria, End]:
    """The best compromises of arrival and cost, and the cleanest; nothing where nothing arrives in time."""
    clean = _cleanest(t, group, aim)
    if clean is None:
        return {}
    labels = everywhere or _arrival_and_cost(t, group, aim)
    ends = labels.at(aim.targets)
    found = _unpacked(group.parcel, labels, ends[labels.minute[ends] <= aim.latest], labels.cost)
    found.setdefault(*clean)
    return found


def extremes(t: Timetable, group: Group, aim: Aim) -> dict[Criteria, End]:
    """The earliest, the cheapest and the cleanest, each with its ties broken by the others as `representatives` does.

    Each is looked for by itself, with the other criteria out of sight until it is known: some labels each.
    """
    p, start = group.parcel, group.start
    assert p.packed is not None
    soonest, rides = start.soonest(t, aim.targets)
    if soonest > aim.latest:
        return {}
    space, weights = workspace(t, p.lanes), (NOTHING, p.packed)
    least = bound(p, p.packed, aim.targets, start.origins)
    to_go = (aim.near.time.least, p.lanes.nowhere, least.least)
    labels = space.explore(
        *group.begin,
        aim.latest,
        p,
        weights,
        start.closed,
        aim.targets,
        to_go,
        None,
        int(least.least[start.origins].min()),
    )
    ends = labels.at(aim.targets)
    if len(ends) == 0:  # no departure in time keeps to the least cost: it takes the whole set to know
        return compromises(t, group, aim)
    found = cheapest = _unpacked(p, labels, ends[:1], labels.co2e)
    by = p.lanes.lane[rides]
    most = int(((p.lanes.cost_of(by, p.grams) << p.bits) + p.lanes.co2e[by]).sum())
    labels = workspace(t, p.lanes, slot=2).explore(
        *group.begin, soonest, p, weights, start.closed, aim.targets, to_go, None, most
    )
    found = _unpacked(p, labels, labels.at(aim.targets)[:1], labels.co2e) | found
    if min(cheapest)[2] > int(aim.near.co2e.least[start.origins].min()):  # else it is the cleanest too
        clean = _cleanest(t, group, aim)
        assert clean is not None
        found.setdefault(*clean)
    return found


def _unpacked(
    parcel: Parcel, labels: Labels, ends: NDArray[np.int32], packed: NDArray[np.int64]
) -> dict[Criteria, End]:
    """Labels by their criteria, where cost and CO2e are packed into one number."""
    return _by_criteria(labels, ends, packed[ends] >> parcel.bits, packed[ends] & ((1 << parcel.bits) - 1))


def _by_criteria(
    labels: Labels, ends: NDArray[np.int32], cost: NDArray[np.int64], co2e: NDArray[np.int64]
) -> dict[Criteria, End]:
    criteria = zip(labels.minute[ends].tolist(), cost.tolist(), co2e.tolist(), strict=True)
    return {three: (labels, end) for three, end in zip(criteria, ends.tolist(), strict=True)}


def all_three(t: Timetable, group: Group, aim: Aim) -> dict[Criteria, End]:
    """The whole Pareto set over arrival, cost and CO2e."""
    p, shut = group.parcel, group.start.closed
    weights = (COST, CO2E)
    bounds = (aim.near.time, bound(p, COST, aim.targets, group.start.origins), aim.near.co2e)
    real = (b.real(p, *group.begin, weights, shut) for b in bounds)
    labels = workspace(t, p.lanes, slot=2).explore(
        *group.begin,
        aim.latest,
        p,
        weights,
        shut,
        aim.targets,
        (bounds[0].least, bounds[1].least, bounds[2].least),
        _known(real, aim.latest),
    )
    ends = labels.at(aim.targets)
    return _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])


def _arrival_and_cost(t: Timetable, group: Group, aim: Aim) -> Labels:
    """Arrival × cost with the CO2e in its lower bits, aimed at the targets."""
    p, shut = group.parcel, group.start.closed
    assert p.packed is not None
    weights = (p.packed, NOTHING)
    least = bound(p, p.packed, aim.targets, group.start.origins)
    real = (b.real(p, *group.begin, weights, shut) for b in (aim.near.time, least))
    return workspace(t, p.lanes).explore(
        *group.begin,
        aim.latest,
        p,
        weights,
        shut,
        aim.targets,
        (aim.near.time.least, least.least, p.lanes.nowhere),
        _known(real, aim.latest),
    )


def _cleanest(t: Timetable, group: Group, aim: Aim) -> tuple[Criteria, End] | None:
    """Of the least CO2e the cheapest, and of these the earliest; None where nothing arrives in time."""
    p, start = group.parcel, group.start
    for least in start.least_co2e(t, aim.near, aim.targets, aim.latest):
        labels = workspace(t, p.lanes, slot=1).explore(
            *group.begin,
            aim.latest,
            p,
            (COST, CO2E),
            start.closed,
            aim.targets,
            (aim.near.time.least, p.lanes.nowhere, aim.near.co2e.least),
            None,
            least,
        )
        ends = labels.at(aim.targets)
        if len(ends):
            criteria = _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])
            best = min(criteria, key=lambda three: (three[2], three[1], three[0]))
            return best, criteria[best]
    return None


def _known(real: Iterable[tuple[int, int, int]], latest: int) -> NDArray[np.int64]:
    return np.array([r for r in real if r[0] <= latest], np.int64).reshape(-1, 3)
