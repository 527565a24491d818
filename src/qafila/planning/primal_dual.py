"""Kernels of the master at scale: restarted primal–dual hybrid gradient over the columns found so far.

The master shares each commodity's parcels out over its columns so that no row is overloaded. Capacities
are priced (dual), each commodity's shares stay a point of a simplex (primal); rows are scaled by their
capacity, steps by row and commodity as Pock and Chambolle (2011) do, and restarts at the average as in
PDLP (Applegate et al. 2021). A step costs two passes over the columns: no factorisation, so a hundred
thousand commodities fit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.shapes import Floats, Ints, Longs, Truths

Parts = NDArray[np.float32]


class Entries(NamedTuple):
    """What the columns put on the rows: of column c row[start[c] : start[c + 1]], as parts of the row's capacity."""

    start: Longs  # [C+1]
    row: Ints
    part: Parts


@njit(nogil=True, cache=True)
def on_rows(entries: Entries, some: Truths) -> Entries:
    """The columns' entries on some of the rows."""
    start, row, part = entries
    some_start = np.zeros_like(start)
    some_row, some_part, at = np.empty_like(row), np.empty_like(part), 0
    for c in range(len(start) - 1):
        for e in range(start[c], start[c + 1]):
            some_row[at], some_part[at] = row[e], part[e]
            at += some[row[e]]
        some_start[c + 1] = at
    return Entries(some_start, some_row[:at], some_part[:at])


@njit(nogil=True, cache=True)
def primal_step(
    stretch: int,
    low: int,
    high: int,
    block: Longs,
    step: Floats,
    cost: Floats,
    entries: Entries,
    price: Floats,
    x: Floats,
    total: Floats,
    load: Floats,
) -> None:
    """x ← the nearest point of each simplex to x − step × gradient; load[stretch] = that of 2 x' − x; total += x'."""
    start, row, part = entries
    widest = 0
    for b in range(low, high):
        widest = max(widest, block[b + 1] - block[b])
    z, s = np.empty(widest), np.empty(widest)
    load[stretch, :] = 0.0
    for b in range(low, high):
        first = block[b]
        n = block[b + 1] - first
        e, most = start[first], -np.inf
        for j in range(n):
            c = first + j
            g = cost[c]
            while e < start[c + 1]:
                g += part[e] * price[row[e]]
                e += 1
            z[j] = x[c] - step[b] * g
            most = max(most, z[j])
        sorted_ = 0
        for j in range(n):
            if z[j] > most - 1.0:  # the others are left with nothing
                at = sorted_
                while at > 0 and s[at - 1] < z[j]:
                    s[at] = s[at - 1]
                    at -= 1
                s[at] = z[j]
                sorted_ += 1
        running, level = 0.0, 0.0
        for j in range(sorted_):
            running += s[j]
            if s[j] - (running - 1.0) / (j + 1) <= 0.0:
                break
            level = (running - 1.0) / (j + 1)
        for j in range(n):
            c = first + j
            new = max(z[j] - level, 0.0)
            turned = 2.0 * new - x[c]
            if new != 0.0 or x[c] != 0.0:
                x[c] = new
                total[c] += new
                for e in range(start[c], start[c + 1]):
                    load[stretch, row[e]] += part[e] * turned


@njit(nogil=True, cache=True)
def dual_step(load: Floats, room: Floats, step: Floats, price: Floats, total: Floats) -> None:
    """price ← max(0, price + step × (load − room)), the load being that of all stretches; total += price'."""
    for i in range(len(price)):
        over = -room[i]
        for stretch in range(len(load)):
            over += load[stretch, i]
        price[i] = max(price[i] + step[i] * over, 0.0)
        total[i] += price[i]


@njit(nogil=True, cache=True)
def loads(stretch: int, low: int, high: int, block: Longs, entries: Entries, x: Floats, load: Floats) -> None:
    """load[stretch] = what x of some blocks puts on the rows, as a share of their capacity."""
    start, row, part = entries
    load[stretch, :] = 0.0
    for c in range(block[low], block[high]):
        if x[c] != 0.0:
            for e in range(start[c], start[c + 1]):
                load[stretch, row[e]] += part[e] * x[c]


@njit(nogil=True, cache=True)
def judge(
    stretch: int,
    low: int,
    high: int,
    block: Longs,
    cost: Floats,
    entries: Entries,
    room: Floats,
    load: Floats,
    price: Floats,
    x: Floats,
    fit: Floats,
) -> tuple[float, float]:
    """What some blocks cost at the prices, rows aside; and what their shares cost once made to fit.

    Of each column what its fullest row cannot take is set aside (each block's last column): so no row is
    overloaded. The shares that fit are written to `fit`.
    """
    start, row, part = entries
    dual, total = 0.0, 0.0
    for b in range(low, high):
        cheapest, last, kept = np.inf, block[b + 1] - 1, 0.0
        for c in range(block[b], block[b + 1]):
            keep, g = 1.0, cost[c]
            for e in range(start[c], start[c + 1]):
                r = row[e]
                g += part[e] * price[r]
                if load[r] > room[r]:
                    keep = min(keep, max(room[r], 0.0) / load[r])
            cheapest = min(cheapest, g)
            if c < last:
                fit[c] = x[c] * keep
                kept += fit[c]
                total += cost[c] * fit[c]
        fit[last] = max(1.0 - kept, 0.0)
        total += cost[last] * fit[last]
        dual += cheapest
    return dual, total
