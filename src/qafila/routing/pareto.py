"""Kernels of multi-criteria search: every best compromise of arrival, cost and CO2e. Exact.

Labels are settled in the order of their arrival, minute by minute. A label that reaches a node later than
another, and is no cheaper and no cleaner, is dropped; the rest ride on with the next ride of each lane.
Waiting costs nothing, so of a lane the ride that is ready first is the only one to take: no Pareto point
is lost by it. Nothing is truncated: the pool of labels grows as long as it must.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = np.int32(2**31 - 1)
FAR = np.int64(2**62)
POOL, BAG, REACHED = -1, -2, -3  # what has to grow


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


@njit(cache=True, nogil=True, inline="always")
def _next_ride(lane, minute, span, slots, times):  # type: ignore[no-untyped-def]
    """First position of a lane that can be boarded from `minute` on, which is not after the lane closes."""
    p = slots[span[lane].slots + np.uint32(max(minute - span[lane].opens, 0) >> span[lane].width)]
    while times[p].board_by < minute:
        p = np.uint32(p + np.uint32(1))
    return np.int64(p)


@njit(cache=True, nogil=True)
def _next_open(position, end, ready_at, best, ride, closed_rides):  # type: ignore[no-untyped-def]
    """Position from `position` on of the open ride of the lane that is ready first; `end` if there is none."""
    found = end
    for i in range(position, end):
        if found < end and ready_at[best[i]] >= ready_at[found]:
            break
        if not closed_rides[ride[i]] and (found == end or ready_at[i] < ready_at[found]):
            found = i
    return found


@njit(cache=True, nogil=True, inline="always")
def _beaten(minute, cost, co2e, reached, found, given):  # type: ignore[no-untyped-def]
    """Is a criterion at the targets no worse in all three? Of the given ones, better in one."""
    for i in range(found):
        if reached[i, 0] <= minute and reached[i, 1] <= cost and reached[i, 2] <= co2e:
            better = reached[i, 0] < minute or reached[i, 1] < cost or reached[i, 2] < co2e
            if i >= given or better:
                return True
    return False


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
            at = _next_ride(lane, minute, span, slots, times)
            best_of = best[at]
            if len(closed_rides) and closed_rides[ride[best_of]]:
                best_of = _next_open(at, first[lane + 1], ready_at, best, ride, closed_rides)
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


@njit(cache=True, nogil=True)
def explore(  # type: ignore[no-untyped-def]
    leaving, to_node, quickest, span, slots, times, first, ready_at, best, ride, cost, co2e, closed, closed_rides,
    origins, ready, latest, targets, time_to_go, cost_to_go, co2e_to_go, cap, reached, given,
    node, minute, costs, emits, parent, taken, following, previous, alive, bag, held, last, bucket, is_target,
):  # fmt: skip
    """Pareto labels over (arrival, cost, CO2e) of one parcel from `origins` at minute `ready`.

    cost and co2e int64 [L] by lane (co2e all zero: two criteria); closed bool [L]; closed_rides bool [R],
    or empty when all are open. Without `targets`, labels of all nodes; with them, only what can still
    become a Pareto point at a target with CO2e no more than `cap`, by the three bounds *_to_go int64 [N]. The first `given` rows of
    `reached` int64 [·, 3] are criteria of real itineraries to a target: they prune at once, and are found
    again themselves. The last lines of arguments are a Workspace; it holds the labels on return.

    Returns the number of labels, or what has to grow: POOL, BAG or REACHED (then nothing is lost but time).
    """
    size = len(node)
    room = bag.shape[1]
    n = 0
    last[:] = -1
    held[:] = 0
    is_target[:] = False
    aimed = len(targets) > 0
    for t in targets:
        is_target[t] = True
    found = given

    for o in origins:
        if held[o]:
            continue
        node[n] = o
        minute[n] = ready
        costs[n] = 0
        emits[n] = 0
        parent[n] = -1
        taken[n] = -1
        alive[n] = True
        following[n] = bucket[0]
        bucket[0] = n
        bag[o, 0, 0] = ready
        bag[o, 0, 1] = 0
        bag[o, 0, 2] = 0
        bag[o, 0, 3] = n
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
            label = following[here]
            waiting -= 1
            if not alive[here]:
                continue
            v = node[here]
            at = minute[here]
            c = costs[here]
            e = emits[here]
            if (
                aimed
                and not is_target[v]
                and _beaten(at + time_to_go[v], c + cost_to_go[v], e + co2e_to_go[v], reached, found, given)
            ):
                continue
            # settled: whoever arrived no later and is no better need not be compared with any more
            kept = 0
            for i in range(held[v]):
                other = bag[v, i, 3]
                if other != here and bag[v, i, 0] <= at and bag[v, i, 1] >= c and bag[v, i, 2] >= e:
                    continue
                if kept != i:
                    for k in range(4):
                        bag[v, kept, k] = bag[v, i, k]
                kept += 1
            held[v] = kept
            previous[here] = last[v]
            last[v] = here
            if aimed and is_target[v]:
                continue
            for lane in range(np.int64(leaving[v]), np.int64(leaving[v + 1])):
                if closed[lane]:
                    continue
                w = to_node[lane]
                c2 = c + cost[lane]
                e2 = e + co2e[lane]
                sooner = at + quickest[lane]
                dominated = False
                for i in range(held[w]):
                    if bag[w, i, 1] <= c2 and bag[w, i, 2] <= e2 and bag[w, i, 0] <= sooner:
                        dominated = True
                        break
                if dominated:
                    continue
                if aimed:
                    if cost_to_go[w] == FAR:
                        continue
                    c3 = c2 + cost_to_go[w]
                    e3 = e2 + co2e_to_go[w]
                    if e3 > cap:
                        continue
                    if _beaten(sooner + time_to_go[w], c3, e3, reached, found, given):
                        continue
                if at > span[lane].closes:
                    continue
                boarded = _next_ride(lane, at, span, slots, times)
                arrival = times[boarded].ready_at
                p = best[boarded]
                if len(closed_rides) and closed_rides[ride[p]]:
                    p = _next_open(boarded, first[lane + 1], ready_at, best, ride, closed_rides)
                    if p == first[lane + 1]:
                        continue
                    arrival = ready_at[p]
                if arrival > latest:
                    continue
                if aimed:
                    soonest = arrival + time_to_go[w]
                    if soonest > latest or _beaten(soonest, c3, e3, reached, found, given):
                        continue
                kept = 0
                for i in range(held[w]):
                    if bag[w, i, 1] <= c2 and bag[w, i, 2] <= e2 and bag[w, i, 0] <= arrival:
                        dominated = True
                        break
                if dominated:
                    continue
                for i in range(held[w]):  # what the new label dominates is not settled yet: it dies
                    if bag[w, i, 0] >= arrival and bag[w, i, 1] >= c2 and bag[w, i, 2] >= e2:
                        alive[bag[w, i, 3]] = False
                        continue
                    if kept != i:
                        for k in range(4):
                            bag[w, kept, k] = bag[w, i, k]
                    kept += 1
                if kept == room:
                    return BAG
                bag[w, kept, 0] = arrival
                bag[w, kept, 1] = c2
                bag[w, kept, 2] = e2
                bag[w, kept, 3] = n
                held[w] = kept + 1
                if aimed and is_target[w]:
                    if found == len(reached):
                        return REACHED
                    reached[found, 0] = arrival
                    reached[found, 1] = c2
                    reached[found, 2] = e2
                    found += 1
                if n == size:
                    return POOL
                node[n] = w
                minute[n] = arrival
                costs[n] = c2
                emits[n] = e2
                parent[n] = here
                taken[n] = ride[p]
                alive[n] = True
                following[n] = bucket[arrival - ready]
                bucket[arrival - ready] = n
                n += 1
                waiting += 1
    return n
