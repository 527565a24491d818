"""The timetable as the planner sees it: where each ride leads, and which scarce capacities it uses.

A *row* is one scarce capacity: the weight or the volume of a segment, or what a facility sorts, moves
over its docks or clears through customs in one quarter of an hour. docs/plan.md defines which ride
loads which quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.network.borders import crossings
from qafila.network.timetable import Timetable
from qafila.planning.shapes import Rows

QUARTER = 15
"""Minutes for which a facility's rates hold."""


class Scarce(IntEnum):
    """What a row limits. Values are written to plan files: never renumber."""

    SEGMENT_WEIGHT = 0  # grams
    SEGMENT_VOLUME = 1  # cm³
    SORT = 2  # parcels in the quarters of a queue
    DOCK = 3  # vehicle-loads in a quarter of an hour: grams over the payload of the vehicle they are on
    CUSTOMS = 4  # parcels in a quarter of an hour


PER_PARCEL, PER_GRAM, PER_CM3 = 0, 1, 2
MEASURE = {
    Scarce.SEGMENT_WEIGHT: PER_GRAM,
    Scarce.SEGMENT_VOLUME: PER_CM3,
    Scarce.SORT: PER_PARCEL,
    Scarce.DOCK: PER_GRAM,
    Scarce.CUSTOMS: PER_PARCEL,
}


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What facilities handle in a quarter of an hour; infinite where nothing limits them."""

    sort: NDArray[np.float64]  # [F] parcels
    dock: NDArray[np.float64]  # [F] vehicle-loads
    customs: NDArray[np.float64]  # [F] parcels
    queue: NDArray[np.int64] | None = None  # [F] quarters in which what arrives may be sorted; None: in one

    @classmethod
    def unlimited(cls, facilities: int) -> Rates:
        """No limit anywhere."""
        free = np.full(facilities, np.inf)
        return cls(free, free, free)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Rides in time order with their successors, and the rows that each loads. R rides, M rows."""

    timetable: Timetable
    later: NDArray[np.int32]  # [R] next ride from the same node, R where there is none
    onward: NDArray[np.int32]  # [R] first ride that can be boarded after this one, R where there is none
    next_on_leg: NDArray[np.int32]  # [R] next ride between the same two nodes, R where there is none
    node_ptr: NDArray[np.int64]  # [N+1] rides from a node: node_rides[node_ptr[n] : node_ptr[n+1]]
    node_rides: NDArray[np.int32]
    thoroughfare: NDArray[np.bool_]  # [N] with two neighbours or more; from others one can only go back
    closed: NDArray[np.bool_]  # [R] not to be used: cancelled, or its facility is shut
    left: NDArray[np.int16]  # [R] territory out of whose free circulation it takes goods; -1 for none
    entered: NDArray[np.int16]  # [R] territory into which it releases them; -1 for none

    use_ptr: NDArray[np.int64]  # [R+1] rows of a ride: use_row[use_ptr[r] : use_ptr[r+1]]
    use_row: NDArray[np.int32]
    use_factor: NDArray[np.float64]  # of each use: units of the row for one parcel, gram or cm³
    row_scarce: NDArray[np.uint8]  # [M] Scarce
    row_measure: NDArray[np.uint8]  # [M] PER_PARCEL, PER_GRAM or PER_CM3
    row_capacity: NDArray[np.float64]  # [M] in the unit of the measure
    row_place: NDArray[np.int32]  # [M] segment, or facility
    row_quarter: NDArray[np.int32]  # [M] minute at which the quarter begins; -1 for segments

    @property
    def uses(self) -> Rows:
        """Which rows each ride loads, for the kernels."""
        return Rows(self.use_ptr, self.use_row, self.use_factor, self.row_measure)

    @property
    def rows(self) -> int:
        """M."""
        return len(self.row_capacity)

    def first_rides(self, node: NDArray[np.int32], ready: NDArray[np.int32]) -> NDArray[np.int32]:
        """The first ride to be boarded at each node by goods ready at a minute; R where there is none."""
        return first_rides(self.timetable, self.node_ptr, self.node_rides, node, ready)


def build(timetable: Timetable, rates: Rates | None = None) -> Graph:
    """Link the rides and give each its rows; facilities without `rates` are unlimited."""
    rates = rates or Rates.unlimited(timetable.facilities)
    use_ptr, use_row, use_factor, scarce, capacity, place, quarter = _rows(timetable, rates)
    measure = np.array([MEASURE[s] for s in Scarce], np.uint8)
    return linked(
        timetable,
        closed=np.zeros(timetable.rides, np.bool_),
        use_ptr=use_ptr,
        use_row=use_row,
        use_factor=use_factor,
        row_scarce=scarce,
        row_measure=measure[scarce],
        row_capacity=capacity,
        row_place=place,
        row_quarter=quarter,
    )


