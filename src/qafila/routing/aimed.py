"""Searches aimed at the destinations of one query: the whole Pareto set, its best compromises, its extremes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.borders import Law
from qafila.routing.earliest import earliest_ahead
from qafila.routing.index import NEVER, horizon, lanes
from qafila.routing.parcel import Approach, Parcel, bound, parcel
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

    def least_co2e(self, t: Timetable, near: Approach, targets: NDArray[np.int32], latest: int) -> int | None:
        """The least CO2e, in mg per kg, of what arrives in time; None where nothing does."""
        free = parcel(t, (0,) * len(Mode), self.goods, self.avoid, self.law)
        index = free.lanes
        start = (self.origins, self.ready)
        space = workspace(t, index, slot=3)
        if self.queries <= FEW:
            real = (
                b.real(free, *start, index.co2e, index.nothing, self.closed) for b in (near.time, near.co2e)
            )
            to_go = (near.time.least, near.co2e.least, index.nowhere)
            labels = space.explore(
                *start, latest, index.co2e, index.nothing, free.barred, self.closed, targets, to_go,
                _known(real, latest),
            )  # fmt: skip
        else:
            with self._lock:
                if self._everywhere is None:
                    self._everywhere = space.frontier(
                        *start, horizon(t), index.co2e, free.barred, self.closed
                    ).copy()
            labels = self._everywhere
        ends = labels.at(targets)
        ends = ends[labels.minute[ends] <= latest]
        return int(labels.cost[ends].min()) if len(ends) else None


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
    least = bound(p, p.packed, aim.targets)
    to_go = (aim.near.time.least, p.lanes.nowhere, least.least)
    labels = workspace(t, p.lanes).explore(
        *group.begin, aim.latest, p.lanes.nothing, p.packed, p.barred, start.closed,
        aim.targets, to_go, None, int(least.least[start.origins].min()),
    )  # fmt: skip
    ends = labels.at(aim.targets)
    if len(ends) == 0:  # no departure in time keeps to the least cost: it takes the whole set to know
        return compromises(t, group, aim)
    found = _unpacked(p, labels, ends[:1], labels.co2e)
    by = p.lanes.lane[rides]
    known = np.array([(soonest, 0, int(p.packed[by].sum()))], np.int64)
    labels = workspace(t, p.lanes, slot=2).explore(
        *group.begin, soonest, p.lanes.nothing, p.packed, p.barred, start.closed, aim.targets, to_go, known
    )
    found = _unpacked(p, labels, labels.at(aim.targets)[:1], labels.co2e) | found
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
    bounds = (aim.near.time, bound(p, p.cost, aim.targets), aim.near.co2e)
    real = (b.real(p, *group.begin, p.cost, p.lanes.co2e, shut) for b in bounds)
    labels = workspace(t, p.lanes, slot=2).explore(
        *group.begin, aim.latest, p.cost, p.lanes.co2e, p.barred, shut,
        aim.targets, (bounds[0].least, bounds[1].least, bounds[2].least), _known(real, aim.latest),
    )  # fmt: skip
    ends = labels.at(aim.targets)
    return _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])


def _arrival_and_cost(t: Timetable, group: Group, aim: Aim) -> Labels:
    """Arrival × cost with the CO2e in its lower bits, aimed at the targets."""
    p, shut = group.parcel, group.start.closed
    assert p.packed is not None
    least = bound(p, p.packed, aim.targets)
    real = (b.real(p, *group.begin, p.packed, p.lanes.nothing, shut) for b in (aim.near.time, least))
    return workspace(t, p.lanes).explore(
        *group.begin, aim.latest, p.packed, p.lanes.nothing, p.barred, shut,
        aim.targets, (aim.near.time.least, least.least, p.lanes.nowhere), _known(real, aim.latest),
    )  # fmt: skip


def _cleanest(t: Timetable, group: Group, aim: Aim) -> tuple[Criteria, End] | None:
    """Of the least CO2e the cheapest, and of these the earliest; None where nothing arrives in time."""
    p, start = group.parcel, group.start
    least = int(aim.near.co2e.least[start.origins].min())  # as a rule some departure keeps to it
    for _ in range(2):
        labels = workspace(t, p.lanes, slot=1).explore(
            *group.begin, aim.latest, p.cost, p.lanes.co2e, p.barred, start.closed,
            aim.targets, (aim.near.time.least, p.lanes.nowhere, aim.near.co2e.least), None, least,
        )  # fmt: skip
        ends = labels.at(aim.targets)
        if len(ends):
            criteria = _by_criteria(labels, ends, labels.cost[ends], labels.co2e[ends])
            best = min(criteria, key=lambda three: (three[2], three[1], three[0]))
            return best, criteria[best]
        real = start.least_co2e(t, aim.near, aim.targets, aim.latest)
        if real is None:
            return None
        least = real
    raise AssertionError("the least CO2e of a real way was not found again")


def _known(real: Iterable[tuple[int, int, int]], latest: int) -> NDArray[np.int64]:
    return np.array([r for r in real if r[0] <= latest], np.int64).reshape(-1, 3)
