"""The kernels that price: one backward sweep over the rides serves every origin and release of a destination.

Rides in order of boarding have no cycles, so the cheapest way on from the moment of boarding ride r is
W[r] = min(ride r + W[first ride that can be boarded after it], W[next ride from the same node]).
A sweep carries several *lanes* side by side: parcels that differ in weight, goods or due time.
All kernels let go of the interpreter's lock: threads share the arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.shapes import Floats, Ints, Longs, Rows, Truths

Reals = NDArray[np.floating]  # all of a sweep's in one precision

LANES = 16
"""Lanes side by side in one sweep: what a 512-bit register holds of 32-bit floats."""

MARGIN = 0.3
"""A further way is written down if it costs at most this much more."""

SKIPS = 3
"""How many departures are let go by at a hot ride."""

GRACE = 1.0001
"""By so much more than the 32-bit floats can be wrong a way is taken to cost what no later one costs less than."""

ROUNDING = 1e-6
"""Kg costs are whole units: their floor is taken with this much grace for binary fractions."""


class Rides(NamedTuple):
    """The S rides of a sweep (see Swept) and what they cost a parcel, gram and cm³ at its prices."""

    passing: int
    to: Ints  # [S] node
    mode: NDArray[np.uint8]
    forbids: NDArray[np.uint16]
    board: Ints
    ready: Ints
    kg: Reals  # [S] COST_UNITs for a chargeable kg
    onward: Ints
    later: Ints
    priced: Reals  # [S, 3]; infinite where barred


class Groups(NamedTuple):
    """Lanes (see Lanes), G groups of LANES."""

    node: Ints  # [G, LANES] destinations
    low: Longs  # [G]
    high: Longs  # [G] moved by each sweep
    grams: Reals  # [G, LANES]
    cm3: Reals  # [G, LANES]
    chargeable: Reals  # [G, modes, LANES]
    goods: NDArray[np.uint16]  # [G, LANES]
    due: Ints  # [G, LANES]
    late: Reals  # [G, LANES]
    down: Ints  # [G, LANES]
    members: Longs  # [G × LANES + 1]
    member: Longs  # [K]


class Asked(NamedTuple):
    """What K commodities ask of a sweep."""

    first: Ints  # [K] the ride to begin with or to wait after
    least: Floats  # [K] what a way costs at least, lateness aside
    hot: Truths  # [S] rides around which further ways are asked for


class Room(NamedTuple):
    """Arrays to work in."""

    best: Reals  # [S + 1, LANES]
    taken: NDArray[np.uint16]  # [S + 1] which lanes board a ride at its event, by bits
    ends: NDArray[np.uint32]  # [N] which lanes end at a node; zeros, and zeros again on return


class Ways(NamedTuple):
    """What is found: see Priced."""

    value: Floats  # [K]
    length: Ints  # [K, ways]
    path: Ints  # [K, ways, width]


@njit(nogil=True, cache=True)
def ride_prices(rows: Rows, price: Floats, fixed: Floats, gram: Floats) -> Floats:
    """[R, 3]: what a ride costs for each parcel, gram and cm³, the `price` [M] of rows included."""
    rides = len(fixed)
    priced = np.empty((rides, 3))
    for r in range(rides):
        parcel, weight, volume = fixed[r], gram[r], 0.0
        for u in range(rows.ptr[r], rows.ptr[r + 1]):
            row = rows.row[u]
            if rows.measure[row] == 0:
                parcel += rows.factor[u] * price[row]
            elif rows.measure[row] == 1:
                weight += rows.factor[u] * price[row]
            else:
                volume += rows.factor[u] * price[row]
        priced[r, 0] = parcel
        priced[r, 1] = weight
        priced[r, 2] = volume
    return priced


@njit(nogil=True, cache=True)
def _trace(
    at: int,
    j: int,
    destination: int,
    taken: NDArray[np.uint16],
    rides: Rides,
    down: Ints,
    path: Ints,
    legs: int,
) -> int:
    """Write lane j's cheapest way on from the event of ride `at`, after `legs` that are there; its length."""
    while True:
        at = _boards(at, j, taken, rides.later)
        if legs < len(path):
            path[legs] = at
        legs += 1
        if rides.to[at] == destination:
            return legs
        at, j = rides.onward[at], down[j]


