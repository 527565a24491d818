"""Ways through what room is left: who is left over, or goes dearer than need be, takes the cheapest that still has room.

Each search is of one commodity and knows to the last gram on which rides one more of its parcels fits: whoever is left
after it has no way that is worth its cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.planning_placing import put
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Fares, Floats, Ints, Kinds, Longs, Rows, Truths, Ways, unit

BETTER = 1e-6
"""COST_UNITs a parcel by which a way has to cost less to be taken instead of another."""


AT_ONCE = 100
"""So many commodities are served between two looks at the clock."""


class Net(NamedTuple):
    """Where each of R rides leads, in time order."""

    to: Ints  # [R] node
    later: Ints  # [R] next ride from the same node, R where there is none
    onward: Ints  # [R] first ride that can be boarded after it
    left: NDArray[np.int16]  # [R] territory out of whose free circulation it takes goods; -1 for none
    entered: NDArray[np.int16]  # [R] territory into which it releases them; -1 for none
    through: Truths  # [R] whether goods can pass the place where it ends


class Ends(NamedTuple):
    """Between what K commodities go."""

    first: Ints  # [K] first ride that can be boarded
    own: Ints  # [K] territory of the origin
    destination: Ints  # [K] node
    bound_for: Ints  # [K] its territory
    most: Ints  # [K] rides at most; 0: as many as it takes


class Labels(NamedTuple):
    """Room to work in, one for each ride's event: at its node, in time for it, after so many rides (0 where these are not
    limited)."""

    least: Floats  # [N, R + 1] what it costs to be there; infinite, and infinite again on return
    via: Longs  # [N, R + 1] the ride that led there; -2 - e if who was at event e waited; -1 at the origin


@njit(nogil=True, cache=True)
def _fits(r: int, k: int, rows: Rows, kinds: Kinds, room: Floats) -> bool:
    """Whether one more parcel of commodity k fits on ride r."""
    use_ptr, row, _, _ = rows
    for u in range(use_ptr[r], use_ptr[r + 1]):
        if room[row[u]] < unit(u, k, rows, kinds) * (1 - 1e-9):
            return False
    return True


@njit(nogil=True, cache=True)
def cheapest(
    k: int,
    worth: float,
    ends: Ends,
    net: Net,
    fares: Fares,
    rows: Rows,
    kinds: Kinds,
    room: Floats,
    labels: Labels,
) -> tuple[float, Ints]:
    """The cheapest way of one parcel of commodity k on rides that have room, if it costs less than it is `worth`: its
    cost and its rides; otherwise `worth` and none."""
    (to, later, onward, left, entered, through), (least, via) = net, labels
    fixed, kg, gram, mode, ready, forbids = fares
    rides, start, node = len(to), ends.first[k], ends.destination[k]
    own, bound_for, goods, due = ends.own[k], ends.bound_for[k], kinds.goods[k], kinds.due[k]
    grams, late_price = kinds.grams[k], kinds.late_price[k] / 60.0
    limited = 1 if ends.most[k] else 0
    layers = max(ends.most[k], 1)
    best, last, layer, furthest = worth, -1, 0, start
    if start < rides:
        least[0, start], via[0, start] = 0.0, -1
    r = start
    while r <= furthest and r < rides:
        for n in range(layers):
            here, then = least[n, r], n + limited
            if here >= best:
                continue
            wait = later[r]
            if here < least[n, wait]:
                least[n, wait], via[n, wait] = here, -2 - r
                furthest = max(furthest, wait)
            lawful = (left[r] < 0 or left[r] == own) and (entered[r] < 0 or entered[r] == bound_for)
            if lawful and (through[r] or to[r] == node) and not forbids[r] & goods:
                cost = here + fixed[r] + gram[r] * grams
                cost += np.floor(kg[r] * kinds.chargeable[k, mode[r]] + 1e-6)
                late = max(ready[r] - due, 0) * late_price  # whoever goes on arrives no sooner
                helps = cost + late < best - BETTER and (
                    to[r] == node or (then < layers and cost < least[then, onward[r]])
                )
                if helps and _fits(r, k, rows, kinds, room):
                    if to[r] == node:
                        best, last, layer = cost + late, r, n
                    elif onward[r] < rides:
                        least[then, onward[r]], via[then, onward[r]] = cost, r
                        furthest = max(furthest, onward[r])
        r += 1
    way = np.empty(0, np.int32)
    if last >= 0:
        way = _traced(last, layer, limited, via)
    least[:layers, start : min(furthest, rides) + 1] = np.inf
    least[:layers, rides] = np.inf
    return best, way


@njit(nogil=True, cache=True)
def _traced(last: int, layer: int, limited: int, via: Longs) -> Ints:
    """The rides of the way that ends with ride `last`, boarded after `layer` others where these are counted."""
    way = np.empty(0, np.int32)
    for written in range(2):
        legs, at, n = 1, via[layer, last], layer
        if written:
            way[-1] = last
        while at != -1:
            if at >= 0:
                legs += 1
                if written:
                    way[len(way) - legs] = at
                n -= limited
                at = via[n, at]
            else:
                at = via[n, -2 - at]
        if not written:
            way = np.empty(legs, np.int32)
    return way


@njit(nogil=True, cache=True)
def labels_for(ends: Ends, net: Net) -> Labels:
    layers = max(1, ends.most.max() if len(ends.most) else 0)
    return Labels(
        np.full((layers, len(net.to) + 1), np.inf), np.full((layers, len(net.to) + 1), -1, np.int64)
    )


@njit(nogil=True, cache=True)
def _serve(
    turn: Longs,
    left: Longs,
    worth: Floats,
    moving: Floats,
    ends: Ends,
    net: Net,
    fares: Fares,
    rows: Rows,
    kinds: Kinds,
    room: Floats,
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Place what is `left` [K] on the cheapest ways that have room and cost less than it is `worth` [K]: commodities,
    parcels, legs and rides of each way. Takes from `room` and `left`."""
    labels = labels_for(ends, net)
    who, parcels, legs, rides = (
        [0 for _ in range(0)],
        [0 for _ in range(0)],
        [0 for _ in range(0)],
        [0 for _ in range(0)],
    )
    alone = np.zeros(2, np.int64)
    for k in turn:
        while left[k]:
            _, way = cheapest(k, worth[k] - moving[k], ends, net, fares, rows, kinds, room, labels)
            if not len(way):
                break
            alone[1] = len(way)
            n = put(0, k, left[k], Ways(alone, alone, way), rows, kinds, room)
            if n == 0:  # it loads a row twice that has room for one
                break
            left[k] -= n
            who.append(k)
            parcels.append(n)
            legs.append(len(way))
            for r in way:
                rides.append(r)
    return who, parcels, legs, rides


