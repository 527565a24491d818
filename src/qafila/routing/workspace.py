"""The arrays that a multi-criteria search works in: kept between searches, grown when one asks for more."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Timetable
from qafila.routing import pareto, points
from qafila.routing.index import Lanes, horizon

_NO_NODES = np.zeros(0, np.int32)
_ALL_OPEN = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Labels of one search: views that the next search in the same thread overwrites.

    Label k arrives at minute[k] by ride[k] (-1 at an origin) from label parent[k]. last[n] is the label of
    node n that was settled last and previous[k] the one settled before it at the same node (-1: none).
    """

    minute: NDArray[np.int32]
    cost: NDArray[np.int64]  # COST_UNITs
    co2e: NDArray[np.int64]  # mg for each kg
    parent: NDArray[np.int32]
    ride: NDArray[np.int32]
    last: NDArray[np.int32]  # [N]
    previous: NDArray[np.int32]

    def at(self, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The Pareto set of these nodes taken together: labels by (arrival, cost, CO2e)."""
        return points.undominated(
            points.settled(nodes, self.last, self.previous), self.minute, self.cost, self.co2e
        )

    def copy(self) -> Labels:
        """Labels that no later search overwrites."""
        return Labels(*(getattr(self, name).copy() for name in self.__slots__))

    def rides_to(self, label: int) -> list[int]:
        """The rides from the origin to a label."""
        rides = []
        while self.parent[label] >= 0:
            rides.append(int(self.ride[label]))
            label = int(self.parent[label])
        return rides[::-1]


class Workspace:
    """Room for the labels of one search at a time over one timetable."""

    def __init__(self, index: Lanes, horizon: int) -> None:
        self.index = index
        self.horizon = horizon
        nodes = len(index.leaving) - 1
        self._by_node = (
            np.zeros(nodes, np.int32),  # held
            np.full(nodes, -1, np.int32),  # last
            np.full(horizon + 2, -1, np.int32),  # bucket
            np.zeros(nodes, np.bool_),  # is_target
        )
        self._bag = np.empty((nodes, 32, 4), np.int64)
        self._reached = np.empty((256, 3), np.int64)
        self._grow_pool(1 << 15)

    def _grow_pool(self, size: int) -> None:
        self._pool = (
            np.empty(size, np.int32),  # node
            np.empty(size, np.int32),  # minute
            np.empty(size, np.int64),  # costs
            np.empty(size, np.int64),  # emits
            np.empty(size, np.int32),  # parent
            np.empty(size, np.int32),  # taken
            np.empty(size, np.int32),  # following
            np.empty(size, np.int32),  # previous
            np.empty(size, np.bool_),  # alive
        )

    def explore(
        self,
        origins: NDArray[np.int32],
        ready: int,
        latest: int,
        cost: NDArray[np.int64],
        co2e: NDArray[np.int64],
        barred: NDArray[np.bool_],
        closed: NDArray[np.bool_] | None = None,
        targets: NDArray[np.int32] = _NO_NODES,
        to_go: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None,
        known: NDArray[np.int64] | None = None,
        cap: int = int(pareto.FAR),
    ) -> Labels:
        """Pareto labels from `origins`, as `pareto.explore` has them; needs `to_go` where it has `targets`."""
        index = self.index
        nothing = np.zeros(0, np.int64)
        while True:
            given = 0 if known is None else len(known)
            if known is not None:
                self._reached[:given] = known
            n = pareto.explore(
                index.leaving, index.to_node, index.quickest, index.span, index.slots, index.times, index.first, index.ready_at,
                index.best, index.ride, cost, co2e, barred, _ALL_OPEN if closed is None else closed,
                origins, ready, latest, targets, *(to_go or (nothing,) * 3), cap, self._reached, given,
                *self._pool, self._bag, *self._by_node,
            )  # fmt: skip
            if n >= 0:
                break
            self._by_node[2][:] = -1
            if n == pareto.POOL:
                self._grow_pool(2 * len(self._pool[0]))
            elif n == pareto.BAG:
                self._bag = np.empty((len(self._bag), 2 * self._bag.shape[1], 4), np.int64)
            else:
                self._reached = np.empty((2 * len(self._reached), 3), np.int64)
        _, minute, cost, emits, parent, taken, _, previous, _ = self._pool
        return Labels(minute[:n], cost[:n], emits[:n], parent[:n], taken[:n], self._by_node[1], previous[:n])


_kept = threading.local()


def workspace(timetable: Timetable, index: Lanes, slot: int = 0) -> Workspace:
    """This thread's workspace for a timetable; labels in one slot outlive a search in another."""
    slots: dict[int, Workspace] = _kept.__dict__.setdefault("slots", {})
    found = slots.get(slot)
    if found is None or found.index is not index:
        found = slots[slot] = Workspace(index, horizon(timetable))
    return found
