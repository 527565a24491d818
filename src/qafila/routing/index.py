"""A Timetable arranged for searching: rides gathered into lanes.

A *lane* is all rides between the same two nodes that cost the same, emit the same and bar the same goods:
what differs among them is time alone. Of a lane only the next ride matters at any instant, so a search
looks at lanes (some ten thousand), not at rides (a million). The next ride is not searched for either: the
time from a lane's first cut-off to its last is cut into slots, as a rule with one cut-off each at most, and
a table says which ride is the next at the start of each.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.runtime import kept

_I32 = NDArray[np.int32]
NEVER = np.int32(2**31 - 1)  # a minute that does not come
FAR = np.int64(2**62)  # a cost or CO2e that no way has
_SLOTS = 4  # of a lane for each of its rides, at most

AHEAD = np.dtype([("to", np.uint32), ("quickest", np.int32)])
"""End of a lane, and the least minutes to it from cut-off to ready; 2^31 - 1 where goods may not take it."""

WAY = np.dtype([(name, np.int32) for name in ("to", "quickest", "fixed", "per_kg", "co2e", "mode")])
"""What searches ask of a lane they come to: its end, the least minutes from cut-off to ready, its COST_UNITs for each
parcel and each kg of chargeable weight, its mg CO2e for each kg, its Mode. What is asked together lies together."""

SPAN = np.dtype([("opens", np.int32), ("closes", np.int32), ("width", np.int32), ("slots", np.uint32)])
"""Minutes of a lane's first and last cut-off, binary logarithm of its slots' width, and where these begin."""

TIME = np.dtype([("board_by", np.int32), ("ready_at", np.int32)])
"""Of the ride at a position its cut-off, and when the best ride of the lane from there on is ready."""


class Rides(NamedTuple):
    """The rides of all lanes as kernels take them, lane after lane; each array as `Lanes` has it."""

    first: _I32
    times: NDArray[np.void]
    ready_at: _I32
    best: _I32
    ride: _I32
    best_ride: _I32


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """L lanes, sorted by (from, to), and the R rides of the timetable in the order of their lanes."""

    from_node: _I32  # [L]
    to_node: _I32  # [L]
    way: NDArray[np.void]  # [L] WAY
    co2e: NDArray[np.int64]  # [L] mg for each kg
    nowhere: NDArray[np.int64]  # [N] zeros: a bound that says nothing
    forbids: NDArray[np.uint16]  # [L]
    quickest: _I32  # [L] least minutes from cut-off to ready, over the rides of the lane
    span: NDArray[np.void]  # [L] SPAN
    slots: NDArray[
        np.uint32
    ]  # position of the first ride with its cut-off in a slot or later, lane after lane
    first: _I32  # [L + 1] the rides of lane l are at positions first[l] … first[l + 1] - 1
    turn: int  # binary logarithm of a time in minutes that no ride is quicker than
    leaving: NDArray[np.uint32]  # [N + 1] the lanes leaving node n are leaving[n] … leaving[n + 1] - 1
    thoroughfare: NDArray[np.bool_]  # [N] with two neighbours or more; from others one can only go back
    entering: _I32  # [N + 1] the lanes entering node n are entering_lanes[entering[n] … entering[n + 1] - 1]
    entering_lanes: _I32  # [L]

    lane: _I32  # [R] of each ride
    ride: _I32  # [R] ride at a position
    times: NDArray[np.void]  # [R] TIME by position: cut-offs rise within a lane
    ready_at: _I32  # [R] by position
    best: _I32  # [R] position of the ride of the lane, this one or later, that is ready first
    best_ride: _I32  # [R] that ride

    @property
    def rides(self) -> Rides:
        """The rides, for a kernel."""
        return Rides(self.first, self.times, self.ready_at, self.best, self.ride, self.best_ride)

    def barred(self, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.bool_]:
        """Lanes that these goods may not take, or whose mode is to be avoided."""
        return _barred(self, goods, avoid)

    def entered(self, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.bool_]:
        """Nodes [N] at which some lane ends that is open to these goods without these modes."""
        return _entered(self, goods, avoid)

    def ahead(self, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.void]:
        """AHEAD [L] of the lanes, for these goods without these modes."""
        return _ahead(self, goods, avoid)

    def ahead_but(self, barred: NDArray[np.bool_]) -> NDArray[np.void]:
        """AHEAD [L] of the lanes, with these barred."""
        ahead = np.empty(len(self.to_node), AHEAD)
        ahead["to"] = self.to_node
        ahead["quickest"] = np.where(barred, np.iinfo(np.int32).max, self.quickest)
        ahead.setflags(write=False)
        return ahead

    def cost(self, chargeable_g: NDArray[np.int64]) -> NDArray[np.int64]:
        """COST_UNITs of each lane for one parcel whose chargeable weight by Mode is given in grams."""
        return self.cost_of(np.arange(len(self.way)), chargeable_g)

    def cost_of(self, some: NDArray[np.integer[Any]], chargeable_g: NDArray[np.int64]) -> NDArray[np.int64]:
        """As `cost`, of some lanes only."""
        way = self.way[some]
        return way["fixed"] + way["per_kg"].astype(np.int64) * chargeable_g[way["mode"]] // 1000


@njit(cache=True, nogil=True)
def _gather(order, ride_from, ride_to, mode, fixed, per_kg, co2e, forbids):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Lane of each ride in `order` (sorted by from, to, then time), numbered as they are met."""
    lane = np.empty(len(order), np.int32)
    sample = np.empty(len(order), np.int32)  # a ride of each lane
    lanes = 0
    start = 0  # first lane of the present pair of nodes
    for i in range(len(order)):
        r = order[i]
        if i == 0 or ride_from[r] != ride_from[order[i - 1]] or ride_to[r] != ride_to[order[i - 1]]:
            start = lanes
        found = -1
        for k in range(start, lanes):
            s = sample[k]
            if (
                fixed[s] == fixed[r]
                and per_kg[s] == per_kg[r]
                and co2e[s] == co2e[r]
                and forbids[s] == forbids[r]
                and mode[s] == mode[r]
            ):
                found = k
                break
        if found < 0:
            found = lanes
            sample[lanes] = r
            lanes += 1
        lane[i] = found
    return lane, sample[:lanes].copy()


