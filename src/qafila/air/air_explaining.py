"""Why pieces stay behind, and what would let them fly: read off a plan, lot by lot."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from qafila.air import air_messages
from qafila.air.flight import Flight, LoadPlan, Lot, Segment, UldType
from qafila.air.seats import Seats
from qafila.core.message import Message
from qafila.packing.pieces import TURNS


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Pieces of one lot that a plan leaves: why, and what would let them fly."""

    segment: str
    lot: Lot
    count: int
    why: Message
    remedy: Message


def explain(flight: Flight, made: LoadPlan) -> list[LeftBehind]:
    """One entry for each lot of which pieces stay behind, the dearest first."""
    seats = _filled(flight, made)
    found = []
    for number, segment in enumerate(flight.segments):
        for n, lot in enumerate(segment.lots):
            if count := made.behind.get((segment.name, n), 0):
                why, remedy = _reason(flight, made, seats, number, segment, lot, count)
                found.append(LeftBehind(segment.name, lot, count, why, remedy))
    return sorted(found, key=lambda one: -one.count * one.lot.penalty)


def _filled(flight: Flight, made: LoadPlan) -> Seats:
    """The positions as the plan takes them."""
    seats = Seats(flight)
    number = {segment.name: n for n, segment in enumerate(flight.segments)}
    placed: set[int] = set()
    for stands in made.stands:
        for name, u in stands.items():
            if u not in placed:
                placed.add(u)
                seats.take(seats.at[name], number[made.ulds[u].segment], made.ulds[u].weight)
    return seats


def _reason(
    flight: Flight, made: LoadPlan, seats: Seats, number: int, segment: Segment, lot: Lot, count: int
) -> tuple[Message, Message]:
    own = sorted(lot.kind.codes)
    clash = [pair for pair in flight.apart if pair <= lot.kind.codes]
    if clash:
        return air_messages.AT_ODDS(codes=", ".join(own)), air_messages.SPLIT_UP()
    large_enough = [t for t in flight.types if _fits(t, lot)]
    if not large_enough:
        return air_messages.TOO_LARGE(), air_messages.OTHER_AIRCRAFT()
    heaviest = max(
        min(t.most, place.most) - t.tare
        for t in large_enough
        for place in flight.aircraft.positions
        if t.name in place.takes
    )
    if lot.kind.weight > heaviest:
        why = air_messages.TOO_HEAVY(weight=round(lot.kind.weight), most=round(heaviest))
        return why, air_messages.OTHER_AIRCRAFT()
    late = min(lot.ready + t.seconds - segment.departs for t in large_enough)
    if late > 0:
        minutes = -(-late // 60)
        return air_messages.TOO_LATE(minutes=minutes), air_messages.COME_EARLIER(minutes=minutes)
    free = max(0.0, seats.free_weight(number))
    if lot.kind.weight > free:
        why = air_messages.PAYLOAD_FULL(free=round(free), weight=round(lot.kind.weight))
        return why, _cheaper(flight, made, lot, lot.kind.weight - free)
    in_time = [t for t in large_enough if lot.ready + t.seconds <= segment.departs]
    open_types = [
        t
        for t in in_time
        if any(seats.most(p, number) >= t.tare + lot.kind.weight for p in seats.free(t.name, number))
    ]
    if not open_types:
        volume = Decimal(count * lot.kind.volume) / 1_000_000
        return air_messages.NO_POSITION(), air_messages.LEAVE_ROOM(volume=round(volume, 2))
    cheapest = min(t.cost for t in open_types)
    penalty = Decimal(str(round(count * lot.penalty, 2)))
    cost = Decimal(str(cheapest))
    return air_messages.NOT_WORTH_A_ULD(cost=cost, penalty=penalty), air_messages.MORE_GOODS(cost=cost)


def _fits(kind: UldType, lot: Lot) -> bool:
    size = np.array(kind.contour.size)
    return any(
        bool((np.array([lot.kind.size[a] for a in axes]) <= size).all())
        for allowed, axes in TURNS.items()
        if lot.kind.turns & allowed
    )


def _cheaper(flight: Flight, made: LoadPlan, lot: Lot, weight: float) -> Message:
    """What would have to stay instead: the goods on board that cost least per kg to leave, if that is less."""
    lots = {segment.name: segment.lots for segment in flight.segments}
    aboard = {(uld.segment, piece.lot) for uld in made.ulds for piece in uld.pieces}
    kg = round(weight) or 1
    if aboard:
        other = min(
            (lots[name][n] for name, n in sorted(aboard)), key=lambda one: one.penalty / one.kind.weight
        )
        per_kg, own = other.penalty / other.kind.weight, lot.penalty / lot.kind.weight
        if per_kg < own - 0.005:
            return air_messages.LEAVE_WEIGHT(
                weight=kg, shipment=other.shipment, other=_rate(per_kg), own=_rate(own)
            )
    return air_messages.NO_LESS_COSTLY(weight=kg)


def _rate(amount: float) -> Decimal:
    return Decimal(str(round(amount, 2)))