@njit(nogil=True, cache=True)
def _shorten(
    order: Longs,
    ways: Ways,
    placed: Longs,
    cost: Floats,
    moving: Floats,
    ends: Ends,
    net: Net,
    fares: Fares,
    rows: Rows,
    kinds: Kinds,
    room: Floats,
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Move parcels of the paths in `order` to cheaper ways that have room: the path left, parcels, legs and rides of
    each. Takes from `placed` [C] and `room`; a path's `cost` [C] includes the price of moving."""
    labels = labels_for(ends, net)
    who, parcels, legs, rides = (
        [0 for _ in range(0)],
        [0 for _ in range(0)],
        [0 for _ in range(0)],
        [0 for _ in range(0)],
    )
    alone = np.zeros(2, np.int64)
    for c in order:
        k, n = ways.who[c], placed[c]
        if n == 0:
            continue
        put(c, k, -n, ways, rows, kinds, room)
        rest = n
        while rest:
            _, way = cheapest(k, cost[c] - moving[k], ends, net, fares, rows, kinds, room, labels)
            if not len(way):
                break
            alone[1] = len(way)
            new = Ways(alone, alone, way)
            m = put(0, k, rest, new, rows, kinds, room)
            if m == 0:
                break
            back = put(c, k, rest - m, ways, rows, kinds, room) if rest > m else 0
            if back < rest - m:  # both load a row unevenly: it stays as it was
                put(c, k, -back, ways, rows, kinds, room)
                put(0, k, -m, new, rows, kinds, room)
                break
            if rest > m:
                put(c, k, m - rest, ways, rows, kinds, room)
            rest -= m
            who.append(c)
            parcels.append(m)
            legs.append(len(way))
            for r in way:
                rides.append(r)
        if rest:
            put(c, k, rest, ways, rows, kinds, room)
        placed[c] = rest
    return who, parcels, legs, rides


def between(problem: Problem) -> tuple[Ends, Net]:
    """Between what commodities go, and where rides lead, for the kernels."""
    g, d, t = problem.graph, problem.demand, problem.graph.timetable
    own, bound_for = (problem.territory[n].astype(np.int32) for n in (d.origin, d.destination))
    return (
        Ends(problem.first, own, d.destination, bound_for, d.limits),
        Net(np.asarray(t.ride_to), g.later, g.onward, g.left, g.entered, g.thoroughfare[t.ride_to]),
    )


def _moving(problem: Problem) -> Floats:
    d = problem.demand
    return np.zeros(len(d)) if d.move_price is None else d.move_price


def _found(some: tuple[list[int], ...]) -> tuple[Longs, Longs, Longs, Ints]:
    who, parcels, legs, rides = some
    ptr = np.concatenate([[0], np.cumsum(np.array(legs, np.int64))]).astype(np.int64)
    return np.array(who, np.int64), np.array(parcels, np.int64), ptr, np.array(rides, np.int32)


def serve(
    problem: Problem, left: Longs, room: Floats, enough: Callable[[], bool] = lambda: False
) -> tuple[Ways, Longs]:
    """Serve who is left over and still has a way that costs less than its penalty.

    Those go first whose parcels lose most by staying; between some of them it is asked whether it is `enough`. Takes from
    `left` [K] and `room` [M]; returned are ways and the parcels on each.
    """
    turn = np.flatnonzero(left)
    turn = turn[
        np.argsort(-problem.penalty[turn] / np.maximum(problem.demand.grams[turn], 1.0), kind="stable")
    ]
    ends, net = between(problem)
    some: tuple[list[int], ...] = ([], [], [], [])
    for low in range(0, len(turn), AT_ONCE):
        if low and enough():
            break
        found = _serve(
            turn[low : low + AT_ONCE],
            left,
            problem.penalty,
            _moving(problem),
            ends,
            net,
            problem.fares,
            problem.graph.uses,
            problem.kinds,
            room,
        )
        for kept, more in zip(some, found, strict=True):
            kept.extend(more)
    who, parcels, ptr, rides = _found(some)
    return Ways(who, ptr, rides), parcels


def shorten(
    problem: Problem,
    ways: Ways,
    order: Longs,
    cost: Floats,
    placed: Longs,
    room: Floats,
    enough: Callable[[], bool] = lambda: False,
) -> tuple[Ways, Longs]:
    """Move parcels of some paths, in that `order`, to cheaper ways that have room; between some of them it is asked whether
    it is `enough`.

    `cost` [C] is what a parcel pays on each of the paths. Takes from `placed` [C] and `room` [M]; returned are ways and
    the parcels on each.
    """
    ends, net = between(problem)
    some: tuple[list[int], ...] = ([], [], [], [])
    for low in range(0, len(order), AT_ONCE):
        if low and enough():
            break
        found = _shorten(
            order[low : low + AT_ONCE],
            ways,
            placed,
            cost,
            _moving(problem),
            ends,
            net,
            problem.fares,
            problem.graph.uses,
            problem.kinds,
            room,
        )
        for kept, more in zip(some, found, strict=True):
            kept.extend(more)
    path, parcels, ptr, rides = _found(some)
    return Ways(ways.who[path], ptr, rides), parcels
