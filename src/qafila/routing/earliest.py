"""Earliest arrival from one origin to all nodes: nodes are settled in turns of rising time. Exact.

Each lane is looked at once, when the node that it leaves is settled: waiting costs nothing, so the earliest
label is the only one that matters, and the ride of the lane that is ready first is the only one to take.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.index import NEVER, Lanes, first_open, horizon, lanes

_NONE: Final = np.uint32(2**32 - 1)
_OTHER = np.uint32(2**31)  # marks the position of a ride that is not its lane's best from there on
_ALL_OPEN = np.zeros(0, np.bool_)


class Room(NamedTuple):
    """The arrays that `settle` works in: for T turns to the horizon and L lanes, or more.

    Attributes:
        bucket: uint32 [T + 2], the entry that comes first in each turn.
        node: uint32 [L + origins + 1], of each entry.
        following: uint32 [L + origins + 1], the next entry of its turn.
        candidates: uint64 [L + origins + 1], lanes that may help, with their minutes.
    """

    bucket: NDArray[np.uint32]
    node: NDArray[np.uint32]
    following: NDArray[np.uint32]
    candidates: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def reachable(leaving, to_node, barred, origins):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Nodes, int32, that open lanes join to the origins at all, whatever the time: origins, then by hops."""
    nodes = len(leaving) - 1
    seen = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int32)
    count = 0
    for o in origins:
        if not seen[o]:
            seen[o] = True
            queue[count] = o
            count += 1
    at = 0
    while at < count < nodes:
        v = queue[at]
        at += 1
        for lane in range(leaving[v], leaving[v + 1]):
            w = to_node[lane]
            if not seen[w] and not barred[lane]:
                seen[w] = True
                queue[count] = w
                count += 1
    return queue[:count].copy()


@njit(cache=True, nogil=True)
def settle(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    leaving, ahead, span, slots, rides, closed, thoroughfare, origins, ready, destinations, turn, room
):
    """Earliest minute at each node, int32 [N] (NEVER: not within the horizon), and the ride that gives it.

    closed bool [R] or empty. With `destinations`, it ends when these are final. Nodes are settled in turns of
    2^turn minutes, no longer than the quickest ride: whatever is reached in a turn is final when it begins.
    rides Rides; `room` is a Room, whose bucket is all _NONE, and is so again on return.

    What a processor must guess at it guesses wrong half of the time here, so lanes are taken by arithmetic
    on what is written anyway: a label holds its minute (since `ready`) in the upper half, the position of its
    ride in the lower, and is replaced by the lesser of two; counters that do not move let the next write undo the last.
    """
    first, times, ready_at, best, ride, best_ride = rides
    bucket, node, following, candidates = room
    nodes = len(leaving) - 1
    half = np.uint64(32)
    never = np.uint64(NEVER) << half
    labels = np.full(nodes, never, np.uint64)
    settled = np.zeros(nodes, np.bool_)
    asked = np.zeros(nodes, np.bool_)
    heeded = thoroughfare.copy()  # elsewhere a label is written, and nobody rides on from it
    left = 0
    for d in destinations:
        if not asked[d]:
            asked[d] = True
            heeded[d] = True
            left += 1
    aimed = left > 0
    outside = np.int64(len(bucket) - 1)  # where NEVER falls
    count = np.uint64(0)
    for o in origins:
        if labels[o] == never:
            labels[o] = _NONE
            node[count] = o
            following[count] = bucket[0]
            bucket[0] = count
            count += np.uint64(1)
    waiting = np.int64(count)
    now = np.uint64(0)
    while waiting > 0 and not (aimed and left == 0):
        entry = bucket[now]
        bucket[now] = _NONE
        now += np.uint64(1)
        helpful = np.uint64(0)
        while entry != _NONE:
            v = node[entry]
            entry = following[entry]
            waiting -= 1
            if settled[v]:
                continue
            settled[v] = True
            left -= asked[v]
            since = labels[v] >> half
            for out in range(leaving[v], leaving[v + np.uint64(1)]):
                candidates[helpful] = (since << half) | np.uint64(out)
                there = np.int64(labels[ahead[out].to] >> half)
                helpful += np.uint64(there - np.int64(since) > ahead[out].quickest)
        before = count
        for c in range(helpful):
            lane = np.uint32(candidates[c])
            at = ready + np.int64(candidates[c] >> half)
            w = ahead[lane].to
            when = span[lane]
            minute = min(max(at, when.opens), when.closes)
            p = slots[when.slots + np.uint64((minute - when.opens) >> when.width)]
            p = np.uint32(p + np.uint32(times[p].board_by < minute))
            while times[p].board_by < minute:  # seldom: more than one cut-off in a slot
                p = np.uint32(p + np.uint32(1))
            reached = (np.uint64(times[p].ready_at - ready) << half) | np.uint64(p)
            if len(closed) and closed[best_ride[p]]:
                other = first_open(np.int64(p), np.int64(first[lane + 1]), ready_at, best, ride, closed)
                reached = never
                if other < first[lane + 1]:
                    reached = (
                        (np.uint64(ready_at[other] - ready) << half) | np.uint64(other) | np.uint64(_OTHER)
                    )
            if at > when.closes:
                reached = never
            old = labels[w]
            better = (reached < old) & heeded[w]
            label = min(reached, old)
            labels[w] = label
            slot = np.uint64(min(np.int64(label >> half) >> turn, outside))
            node[count] = w
            following[count] = bucket[slot]
            bucket[slot] = count if better else bucket[slot]
            count += np.uint64(better)
        waiting += np.int64(count - before)
    if waiting > 0:
        bucket[:] = _NONE
    minutes = np.empty(nodes, np.int32)
    via = np.full(nodes, np.int32(-1), np.int32)
    for v in range(nodes):
        minutes[v] = NEVER if labels[v] == never else ready + np.int64(labels[v] >> half)
        p = np.uint32(labels[v])
        if p != _NONE and labels[v] != never:
            via[v] = ride[p & ~_OTHER] if p & _OTHER else best_ride[p]
    return minutes, via


