"""Kernels of bounds: what is still to come from each node to the nearest target, and a real way that keeps near it."""

from __future__ import annotations

import numpy as np
from numba import njit

from qafila.routing.index import FAR, NEVER, first_open
from qafila.routing.pareto import weigh


@njit(cache=True, nogil=True)
def least_to_go(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    entering, entering_lanes, from_node, ways, thoroughfare, grams, weight, closed, targets, origins
):
    """Least sum of a Weight from each node to the nearest target over open lanes, whatever the time.

    ways WAY [L]; grams int64 by Mode; closed bool [L]; targets and origins int32. Returns sums int64 [N] (FAR where no
    target can be reached) and the lane to take at each node, int32 [N] (-1 at targets and nowhere). A bound from below
    for every itinerary, since waiting only adds. With `origins`, FAR too at all other nodes that nobody rides through.
    """
    nodes = len(entering) - 1
    least = np.full(nodes, FAR, np.int64)
    take = np.full(nodes, -1, np.int32)
    queue = np.empty(nodes, np.int32)  # a ring: a node is in it at most once
    queued = np.zeros(nodes, np.bool_)
    asked = np.full(nodes, len(origins) == 0)
    for n in origins:
        asked[n] = True
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
            if not (thoroughfare[u] or asked[u]):
                continue
            total = least[v] + weigh(ways[lane], grams, weight)
            if total < least[u]:
                least[u] = total
                take[u] = lane
                if not queued[u]:
                    queued[u] = True
                    queue[(head + waiting) % nodes] = u
                    waiting += 1
    return least, take


@njit(cache=True, nogil=True)
def follow(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    least, take, origins, ready, ways, span, slots, rides, grams, weights, closed_rides
):
    """Ride along the lanes of `least_to_go` from each origin by the Rides; the itinerary that arrives first.

    Returns arrival and two Weights of a real itinerary; arrival NEVER where the rides run out.
    """
    answer = (NEVER, FAR, FAR)
    first_weight, second_weight = weights
    first, times, ready_at, best, ride, _ = rides
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
            c += weigh(ways[lane], grams, first_weight)
            e += weigh(ways[lane], grams, second_weight)
            node = ways[lane].to
        if minute < answer[0]:
            answer = (minute, c, e)
    return answer