def linked(timetable: Timetable, **rows: Any) -> Graph:
    """A graph of rows that are known: finds what can be boarded after each ride."""
    t = timetable
    origin = np.asarray(t.ride_from)
    node_rides = np.argsort(origin, kind="stable").astype(np.int32)
    node_ptr = np.zeros(t.nodes + 1, np.int64)
    np.cumsum(np.bincount(origin, minlength=t.nodes), out=node_ptr[1:])
    later = np.full(t.rides, t.rides, np.int32)
    same = origin[node_rides[1:]] == origin[node_rides[:-1]]
    later[node_rides[:-1][same]] = node_rides[1:][same]
    next_on_leg = np.full(t.rides, t.rides, np.int32)
    leg = origin.astype(np.int64) * t.nodes + np.asarray(t.ride_to)
    by_leg = np.argsort(leg, kind="stable").astype(np.int32)
    same = leg[by_leg[1:]] == leg[by_leg[:-1]]
    next_on_leg[by_leg[:-1][same]] = by_leg[1:][same]
    onward = first_rides(t, node_ptr, node_rides, np.asarray(t.ride_to), np.asarray(t.ride_ready_at))
    left, entered = crossings(t)
    ends = np.unique(np.concatenate([leg, np.asarray(t.ride_to).astype(np.int64) * t.nodes + origin]))
    neighbours = np.bincount(ends // max(t.nodes, 1), minlength=t.nodes)
    return Graph(
        timetable=t,
        later=later,
        onward=onward,
        next_on_leg=next_on_leg,
        node_ptr=node_ptr,
        node_rides=node_rides,
        thoroughfare=neighbours > 1,
        left=left,
        entered=entered,
        **rows,
    )


def first_rides(
    timetable: Timetable,
    node_ptr: NDArray[np.int64],
    node_rides: NDArray[np.int32],
    node: NDArray[np.int32],
    ready: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The first ride to be boarded at each node by goods ready at a minute; R where there is none."""
    board_by = np.asarray(timetable.ride_board_by)
    first = np.full(len(node), timetable.rides, np.int32)
    order = np.argsort(node, kind="stable")
    bounds = np.flatnonzero(np.diff(node[order], prepend=-1, append=-1))
    for start, stop in pairwise(bounds):
        who = order[start:stop]
        n = node[who[0]]
        rides = node_rides[node_ptr[n] : node_ptr[n + 1]]
        at = np.searchsorted(board_by[rides], ready[who])
        inside = at < len(rides)
        first[who[inside]] = rides[at[inside]]
    return first


_Rows = tuple[
    NDArray[np.int64],
    NDArray[np.int32],
    NDArray[np.float64],
    NDArray[np.uint8],
    NDArray[np.float64],
    NDArray[np.int32],
    NDArray[np.int32],
]


def _rows(t: Timetable, rates: Rates) -> _Rows:
    """Every ride's rows as (ride, scarce, place, quarter), numbered without gaps."""
    ride = np.arange(t.rides)
    first = np.asarray(t.ride_first_segment).astype(np.int64)
    count = np.asarray(t.ride_segment_count).astype(np.int64)
    last = first + count - 1
    start, end = np.asarray(t.segment_from)[first], np.asarray(t.segment_to)[last]
    depart = np.asarray(t.segment_depart)[first] // QUARTER
    arrive = np.asarray(t.segment_arrive)[last] // QUARTER
    cleared = np.asarray(t.ride_ready_at) // QUARTER

    each = np.repeat(ride, count)
    segment = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(len(each))
    users, rows, factors = [each, each], [segment, segment + t.segments], [np.ones(2 * len(each))]
    load = 1.0 / np.maximum(np.asarray(t.segment_capacity_g).astype(np.float64), 1.0)
    one = np.ones(t.rides)
    # a van that comes back from doors brings nothing, and one that leaves for them to collect takes nothing
    at_door = np.isin(np.arange(t.nodes), t.door_node)
    brings, takes = np.flatnonzero(~at_door[t.ride_to]), np.flatnonzero(~at_door[t.ride_from])
    queue = np.ones(t.facilities, np.int64) if rates.queue is None else rates.queue
    sorted_ = arrive // queue[end] * queue[end]
    scarce = [np.repeat(np.array([Scarce.SEGMENT_WEIGHT, Scarce.SEGMENT_VOLUME], np.uint8), t.segments)]
    capacity = [
        np.asarray(t.segment_capacity_g).astype(np.float64),
        np.asarray(t.segment_capacity_cm3).astype(np.float64),
    ]
    place = [np.tile(np.arange(t.segments), 2)]
    quarter = [np.full(2 * t.segments, -1)]
    total = 2 * t.segments

    enters = crossings(t)[1] >= 0
    for kind, rate, uses in (
        (Scarce.SORT, rates.sort * queue, [(brings, end, sorted_, one)]),
        (Scarce.DOCK, rates.dock, [(takes, start, depart, load[first]), (brings, end, arrive, load[last])]),
        (Scarce.CUSTOMS, rates.customs, [(ride[enters], end, cleared, one)]),
    ):
        who = np.concatenate([u[0] for u in uses])
        where = np.concatenate([u[1][u[0]] for u in uses])
        when = np.concatenate([u[2][u[0]] for u in uses])
        factor = np.concatenate([u[3][u[0]] for u in uses])
        limited = np.isfinite(rate[where])
        who, where, when = who[limited], where[limited].astype(np.int64), when[limited].astype(np.int64)
        span = int(when.max(initial=0)) + 1
        keys, number = np.unique(where * span + when, return_inverse=True)
        users.append(who)
        factors.append(factor[limited])
        rows.append(number + total)
        scarce.append(np.full(len(keys), kind, np.uint8))
        capacity.append(rate[keys // span])
        place.append(keys // span)
        quarter.append(keys % span * QUARTER)
        total += len(keys)

    user, row, factor = np.concatenate(users), np.concatenate(rows), np.concatenate(factors)
    order = np.argsort(user, kind="stable")
    use_ptr = np.zeros(t.rides + 1, np.int64)
    np.cumsum(np.bincount(user, minlength=t.rides), out=use_ptr[1:])
    return (
        use_ptr,
        row[order].astype(np.int32),
        factor[order],
        np.concatenate(scarce).astype(np.uint8),
        np.concatenate(capacity),
        np.concatenate(place).astype(np.int32),
        np.concatenate(quarter).astype(np.int32),
    )