@njit(cache=True, nogil=True)
def _soonest(first, board_by, ready_at):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """For each position the best from there on in its lane, and the quickest ride of each lane."""
    best = np.empty(len(board_by), np.int32)
    quickest = np.empty(len(first) - 1, np.int32)
    for lane in range(len(first) - 1):
        least = np.int32(2**31 - 1)
        for i in range(first[lane + 1] - 1, first[lane] - 1, -1):
            later = i + 1 < first[lane + 1] and ready_at[best[i + 1]] < ready_at[i]
            best[i] = best[i + 1] if later else i
            least = min(least, ready_at[i] - board_by[i])
        quickest[lane] = least
    return best, quickest


@njit(cache=True, nogil=True)
def _cut(first, board_by, most):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Width (its binary logarithm) and start of each lane's slots, and the next ride at each slot's start.

    A slot is no wider than the least time between two cut-offs, unless that made more than `most` a ride.
    """
    lanes = len(first) - 1
    width = np.zeros(lanes, np.int32)
    start = np.empty(lanes + 1, np.uint32)
    total = 0
    for lane in range(lanes):
        least = np.int64(2**30)
        for p in range(first[lane] + 1, first[lane + 1]):
            if board_by[p] > board_by[p - 1]:
                least = min(least, board_by[p] - board_by[p - 1])
        span = board_by[first[lane + 1] - 1] - board_by[first[lane]]
        while 2 << width[lane] <= least or (span >> width[lane]) >= most * (first[lane + 1] - first[lane]):
            width[lane] += 1
        start[lane] = total
        total += (span >> width[lane]) + 1
    start[lanes] = total
    slots = np.empty(total, np.uint32)
    for lane in range(lanes):
        p = first[lane]
        minute = np.int64(board_by[p])
        for slot in range(start[lane], start[lane + 1]):
            while board_by[p] < minute:
                p += 1
            slots[slot] = p
            minute += 1 << width[lane]
    return width, start, slots


@njit(cache=True, nogil=True)
def first_open(position, end, ready_at, best, ride, closed_rides):  # type: ignore[no-untyped-def]  # a kernel: numba finds the types out
    """Position from `position` on of the open ride of the lane that is ready first; `end` if there is none."""
    found = end
    for i in range(position, end):
        if found < end and ready_at[best[i]] >= ready_at[found]:
            break
        if not closed_rides[ride[i]] and (found == end or ready_at[i] < ready_at[found]):
            found = i
    return found


@lru_cache(maxsize=4)
def lanes(timetable: Timetable) -> Lanes:
    """The lanes of a timetable; kept for the few timetables that a process uses, and beside one that lies in a
    folder for the next process, which maps them into its memory.
    """
    if timetable.folder is None:
        return _lanes(timetable)
    made_of = kept.digest("qafila.routing", "index.py", of=(np.__version__,))
    folder = timetable.folder / f"lanes-{made_of}"
    return _load(kept.folder(folder, lambda fresh: _save(_lanes(timetable), fresh)))


def _save(arrays: Lanes, folder: Path) -> None:
    folder.mkdir()
    for field in fields(arrays):
        np.save(folder / f"{field.name}.npy", getattr(arrays, field.name))


def _load(folder: Path) -> Lanes:
    """`turn` is a number, all else is mapped: as plain arrays, for np.memmap looks after itself at every access."""
    arrays = {
        field.name: np.load(folder / f"{field.name}.npy", mmap_mode="r").view(np.ndarray)
        for field in fields(Lanes)
    }
    return Lanes(**{**arrays, "turn": int(arrays["turn"])})


def _lanes(timetable: Timetable) -> Lanes:
    t = timetable
    pair = t.ride_from.astype(np.int64) * t.nodes + t.ride_to
    order = np.argsort(pair, kind="stable")
    lane, sample = _gather(
        order,
        t.ride_from,
        t.ride_to,
        t.ride_mode,
        t.ride_fixed_cost,
        t.ride_kg_cost,
        t.ride_co2e,
        t.ride_forbids,
    )
    ride = order[np.argsort(lane, kind="stable")].astype(np.int32)
    lane_of = np.empty(len(order), np.int32)
    lane_of[order] = lane
    first = np.concatenate([[0], np.cumsum(np.bincount(lane, minlength=len(sample)))]).astype(np.int32)
    board_by, ready_at = t.ride_board_by[ride], t.ride_ready_at[ride]
    best, quickest = _soonest(first, board_by, ready_at)
    from_node, to_node = t.ride_from[sample], t.ride_to[sample]
    nodes = np.arange(t.nodes + 1)
    width, start, slots = _cut(first, board_by, _SLOTS)
    span = np.empty(len(sample), SPAN)
    span["opens"], span["closes"] = board_by[first[:-1]], board_by[first[1:] - 1]
    span["width"], span["slots"] = width, start[:-1]
    times = np.empty(len(ride), TIME)
    times["board_by"], times["ready_at"] = board_by, ready_at[best]
    entering_lanes = np.argsort(to_node, kind="stable").astype(np.int32)
    way = np.empty(len(sample), WAY)
    way["to"], way["quickest"], way["mode"] = to_node, quickest, t.ride_mode[sample]
    way["fixed"], way["per_kg"] = t.ride_fixed_cost[sample], t.ride_kg_cost[sample]
    way["co2e"] = t.ride_co2e[sample]
    both_ways = np.concatenate([from_node, to_node]), np.concatenate([to_node, from_node])
    neighbours = np.bincount(np.unique(np.stack(both_ways), axis=1)[0], minlength=t.nodes)
    arrays = Lanes(
        from_node=from_node,
        to_node=to_node,
        way=way,
        co2e=t.ride_co2e[sample].astype(np.int64),
        nowhere=np.zeros(t.nodes, np.int64),
        forbids=t.ride_forbids[sample],
        quickest=quickest,
        span=span,
        slots=slots,
        first=first,
        turn=int(quickest.min(initial=2**30)).bit_length() - 1,
        leaving=np.searchsorted(from_node, nodes).astype(np.uint32),
        thoroughfare=neighbours > 1,
        entering=np.searchsorted(to_node[entering_lanes], nodes).astype(np.int32),
        entering_lanes=entering_lanes,
        lane=lane_of,
        ride=ride,
        times=times,
        ready_at=ready_at,
        best=best,
        best_ride=ride[best],
    )
    for name in arrays.__slots__:
        if isinstance(value := getattr(arrays, name), np.ndarray):
            value.setflags(write=False)
    return arrays


@lru_cache(maxsize=4)
def horizon(timetable: Timetable) -> int:
    """The last minute at which anything is ready."""
    return int(timetable.ride_ready_at.max()) if timetable.rides else 0


@lru_cache(maxsize=256)
def _barred(index: Lanes, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.bool_]:
    barred = (index.forbids & np.uint16(int(goods))) != 0
    if avoid:
        barred |= np.isin(index.way["mode"], [int(m) for m in avoid])
    barred.setflags(write=False)
    return barred


@lru_cache(maxsize=256)
def _entered(index: Lanes, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.bool_]:
    entered = np.zeros(len(index.nowhere), np.bool_)
    entered[index.to_node[~index.barred(goods, avoid)]] = True
    entered.setflags(write=False)
    return entered


@lru_cache(maxsize=256)
def _ahead(index: Lanes, goods: Goods, avoid: frozenset[Mode]) -> NDArray[np.void]:
    return index.ahead_but(index.barred(goods, avoid))
