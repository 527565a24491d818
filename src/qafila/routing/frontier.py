"""Kernel of the search over arrival and one weight, to all nodes: every best compromise of the two. Exact.

As `pareto.explore`, of which it is the case without CO2e and without targets, and quicker at it: of the settled labels
of a node only the least weight matters, a number for each node that stays in the nearest cache and ends most attempts;
those that wait rise in arrival and fall in weight, so that one of them decides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.routing.index import FAR, first_open
from qafila.routing.pareto import BAG, POOL, next_ride

LAID = np.dtype([("cost", np.int64), ("to", np.int32), ("quickest", np.int32)])
"""What is asked of every lane by a search that comes to all of them; its end is -1 where it may not be taken."""

WAITING = np.dtype([("cost", np.int64), ("minute", np.int32), ("label", np.int32)])
"""A label that waits at a node to be settled."""


class PairRoom(NamedTuple):
    """The arrays that a search works in.

    Attributes:
        pool: LABEL, all labels.
        bag: WAITING [N, ·], those that wait at each node.
        held: int32 [N], how many.
        least: int64 [N], the least weight that is settled.
        last: int32 [N], the label that was settled last.
        bucket: int32 by turn, the first label of each.
        cursor: int32 [L], where each lane was boarded last.
    """

    pool: NDArray[np.void]
    bag: NDArray[np.void]
    held: NDArray[np.int32]
    least: NDArray[np.int64]
    last: NDArray[np.int32]
    bucket: NDArray[np.int32]
    cursor: NDArray[np.int32]


@njit(cache=True, nogil=True)
def lay(to_node, quickest, cost, closed, ways):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Write the LAID [L] of each lane, from its weight int64 [L] and `closed` bool [L]."""
    for lane in range(len(ways)):
        way = ways[lane]
        way.cost = cost[lane]
        way.to = -1 if closed[lane] else to_node[lane]
        way.quickest = quickest[lane]


@njit(cache=True, nogil=True)
def explore(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    leaving, ways, thoroughfare, rides, closed_rides, turn, origins, ready, latest, room
):
    """Pareto labels over (arrival, weight) of one parcel from `origins` at minute `ready`, to all nodes.

    ways LAID [L]; rides Rides; closed_rides bool [R], or empty when all are open; no ride is quicker than 2^turn minutes.
    `room` is a PairRoom; it holds the labels on return.

    Returns the number of labels, or what has to grow: POOL or BAG (then nothing is lost but time).
    """
    first, times, ready_at, best, ride, _ = rides
    pool, bag, held, least, last, bucket, cursor = room
    size = len(pool)
    most = bag.shape[1]
    last[:] = -1
    cursor[:] = first
    held[:] = 0
    least[:] = FAR
    n = 0
    for o in origins:
        if held[o]:
            continue
        new = pool[n]
        new.node = o
        new.minute = ready
        new.cost = 0
        new.co2e = 0
        new.parent = -1
        new.boarded = 0
        new.following = bucket[0]
        bucket[0] = n
        bag[o, 0].cost = 0
        bag[o, 0].minute = ready
        bag[o, 0].label = n
        held[o] = 1
        n += 1
    waiting = n
    now = 0
    while waiting > 0:
        label = bucket[now]
        bucket[now] = -1
        now += 1
        while label >= 0:
            here = label
            label = pool[here].following
            waiting -= 1
            v = pool[here].node
            if v < 0:
                continue
            at = pool[here].minute
            c = pool[here].cost
            waits = bag[v]
            k = 0
            while waits[k].label != here:
                k += 1
            held[v] -= 1
            for i in range(k, held[v]):
                waits[i] = waits[i + 1]
            least[v] = min(least[v], c)
            pool[here].previous = last[v]
            last[v] = here
            if not (thoroughfare[v] or pool[here].parent < 0):
                continue
            for lane in range(np.int64(leaving[v]), np.int64(leaving[v + 1])):
                way = ways[lane]
                w = way.to
                if w < 0:
                    continue
                c2 = c + way.cost
                if c2 >= least[w]:  # whatever is reached now is later than all that is settled
                    continue
                waits = bag[w]
                end = held[w]
                sooner = at + way.quickest
                k = 0
                while k < end and waits[k].minute <= sooner:
                    k += 1
                if k > 0 and waits[k - 1].cost <= c2:
                    continue
                boarded = next_ride(lane, at, cursor, first, times)
                if boarded == first[lane + 1]:
                    continue
                arrival = times[boarded].ready_at
                if len(closed_rides) and closed_rides[ride[best[boarded]]]:
                    p = first_open(boarded, first[lane + 1], ready_at, best, ride, closed_rides)
                    if p == first[lane + 1]:
                        continue
                    arrival = ready_at[p]
                    boarded = ~p
                if arrival > latest:
                    continue
                while k < end and waits[k].minute <= arrival:
                    k += 1
                if k > 0 and waits[k - 1].cost <= c2:
                    continue
                if k > 0 and waits[k - 1].minute == arrival:
                    k -= 1
                beaten = k  # those from k on that arrive no sooner and weigh no less die
                while beaten < end and waits[beaten].cost >= c2:
                    pool[waits[beaten].label].node = -1
                    beaten += 1
                if beaten == k:
                    if end == most:
                        return BAG
                    for i in range(end, k, -1):
                        waits[i] = waits[i - 1]
                    held[w] = end + 1
                elif beaten > k + 1:
                    for i in range(beaten, end):
                        waits[k + 1 + i - beaten] = waits[i]
                    held[w] = end + 1 - (beaten - k)
                waits[k].cost = c2
                waits[k].minute = arrival
                waits[k].label = n
                if n == size:
                    return POOL
                new = pool[n]
                new.node = w
                new.minute = arrival
                new.cost = c2
                new.co2e = 0
                new.parent = here
                new.boarded = boarded
                slot = (arrival - ready) >> turn
                new.following = bucket[slot]
                bucket[slot] = n
                n += 1
                waiting += 1
    return n