@njit(nogil=True, cache=True)
def _boards(at: int, j: int, taken: NDArray[np.uint16], later: Ints) -> int:
    """The ride that lane j takes from the event of ride `at`."""
    while not (taken[at] >> np.uint16(j)) & np.uint16(1):
        at = later[at]
    return at


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "contract"})
def _begin(
    first: int,
    j: int,
    group: int,
    high: int,
    lanes: Groups,
    on: Rides,
    best: Reals,
    taken: NDArray[np.uint16],
) -> None:
    """Lane j's cheapest way on from ride `first` and those after it, of an origin to which no ride leads. Those that
    leave no sooner than the passing ride `high` are left out."""
    rides, end, passing = len(on.to), first + 1, on.passing
    node, goods, due, late_price = (
        lanes.node[group, j],
        lanes.goods[group, j],
        lanes.due[group, j],
        lanes.late[group, j],
    )
    grams, cm3, rates = lanes.grams[group, j], lanes.cm3[group, j], lanes.chargeable[group]
    priced, later, onward, down = on.priced, on.later, on.onward, lanes.down[group, j]
    grace, same = best.dtype.type(ROUNDING), best.dtype.type(1.0 + 8.0 * np.finfo(best.dtype).eps)
    while later[end - 1] < rides and (high == passing or on.board[end] < on.board[high]):
        end += 1  # they are numbered one after the other
    bit = np.uint16(1 << j)
    wait = best[rides, j]
    if later[end - 1] < rides:
        best[end, j] = wait
    for r in range(end - 1, first - 1, -1):
        ride = priced[r, 0] + priced[r, 1] * grams + priced[r, 2] * cm3
        ride += np.floor(on.kg[r] * rates[on.mode[r], j] + grace)
        if on.forbids[r] & goods:
            ride = best[rides, j]
        if on.to[r] != node:
            ride += best[onward[r] if onward[r] < high and down >= 0 else rides, down]
        elif on.ready[r] > due:
            ride += late_price * (on.ready[r] - due) / 60.0
        if ride <= wait * same:
            taken[r] |= bit
        else:
            taken[r] &= ~bit
        wait = min(ride, wait)
        best[r, j] = wait


