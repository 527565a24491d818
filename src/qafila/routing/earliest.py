"""Earliest arrival by one scan over the rides in the order of their cut-offs (connection scan). Exact.

A ride is ready after its own cut-off, so when the scan comes to a ride every label that could board it is
final: one pass is enough. The scan begins at the first ride that can be boarded and stops when no later
ride can improve a wanted node.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.index import lanes

NEVER = np.int32(2**31 - 1)
_BLOCK = 128  # rides between two looks at the stop rule


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
def scan(  # type: ignore[no-untyped-def]
    ride_from, ride_to, board_by, ready_at, ride_forbids, ride_mode, goods, avoid, closed,
    origins, ready, wanted, nodes,
):  # fmt: skip
    """Earliest minute at each node, int32 [N] (NEVER: not within the horizon), and the ride that gives it.

    goods uint16, avoid uint16 (bit m bars Mode m), closed bool [R] or empty; `ready` int32 [origins].
    Final for the `wanted` nodes; for others an upper bound.
    """
    label = np.full(nodes, NEVER, np.int32)
    via = np.full(nodes, -1, np.int32)
    for i in range(len(origins)):
        label[origins[i]] = min(label[origins[i]], ready[i])
    start = np.searchsorted(board_by, ready.min())
    plain = goods == 0 and avoid == 0 and len(closed) == 0
    rides = len(board_by)
    at = start
    pending = 0  # the wanted nodes before this one are settled
    while at < rides:
        while pending < len(wanted) and label[wanted[pending]] <= board_by[at]:
            pending += 1
        if pending == len(wanted):
            break
        stop = min(at + _BLOCK, rides)
        if plain:
            for r in range(at, stop):
                if label[ride_from[r]] <= board_by[r] and ready_at[r] < label[ride_to[r]]:
                    label[ride_to[r]] = ready_at[r]
                    via[ride_to[r]] = r
        else:
            for r in range(at, stop):
                if label[ride_from[r]] <= board_by[r] and ready_at[r] < label[ride_to[r]]:
                    if (ride_forbids[r] & goods) or (avoid >> ride_mode[r]) & 1:
                        continue
                    if len(closed) and closed[r]:
                        continue
                    label[ride_to[r]] = ready_at[r]
                    via[ride_to[r]] = r
        at = stop
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
    t, index = timetable, lanes(timetable)
    start = np.array(sorted(set(origins)), np.int32)
    if destinations is None:
        wanted = reachable(index.leaving, index.to_node, index.barred(goods, avoid), start)
    else:
        wanted = np.array(sorted(set(destinations)), np.int32)
    return scan(
        t.ride_from, t.ride_to, t.ride_board_by, t.ride_ready_at, t.ride_forbids, t.ride_mode,
        np.uint16(int(goods)), avoid_bits(avoid), np.zeros(0, np.bool_) if closed is None else closed,
        start, np.full(len(start), ready, np.int32), wanted, t.nodes,
    )  # fmt: skip
