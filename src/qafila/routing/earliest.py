"""Earliest arrival from one origin to all nodes: nodes are settled in the order of time. Exact.

Each lane is looked at once, when the node that it leaves is settled: waiting costs nothing, so the earliest
label is the only one that matters, and the ride of the lane that is ready first is the only one to take.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.index import horizon, lanes

NEVER = np.int32(2**31 - 1)


@njit(cache=True, nogil=True)
def reachable(leaving, to_node, barred, origins):  # type: ignore[no-untyped-def]
    """Nodes, int32, that open lanes join to the origins at all, whatever the time; origins left out."""
    nodes = len(leaving) - 1
    seen = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int32)
    count = 0
    for o in origins:
        if not seen[o]:
            seen[o] = True
            queue[count] = o
            count += 1
    starts = count
    at = 0
    while at < count:
        v = queue[at]
        at += 1
        for lane in range(leaving[v], leaving[v + 1]):
            w = to_node[lane]
            if not seen[w] and not barred[lane]:
                seen[w] = True
                queue[count] = w
                count += 1
    return queue[starts:count].copy()


@njit(cache=True, nogil=True)
def settle(  # type: ignore[no-untyped-def]
    leaving, to_node, quickest, opens, closes, first, times, ready_at, best, ride, barred, closed,
    origins, ready, destinations, bucket,
):  # fmt: skip
    """Earliest minute at each node, int32 [N] (NEVER: not within the horizon), and the ride that gives it.

    barred bool [L], closed bool [R] or empty. With `destinations`, it ends as soon as these are final.
    `bucket` int32 [minutes from ready to the horizon, or more] is all -1, and is so again on return.
    """
    nodes = len(leaving) - 1
    label = np.full(nodes, NEVER, np.int32)
    via = np.full(nodes, np.int32(-1), np.int32)
    by = np.full(nodes, NEVER, np.int32)  # position; ~position of a ride that is not the lane's best
    entries = len(to_node) + len(origins)  # each lane makes one at most
    node = np.empty(entries, np.int32)
    following = np.empty(entries, np.int32)
    count = 0
    for o in origins:
        if label[o] == NEVER:
            label[o] = ready
            node[count] = o
            following[count] = bucket[0]
            bucket[0] = count
            count += 1
    asked = np.zeros(nodes, np.bool_)
    left = 0
    for d in destinations:
        if not asked[d]:
            asked[d] = True
            left += 1
    aimed = left > 0
    waiting = count
    farthest = 0
    now = 0
    while waiting > 0 and not (aimed and left == 0):
        entry = bucket[now]
        bucket[now] = -1
        at = np.int32(ready + now)
        now += 1
        while entry >= 0:
            v = node[entry]
            entry = following[entry]
            waiting -= 1
            if label[v] != at:
                continue
            if asked[v]:
                asked[v] = False
                left -= 1
            for lane in range(leaving[v], leaving[v + 1]):
                w = to_node[lane]
                if label[w] <= at + quickest[lane] or barred[lane]:
                    continue
                if at > closes[lane]:
                    continue
                start = first[lane]
                end = first[lane + 1]
                # departures are regular as a rule: guess the place, then step to it
                p = np.int64(start)
                if at > opens[lane]:
                    span = closes[lane] - opens[lane] + 1
                    p += np.int64(at - opens[lane]) * (end - 1 - start) // span
                while p > start and times[p - 1, 0] >= at:
                    p -= 1
                while times[p, 0] < at:
                    p += 1
                arrival = times[p, 1]
                if len(closed) and closed[ride[best[p]]]:
                    found = np.int64(end)
                    for i in range(p, end):
                        if found < end and ready_at[best[i]] >= ready_at[found]:
                            break
                        if not closed[ride[i]] and (found == end or ready_at[i] < ready_at[found]):
                            found = np.int64(i)
                    if found == end:
                        continue
                    arrival = ready_at[found]
                    p = ~found  # not by the best of the lane
                if arrival < label[w]:
                    label[w] = arrival
                    by[w] = p
                    slot = arrival - ready
                    node[count] = w
                    following[count] = bucket[slot]
                    bucket[slot] = count
                    count += 1
                    waiting += 1
                    farthest = max(farthest, slot)
    for minute in range(now, farthest + 1):
        bucket[minute] = -1
    for v in range(nodes):
        if by[v] != NEVER:
            via[v] = ride[best[by[v]]] if by[v] >= 0 else ride[~by[v]]
    return label, via


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
    index = lanes(timetable)
    start = np.array(sorted(set(origins)), np.int32)
    to = np.array(sorted(set(destinations or ())), np.int32)
    return settle(
        index.leaving, index.to_node, index.quickest, index.opens, index.closes, index.first, index.times, index.ready_at, index.best,
        index.ride, index.barred(goods, avoid), np.zeros(0, np.bool_) if closed is None else closed,
        start, ready, to, _bucket(timetable, ready),
    )  # fmt: skip


_kept = threading.local()


def _bucket(timetable: Timetable, ready: int) -> NDArray[np.int32]:
    """This thread's buckets, one for each minute until the last ride is ready."""
    minutes = max(horizon(timetable) - ready, 0) + 1
    found: NDArray[np.int32] | None = getattr(_kept, "bucket", None)
    if found is None or len(found) < minutes:
        found = _kept.bucket = np.full(minutes, -1, np.int32)
    return found
