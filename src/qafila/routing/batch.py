"""Earliest arrival from many origins in one scan: the labels of a node lie side by side. Exact.

One pass over the rides serves WIDTH starts (an origin and a minute each) at a time; the processor compares
16 of their 16-bit minutes with one instruction. A ride is passed over where no start has reached its node in
time, or where all were at its end before: the more alike the starts, the more rides are, so neighbours are
taken together. Starts that need more than 45 days take 32-bit minutes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.earliest import avoid_bits, reachable
from qafila.routing.index import NEVER, lanes

WIDTH = 128
_ALL_OPEN = np.zeros(0, np.bool_)
_BLOCK = 128  # rides that are sifted at once


class _ByTime(NamedTuple):
    """The rides [R] of a timetable in the order of their cut-offs."""

    ride_from: NDArray[np.uint32]
    ride_to: NDArray[np.uint32]
    board_by: NDArray[np.int32]
    ready_at: NDArray[np.int32]
    forbids: NDArray[np.uint16]
    mode: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def _scan_wide(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    by_time, goods, avoid, closed, turn, thoroughfare, labels, base, limit, wanted
):
    """Lower labels [N, WIDTH] (minutes since `base`, `limit`: never) along the rides; True if all is final.

    Only rides that are ready before base + limit are looked at: False says that the rest is still to come.
    No ride is quicker than 2^turn minutes, so that none of a block that is shorter waits for another of it.
    """
    ride_from, ride_to, board_by, ready_at, ride_forbids, ride_mode = by_time
    nodes = len(labels)
    kind = labels.dtype.type
    # of the labels of a node; where nobody rides through, of those alone who begin there
    soonest = np.empty(nodes, np.int32)
    latest = np.empty(nodes, np.int32)  # NEVER: some start has not reached it
    for n in range(nodes):
        soonest[n] = labels[n].min()
        latest[n] = labels[n].max()
        if latest[n] == limit:
            latest[n] = NEVER
    helpful = np.empty(_BLOCK + 1, np.uint32)
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
        while board_by[stop - 1] - board_by[at] >= 1 << turn:
            stop -= (stop - at) >> 1
        sources, targets = ride_from[at:stop], ride_to[at:stop]
        boards, readies = board_by[at:stop], ready_at[at:stop]
        count = np.uint64(0)
        for r in range(len(sources)):  # without a branch: the processor would guess half of them wrong
            helpful[count] = r
            in_time = soonest[sources[r]] <= boards[r] - base
            count += np.uint64(in_time & (latest[targets[r]] > readies[r] - base))
        for i in range(count):
            r = helpful[i]
            if not plain:
                if (ride_forbids[at + r] & goods) or (avoid >> ride_mode[at + r]) & 1:
                    continue
                if len(closed) and closed[at + r]:
                    continue
            ready = readies[r] - base
            if ready >= limit:
                return False
            u = sources[r]
            v = targets[r]
            by = kind(min(boards[r] - base, limit - 1))
            then = kind(ready)
            high = kind(0)
            for k in range(WIDTH):
                old = labels[v, k]
                new = then if labels[u, k] <= by else old
                new = new if new < old else old
                labels[v, k] = new
                high = high if high > new else new
            soonest[v] = min(soonest[v], ready if thoroughfare[v] else NEVER)
            latest[v] = NEVER if high == limit else high
        at = stop
    return True


@njit(cache=True, nogil=True)
def _collect(labels, to, base, limit, found, rows):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Write minutes into `rows` of found int32 [·, to], from labels since `base`."""
    for first in range(0, len(to), 16):  # a block of 16 nodes stays in the nearest cache
        nodes = to[first : first + 16]
        for k in range(len(rows)):
            row = found[rows[k], first : first + 16]
            for j in range(len(nodes)):
                label = labels[nodes[j], k]
                row[j] = NEVER if label == limit else label + base


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

    `ready` is one minute for all, or one for each origin.
    Without `destinations`, every node.
    """
    from_nodes = np.asarray(origins, np.int32)
    since = np.broadcast_to(np.asarray(ready, np.int32), from_nodes.shape)
    to = np.arange(timetable.nodes, dtype=np.uint32)
    if destinations is not None:
        to = np.asarray(destinations, np.uint32)
    found = np.empty((len(from_nodes), len(to)), np.int32)
    order = _alike(timetable, from_nodes, since)

    def part(start: int) -> None:
        rows = order[start : start + WIDTH]
        _wide(timetable, from_nodes[rows], since[rows], goods, avoid, closed, to, found, rows)

    starts = range(0, len(from_nodes), WIDTH)
    if len(starts) == 1:
        part(0)
    else:
        list(_threads().map(part, starts))
    return found


def _alike(timetable: Timetable, origins: NDArray[np.int32], ready: NDArray[np.int32]) -> NDArray[np.int64]:
    """An order of the starts, int64 [starts], with those together that are close in time, then in place."""
    if len(origins) <= WIDTH:
        return np.arange(len(origins))
    index = lanes(timetable)
    by_hops = reachable(index.leaving, index.to_node, np.zeros(len(index.to_node), np.bool_), origins[:1])
    place = np.full(timetable.nodes, timetable.nodes)
    place[by_hops] = np.arange(len(by_hops))
    return np.lexsort((place[origins], ready))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="earliest")


_kept = threading.local()


def _labels(nodes: int, kind: type[np.uint16] | type[np.int32]) -> NDArray[np.uint16 | np.int32]:
    """This thread's labels [N, WIDTH], all never."""
    labels: NDArray[np.uint16 | np.int32] | None = _kept.__dict__.get(kind.__name__)
    if labels is None or len(labels) != nodes:
        labels = _kept.__dict__[kind.__name__] = np.empty((nodes, WIDTH), kind)
    labels.fill(np.iinfo(kind).max)
    return labels


