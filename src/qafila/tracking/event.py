"""An event: what happened to a parcel, when, where, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from itertools import count
from typing import Any

from qafila.network.timetable import Mode
from qafila.routing.itinerary import Leg


class TimeKind(StrEnum):
    """What a time is (DCSA: PLN, EST, ACT)."""

    PLANNED = "planned"
    ESTIMATED = "estimated"
    ACTUAL = "actual"


class EventType(StrEnum):
    """What can happen to a parcel. The UPU's and EPCIS' words for each are in facts/event-codes.csv."""

    BOOKED = "booked"
    COLLECTED = "collected"  # the carrier has it: taken at the door, or handed in
    DEPARTED = "departed"
    ARRIVED = "arrived"
    SORTED = "sorted"
    CUSTOMS_PRESENTED = "customs_presented"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    AWAITING_PICKUP = "awaiting_pickup"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    LOST = "lost"
    SEEN = "seen"  # read at a place, nothing more is known
    RETRACTED = "retracted"  # says that another event (details["event"]) never happened


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a parcel's history. Equal ids are the same event, however often it arrives."""

    parcel: str  # S10 number
    id: str  # UUID
    type: str  # an EventType
    time_kind: str  # a TimeKind
    time: datetime
    source: str  # who says so: "qafila", a merchant, a carrier, a facility's scanner
    facility: str | None = None
    leg: int | None = None  # index into the booked itinerary, where it belongs to one
    recorded_at: datetime | None = None  # set by the store
    details: Mapping[str, Any] = field(default_factory=dict)


def identify(
    parcel: str,
    type: str,
    time_kind: str,
    time: datetime,
    facility: str | None = None,
    leg: int | None = None,
    source: str = "",
) -> str:
    """The id of an event whose reporter gave it none: the same facts give the same id (a UUID)."""
    instant = time.astimezone(UTC).isoformat()
    facts = f"{parcel}|{type}|{time_kind}|{instant}|{facility or ''}|{'' if leg is None else leg}|{source}"
    return uuid_of(facts)


def uuid_of(facts: str) -> str:
    """A UUID (version 8: its 122 bits are ours) made of what is known."""
    digits = blake2b(facts.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def planned_events(
    parcel: str, legs: Iterable[Leg], booked_at: datetime, source: str = "qafila", revision: int = 0
) -> Iterator[Event]:
    """The history that a booking begins with: booked (actual), then what each leg plans, in order.

    `details["revision"]` is 0 for the plan that was booked and grows when a parcel is planned anew; of the
    planned events only those of the newest revision hold.
    """
    if revision == 0:
        yield _event(parcel, 0, EventType.BOOKED, TimeKind.ACTUAL, booked_at, None, None, source, {})
    legs = list(legs)
    number = count(1 + 100 * revision)
    more = {"revision": revision} if revision else {}
    for i, leg in enumerate(legs):
        ride = {"service": leg.service_id, "day": leg.service_day, "mode": leg.mode.name.lower(), **more}
        limits = {"board_by": leg.board_by.isoformat(), **ride}
        ready = {"ready_at": leg.ready_at.isoformat(), **ride}
        start, end = _kinds(leg.mode)
        at_door = leg.mode is Mode.COLLECTION
        yield _event(parcel, next(number), start, TimeKind.PLANNED, leg.depart,
                     None if at_door else leg.from_facility, i, source, limits)  # fmt: skip
        yield _event(parcel, next(number), end, TimeKind.PLANNED, leg.arrive,
                     None if leg.mode is Mode.DELIVERY else leg.to_facility, i, source, ready)  # fmt: skip
    if legs and legs[-1].mode is not Mode.DELIVERY:
        last = legs[-1]
        yield _event(parcel, next(number), EventType.AWAITING_PICKUP, TimeKind.PLANNED, last.ready_at,
                     last.to_facility, len(legs) - 1, source, {"service": last.service_id, **more})  # fmt: skip


def _kinds(mode: Mode) -> tuple[EventType, EventType]:
    """What a ride's two ends mean to the parcel."""
    if mode is Mode.COLLECTION:
        return EventType.COLLECTED, EventType.ARRIVED
    if mode is Mode.DELIVERY:
        return EventType.OUT_FOR_DELIVERY, EventType.DELIVERED
    return EventType.DEPARTED, EventType.ARRIVED


def _event(
    parcel: str,
    number: int,
    type: EventType,
    kind: TimeKind,
    time: datetime,
    facility: str | None,
    leg: int | None,
    source: str,
    details: dict[str, Any],
) -> Event:
    return Event(
        parcel,
        uuid_of(f"{parcel}#{number}"),
        type.value,
        kind.value,
        time,
        source,
        facility,
        leg,
        None,
        details,
    )
