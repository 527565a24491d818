"""The arrays that a multi-criteria search works in: kept between searches, grown when one asks for more."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Timetable
from qafila.routing import frontier, pareto, routing_points
from qafila.routing.index import FAR, Lanes, horizon
from qafila.routing.parcel import Parcel
from qafila.routing.pareto import Weight

_NO_NODES = np.zeros(0, np.int32)
_ALL_OPEN = np.zeros(0, np.bool_)
_ROOM = 33  # labels of a node; were it a power of two, nodes would push each other out of the cache


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Labels of one search: views that the next search in the same thread overwrites.

    A label arrives by the ride that it `boarded` from its `parent` (-1: at an origin). last[n] is the label of node n that was
    settled last, and its `previous` the one settled before it at the same node (-1: none).
    """

    index: Lanes
    labels: NDArray[np.void]  # pareto.LABEL
    last: NDArray[np.int32]  # [N]

    @property
    def minute(self) -> NDArray[np.int32]:
        """Arrival of each label."""
        return self.labels["minute"]

    @property
    def cost(self) -> NDArray[np.int64]:
        """COST_UNITs of each label."""
        return self.labels["cost"]

    @property
    def co2e(self) -> NDArray[np.int64]:
        """CO2e of each label, in mg for each kg."""
        return self.labels["co2e"]

    def at(self, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The Pareto set of these nodes taken together: labels by (arrival, cost, CO2e)."""
        return routing_points.undominated(routing_points.settled(nodes, self.last, self.labels), self.labels)

    def copy(self) -> Labels:
        """Labels that no later search overwrites."""
        return Labels(self.index, self.labels.copy(), self.last.copy())

    def rides_to(self, label: int) -> list[int]:
        """The rides from the origin to a label."""
        rides = []
        while (parent := int(self.labels["parent"][label])) >= 0:
            position = int(self.labels["boarded"][label])
            ride = self.index.ride[~position] if position < 0 else self.index.best_ride[position]
            rides.append(int(ride))
            label = parent
        return rides[::-1]


class Workspace:
    """Room for the labels of one search at a time over one timetable."""

    def __init__(self, index: Lanes, horizon: int) -> None:
        self.index = index
        self.horizon = horizon
        nodes = len(index.leaving) - 1
        self._pairs = np.empty(len(index.to_node), frontier.LAID)
        self._paired: tuple[NDArray[Any] | None, ...] = (None, None)
        self._room = pareto.Room(
            pool=np.empty(1 << 15, pareto.LABEL),
            reached=np.empty((256, 3), np.int64),
            bag=np.empty((nodes, _ROOM, 4), np.int64),
            held=np.empty(nodes, np.int32),
            stairs=np.empty((nodes, _ROOM, 2), np.int64),
            height=np.empty(nodes, np.int32),
            last=np.full(nodes, -1, np.int32),
            bucket=np.full((horizon >> index.turn) + 2, -1, np.int32),
            cursor=np.zeros(len(index.first), np.int32),
            is_target=np.zeros(nodes, np.bool_),
        )
        self._waiting = np.empty((nodes, _ROOM), frontier.WAITING)
        self._least = np.empty(nodes, np.int64)

    def explore(
        self,
        origins: NDArray[np.int32],
        ready: int,
        latest: int,
        parcel: Parcel,
        weights: tuple[Weight, Weight],
        closed: NDArray[np.bool_] | None = None,
        targets: NDArray[np.int32] = _NO_NODES,
        to_go: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None,
        known: NDArray[np.int64] | None = None,
        cap: int = int(FAR),
    ) -> Labels:
        """Pareto labels from `origins`, as `pareto.explore` has them; needs `to_go` where it has `targets`."""
        index = self.index
        nothing = np.zeros(0, np.int64)
        while True:
            room = self._room
            given = 0 if known is None else len(known)
            if known is not None:
                room.reached[:given] = known
            n = pareto.explore(
                index.leaving,
                index.way,
                index.thoroughfare,
                index.rides,
                pareto.Weighing(parcel.grams, weights, parcel.barred),
                _ALL_OPEN if closed is None else closed,
                index.turn,
                origins,
                ready,
                latest,
                pareto.Goal(targets, *(to_go or (nothing,) * 3), cap, given),
                room,
            )
            if n >= 0:
                return Labels(index, room.pool[:n], room.last)
            self._grow(n)

    def _grow(self, what: int) -> None:
        """Doubles the room that a search ran out of."""
        room = self._room
        room.bucket[:] = -1
        if what == pareto.POOL:
            self._room = room._replace(pool=np.empty(2 * len(room.pool), pareto.LABEL))
        elif what == pareto.REACHED:
            self._room = room._replace(reached=np.empty((2 * len(room.reached), 3), np.int64))
        else:
            nodes, most, _ = room.bag.shape
            self._room = room._replace(
                bag=np.empty((nodes, 2 * most, 4), np.int64), stairs=np.empty((nodes, 2 * most, 2), np.int64)
            )

    def frontier(
        self,
        origins: NDArray[np.int32],
        ready: int,
        latest: int,
        cost: NDArray[np.int64],
        barred: NDArray[np.bool_],
        closed: NDArray[np.bool_] | None = None,
    ) -> Labels:
        """Pareto labels over arrival and one weight from `origins` to all nodes, as `frontier.explore` has them."""
        index = self.index
        weights = (cost, barred)
        if any(a is not b for a, b in zip(weights, self._paired, strict=True)):
            frontier.lay(index.to_node, index.quickest, *weights, self._pairs)
            self._paired = weights
        while True:
            room = self._room
            n = frontier.explore(
                index.leaving,
                self._pairs,
                index.thoroughfare,
                index.rides,
                _ALL_OPEN if closed is None else closed,
                index.turn,
                origins,
                ready,
                latest,
                frontier.PairRoom(
                    room.pool, self._waiting, room.held, self._least, room.last, room.bucket, room.cursor
                ),
            )
            if n >= 0:
                return Labels(index, room.pool[:n], room.last)
            if n == pareto.POOL:
                self._grow(n)
            else:
                room.bucket[:] = -1
                nodes, most = self._waiting.shape
                self._waiting = np.empty((nodes, 2 * most), frontier.WAITING)


_kept = threading.local()


def workspace(timetable: Timetable, index: Lanes, slot: int = 0) -> Workspace:
    """This thread's workspace for a timetable; labels in one slot outlive a search in another."""
    if _kept.__dict__.get("index") is not index:
        _kept.index, _kept.slots = index, {}
    slots: dict[int, Workspace] = _kept.slots
    found = slots.get(slot)
    if found is None:
        found = slots[slot] = Workspace(index, horizon(timetable))
    return found