def _wide(
    t: Timetable,
    origins: NDArray[np.int32],
    ready: NDArray[np.int32],
    goods: Goods,
    avoid: frozenset[Mode],
    closed: NDArray[np.bool_] | None,
    to: NDArray[np.uint32],
    found: NDArray[np.int32],
    rows: NDArray[np.int64],
) -> None:
    """The answers of up to WIDTH starts, into `rows` of `found`."""
    index = lanes(t)
    barred = index.barred(goods, avoid)
    joined = np.zeros(t.nodes, np.bool_)
    joined[reachable(index.leaving, index.to_node, barred, origins)] = True
    final = joined & index.entered(goods, avoid)  # origins may be reached from each other
    if len(to) < t.nodes:
        asked = np.zeros(t.nodes, np.bool_)
        asked[to] = True
        final &= asked
    wanted = np.flatnonzero(final).astype(np.int32)
    base = int(ready.min())
    by_time = _ByTime(
        t.ride_from.view(np.uint32),
        t.ride_to.view(np.uint32),
        t.ride_board_by,
        t.ride_ready_at,
        t.ride_forbids,
        t.ride_mode,
    )
    open_to = (
        np.uint16(int(goods)),
        avoid_bits(avoid),
        _ALL_OPEN if closed is None else closed,
        index.turn,
        index.thoroughfare,
    )
    kinds: tuple[type[np.uint16] | type[np.int32], ...] = (np.uint16, np.int32)
    for kind in kinds:
        never = int(np.iinfo(kind).max)
        labels = _labels(t.nodes, kind)
        # columns that are not used start where the first one does: they never hold the scan up
        labels[origins[0], len(origins) :] = ready[0] - base
        if ready.max() - base < never:
            labels[origins, np.arange(len(origins))] = ready - base
            if _scan_wide(by_time, *open_to, labels, np.int32(base), np.int32(never), wanted):
                break
    _collect(labels, to, np.int32(base), np.int32(never), found, rows)
