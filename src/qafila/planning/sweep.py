"""The kernels that price: one backward sweep over the rides serves every origin and release of a destination.

Rides in order of boarding have no cycles, so the cheapest way on from the moment of boarding ride r is
W[r] = min(ride r + W[first ride that can be boarded after it], W[next ride from the same node]).
A sweep carries several *lanes* side by side: parcels that differ in weight, goods or due time.
All kernels let go of the interpreter's lock: threads share the arrays.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]  # all of a sweep's in one precision
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

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


@njit(nogil=True, cache=True)
def ride_prices(
    use_ptr: Longs,
    use_row: Ints,
    use_factor: Floats,
    row_measure: NDArray[np.uint8],
    price: Floats,
    fixed: Floats,
    gram: Floats,
) -> Floats:
    """[R, 3]: what a ride costs for each parcel, gram and cm³, congestion prices included."""
    rides = len(fixed)
    priced = np.empty((rides, 3))
    for r in range(rides):
        parcel, weight, volume = fixed[r], gram[r], 0.0
        for u in range(use_ptr[r], use_ptr[r + 1]):
            row = use_row[u]
            if row_measure[row] == 0:
                parcel += use_factor[u] * price[row]
            elif row_measure[row] == 1:
                weight += use_factor[u] * price[row]
            else:
                volume += use_factor[u] * price[row]
        priced[r, 0] = parcel
        priced[r, 1] = weight
        priced[r, 2] = volume
    return priced


@njit(nogil=True, cache=True)
def _trace(
    at: int, j: int, destination: int, taken: NDArray[np.uint16], later: Ints, onward: Ints, ride_to: Ints,
    path: Ints, legs: int,
) -> int:  # fmt: skip
    """Write lane j's cheapest way on from the event of ride `at`, after `legs` that are there; its length."""
    while True:
        at = _boards(at, j, taken, later)
        if legs < len(path):
            path[legs] = at
        legs += 1
        if ride_to[at] == destination:
            return legs
        at = onward[at]


@njit(nogil=True, cache=True)
def _boards(at: int, j: int, taken: NDArray[np.uint16], later: Ints) -> int:
    """The ride that lane j takes from the event of ride `at`."""
    while not (taken[at] >> np.uint16(j)) & np.uint16(1):
        at = later[at]
    return at


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "contract"})
def _begin(
    first: int, j: int, node: int, high: int, passing: int, grams: Reals, cm3: Reals, rates: Reals, goods: int, due: int,
    late_price: float, ride_to: Ints, ride_mode: NDArray[np.uint8], ride_forbids: NDArray[np.uint16], ride_board: Ints,
    ride_ready: Ints, ride_kg: Reals, onward: Ints, later: Ints, priced: Reals, best: Reals, taken: NDArray[np.uint16],
    grace: float, same: float,
) -> None:  # fmt: skip
    """Lane j's cheapest way on from ride `first` and those after it, of an origin to which no ride leads. Those that
    leave no sooner than the passing ride `high` are left out."""
    rides, end = len(ride_to), first + 1
    while later[end - 1] < rides and (high == passing or ride_board[end] < ride_board[high]):
        end += 1  # they are numbered one after the other
    bit = np.uint16(1 << j)
    wait = best[rides, j]
    if later[end - 1] < rides:
        best[end, j] = wait
    for r in range(end - 1, first - 1, -1):
        ride = priced[r, 0] + priced[r, 1] * grams[j] + priced[r, 2] * cm3[j]
        ride += np.floor(ride_kg[r] * rates[ride_mode[r], j] + grace)
        if ride_forbids[r] & goods:
            ride = best[rides, j]
        if ride_to[r] != node:
            ride += best[onward[r] if onward[r] < high else rides, j]
        elif ride_ready[r] > due:
            ride += late_price * (ride_ready[r] - due) / 60.0
        if ride <= wait * same:
            taken[r] |= bit
        else:
            taken[r] &= ~bit
        wait = min(ride, wait)
        best[r, j] = wait


