"""What kernels are handed: arrays that belong together, bundled, and the one rule of what a parcel loads.

numba takes a NamedTuple apart when it compiles: a bundle costs nothing in a loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Truths = NDArray[np.bool_]


class Rows(NamedTuple):
    """The rows that each ride loads, and how much of them. R rides, M rows, U uses."""

    ptr: Longs  # [R+1] uses of ride r: ptr[r] : ptr[r + 1]
    row: Ints  # [U]
    factor: Floats  # [U] units of the row for one parcel, gram or cm³
    measure: NDArray[np.uint8]  # [M] 0 counts parcels, 1 grams, 2 cm³


class Kinds(NamedTuple):
    """One parcel of each of K commodities."""

    grams: Floats  # [K]
    cm3: Floats  # [K]
    chargeable: Floats  # [K, modes] kg
    due: Ints  # [K] minute
    late_price: Floats  # [K] COST_UNITs an hour
    goods: NDArray[np.uint16]  # [K] Goods flags


class Fares(NamedTuple):
    """What each of R rides costs in COST_UNITs, and what decides it."""

    fixed: Floats  # [R] a parcel; infinite where closed
    kg: Floats  # [R] a chargeable kg
    gram: Floats  # [R] CO2e of a gram
    mode: NDArray[np.uint8]  # [R]
    ready: Ints  # [R] minute of arrival, handled
    forbids: NDArray[np.uint16]  # [R] Goods flags


class Ways(NamedTuple):
    """Paths of rides: of commodity who[c] the rides[ptr[c] : ptr[c + 1]]. C paths."""

    who: Longs  # [C]
    ptr: Longs  # [C+1]
    rides: Ints


class Turns(NamedTuple):
    """In which order paths are tried: commodities in the order `turn`, of k the columns[block[k] : block[k + 1]]."""

    turn: Longs  # [K]
    block: Longs  # [K+1]
    columns: Longs  # [C]


@njit(nogil=True, cache=True)
def unit(u: int, k: int, rows: Rows, kinds: Kinds) -> float:
    """What one parcel of commodity k puts on the row of use u, in the row's unit."""
    _, row, factor, measure = rows
    m = measure[row[u]]
    if m == 0:
        return factor[u]
    return factor[u] * (kinds.grams[k] if m == 1 else kinds.cm3[k])


@njit(nogil=True, cache=True)
def way_cost(k: int, rides: Ints, fares: Fares, kinds: Kinds) -> float:
    """COST_UNITs of one parcel of commodity k on some rides (see docs/plan.md)."""
    cost, grams, chargeable = 0.0, kinds.grams[k], kinds.chargeable[k]
    fixed, kg, gram, mode, _, _ = fares
    for r in rides:
        cost += fixed[r] + np.floor(kg[r] * chargeable[mode[r]] + 1e-6) + gram[r] * grams
    if len(rides):
        late = fares.ready[rides[-1]] - kinds.due[k]
        if late > 0:
            cost += kinds.late_price[k] * late / 60.0
    return cost
