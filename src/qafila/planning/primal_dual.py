"""Kernels of the master at scale: restarted primal–dual hybrid gradient over the columns found so far.

The master shares each commodity's parcels out over its columns so that no row is overloaded. Capacities
are priced (dual), each commodity's shares stay a point of a simplex (primal); rows are scaled by their
capacity, steps by row and commodity as Pock and Chambolle (2011) do, and restarts at the average as in
PDLP (Applegate et al. 2021). A step costs two passes over the columns: no factorisation, so a hundred
thousand commodities fit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@njit(nogil=True, cache=True)
def potential(
    order: Longs, who: Longs, ptr: Longs, rides: Ints, parcels: Floats, use_ptr: Longs, use_row: Ints,
    use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, rows: int,
) -> Floats:  # fmt: skip
    """[M] the most that could come upon each row: every commodity with a column over it, in full."""
    most, seen = np.zeros(rows), np.full(rows, -1, np.int64)
    for c in order:
        k = who[c]
        for i in range(ptr[c], ptr[c + 1]):
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                row = use_row[u]
                if seen[row] != k:
                    seen[row] = k
                    m = measure[row]
                    most[row] += parcels[k] * (
                        use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
                    )
    return most


@njit(nogil=True, cache=True)
def entries(
    chosen: Longs, who: Longs, ptr: Longs, rides: Ints, parcels: Floats, use_ptr: Longs, use_row: Ints,
    use_factor: Floats,
    measure: NDArray[np.uint8], grams: Floats, cm3: Floats, row_number: Ints, capacity: Floats,
) -> tuple[Longs, Ints, Floats]:  # fmt: skip
    """The chosen columns' entries on contested rows, as shares of capacity if all the parcels go there."""
    start = np.zeros(len(chosen) + 1, np.int64)
    for n in range(len(chosen)):
        c = chosen[n]
        total = 0
        for i in range(ptr[c], ptr[c + 1]):
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                total += row_number[use_row[u]] >= 0
        start[n + 1] = start[n] + total
    row, part = np.empty(start[-1], np.int32), np.empty(start[-1])
    for n in range(len(chosen)):
        c = chosen[n]
        k = who[c]
        e = start[n]
        for i in range(ptr[c], ptr[c + 1]):
            for u in range(use_ptr[rides[i]], use_ptr[rides[i] + 1]):
                full = use_row[u]
                if row_number[full] >= 0:
                    m = measure[full]
                    unit = use_factor[u] if m == 0 else use_factor[u] * (grams[k] if m == 1 else cm3[k])
                    row[e] = row_number[full]
                    part[e] = parcels[k] * unit / capacity[full]
                    e += 1
    return start, row, part


@njit(nogil=True, cache=True)
def primal_step(
    low: int, high: int, block: Longs, step: Floats, cost: Floats, start: Longs, row: Ints, part: Floats,
    price: Floats, x: Floats, turned: Floats, total: Floats,
) -> None:  # fmt: skip
    """x ← the nearest point of each simplex to x − step × gradient; turned = 2 x' − x; total += x'."""
    widest = 0
    for b in range(low, high):
        widest = max(widest, block[b + 1] - block[b])
    z, s = np.empty(widest), np.empty(widest)
    for b in range(low, high):
        first = block[b]
        n = block[b + 1] - first
        for j in range(n):
            c = first + j
            g = cost[c]
            for e in range(start[c], start[c + 1]):
                g += part[e] * price[row[e]]
            z[j] = x[c] - step[b] * g
            at = j
            while at > 0 and s[at - 1] < z[j]:
                s[at] = s[at - 1]
                at -= 1
            s[at] = z[j]
        running, level = 0.0, 0.0
        for j in range(n):
            running += s[j]
            if s[j] - (running - 1.0) / (j + 1) > 0.0:
                level = (running - 1.0) / (j + 1)
        for j in range(n):
            c = first + j
            new = max(z[j] - level, 0.0)
            turned[c] = 2.0 * new - x[c]
            x[c] = new
            total[c] += new


@njit(nogil=True, cache=True)
def dual_step(
    low: int, high: int, start: Longs, column: Ints, part: Floats, room: Floats, step: Floats,
    turned: Floats, price: Floats, total: Floats,
) -> None:  # fmt: skip
    """price ← max(0, price + step × (load − room)), by rows; total += price'."""
    for i in range(low, high):
        load = -room[i]
        for e in range(start[i], start[i + 1]):
            load += part[e] * turned[column[e]]
        price[i] = max(price[i] + step[i] * load, 0.0)
        total[i] += price[i]


@njit(nogil=True, cache=True)
def judge(
    block: Longs, cost: Floats, start: Longs, row: Ints, part: Floats, room: Floats, x: Floats, price: Floats
) -> tuple[float, float, Floats]:
    """Cost of x, the restricted dual value at the prices, and the load on each row."""
    primal, dual, load = 0.0, 0.0, np.zeros(len(room))
    for b in range(len(block) - 1):
        least = np.inf
        for c in range(block[b], block[b + 1]):
            g = cost[c]
            for e in range(start[c], start[c + 1]):
                g += part[e] * price[row[e]]
                load[row[e]] += part[e] * x[c]
            least = min(least, g)
            primal += cost[c] * x[c]
        dual += least
    for i in range(len(room)):
        dual -= room[i] * price[i]
    return primal, dual, load


@njit(nogil=True, cache=True)
def repaired(
    block: Longs, cost: Floats, start: Longs, row: Ints, part: Floats, room: Floats, load: Floats, x: Floats
) -> tuple[float, Floats]:
    """The shares made feasible and what they then cost: of each column what its fullest row cannot take is
    set aside (each block's last column), so no row is overloaded."""
    keep = np.ones(len(room))
    for i in range(len(room)):
        if load[i] > room[i]:
            keep[i] = max(room[i], 0.0) / load[i]
    fit, total = np.empty(len(x)), 0.0
    for b in range(len(block) - 1):
        last, kept = block[b + 1] - 1, 0.0
        for c in range(block[b], last):
            least = 1.0
            for e in range(start[c], start[c + 1]):
                least = min(least, keep[row[e]])
            fit[c] = x[c] * least
            kept += fit[c]
            total += cost[c] * fit[c]
        fit[last] = max(1.0 - kept, 0.0)
        total += cost[last] * fit[last]
    return total, fit
