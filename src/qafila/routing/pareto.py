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
def _next_ride(lane, minute, first, board_by, ready_at, best, ride, closed_rides):  # type: ignore[no-untyped-def]
    """Position of the open ride of a lane that can be boarded from `minute` on and is ready first, else -1."""
    low = first[lane]
    end = first[lane + 1]
    high = end
    while low < high:
        middle = (low + high) >> 1
        if board_by[middle] < minute:
            low = middle + 1
        else:
            high = middle
    if low == end:
        return np.int64(-1)
    found = np.int64(best[low])
    if len(closed_rides) and closed_rides[ride[found]]:
        found = np.int64(-1)
        for i in range(low, end):
            if found >= 0 and ready_at[best[i]] >= ready_at[found]:
                break
            if not closed_rides[ride[i]] and (found < 0 or ready_at[i] < ready_at[found]):
                found = np.int64(i)
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
    least, take, origins, ready, to_node, first, board_by, ready_at, best, ride, cost, co2e, closed_rides,
):  # fmt: skip
    """Ride along the lanes of `least_to_go` from each origin; the itinerary that arrives first.

    Returns arrival, cost and CO2e of a real itinerary; arrival NEVER where the rides run out.
    """
    worst = (NEVER, FAR, FAR)
    answer = worst
    for origin in origins:
        if least[origin] == FAR:
            continue
        node = origin
        minute = np.int32(ready)
        c = np.int64(0)
        e = np.int64(0)
        while take[node] >= 0:
            lane = take[node]
            at = _next_ride(lane, minute, first, board_by, ready_at, best, ride, closed_rides)
            if at < 0:
                minute = NEVER
                break
            minute = ready_at[at]
            c += cost[lane]
            e += co2e[lane]
            node = to_node[lane]
        if minute < answer[0]:
            answer = (minute, c, e)
    return answer