@njit(nogil=True, cache=True)
def _needed(
    group: int, high: int, lanes: Groups, on: Rides, asked: Asked, best: Reals, further: float
) -> int:
    """How many passing rides a group has to look at, judged by what was found among `high`: in those left out nothing is
    cheaper than that, nor than that part `further`."""
    rides, minute, passing, first = len(on.board), 0.0, on.passing, asked.first
    due, late_price = lanes.due[group], lanes.late[group]
    for j in range(LANES):
        lane = group * LANES + j
        for m in range(lanes.members[lane], lanes.members[lane + 1]):
            k = lanes.member[m]
            if first[k] >= rides:
                continue
            if late_price[j] == 0.0 or high <= first[k] < passing or best[first[k], j] == np.inf:
                return passing
            more = max(best[first[k], j] * (1.0 + further) * GRACE - asked.least[k], 0.0)
            minute = max(minute, due[j] + 60.0 * more / late_price[j], on.board[first[k]] + 1.0)
    if passing == 0 or minute >= on.board[passing - 1]:
        return passing
    return int(np.searchsorted(on.board[:passing], np.int32(minute) + 1))


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "contract"})
def sweep_groups(groups: Longs, lanes: Groups, on: Rides, asked: Asked, room: Room, found: Ways) -> None:
    """Price the commodities of some groups of lanes; each lane has one destination.

    Of departures that cost the same the first is boarded. Written for each member commodity k: `value[k]` (COST_UNITs for
    one parcel, infinite where there is no way), `length[k, 0]` rides and the rides in `path[k, 0]`, as far as its width
    goes: a longer path shows by its length. Further ways are those that let a `hot` ride of it go by and take the next
    best.

    Rides after the `passing` ones (see Swept) are looked at for the commodities that begin with them alone.
    Passing rides from a group's `high` on are left out, and that loses nothing: a way that boards one of them is so late
    that it costs more than what was found, for lateness aside it costs `least[k]` or more. Where that does not hold the
    group is swept again with more rides; `high` is moved to where it will do next time.
    """
    _, ride_to, ride_mode, ride_forbids, _, ride_ready, ride_kg, onward, later, priced = on
    (best, taken, ends), (value, length, path), passing = room, found, on.passing
    first, _, hot = asked
    lane_members, member, moved = lanes.members, lanes.member, np.empty(LANES, best.dtype)
    rides = len(ride_to)
    ways, width = path.shape[1], path.shape[2]
    further = MARGIN if ways > 1 else 0.0
    for j in range(LANES):
        best[rides, j] = np.inf
    same = best.dtype.type(1.0 + 8.0 * np.finfo(best.dtype).eps)  # dearer by less than floats are right to
    taken[rides] = np.uint16(0xFFFF)
    grace, infinite = best.dtype.type(ROUNDING), best.dtype.type(np.inf)
    for group in groups:
        node = lanes.node[group]
        kinds = np.uint16(0)
        for j in range(LANES):
            ends[node[j]] |= np.uint32(1 << j)
            kinds |= lanes.goods[group, j]
        grams, cm3, chargeable = lanes.grams[group], lanes.cm3[group], lanes.chargeable[group]
        goods, due, late_price = lanes.goods[group], lanes.due[group], lanes.late[group]
        high, down = lanes.high[group], lanes.down[group]
        limited = down[0] < 0
        while True:
            for r in range(high - 1, lanes.low[group] - 1, -1):
                beyond, skip, mode = onward[r], later[r], ride_mode[r]
                forbids, ending = ride_forbids[r] & kinds, ends[ride_to[r]]
                parcel, weight, volume, kg = priced[r, 0], priced[r, 1], priced[r, 2], ride_kg[r]
                beyond, skip = beyond if beyond < high else rides, skip if skip < high else rides
                here, ahead, wait, rate = best[r], best[beyond], best[skip], chargeable[mode]
                if limited:
                    for j in range(LANES):
                        moved[j] = ahead[down[j]] if down[j] >= 0 else infinite
                    ahead = moved
                goes = np.uint32(0)
                if not ending and not forbids:
                    for j in range(LANES):
                        ride = parcel + weight * grams[j] + volume * cm3[j] + np.floor(kg * rate[j] + grace)
                        go = ride + ahead[j]
                        goes |= np.uint32(go <= wait[j] * same) << np.uint32(j)
                        here[j] = go if go <= wait[j] else wait[j]
                    taken[r] = np.uint16(goes)
                    continue
                for j in range(LANES):
                    ride = parcel + weight * grams[j] + volume * cm3[j] + np.floor(kg * rate[j] + grace)
                    if forbids & goods[j]:
                        ride += infinite
                    if not (ending >> np.uint32(j)) & np.uint32(1):
                        ride += ahead[j]
                    elif ride_ready[r] > due[j]:
                        ride += late_price[j] * (ride_ready[r] - due[j]) / 60.0
                    goes |= np.uint32(ride <= wait[j] * same) << np.uint32(j)
                    here[j] = min(ride, wait[j])
                taken[r] = np.uint16(goes)
            for j in range(LANES):
                lane = group * LANES + j
                for m in range(lane_members[lane], lane_members[lane + 1]):
                    if passing <= first[member[m]] < rides:
                        _begin(first[member[m]], j, group, high, lanes, on, best, taken)
            needed = _needed(group, high, lanes, on, asked, best, further)
            if needed <= high:
                lanes.high[group] = needed
                break
            high = needed
        for j in range(LANES):
            ends[node[j]] = np.uint32(0)
        for j in range(LANES):
            lane, destination = group * LANES + j, node[j]
            for m in range(lane_members[lane], lane_members[lane + 1]):
                k = member[m]
                at = first[k]
                value[k] = best[at, j] if at < high or at >= passing else np.inf
                length[k, :] = 0
                if value[k] == np.inf:
                    continue
                legs = _trace(at, j, destination, taken, on, down, path[k, 0], 0)
                length[k, 0] = legs
                most = value[k] * (1.0 + MARGIN)
                number, to_go = 1, j
                for leg in range(min(legs, width)):
                    if number == ways:
                        break
                    boarded = path[k, 0, leg]
                    i, to_go = to_go, down[to_go]
                    if not hot[boarded]:
                        continue
                    at = boarded
                    for _ in range(SKIPS):
                        at = later[at]
                        if (
                            number == ways
                            or high <= at < passing
                            or not value[k] + (best[at, i] - best[boarded, i]) <= most
                        ):
                            break
                        while (later[at] < high or passing <= later[at] < rides) and best[
                            later[at], i
                        ] == best[at, i]:
                            at = later[at]  # the last departure that costs the same
                        for before in range(leg):
                            path[k, number, before] = path[k, 0, before]
                        length[k, number] = _trace(at, i, destination, taken, on, down, path[k, number], leg)
                        number += 1