def avoid_bits(avoid: frozenset[Mode]) -> np.uint16:
    """Modes as bits, for the kernels."""
    return np.uint16(sum(1 << int(m) for m in avoid))


def earliest(
    timetable: Timetable,
    origins: Sequence[int],
    ready: int,
    goods: Goods = Goods.NONE,
    avoid: frozenset[Mode] = frozenset(),
    closed: NDArray[np.bool_] | None = None,
    destinations: Sequence[int] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Earliest minute at each node from any of the origins, and the ride that leads there.

    With `destinations`, only these are final. Returns int32 [N] twice: minutes (NEVER where there is no
    way within the horizon) and rides (-1 at origins and where there is no way).
    """
    return earliest_ahead(
        timetable, lanes(timetable).ahead(goods, avoid), origins, ready, closed, destinations
    )


def earliest_ahead(
    timetable: Timetable,
    ahead: NDArray[np.void],
    origins: Sequence[int],
    ready: int,
    closed: NDArray[np.bool_] | None = None,
    destinations: Sequence[int] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """As `earliest`, over lanes that are barred in AHEAD [L]."""
    index = lanes(timetable)
    return settle(
        index.leaving,
        ahead,
        index.span,
        index.slots,
        index.rides,
        _ALL_OPEN if closed is None else closed,
        index.thoroughfare,
        np.array(origins, np.int32),
        ready,
        np.array(destinations or (), np.int32),
        index.turn,
        _room(timetable, index, ready, len(origins)),
    )


_kept = threading.local()


def _room(timetable: Timetable, index: Lanes, ready: int, origins: int) -> Room:
    """The arrays that `settle` works in: this thread's, with room for a search of this timetable."""
    turns = max(horizon(timetable) - ready >> index.turn, 0) + 2
    lanes = len(index.to_node)
    room: Room | None = getattr(_kept, "room", None)
    if room is None or len(room.bucket) < turns or len(room.node) <= lanes + origins:
        entries = lanes + origins + 1
        room = _kept.room = Room(
            np.full(turns, _NONE, np.uint32),
            np.empty(entries, np.uint32),
            np.empty(entries, np.uint32),
            np.empty(entries, np.uint64),
        )
    return room
