"""Kernels of bounds: what is still to come from each node to the nearest target, and a real way that keeps near it."""

from __future__ import annotations

import numpy as np
from numba import njit

from qafila.routing.index import FAR, NEVER, first_open


@njit(cache=True, nogil=True)
def least_to_go(entering, entering_lanes, from_node, weight, closed, targets):  # type: ignore[no-untyped-def]
    """Least sum of `weight` from each node to the nearest target over open lanes, whatever the time.

    weight int64 [L], not negative; closed bool [L]; targets int32. Returns sums int64 [N] (FAR where no
    target can be reached) and the lane to take at each node, int32 [N] (-1 at targets and nowhere).
    A bound from below for every itinerary, since waiting only adds.
    """
    nodes = len(entering) - 1
    least = np.full(nodes, FAR, np.int64)
    take = np.full(nodes, -1, np.int32)
    queue = np.empty(nodes, np.int32)  # a ring: a node is in it at most once
    queued = np.zeros(nodes, np.bool_)
    head = 0
    waiting = 0
    for n in targets:
        if not queued[n]:
            least[n] = 0
            queued[n] = True
            queue[(head + waiting) % nodes] = n
            waiting += 1
    while waiting:
        v = queue[head]
        head = (head + 1) % nodes
        waiting -= 1
        queued[v] = False
        for i in range(entering[v], entering[v + 1]):
            lane = entering_lanes[i]
            if closed[lane]:
                continue
            u = from_node[lane]
            total = least[v] + weight[lane]
            if total < least[u]:
                least[u] = total
                take[u] = lane
                if not queued[u]:
                    queued[u] = True
                    queue[(head + waiting) % nodes] = u
                    waiting += 1
    return least, take


@njit(cache=True, nogil=True)
def follow(  # type: ignore[no-untyped-def]
    least, take, origins, ready, to_node, span, slots, times, first, ready_at, best, ride, cost, co2e,
    closed_rides,
):  # fmt: skip
    """Ride along the lanes of `least_to_go` from each origin; the itinerary that arrives first.

    Returns arrival, cost and CO2e of a real itinerary; arrival NEVER where the rides run out.
    """
    answer = (NEVER, FAR, FAR)
    for origin in origins:
        if least[origin] == FAR:
            continue
        node = origin
        minute = np.int32(ready)
        c = np.int64(0)
        e = np.int64(0)
        while take[node] >= 0:
            lane = take[node]
            if minute > span[lane].closes:
                minute = NEVER
                break
            at = np.int64(
                slots[span[lane].slots + np.uint32(max(minute - span[lane].opens, 0) >> span[lane].width)]
            )
            while times[at].board_by < minute:
                at += 1
            best_of = best[at]
            if len(closed_rides) and closed_rides[ride[best_of]]:
                best_of = first_open(at, first[lane + 1], ready_at, best, ride, closed_rides)
                if best_of == first[lane + 1]:
                    minute = NEVER
                    break
            minute = ready_at[best_of]
            c += cost[lane]
            e += co2e[lane]
            node = to_node[lane]
        if minute < answer[0]:
            answer = (minute, c, e)
    return answer
