"""What holding knows while parcels are moved: the ways in use, and which of them share bags.

A *leg* is one ride of one way; legs on the same ride for the same destination hang together in a chain, for they share
bags. What a segment carries for a destination is kept by segment and destination.
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.consolidation import GRAIN

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Records = NDArray[np.void]

RIDE = np.dtype(
    [
        ("first", np.int64), ("count", np.int64),  # segments
        ("board_by", np.int64), ("ready_at", np.int64), ("next", np.int64),  # minutes; the next on the leg
        ("mode", np.int64), ("forbids", np.int64), ("closed", np.int64),
        ("fixed", np.float64), ("kg", np.float64), ("gram", np.float64),  # COST_UNITs
        ("low", np.int64), ("high", np.int64),  # its uses
    ]
)  # fmt: skip
USE = np.dtype([("row", np.int64), ("factor", np.float64), ("measure", np.int64)])
KIND = np.dtype(
    [
        ("grams", np.float64), ("cm3", np.float64), ("goods", np.int64), ("destination", np.int64),
        ("due", np.int64), ("late_price", np.float64), ("move_price", np.float64),
        ("low", np.int64), ("high", np.int64),  # its home's rides
    ]
)  # fmt: skip
"""What is asked of a commodity."""
WAY = np.dtype(
    [
        ("who", np.int64),
        ("parcels", np.int64),
        ("low", np.int64),
        ("high", np.int64),  # its legs
        ("planned", np.int64),
        ("sibling", np.int64),  # way that it was planned as; the next that was, -1: none
    ]
)
LEG = np.dtype([("ride", np.int64), ("way", np.int64), ("next", np.int64)])  # next of the chain, -1: none


@njit(cache=True)
def chain(w: int, kinds: Records, ways: Records, legs: Records, nodes: int, chains: Any) -> None:
    """Hangs each leg of a way behind those on the same ride for the same destination."""
    for leg in range(ways[w].low, ways[w].high):
        legs[leg].way, legs[leg].next = w, -1
        key = legs[leg].ride * nodes + kinds[ways[w].who].destination
        first, last = get(chains, key, (leg, -1))
        if last >= 0:
            legs[last].next = leg
        chains[key] = (first, leg)


@njit(cache=True)
def fill(ride: int, k: int, parcels: int, rides: Records, kinds: Records, nodes: int, bags: Any) -> None:
    """Puts parcels into the bags of a ride's segments, or takes them out."""
    for s in range(rides[ride].first, rides[ride].first + rides[ride].count):
        key = s * nodes + kinds[k].destination
        kg, m3 = get(bags, key, (0.0, 0.0))
        kg, m3 = kg + parcels * kinds[k].grams / 1e3, m3 + parcels * kinds[k].cm3 / 1e6
        bags[key] = (kg, m3) if kg > GRAIN else (0.0, 0.0)  # every parcel weighs something


@njit(cache=True)
def held_way(leg: int, target: int, used: int, ways: Records, legs: Records) -> int:
    """The way that a leg's parcels are on if they take the target instead: one known already, or the next free."""
    w = legs[leg].way
    low, length = ways[w].low, ways[w].high - ways[w].low
    known = ways[w].planned
    while True:
        same = True
        for i in range(length):
            r = target if low + i == leg else legs[low + i].ride
            same = same and legs[ways[known].low + i].ride == r
        if same:
            return known
        if ways[known].sibling < 0:
            break
        known = ways[known].sibling
    start = ways[used - 1].high
    ways[known].sibling = used
    ways[used].who, ways[used].parcels, ways[used].low, ways[used].high = (
        ways[w].who,
        0,
        start,
        start + length,
    )
    ways[used].planned, ways[used].sibling = ways[w].planned, -1
    for i in range(length):
        legs[start + i].ride = target if low + i == leg else legs[low + i].ride
    return used


@njit(cache=True)
def move(
    parcels: int,
    w: int,
    ride: int,
    rides: Records,
    uses: Records,
    kinds: Records,
    ways: Records,
    nodes: int,
    room: Floats,
    bags: Any,
) -> None:
    """Puts parcels on a way that takes a ride, or takes them off it: bags and rows of that ride."""
    k = ways[w].who
    ways[w].parcels += parcels
    fill(ride, k, parcels, rides, kinds, nodes, bags)
    for u in range(rides[ride].low, rides[ride].high):
        m = uses[u].measure
        unit = 1.0 if m == 0 else kinds[k].grams if m == 1 else kinds[k].cm3
        room[uses[u].row] -= parcels * uses[u].factor * unit


@njit(cache=True)
def ride_cost(k: int, ride: int, rides: Records, kinds: Records, chargeable: Floats) -> float:
    """COST_UNITs of one parcel on a ride."""
    by_weight = floor(rides[ride].kg * chargeable[k, rides[ride].mode] + 1e-6)
    return rides[ride].fixed + by_weight + rides[ride].gram * kinds[k].grams


@njit(cache=True)
def away(leg: int, ride: int, kinds: Records, homes: Longs, ways: Records, legs: Records) -> bool:
    """Whether a way with `ride` in the place of one of its legs is another than the commodity's home."""
    way = ways[legs[leg].way]
    home = homes[kinds[way.who].low : kinds[way.who].high]
    other = len(home) != way.high - way.low
    for i in range(len(home)):
        other = other or home[i] != (ride if way.low + i == leg else legs[way.low + i].ride)
    return other


@njit(cache=True)
def get(kept: Any, key: int, otherwise: Any) -> Any:
    """What is kept under a key. (`Dict.get` would make every answer optional.)"""
    if key in kept:
        return kept[key]
    return otherwise
