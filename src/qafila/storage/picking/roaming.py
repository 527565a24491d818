"""The tour where there are too many cross aisles for exact tables: a search over the orders of stops.

The way between two stops is known exactly (along the aisle, or over the cross aisle that lies best), so the tour is a
travelling salesman's through that metric. It is built by inserting stops where they add least, improved by turning round
and moving stretches of it (2-opt, Or-opt), and then shaken and improved again, many times, keeping what is shorter
(Lourenço, Martin and Stützle 2003). In tests and in the benchmark it is held against exact tours.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

KICKS = 25
"""Times that a tour is shaken for each of its stops, where the way itself is asked for."""

LEAST_KICKS = 250

_NEAR = 10
"""Neighbours of a stop that are tried beside it."""

_LITTLE = 1e-9


@njit(nogil=True, cache=True)
def between(x: Floats, depth: Floats, cross: Floats) -> Floats:
    """[point, point] metres on foot. x, depth: of each point, from the left and from the front; cross: of each cross
    aisle, from the front."""
    count = len(x)
    found = np.zeros((count, count))
    for i in range(count):
        for j in range(i):
            if x[i] == x[j]:
                way = abs(depth[i] - depth[j])
            else:
                around = np.inf
                for k in range(len(cross)):
                    around = min(around, abs(depth[i] - cross[k]) + abs(cross[k] - depth[j]))
                way = abs(x[i] - x[j]) + around
            found[i, j] = found[j, i] = way
    return found


@njit(nogil=True, cache=True)
def quick(metres: Floats) -> Longs:
    """A good order of the points, beginning with 0; no chance in it, so that it can be called from everywhere."""
    order = _inserted(metres)
    near = _neighbours(metres)
    waiting = np.ones(len(order), np.bool_)
    _improve(metres, near, order, waiting)
    return order


@njit(nogil=True, cache=True)
def thorough(metres: Floats, kicks: int, seed: int) -> Longs:
    """A better one: shaken so many times. The same arguments give the same order."""
    np.random.seed(seed)
    order = quick(metres)
    count = len(order)
    if count < 5:
        return order
    near = _neighbours(metres)
    best = length(metres, order)
    waiting = np.zeros(count, np.bool_)
    trial = np.empty_like(order)
    for _ in range(kicks):
        _bridged(order, trial, waiting)
        _improve(metres, near, trial, waiting)
        reached = length(metres, trial)
        if reached <= best + _LITTLE:
            best = min(best, reached)
            order[:] = trial
    at = 0
    for i in range(count):
        if order[i] == 0:
            at = i
    return np.concatenate((order[at:], order[:at]))


@njit(nogil=True, cache=True)
def length(metres: Floats, order: Longs) -> float:
    """Metres of a round through the points in this order."""
    total = metres[order[-1], order[0]]
    for i in range(len(order) - 1):
        total += metres[order[i], order[i + 1]]
    return float(total)


@njit(nogil=True, cache=True)
def _inserted(metres: Floats) -> Longs:
    """Points inserted where they add least, the farthest from what stands first."""
    count = len(metres)
    order = np.zeros(count, np.int64)
    far = metres[0].copy()
    far[0] = -1.0
    for size in range(1, count):
        point = int(np.argmax(far))
        least, slot = np.inf, size
        for i in range(size):
            a, b = order[i], order[(i + 1) % size]
            more = metres[a, point] + metres[point, b] - metres[a, b]
            if more < least:
                least, slot = more, i + 1
        for i in range(size, slot, -1):
            order[i] = order[i - 1]
        order[slot] = point
        far[point] = -1.0
        for i in range(count):
            if far[i] >= 0.0 and metres[i, point] < far[i]:
                far[i] = metres[i, point]
    return order


@njit(nogil=True, cache=True)
def _neighbours(metres: Floats) -> Longs:
    count = len(metres)
    kept = min(_NEAR, count - 1)
    near = np.empty((count, kept), np.int64)
    for i in range(count):
        found = np.argsort(metres[i])
        n = 0
        for j in found:
            if j != i and n < kept:
                near[i, n] = j
                n += 1
    return near


@njit(nogil=True, cache=True)
def _bridged(order: Longs, trial: Longs, waiting: NDArray[np.bool_]) -> None:
    """Two neighbouring stretches of the order change places (a double bridge within a window); says around which points
    to look."""
    count = len(order)
    most = min(count - 1, 50)
    begin = np.random.randint(count)
    first = 1 + np.random.randint(max(1, most // 2))
    second = 1 + np.random.randint(max(1, most - first))
    if first + second > count - 1:
        second = count - 1 - first
    for i in range(count):
        trial[i] = order[(begin + i) % count]
    for i in range(second):
        trial[i + 1] = order[(begin + 1 + first + i) % count]
    for i in range(first):
        trial[i + 1 + second] = order[(begin + 1 + i) % count]
    waiting[:] = False
    for i in (0, 1, second, second + 1, first + second, (first + second + 1) % count):
        waiting[trial[i]] = True


@njit(nogil=True, cache=True)
def _improve(metres: Floats, near: Longs, order: Longs, waiting: NDArray[np.bool_]) -> None:
    """Turns stretches round and moves short ones until nothing near a waiting point is shorter."""
    count = len(order)
    if count < 4:
        return
    place = np.empty(count, np.int64)
    for i in range(count):
        place[order[i]] = i
    again = True
    while again:
        again = False
        for a in range(count):
            if not waiting[a]:
                continue
            while _turned(metres, near, order, place, a, waiting) or _moved(
                metres, near, order, place, a, waiting
            ):
                again = True
            waiting[a] = False


@njit(nogil=True, cache=True)
def _turned(
    metres: Floats, near: Longs, order: Longs, place: Longs, a: int, waiting: NDArray[np.bool_]
) -> bool:
    """2-opt: joins the point to one near it, with the stretch between them turned round, where that is shorter."""
    count = len(order)
    for forward in (True, False):
        step = 1 if forward else -1
        b = order[(place[a] + step) % count]
        here = metres[a, b]
        for c in near[a]:
            if metres[a, c] >= here:
                break
            d = order[(place[c] + step) % count]
            if metres[a, c] + metres[b, d] - here - metres[c, d] < -_LITTLE:
                if forward:
                    _turn(order, place, (place[a] + 1) % count, place[c])
                else:
                    _turn(order, place, place[c], (place[a] - 1) % count)
                for point in (a, b, c, d):
                    waiting[point] = True
                return True
    return False


@njit(nogil=True, cache=True)
def _turn(order: Longs, place: Longs, first: int, last: int) -> None:
    """Turns the stretch from one position to another round; or, which is the same tour, the rest of it."""
    count = len(order)
    size = (last - first) % count + 1
    if 2 * size > count:
        first, last = (last + 1) % count, (first - 1) % count
        size = count - size
    for _ in range(size // 2):
        p, q = order[first], order[last]
        order[first], order[last] = q, p
        place[q], place[p] = first, last
        first, last = (first + 1) % count, (last - 1) % count


@njit(nogil=True, cache=True)
def _moved(
    metres: Floats, near: Longs, order: Longs, place: Longs, a: int, waiting: NDArray[np.bool_]
) -> bool:
    """Or-opt: moves the point, with up to two beside it, next to one near it, either way round."""
    count = len(order)
    for size in range(1, min(4, count - 2)):
        for forward in (True, False):
            # the stretch begins at a and goes on away from where it is joined
            step = 1 if forward else -1
            end = order[(place[a] + step * (size - 1)) % count]
            before, after = order[(place[a] - step) % count], order[(place[end] + step) % count]
            gain = metres[before, a] + metres[end, after] - metres[before, after]
            if gain <= _LITTLE:
                continue
            for c in near[a]:
                if metres[a, c] >= gain:
                    break
                if (step * (place[c] - place[a])) % count < size:
                    continue  # it is part of the stretch
                for side in (1, -1):
                    d = order[(place[c] + side) % count]
                    if (step * (place[d] - place[a])) % count < size:
                        continue
                    if metres[c, a] + metres[end, d] - metres[c, d] < gain - _LITTLE:
                        _move(order, place, place[a], step, size, c, d)
                        for point in (a, end, before, after, c, d):
                            waiting[point] = True
                        return True
    return False


@njit(nogil=True, cache=True)
def _move(order: Longs, place: Longs, begin: int, step: int, size: int, c: int, d: int) -> None:
    """Takes a stretch out and puts it between the neighbours c and d, its first point beside c."""
    count = len(order)
    taken = np.empty(size, np.int64)
    for k in range(size):
        taken[k] = order[(begin + step * k) % count]
    rest = np.empty(count - size, np.int64)
    start = (begin + step * size) % count if step > 0 else (begin + 1) % count
    for k in range(count - size):
        rest[k] = order[(start + k) % count]
    n = 0
    for k in range(count - size):
        p, q = rest[k], rest[(k + 1) % (count - size)]
        order[n] = p
        n += 1
        if p == c and q == d:
            for point in taken:
                order[n] = point
                n += 1
        elif p == d and q == c:
            for m in range(size - 1, -1, -1):
                order[n] = taken[m]
                n += 1
    for k in range(count):
        place[order[k]] = k
