"""What a kind of parcel makes of the lanes: their cost, those that bar it, and the least that is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing import bounds
from qafila.routing.border_masks import Law, unlawful
from qafila.routing.index import Lanes, lanes
from qafila.routing.itinerary import Leg
from qafila.routing.pareto import Weight

ANYWHERE = np.zeros(0, np.int32)
_ALL_OPEN = np.zeros(0, np.bool_)
_LEGS = 40  # no itinerary worth its price has more: bounds the sums below


COST, CO2E, MINUTES, NOTHING = Weight(1, 0, 0), Weight(0, 1, 0), Weight(0, 0, 1), Weight(0, 0, 0)


@dataclass(frozen=True, eq=False)
class Parcel:
    """Lanes as one kind of parcel sees them.

    `packed` weighs the cost with the CO2e in its lower bits: the least sum is the least cost and, among equals,
    the least CO2e, so that one number breaks the ties of another.
    """

    lanes: Lanes
    grams: NDArray[np.int64]  # chargeable weight by Mode
    barred: NDArray[np.bool_]  # [L]
    packed: Weight | None  # None where the sums do not fit 62 bits
    bits: int  # of the CO2e in it

    @cached_property
    def packed_lanes(self) -> NDArray[np.int64]:
        """`packed` of each lane, [L]: for searches that come to all of them."""
        return (self.lanes.cost(self.grams) << self.bits) + self.lanes.co2e


@lru_cache(maxsize=512)
def parcel(
    timetable: Timetable,
    chargeable_g: tuple[int, ...],
    goods: Goods,
    avoid: frozenset[Mode],
    law: Law | None = None,
) -> Parcel:
    """The lanes for a chargeable weight by Mode, for some goods, without some modes, under the law of borders."""
    index = lanes(timetable)
    grams = np.array(chargeable_g, np.int64)
    fixed, per_kg, co2e = _dearest(index)
    cost = fixed + per_kg * max(chargeable_g) // 1000
    cost_bits, bits = ((most * _LEGS).bit_length() for most in (cost, co2e))
    packed = Weight(1 << bits, 1, 0) if cost_bits + bits < 62 else None
    return Parcel(index, grams, _barred(timetable, goods, avoid, law), packed, bits)


@lru_cache(maxsize=4)
def _dearest(index: Lanes) -> tuple[int, int, int]:
    """The most that any lane costs for a parcel and for a kg, and its CO2e."""
    fixed, per_kg, co2e = (int(index.way[name].max(initial=1)) for name in ("fixed", "per_kg", "co2e"))
    return fixed, per_kg, co2e


@lru_cache(maxsize=256)
def _barred(timetable: Timetable, goods: Goods, avoid: frozenset[Mode], law: Law | None) -> NDArray[np.bool_]:
    index = lanes(timetable)
    barred = index.barred(goods, avoid)
    if law is not None:
        sample = index.ride[index.first[:-1]]  # what the law forbids to one ride it forbids to its lane
        barred = barred | unlawful(timetable, law)[sample]
        barred.setflags(write=False)
    return barred


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """The least sum of one weight from each node to the nearest destination, and the lanes that give it."""

    least: NDArray[np.int64]  # [N], FAR where no destination can be reached
    take: NDArray[np.int32]  # [N]

    def real(
        self,
        parcel: Parcel,
        origins: NDArray[np.int32],
        ready: int,
        weights: tuple[Weight, Weight],
        closed: NDArray[np.bool_] | None,
    ) -> tuple[int, int, int]:
        """Arrival and two weights of riding along these lanes; arrival NEVER if it cannot be done."""
        i = parcel.lanes
        return bounds.follow(
            self.least,
            self.take,
            origins,
            ready,
            i.way,
            i.span,
            i.slots,
            i.rides,
            parcel.grams,
            weights,
            _ALL_OPEN if closed is None else closed,
        )


def bound(
    parcel: Parcel, weight: Weight, targets: NDArray[np.int32], origins: NDArray[np.int32] = ANYWHERE
) -> Bound:
    """The bound of one weight towards these targets; quicker where it is asked for some origins only, for then it
    says nothing of places that nobody rides through."""
    i = parcel.lanes
    return Bound(
        *bounds.least_to_go(
            i.entering,
            i.entering_lanes,
            i.from_node,
            i.way,
            i.thoroughfare,
            parcel.grams,
            weight,
            parcel.barred,
            targets,
            origins,
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class Approach:
    """What does not depend on the weight of a parcel on its way to some destinations."""

    time: Bound  # minutes without any waiting
    co2e: Bound


@lru_cache(maxsize=2048)
def approach(
    timetable: Timetable,
    goods: Goods,
    avoid: frozenset[Mode],
    law: Law | None,
    targets: tuple[int, ...],
) -> Approach:
    """The approach to these nodes for some goods, without some modes, under the law of borders."""
    free = parcel(timetable, (0,) * len(Mode), goods, avoid, law)
    ends = np.array(targets, np.int32)
    return Approach(bound(free, MINUTES, ends), bound(free, CO2E, ends))


class LegBook:
    """The legs of one parcel. What all parcels share of a ride is read once for each timetable."""

    def __init__(self, timetable: Timetable, grams: int, chargeable_g: tuple[int, ...]) -> None:
        self.timetable = timetable
        self.grams = grams
        self.chargeable_g = chargeable_g
        self._known = _ride_facts(timetable)

    def legs(self, rides: Sequence[int]) -> tuple[Leg, ...]:
        """The legs of these rides."""
        return tuple(self._leg(ride) for ride in rides)

    def _leg(self, ride: int) -> Leg:
        facts = self._known.get(ride)
        if facts is None:
            facts = self._known[ride] = _read_ride(self.timetable, ride)
        before, after, fixed, per_kg, co2e = facts
        cost = fixed + per_kg * self.chargeable_g[before[3]] // 1000
        return Leg(*before, cost, co2e * self.grams // 1000, *after)  # type: ignore[call-arg]  # by position: quick


_Facts = tuple[tuple[Any, ...], tuple[Any, ...], int, int, int]


@lru_cache(maxsize=4)
def _ride_facts(timetable: Timetable) -> dict[int, _Facts]:
    return {}


def _read_ride(t: Timetable, ride: int) -> _Facts:
    """The fields of a leg before and after its cost and CO2e, and what these two are made of."""
    start, count = int(t.ride_first_segment[ride]), int(t.ride_segment_count[ride])
    from_node, to_node = int(t.ride_from[ride]), int(t.ride_to[ride])
    before = (
        ride,
        t.service_ids[t.segment_service[start]],
        int(t.segment_day[start]),
        Mode(int(t.ride_mode[ride])),
        t.facility_ids[t.node_facility[from_node]],
        t.facility_ids[t.node_facility[to_node]],
        from_node,
        to_node,
        t.instant(t.ride_board_by[ride]),
        t.instant(t.segment_depart[start]),
        t.instant(t.segment_arrive[start + count - 1]),
        t.instant(t.ride_ready_at[ride]),
    )
    after = (tuple(range(start, start + count)), tuple(t.segment_call[start : start + count].tolist()))
    return before, after, int(t.ride_fixed_cost[ride]), int(t.ride_kg_cost[ride]), int(t.ride_co2e[ride])


@lru_cache(maxsize=512)
def leg_book(timetable: Timetable, grams: int, chargeable_g: tuple[int, ...]) -> LegBook:
    """The legs of a parcel of this weight."""
    return LegBook(timetable, grams, chargeable_g)
