"""Kernels of multi-criteria search: every best compromise of arrival, cost and CO2e. Exact.

Labels are settled in turns of rising arrival, each shorter than the quickest ride. A label that reaches a
node later than another, and is no cheaper and no cleaner, is dropped; the rest ride on with the next ride
of each lane. Waiting costs nothing, so of a lane the ride that is ready first is the only one to take: no
Pareto point is lost by it. Nothing is truncated: the pool of labels grows as long as it must.

Whatever is still to be reached arrives later than all that is settled. Of the settled labels of a node cost
and CO2e alone matter then: they make a staircase, the dearer the cleaner, in which one step decides. Only
the few labels that wait to be settled are compared one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.routing.index import FAR, first_open

POOL, BAG, REACHED = -1, -2, -3  # what has to grow

LABEL = np.dtype(
    [
        ("cost", np.int64),
        ("co2e", np.int64),
        ("minute", np.int32),
        ("node", np.int32),  # -1: another label dominates it
        ("parent", np.int32),
        ("boarded", np.int32),  # position; ~position of a ride that is not its lane's best from there on
        ("following", np.int32),  # in the same turn
        ("previous", np.int32),  # settled before it at the same node
    ]
)
"""A label: what is known of it lies side by side, since it is looked at once."""


class Weight(NamedTuple):
    """What a lane weighs for a parcel: so many times its cost, its CO2e for each kg and its least minutes, added up."""

    cost: int
    co2e: int
    minutes: int


class Weighing(NamedTuple):
    """How a parcel travels.

    Attributes:
        grams: int64 by Mode, its chargeable weight.
        weights: the two Weights that stand for cost and CO2e.
        barred: bool [L], lanes that it may not take.
    """

    grams: NDArray[np.int64]
    weights: tuple[Weight, Weight]
    barred: NDArray[np.bool_]


class Goal(NamedTuple):
    """Where a search leads, and what lets it leave ways out.

    Attributes:
        targets: int32; none: to all nodes.
        time_to_go: int64 [N], the least minutes from each node to a target.
        cost_to_go: int64 [N], the least of the first Weight; FAR where no target can be reached.
        co2e_to_go: int64 [N], the least of the second.
        cap: the most of the second that counts.
        given: how many first rows of the Room's `reached` are criteria of real itineraries: they prune at once, and are
            found again themselves.
    """

    targets: NDArray[np.int32]
    time_to_go: NDArray[np.int64]
    cost_to_go: NDArray[np.int64]
    co2e_to_go: NDArray[np.int64]
    cap: int
    given: int


class Room(NamedTuple):
    """The arrays that a search works in; `most` labels may wait, and as many be settled, at a node.

    Attributes:
        pool: LABEL, all labels.
        reached: int64 [·, 3], criteria at the targets.
        bag: int64 [N, most, 4], arrival, cost, CO2e and label of those that wait, by arrival.
        held: int32 [N], how many wait.
        stairs: int64 [N, most, 2], cost and CO2e of those that are settled, by cost.
        height: int32 [N], how many steps.
        last: int32 [N], the label that was settled last.
        bucket: int32 by turn, the first label of each.
        cursor: int32 [L], where each lane was boarded last.
        is_target: bool [N].
    """

    pool: NDArray[np.void]
    reached: NDArray[np.int64]
    bag: NDArray[np.int64]
    held: NDArray[np.int32]
    stairs: NDArray[np.int64]
    height: NDArray[np.int32]
    last: NDArray[np.int32]
    bucket: NDArray[np.int32]
    cursor: NDArray[np.int32]
    is_target: NDArray[np.bool_]


@njit(cache=True, nogil=True, inline="always")
def weigh(way, grams, weight):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """A lane's Weight for a parcel whose chargeable weight by Mode is `grams` int64."""
    cost = way.fixed + way.per_kg * grams[way.mode] // 1000
    return cost * weight.cost + way.co2e * weight.co2e + way.quickest * weight.minutes


@njit(cache=True, nogil=True, inline="always")
def next_ride(lane, minute, cursor, first, times):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """First position of a lane that can be boarded from `minute` on; the end of the lane if there is none.

    cursor int32 [L]: where the lane was boarded last. Minutes rise from turn to turn, so that it is near, and
    not long out of the cache: a lane's slots would be one more thing to fetch.
    """
    low = np.int64(cursor[lane])
    end = np.int64(first[lane + 1])
    while low > first[lane] and times[low - 1].board_by >= minute:  # a later minute of the same turn
        low -= 1
    step = 1
    high = low
    while high < end and times[high].board_by < minute:
        low = high + 1
        high += step
        step += step
    high = min(high, end)
    while low < high:
        middle = (low + high) >> 1
        if times[middle].board_by < minute:
            low = middle + 1
        else:
            high = middle
    cursor[lane] = low
    return low