@njit(nogil=True, cache=True)
def _needed(
    group: int, high: int, passing: int, lane_members: Longs, member: Longs, first: Ints, best: Reals, due: Ints,
    late_price: Reals, least: Floats, ride_board: Ints, further: float,
) -> int:  # fmt: skip
    """How many passing rides a group has to look at, judged by what was found among `high`: in those left out nothing is
    cheaper than that, nor than that part `further`."""
    rides, minute = len(ride_board), 0.0
    for j in range(LANES):
        lane = group * LANES + j
        for m in range(lane_members[lane], lane_members[lane + 1]):
            k = member[m]
            if first[k] >= rides:
                continue
            if late_price[j] == 0.0 or high <= first[k] < passing or best[first[k], j] == np.inf:
                return passing
            more = max(best[first[k], j] * (1.0 + further) * GRACE - least[k], 0.0)
            minute = max(minute, due[j] + 60.0 * more / late_price[j], ride_board[first[k]] + 1.0)
    if passing == 0 or minute >= ride_board[passing - 1]:
        return passing
    return int(np.searchsorted(ride_board[:passing], np.int32(minute) + 1))


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "contract"})
def sweep_groups(
    groups: Longs,
    lane_node: Ints,
    group_low: Longs,
    group_high: Longs,
    lane_grams: Reals,
    lane_cm3: Reals,
    lane_chargeable: Reals,
    lane_goods: NDArray[np.uint16],
    lane_due: Ints,
    lane_late: Floats,
    lane_members: Longs,
    member: Longs,
    first: Ints,
    least: Floats,
    ride_to: Ints,
    ride_mode: NDArray[np.uint8],
    ride_forbids: NDArray[np.uint16],
    ride_board: Ints,
    ride_ready: Ints,
    ride_kg: Reals,
    onward: Ints,
    later: Ints,
    passing: int,
    priced: Reals,
    best: Reals,
    taken: NDArray[np.uint16],
    ends: NDArray[np.uint32],
    hot: NDArray[np.bool_],
    value: Floats,
    length: Ints,
    path: Ints,
) -> None:
    """Price the commodities of some groups of LANES lanes; each lane has one destination.

    `lane_…` are [G, LANES], `lane_chargeable` [G, modes, LANES]; `best` [R + 1, LANES] is room to work in,
    `taken` [R + 1] and `ends` [N] too: which lanes board a ride at its event, and which end at a node, by bits (`ends`
    zeros, and zeros again on return). Of departures that cost the same the first is boarded. Written for each member
    commodity k: `value[k]` (COST_UNITs for one parcel, infinite where there is no way), `length[k, 0]` rides and the
    rides in `path[k, 0]`, as far as its width goes: a longer path shows by its length. Further ways are those that let a
    `hot` ride of it go by and take the next best.

    Rides after the `passing` ones (see Swept) are looked at for the commodities that begin with them alone.
    Passing rides from `group_high` on are left out, and that loses nothing: a way that boards one of them is so late that it
    costs more than what was found, for lateness aside it costs `least[k]` or more. Where that does not hold the group
    is swept again with more rides; `group_high` is moved to where it will do next time.
    """
    rides = len(ride_to)
    ways, width = path.shape[1], path.shape[2]
    further = MARGIN if ways > 1 else 0.0
    for j in range(LANES):
        best[rides, j] = np.inf
    same = best.dtype.type(1.0 + 8.0 * np.finfo(best.dtype).eps)  # dearer by less than floats are right to
    taken[rides] = np.uint16(0xFFFF)
    grace, infinite = best.dtype.type(ROUNDING), best.dtype.type(np.inf)
    for group in groups:
        node = lane_node[group]
        kinds = np.uint16(0)
        for j in range(LANES):
            ends[node[j]] |= np.uint32(1 << j)
            kinds |= lane_goods[group, j]
        grams, cm3, chargeable = lane_grams[group], lane_cm3[group], lane_chargeable[group]
        goods, due, late_price = lane_goods[group], lane_due[group], lane_late[group]
        high = group_high[group]
        while True:
            for r in range(high - 1, group_low[group] - 1, -1):
                beyond, skip, mode = onward[r], later[r], ride_mode[r]
                forbids, ending = ride_forbids[r] & kinds, ends[ride_to[r]]
                parcel, weight, volume, kg = priced[r, 0], priced[r, 1], priced[r, 2], ride_kg[r]
                beyond, skip = beyond if beyond < high else rides, skip if skip < high else rides
                here, on, wait, rate = best[r], best[beyond], best[skip], chargeable[mode]
                goes = np.uint32(0)
                if not ending and not forbids:
                    for j in range(LANES):
                        ride = parcel + weight * grams[j] + volume * cm3[j] + np.floor(kg * rate[j] + grace)
                        go = ride + on[j]
                        goes |= np.uint32(go <= wait[j] * same) << np.uint32(j)
                        here[j] = go if go <= wait[j] else wait[j]
                    taken[r] = np.uint16(goes)
                    continue
                for j in range(LANES):
                    ride = parcel + weight * grams[j] + volume * cm3[j] + np.floor(kg * rate[j] + grace)
                    if forbids & goods[j]:
                        ride += infinite
                    if not (ending >> np.uint32(j)) & np.uint32(1):
                        ride += on[j]
                    elif ride_ready[r] > due[j]:
                        ride += late_price[j] * (ride_ready[r] - due[j]) / 60.0
                    goes |= np.uint32(ride <= wait[j] * same) << np.uint32(j)
                    here[j] = min(ride, wait[j])
                taken[r] = np.uint16(goes)
            for j in range(LANES):
                lane = group * LANES + j
                for m in range(lane_members[lane], lane_members[lane + 1]):
                    if passing <= first[member[m]] < rides:
                        _begin(
                            first[member[m]], j, node[j], high, passing, grams, cm3, chargeable, goods[j], due[j],
                            late_price[j], ride_to, ride_mode, ride_forbids, ride_board, ride_ready, ride_kg,
                            onward, later, priced, best, taken, grace, same,
                        )  # fmt: skip
            needed = _needed(
                group,
                high,
                passing,
                lane_members,
                member,
                first,
                best,
                due,
                late_price,
                least,
                ride_board,
                further,
            )
            if needed <= high:
                group_high[group] = needed
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
                legs = _trace(at, j, destination, taken, later, onward, ride_to, path[k, 0], 0)
                length[k, 0] = legs
                most = value[k] * (1.0 + MARGIN)
                found = 1
                for leg in range(min(legs, width)):
                    if found == ways:
                        break
                    boarded = path[k, 0, leg]
                    if not hot[boarded]:
                        continue
                    at = boarded
                    for _ in range(SKIPS):
                        at = later[at]
                        if (
                            found == ways
                            or high <= at < passing
                            or not value[k] + (best[at, j] - best[boarded, j]) <= most
                        ):
                            break
                        while (later[at] < high or passing <= later[at] < rides) and best[
                            later[at], j
                        ] == best[at, j]:
                            at = later[at]  # the last departure that costs the same
                        for i in range(leg):
                            path[k, found, i] = path[k, 0, i]
                        length[k, found] = _trace(
                            at, j, destination, taken, later, onward, ride_to, path[k, found], leg
                        )
                        found += 1
