"""Kernels that read labels: the settled ones of some nodes, the Pareto set among them, a few of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numba import njit

EXTREMES: Final = 0
"""As a limit: the earliest, the cheapest and the cleanest point, and no other."""

# of arrival, cost and CO2e: what decides first, what breaks ties
_BEST_IN: Final = ((0, 1, 2), (1, 2, 0), (2, 1, 0))


def few(points: Sequence[tuple[int, int, int]], limit: int) -> list[tuple[int, int, int]]:
    """Of the points (arrival, cost, CO2e) of a Pareto set at most `limit`, in their order: see `representatives`."""
    if limit == EXTREMES:
        best = {min(points, key=lambda p: tuple(p[i] for i in order)) for order in _BEST_IN} if points else ()
        return [p for p in points if p in best]
    if len(points) <= limit:
        return list(points)
    array = np.array(points, np.int64)
    return [points[i] for i in representatives(array[:, 0], array[:, 1], array[:, 2], limit)]


@njit(cache=True, nogil=True)
def undominated(found, labels):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Of these labels the Pareto set, by (arrival, cost, CO2e); of equals the one that came first."""
    n = len(found)
    kept = np.empty(n, np.int32)
    count = 0
    for i in range(n):
        a = labels[found[i]]
        keep = True
        for j in range(n):
            b = labels[found[j]]
            if i != j and b.minute <= a.minute and b.cost <= a.cost and b.co2e <= a.co2e:
                same = b.minute == a.minute and b.cost == a.cost and b.co2e == a.co2e
                if not same or found[j] < found[i]:
                    keep = False
                    break
        if keep:
            place = count
            while place > 0:
                b = labels[kept[place - 1]]
                if (b.minute, b.cost, b.co2e) <= (a.minute, a.cost, a.co2e):
                    break
                kept[place] = kept[place - 1]
                place -= 1
            kept[place] = found[i]
            count += 1
    return kept[:count].copy()


@njit(cache=True, nogil=True)
def settled(nodes, last, labels):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """The settled labels of these nodes."""
    count = 0
    for v in nodes:
        label = last[v]
        while label >= 0:
            count += 1
            label = labels[label].previous
    found = np.empty(count, np.int32)
    count = 0
    for v in nodes:
        label = last[v]
        while label >= 0:
            found[count] = label
            count += 1
            label = labels[label].previous
    return found


@njit(cache=True, nogil=True)
def representatives(minute, cost, co2e, limit):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Indices, rising, of at most `limit` of these Pareto points.

    First the earliest, the cheapest and the cleanest (ties: the better in cost, CO2e, arrival), then again
    and again the point that is farthest, in shares of the spread, from all that are chosen.
    """
    n = len(minute)
    points = np.empty((n, 3), np.float64)
    points[:, 0] = minute
    points[:, 1] = cost
    points[:, 2] = co2e
    for k in range(3):
        low = points[:, k].min()
        spread = points[:, k].max() - low
        for i in range(n):
            points[i, k] = (points[i, k] - low) / spread if spread > 0 else 0.0
    chosen = np.zeros(n, np.bool_)
    count = 0
    for first, second, third in _BEST_IN:
        extreme = 0
        for i in range(1, n):
            a = (points[i, first], points[i, second], points[i, third])
            if a < (points[extreme, first], points[extreme, second], points[extreme, third]):
                extreme = i
        if not chosen[extreme] and count < limit:
            chosen[extreme] = True
            count += 1
    while count < min(limit, n):
        best = -1
        widest = -1.0
        for i in range(n):
            if chosen[i]:
                continue
            nearest = np.inf
            for j in range(n):
                if chosen[j]:
                    gap = 0.0
                    for k in range(3):
                        gap += abs(points[i, k] - points[j, k])
                    nearest = min(nearest, gap)
            if nearest > widest:
                widest = nearest
                best = i
        chosen[best] = True
        count += 1
    return np.flatnonzero(chosen)