@njit(cache=True, nogil=True, inline="always")
def _beaten(minute, cost, co2e, reached, found, given):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Is a criterion at the targets no worse in all three? Of the given ones, better in one."""
    for i in range(found):
        if reached[i, 0] <= minute and reached[i, 1] <= cost and reached[i, 2] <= co2e:
            better = reached[i, 0] < minute or reached[i, 1] < cost or reached[i, 2] < co2e
            if i >= given or better:
                return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _no_dearer(steps, count, cost):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """How many of the first `count` steps, which rise in cost, cost no more than this."""
    found = 0
    for i in range(count):  # all of them: they are few, and no branch is guessed wrong
        found += steps[i, 0] <= cost
    return found


@njit(cache=True, nogil=True)
def _step(steps, count, cost, co2e):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Put a settled label into a staircase of `count` steps; the number of steps then."""
    place = _no_dearer(steps, count, cost)
    if place > 0 and steps[place - 1, 1] <= co2e:
        return count
    if place > 0 and steps[place - 1, 0] == cost:
        place -= 1
    end = place  # of the steps that it replaces
    while end < count and steps[end, 1] >= co2e:
        end += 1
    if end == place:
        for i in range(count, place, -1):
            steps[i, 0] = steps[i - 1, 0]
            steps[i, 1] = steps[i - 1, 1]
    else:
        for i in range(end, count):
            steps[place + 1 + i - end, 0] = steps[i, 0]
            steps[place + 1 + i - end, 1] = steps[i, 1]
    steps[place, 0] = cost
    steps[place, 1] = co2e
    return count + 1 - (end - place)


@njit(cache=True, nogil=True)
def explore(  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    leaving, ways, thoroughfare, rides, weighing, closed_rides, turn, origins, ready, latest, goal, room
):
    """Pareto labels over (arrival, cost, CO2e) of one parcel from `origins` at minute `ready`.

    ways WAY [L]; rides Rides; weighing Weighing; closed_rides bool [R], or empty when all are open. Without targets of the Goal, labels of
    all nodes; with them, only what can still become a Pareto point at a target. No ride is quicker than 2^turn minutes.
    `room` is a Room; it holds the labels on return.

    Returns the number of labels, or what has to grow: POOL, BAG or REACHED (then nothing is lost but time).
    """
    first, times, ready_at, best, ride, _ = rides
    grams, weights, barred = weighing
    targets, time_to_go, cost_to_go, co2e_to_go, cap, given = goal
    pool, reached, bag, held, stairs, height, last, bucket, cursor, is_target = room
    size = len(pool)
    most = bag.shape[1]
    n = 0
    last[:] = -1
    cursor[:] = first
    held[:] = 0
    height[:] = 0
    is_target[:] = False
    first_weight, second_weight = weights
    aimed = len(targets) > 0
    for t in targets:
        is_target[t] = True
    found = given

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
            label = pool[here].following
            waiting -= 1
            v = pool[here].node
            if v < 0:
                continue
            at = pool[here].minute
            c = pool[here].cost
            e = pool[here].co2e
            k = 0
            while bag[v, k, 3] != here:
                k += 1
            held[v] -= 1
            for i in range(k, held[v]):
                for j in range(4):
                    bag[v, i, j] = bag[v, i + 1, j]
            if height[v] == most:
                return BAG
            height[v] = _step(stairs[v], height[v], c, e)
            if (
                aimed
                and not is_target[v]
                and _beaten(at + time_to_go[v], c + cost_to_go[v], e + co2e_to_go[v], reached, found, given)
            ):
                continue
            pool[here].previous = last[v]
            last[v] = here
            if (aimed and is_target[v]) or not (thoroughfare[v] or pool[here].parent < 0):
                continue
            for lane in range(np.int64(leaving[v]), np.int64(leaving[v + 1])):
                if barred[lane]:
                    continue
                way = ways[lane]
                w = way.to
                c2 = c + weigh(way, grams, first_weight)
                e2 = e + weigh(way, grams, second_weight)
                k = _no_dearer(stairs[w], height[w], c2)
                if k > 0 and stairs[w, k - 1, 1] <= e2:
                    continue
                sooner = at + way.quickest
                dominated = False
                k = 0
                while k < held[w] and bag[w, k, 0] <= sooner:
                    if bag[w, k, 1] <= c2 and bag[w, k, 2] <= e2:
                        dominated = True
                        break
                    k += 1
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
                if aimed:
                    soonest = arrival + time_to_go[w]
                    if soonest > latest or _beaten(soonest, c3, e3, reached, found, given):
                        continue
                while k < held[w] and bag[w, k, 0] <= arrival:
                    if bag[w, k, 1] <= c2 and bag[w, k, 2] <= e2:
                        dominated = True
                        break
                    k += 1
                if dominated:
                    continue
                while k > 0 and bag[w, k - 1, 0] == arrival:
                    k -= 1
                kept = k
                for i in range(k, held[w]):  # what the new label dominates dies
                    if bag[w, i, 1] >= c2 and bag[w, i, 2] >= e2:
                        pool[bag[w, i, 3]].node = -1
                        continue
                    if kept != i:
                        for j in range(4):
                            bag[w, kept, j] = bag[w, i, j]
                    kept += 1
                if kept == most:
                    return BAG
                for i in range(kept, k, -1):
                    for j in range(4):
                        bag[w, i, j] = bag[w, i - 1, j]
                bag[w, k, 0] = arrival
                bag[w, k, 1] = c2
                bag[w, k, 2] = e2
                bag[w, k, 3] = n
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
                new = pool[n]
                new.node = w
                new.minute = arrival
                new.cost = c2
                new.co2e = e2
                new.parent = here
                new.boarded = boarded
                slot = (arrival - ready) >> turn
                new.following = bucket[slot]
                bucket[slot] = n
                n += 1
                waiting += 1
    return n
