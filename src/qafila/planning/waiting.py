"""Kernels of holding: which parcels may wait for a fuller bag, what that saves, and that what saves most is done first.

holding.py says what is looked for; sharing.py keeps which parcels share what.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numba import int64, njit, types
from numba.typed import Dict
from numpy.typing import NDArray

from qafila.network.timetable import COST_UNIT
from qafila.planning.consolidation import BAG_KG, BAG_M3, BAG_PRICE, GRAIN, bags_for
from qafila.planning.planning_sharing import LEG, WAY, away, chain, fill, get, held_way, move, ride_cost

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Records = NDArray[np.void]

NEXT = 4
"""So many of the next rides on the leg are looked at."""

_PAIR, _WEIGHT = types.UniTuple(int64, 2), types.UniTuple(types.float64, 2)

Hold = tuple[int, int, int, int, float, int, float, float]
"""Ride, ride that is waited for, node of destination, parcels, kg, bags saved, cost and lateness in the currency."""


class Freight(NamedTuple):
    """The parcels of a plan by K kinds of them, and what they pay."""

    kinds: Records  # [K]
    chargeable: Floats  # as `ride_cost` has it
    homes: Longs  # as `away` has it; empty where moving costs nothing


@njit(cache=True)
def hold_all(
    rides: Records,
    uses: Records,
    kinds: Records,
    chargeable: Floats,
    homes: Longs,
    nodes: int,
    ways: Records,
    legs: Records,
    room: Floats,
) -> tuple[Records, Records, int, list[Hold]]:
    """Lets wait what pays, what saves most first. Takes from `room` [M]; of the ways returned that many are in use."""
    bags = Dict.empty(int64, _WEIGHT)  # segment and destination: kg, m³
    chains = Dict.empty(int64, _PAIR)  # ride and destination: first and last leg
    freight = Freight(kinds, chargeable, homes)
    used = len(ways)
    for w in range(used):
        chain(w, kinds, ways, legs, nodes, chains)
        for leg in range(ways[w].low, ways[w].high):
            fill(legs[leg].ride, ways[w].who, ways[w].parcels, rides, kinds, nodes, bags)
    queue = [
        (-np.inf, key // nodes, key % nodes) for key in chains
    ]  # who was not looked at may save anything
    heapify(queue)
    done = [(0, 0, 0, 0, 0.0, 0, 0.0, 0.0)]
    done.clear()
    while len(queue):
        hoped, ride, to = heappop(queue)
        saves, target, which, parcels, kg, saved, cost, late = _best(
            ride, to, rides, uses, freight, nodes, ways, legs, room, bags, chains
        )
        if target < 0:
            continue
        if saves < -hoped - 1e-6:  # others may have taken the room since
            heappush(queue, (-saves, ride, to))
            continue
        n = 0
        for i in range(len(which)):
            if not parcels[i]:
                continue
            n += parcels[i]
            w = legs[which[i]].way
            ways, legs = _with_space(ways, legs, used, ways[w].high - ways[w].low)
            held = held_way(which[i], target, used, ways, legs)
            if held == used:
                used += 1
                chain(held, kinds, ways, legs, nodes, chains)
            move(-parcels[i], w, ride, rides, uses, kinds, ways, nodes, room, bags)
            move(parcels[i], held, target, rides, uses, kinds, ways, nodes, room, bags)
        done.append((ride, target, to, n, kg, saved, cost, late))
        for group in (ride, target):
            heappush(queue, (-np.inf, group, to))
    return ways, legs, used, done


@njit(cache=True)
def _best(
    ride: int,
    to: int,
    rides: Records,
    uses: Records,
    freight: Freight,
    nodes: int,
    ways: Records,
    legs: Records,
    room: Floats,
    bags: Any,
    chains: Any,
) -> tuple[float, int, Longs, Longs, float, int, float, float]:
    """The hold that saves the most: what it saves, ride to wait for (-1 where none saves), legs and parcels of each,
    kg, bags, cost and lateness."""
    kinds = freight.kinds
    best = (0.0, -1, np.zeros(0, np.int64), np.zeros(0, np.int64), 0.0, 0, 0.0, 0.0)
    target = ride
    for _ in range(NEXT):
        target = rides[target].next
        if target == len(rides):
            break
        if rides[target].closed or not _may_save(
            ride, target, to, rides, len(freight.homes) > 0, nodes, bags
        ):
            continue
        which, more, late = _movable(ride, target, to, rides, freight, nodes, ways, legs, chains)
        if not len(which):
            continue
        who, there = np.empty_like(which), np.empty_like(which)
        for i in range(len(which)):
            way = ways[legs[which[i]].way]
            who[i], there[i] = way.who, way.parcels
        for some in range(rides[ride].count + 1):
            # of each segment as many as empty its last bag, and all that can be moved
            parcels = there
            if some < rides[ride].count:
                kg, m3 = bags[(rides[ride].first + some) * nodes + to]
                parcels = _last_bag(who, there, more, kg, m3, kinds)
            cost, lateness, n, grams, cm3 = 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(len(which)):
                cost, lateness = cost + more[i] * parcels[i], lateness + late[i] * parcels[i]
                n, grams, cm3 = (
                    n + parcels[i],
                    grams + parcels[i] * kinds[who[i]].grams,
                    cm3 + parcels[i] * kinds[who[i]].cm3,
                )
            cost, lateness = cost / COST_UNIT, lateness / COST_UNIT
            saved = _saved(ride, target, to, grams / 1e3, cm3 / 1e6, rides, nodes, bags)
            saves = saved * BAG_PRICE - cost
            if saves > max(1e-6, best[0]) and _has_room(ride, target, (n, grams, cm3), rides, uses, room):
                best = (saves, target, which, parcels, grams / 1e3, saved, cost, lateness)
    return best


@njit(cache=True)
def _may_save(ride: int, target: int, to: int, rides: Records, moving: bool, nodes: int, bags: Any) -> bool:
    """A bag can only be saved where there is one to join, or fewer segments to ride; and of two vehicles, unless the
    later one costs less, only if both loads take fewer bags in one pile than in two."""
    a, b = rides[ride], rides[target]
    no_cheaper = (
        a.mode == b.mode
        and a.fixed <= b.fixed
        and a.kg <= b.kg
        and a.gram <= b.gram
        and a.ready_at <= b.ready_at
    )
    if a.count == b.count == 1 and no_cheaper and not moving:
        joins = get(bags, b.first * nodes + to, (0.0, 0.0))
        if joins[0] == 0.0:
            return False
        kg, m3 = get(bags, a.first * nodes + to, (0.0, 0.0))
        together = bags_for(kg + joins[0] - GRAIN * BAG_KG, m3 + joins[1] - GRAIN * BAG_M3)
        return together < bags_for(kg, m3) + bags_for(joins[0], joins[1])
    waiting = 0
    for s in range(b.first, b.first + b.count):
        waiting += get(bags, s * nodes + to, (0.0, 0.0))[0] > 0.0
    return b.count - waiting < a.count


@njit(cache=True)
def _movable(
    ride: int,
    target: int,
    to: int,
    rides: Records,
    freight: Freight,
    nodes: int,
    ways: Records,
    legs: Records,
    chains: Any,
) -> tuple[Longs, Floats, Floats]:
    """Legs that can take the target instead; what a parcel's cost and lateness would change by, in COST_UNITs."""
    kinds, chargeable, homes = freight
    first, many = get(chains, ride * nodes + to, (-1, -1))[0], 0
    leg = first
    while leg >= 0:
        many, leg = many + 1, legs[leg].next
    which, more, late = np.empty(many, np.int64), np.zeros(many), np.zeros(many)
    n, leg = 0, first
    while leg >= 0:
        way = ways[legs[leg].way]
        k, last = way.who, leg + 1 == way.high
        makes_it = last or rides[target].ready_at <= rides[legs[leg + 1].ride].board_by
        if way.parcels and makes_it and not rides[target].forbids & kinds[k].goods:
            which[n] = leg
            if last:
                minutes = max(rides[target].ready_at - kinds[k].due, 0) - max(
                    rides[ride].ready_at - kinds[k].due, 0
                )
                late[n] = minutes * kinds[k].late_price / 60
            dearer = ride_cost(k, target, rides, kinds, chargeable) - ride_cost(
                k, ride, rides, kinds, chargeable
            )
            more[n] = dearer + late[n]
            if len(homes):
                leaves = int(away(leg, target, kinds, homes, ways, legs)) - int(
                    away(leg, ride, kinds, homes, ways, legs)
                )
                more[n] += leaves * kinds[k].move_price
            n += 1
        leg = legs[leg].next
    return which[:n], more[:n], late[:n]