@njit(cache=True, nogil=True)
def explore(  # type: ignore[no-untyped-def]
    leaving, to_node, quickest, first, board_by, ready_at, best, ride, cost, co2e, closed, closed_rides,
    origins, ready, latest, targets, time_to_go, cost_to_go, co2e_to_go, known,
):  # fmt: skip
    """Pareto labels over (arrival, cost, CO2e) of one parcel from `origins` at minute `ready`.

    cost and co2e int64 [L] by lane (co2e all zero: two criteria); closed bool [L]; closed_rides bool [R],
    or empty when all are open. Without `targets`, labels of all nodes; with them, only what can still
    become a Pareto point at a target, by the three bounds *_to_go int64 [N]. `known` int64 [K, 3] are
    criteria of real itineraries to a target: they prune at once, and are found again themselves.

    Returns label arrays node, minute, cost, co2e, parent, position (of the ride; -1 at an origin), and
    the lists of settled labels: last [N] and previous [labels], in falling order of arrival. Labels of
    one node and one minute may dominate each other; the reader of the lists filters them.
    """
    nodes = len(leaving) - 1
    size = 1024
    node = np.empty(size, np.int32)
    minute = np.empty(size, np.int32)
    costs = np.empty(size, np.int64)
    emits = np.empty(size, np.int64)
    parent = np.empty(size, np.int32)
    position = np.empty(size, np.int32)
    following = np.empty(size, np.int32)  # in the bucket of a minute
    cleaner = np.empty(size, np.int32)  # in the front of a node: next label, dearer and cleaner
    previous = np.empty(size, np.int32)  # settled label of the node before this one
    n = 0

    bucket = np.full(latest - ready + 1, -1, np.int32)
    front = np.full(nodes, -1, np.int32)  # cheapest label of the node
    last = np.full(nodes, -1, np.int32)

    aimed = len(targets) > 0
    is_target = np.zeros(nodes, np.bool_)
    for t in targets:
        is_target[t] = True
    given = len(known)
    reached = np.empty((given + 64, 3), np.int64)  # criteria at the targets, known or found so far
    for i in range(given):
        reached[i] = known[i]
    found = given

    for o in origins:
        node[n] = o
        minute[n] = ready
        costs[n] = 0
        emits[n] = 0
        parent[n] = -1
        position[n] = -1
        following[n] = bucket[0]
        bucket[0] = n
        n += 1
    waiting = n
    now = 0
    while waiting > 0:
        label = bucket[now]
        now += 1
        while label >= 0:
            here = label
            label = following[here]
            waiting -= 1
            v = node[here]
            at = minute[here]
            c = costs[here]
            e = emits[here]
            # all labels in the front arrived no later: is one of them no dearer and no dirtier?
            before = np.int32(-1)
            after = front[v]
            while after >= 0 and costs[after] <= c:
                before = after
                after = cleaner[after]
            if before >= 0 and emits[before] <= e:
                continue
            if (
                aimed
                and not is_target[v]
                and _beaten(at + time_to_go[v], c + cost_to_go[v], e + co2e_to_go[v], reached, found, given)
            ):
                continue
            while after >= 0 and emits[after] >= e:
                after = cleaner[after]
            cleaner[here] = after
            if before >= 0 and costs[before] == c:  # same cost, dirtier: replaced
                replaced = before
                before = np.int32(-1)
                scan = front[v]
                while scan != replaced:
                    before = scan
                    scan = cleaner[scan]
            if before >= 0:
                cleaner[before] = here
            else:
                front[v] = here
            previous[here] = last[v]
            last[v] = here
            if aimed and is_target[v]:
                continue
            for lane in range(leaving[v], leaving[v + 1]):
                if closed[lane]:
                    continue
                w = to_node[lane]
                c2 = c + cost[lane]
                e2 = e + co2e[lane]
                if aimed and cost_to_go[w] == FAR:
                    continue
                scan = front[w]
                dominated = False
                while scan >= 0 and costs[scan] <= c2:
                    if emits[scan] <= e2:
                        dominated = True
                        break
                    scan = cleaner[scan]
                if dominated:
                    continue
                c3 = c2 + cost_to_go[w]
                e3 = e2 + co2e_to_go[w]
                soonest = at + quickest[lane] + time_to_go[w]
                if aimed and _beaten(soonest, c3, e3, reached, found, given):
                    continue
                p = _next_ride(lane, at, first, board_by, ready_at, best, ride, closed_rides)
                if p < 0:
                    continue
                arrival = ready_at[p]
                if arrival > latest:
                    continue
                if aimed:
                    a3 = arrival + time_to_go[w]
                    if a3 > latest:
                        continue
                    if _beaten(a3, c3, e3, reached, found, given):
                        continue
                    if is_target[w]:
                        if found == len(reached):
                            wider = np.empty((2 * found, 3), np.int64)
                            wider[:found] = reached
                            reached = wider
                        reached[found, 0] = arrival
                        reached[found, 1] = c2
                        reached[found, 2] = e2
                        found += 1
                if n == len(node):
                    node = np.concatenate((node, node))
                    minute = np.concatenate((minute, minute))
                    costs = np.concatenate((costs, costs))
                    emits = np.concatenate((emits, emits))
                    parent = np.concatenate((parent, parent))
                    position = np.concatenate((position, position))
                    following = np.concatenate((following, following))
                    cleaner = np.concatenate((cleaner, cleaner))
                    previous = np.concatenate((previous, previous))
                node[n] = w
                minute[n] = arrival
                costs[n] = c2
                emits[n] = e2
                parent[n] = here
                position[n] = p
                following[n] = bucket[arrival - ready]
                bucket[arrival - ready] = n
                n += 1
                waiting += 1
    return (
        node[:n], minute[:n], costs[:n], emits[:n], parent[:n], position[:n], last, previous[:n],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def undominated(labels, minute, cost, co2e):  # type: ignore[no-untyped-def]
    """Of these labels the Pareto set, by (arrival, cost, CO2e); of equals the one that came first."""
    n = len(labels)
    kept = np.empty(n, np.int32)
    count = 0
    for i in range(n):
        a = labels[i]
        keep = True
        for j in range(n):
            b = labels[j]
            if i != j and minute[b] <= minute[a] and cost[b] <= cost[a] and co2e[b] <= co2e[a]:
                same = minute[b] == minute[a] and cost[b] == cost[a] and co2e[b] == co2e[a]
                if not same or b < a:
                    keep = False
                    break
        if keep:
            place = count
            while place > 0:
                b = kept[place - 1]
                if (minute[b], cost[b], co2e[b]) <= (minute[a], cost[a], co2e[a]):
                    break
                kept[place] = b
                place -= 1
            kept[place] = a
            count += 1
    return kept[:count].copy()


@njit(cache=True, nogil=True)
def settled(nodes, last, previous):  # type: ignore[no-untyped-def]
    """The settled labels of these nodes."""
    count = 0
    for v in nodes:
        label = last[v]
        while label >= 0:
            count += 1
            label = previous[label]
    found = np.empty(count, np.int32)
    count = 0
    for v in nodes:
        label = last[v]
        while label >= 0:
            found[count] = label
            count += 1
            label = previous[label]
    return found
