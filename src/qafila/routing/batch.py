"""Earliest arrival from many origins in one scan: the labels of a node lie side by side. Exact.

One pass over the rides serves WIDTH starts (an origin and a minute each) at a time; the processor compares
32 of their 16-bit minutes with one instruction. A ride is passed over at once where no start has reached
its node in time, or where all were at its end before. Starts that need more than 45 days take 32-bit minutes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.earliest import NEVER, avoid_bits, reachable
from qafila.routing.index import lanes

WIDTH = 128
_BLOCK = 128  # rides between two looks at the stop rule


@njit(cache=True, nogil=True)
def _scan_wide(  # type: ignore[no-untyped-def]
    ride_from, ride_to, board_by, ready_at, ride_forbids, ride_mode, goods, avoid, closed,
    labels, base, limit, wanted,
):  # fmt: skip
    """Lower labels [N, WIDTH] (minutes since `base`, `limit`: never) along the rides; True if all is final.

    Only rides that are ready before base + limit are looked at: False says that the rest is still to come.
    """
    nodes = len(labels)
    kind = labels.dtype.type
    soonest = np.empty(nodes, np.int32)  # of the labels of a node
    latest = np.empty(nodes, np.int32)
    for n in range(nodes):
        soonest[n] = labels[n].min()
        latest[n] = labels[n].max()
    plain = goods == 0 and avoid == 0 and len(closed) == 0
    rides = len(board_by)
    at = np.searchsorted(board_by, base + soonest.min())
    pending = 0
    while at < rides:
        if board_by[at] - base >= limit:
            return False
        while pending < len(wanted) and latest[wanted[pending]] <= board_by[at] - base:
            pending += 1
        if pending == len(wanted):
            break
        stop = min(at + _BLOCK, rides)
        for r in range(at, stop):
            u = ride_from[r]
            v = ride_to[r]
            board = board_by[r] - base
            ready = ready_at[r] - base
            if soonest[u] > board or (latest[v] <= ready and latest[v] < limit):
                continue
            if not plain:
                if (ride_forbids[r] & goods) or (avoid >> ride_mode[r]) & 1:
                    continue
                if len(closed) and closed[r]:
                    continue
            if ready >= limit:
                return False
            by = kind(min(board, limit - 1))
            then = kind(ready)
            high = kind(0)
            for k in range(WIDTH):
                old = labels[v, k]
                new = then if labels[u, k] <= by else old
                new = new if new < old else old
                labels[v, k] = new
                high = high if high > new else new
            soonest[v] = min(soonest[v], ready)
            latest[v] = high
        at = stop
    return True


@njit(cache=True, nogil=True)
def _collect(labels, to, starts, base, limit):  # type: ignore[no-untyped-def]
    """Minutes int32 [starts, to] from labels since `base`."""
    found = np.empty((starts, len(to)), np.int32)
    for first in range(0, len(to), 16):  # a block of 16 nodes stays in the nearest cache
        for k in range(starts):
            for j in range(first, min(first + 16, len(to))):
                label = labels[to[j], k]
                found[k, j] = NEVER if label == limit else label + base
    return found


def earliest_many(
    timetable: Timetable,
    origins: Sequence[int] | NDArray[np.integer],
    ready: int | Sequence[int] | NDArray[np.integer],
    goods: Goods = Goods.NONE,
    avoid: frozenset[Mode] = frozenset(),
    closed: NDArray[np.bool_] | None = None,
    destinations: Sequence[int] | NDArray[np.integer] | None = None,
) -> NDArray[np.int32]:
    """Earliest minute, int32 [starts, destinations], from each origin at its minute (NEVER: no way).

    `ready` is one minute for all, or one for each origin; starts close in time are best given together.
    Without `destinations`, every node.
    """
    from_nodes = np.asarray(origins, np.int32)
    since = np.broadcast_to(np.asarray(ready, np.int32), from_nodes.shape)
    to = np.arange(timetable.nodes, dtype=np.int32)
    if destinations is not None:
        to = np.asarray(destinations, np.int32)
    found = np.empty((len(from_nodes), len(to)), np.int32)

    def part(start: int) -> None:
        rows = slice(start, start + WIDTH)
        found[rows] = _wide(timetable, from_nodes[rows], since[rows], goods, avoid, closed, to)

    starts = range(0, len(from_nodes), WIDTH)
    if len(starts) == 1:
        part(0)
    else:
        list(_threads().map(part, starts))
    return found


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="earliest")


def _wide(
    t: Timetable,
    origins: NDArray[np.int32],
    ready: NDArray[np.int32],
    goods: Goods,
    avoid: frozenset[Mode],
    closed: NDArray[np.bool_] | None,
    to: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The answers of up to WIDTH starts: int32 [starts, to]."""
    index = lanes(t)
    barred, start = index.barred(goods, avoid), np.unique(origins)
    there = reachable(index.leaving, index.to_node, barred, start)
    final = np.zeros(t.nodes, np.bool_)
    final[index.to_node[~barred]] = True  # origins may be reached from each other
    joined = np.zeros(t.nodes, np.bool_)
    joined[there] = joined[start] = True
    final &= joined
    if len(to) < t.nodes:
        asked = np.zeros(t.nodes, np.bool_)
        asked[to] = True
        final &= asked
    wanted = np.flatnonzero(final).astype(np.int32)
    base = int(ready.min())
    rides = (
        t.ride_from, t.ride_to, t.ride_board_by, t.ride_ready_at, t.ride_forbids, t.ride_mode,
        np.uint16(int(goods)), avoid_bits(avoid), np.zeros(0, np.bool_) if closed is None else closed,
    )  # fmt: skip
    kinds: tuple[type[np.uint16] | type[np.int32], ...] = (np.uint16, np.int32)
    labels: NDArray[np.uint16 | np.int32]
    for kind in kinds:
        never = int(np.iinfo(kind).max)
        labels = np.full((t.nodes, WIDTH), never, kind)
        column = np.arange(len(origins))
        # lanes that are not used start where the first one does: they never hold the scan up
        labels[origins[0], len(origins) :] = ready[0] - base
        if ready.max() - base < never:
            labels[origins, column] = ready - base
            if _scan_wide(*rides, labels, np.int32(base), np.int32(never), wanted):
                break
    return _collect(labels, to, np.int32(len(origins)), np.int32(base), np.int32(never))