@njit(cache=True)
def _last_bag(who: Longs, there: Longs, more: Floats, kg: float, m3: float, kinds: Records) -> Longs:
    """Of the parcels there are, the cheapest to move without which kg and m³ take one bag less; none if too few."""
    full = bags_for(kg, m3) - 1
    kg, m3 = kg - full * BAG_KG - GRAIN, m3 - full * BAG_M3 - GRAIN  # to be moved
    parcels, price = np.zeros(len(who), np.int64), np.empty(len(who))
    for i in range(len(who)):
        price[i] = more[i] / kinds[who[i]].grams
    for _ in range(len(who)):
        i = int(np.argmin(price))
        price[i] = np.inf
        each_kg, each_m3 = kinds[who[i]].grams / 1e3, kinds[who[i]].cm3 / 1e6
        needed = max(ceil(kg / each_kg), ceil(m3 / each_m3) if each_m3 else 0)
        if needed <= 0:
            break
        parcels[i] = min(needed, there[i])
        kg, m3 = kg - parcels[i] * each_kg, m3 - parcels[i] * each_m3
    if kg > 0 or m3 > 0:
        parcels[:] = 0
    return parcels


@njit(cache=True)
def _saved(
    ride: int, target: int, to: int, kg: float, m3: float, rides: Records, nodes: int, bags: Any
) -> int:
    """Bags saved if so much takes the target instead of the ride."""
    a, b, saved = rides[ride], rides[target], 0
    for s in range(a.first, a.first + a.count):
        if not b.first <= s < b.first + b.count:
            there = get(bags, s * nodes + to, (0.0, 0.0))
            saved += bags_for(there[0], there[1]) - bags_for(there[0] - kg, there[1] - m3)
    for s in range(b.first, b.first + b.count):
        if not a.first <= s < a.first + a.count:
            there = get(bags, s * nodes + to, (0.0, 0.0))
            saved += bags_for(there[0], there[1]) - bags_for(there[0] + kg, there[1] + m3)
    return saved


@njit(cache=True)
def _has_room(
    ride: int, target: int, each: tuple[float, float, float], rides: Records, uses: Records, room: Floats
) -> bool:
    """Whether every row has room for so many parcels, grams and cm³ if they take the target instead of the ride."""
    for u in range(rides[target].low, rides[target].high):
        row, change = uses[u].row, 0.0
        for v in range(rides[target].low, rides[target].high):
            if uses[v].row == row:
                change += uses[v].factor * each[uses[v].measure]
        for v in range(rides[ride].low, rides[ride].high):
            if uses[v].row == row:
                change -= uses[v].factor * each[uses[v].measure]
        if change > 0 and change > max(room[row], 0.0) * (1 + GRAIN):
            return False
    return True


@njit(cache=True)
def _with_space(ways: Records, legs: Records, used: int, length: int) -> tuple[Records, Records]:
    """Ways and legs with space for one more way of that length."""
    if used < len(ways) and ways[used - 1].high + length <= len(legs):
        return ways, legs
    wider, longer = np.empty(2 * len(ways), WAY), np.empty(2 * len(legs) + length, LEG)
    for w in range(used):
        wider[w] = ways[w]
    for leg in range(ways[used - 1].high):
        longer[leg] = legs[leg]
    return wider, longer
