"""Kernels that read labels: the settled ones of some nodes, the Pareto set among them, a few of it."""

from __future__ import annotations

import numpy as np
from numba import njit


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


@njit(cache=True, nogil=True)
def representatives(minute, cost, co2e, limit):  # type: ignore[no-untyped-def]
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
    for first, second, third in ((0, 1, 2), (1, 2, 0), (2, 1, 0)):
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
