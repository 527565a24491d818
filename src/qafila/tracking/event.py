"""An event: what happened to a parcel, when, where, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from itertools import count
from typing import Any, NamedTuple

import orjson

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


class Event(NamedTuple):
    """One entry of a parcel's history. Equal ids are the same event, however often it arrives.

    A tuple, for histories are written and read by the hundred thousand: the store's rows are events.
    """

    parcel: str  # S10 number
    id: str  # UUID
    type: str  # an EventType
    time_kind: str  # a TimeKind
    time: datetime
    source: str  # who says so: "qafila", a merchant, a carrier, a facility's scanner
    facility: str | None = None
    leg: int | None = None  # index into the booked itinerary, where it belongs to one
    recorded_at: datetime | None = None  # set by the store
    details: Mapping[str, Any] = {}


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


def iso(instant: datetime) -> str:
    """An instant as `isoformat` writes it, in a sixth of its time: a booking writes fifty."""
    return orjson.dumps(instant)[1:-1].decode()


def planned_events(
    parcel: str, legs: Iterable[Leg], booked_at: datetime, source: str = "qafila", revision: int = 0
) -> Iterator[Event]:
    """The history that a booking begins with: booked (actual), then what each leg plans, in order.

    `details["revision"]` is 0 for the plan that was booked and grows when a parcel is planned anew; of the
    planned events only those of the newest revision hold.
    """
    ids = _numbered(parcel, 100 * revision)
    if revision == 0:
        yield Event(parcel, next(ids), EventType.BOOKED.value, TimeKind.ACTUAL.value, booked_at, source)
    legs = list(legs)
    more = {"revision": revision} if revision else {}
    for i, leg in enumerate(legs):
        mode, start, end = _RIDES[leg.mode]
        ride = {"service": leg.service_id, "day": leg.service_day, "mode": mode, **more}
        yield Event(
            parcel, next(ids), start, _PLANNED, leg.depart, source,
            None if leg.mode is Mode.COLLECTION else leg.from_facility, i, None,
            {"board_by": iso(leg.board_by), **ride},
        )  # fmt: skip
        yield Event(
            parcel, next(ids), end, _PLANNED, leg.arrive, source,
            None if leg.mode is Mode.DELIVERY else leg.to_facility, i, None,
            {"ready_at": iso(leg.ready_at), **ride},
        )  # fmt: skip
    if legs and legs[-1].mode is not Mode.DELIVERY:
        last = legs[-1]
        yield Event(
            parcel, next(ids), EventType.AWAITING_PICKUP.value, _PLANNED, last.ready_at,
            source, last.to_facility, len(legs) - 1, None, {"service": last.service_id, **more},
        )  # fmt: skip


def _numbered(parcel: str, first: int) -> Iterator[str]:
    """Ids of what is planned for a parcel: one after the other, from a number that no other plan of it reaches."""
    head = uuid_of(parcel)[:-12]
    return (f"{head}{number:012x}" for number in count(first))


_PLANNED = TimeKind.PLANNED.value
_ENDS = {
    Mode.COLLECTION: (EventType.COLLECTED, EventType.ARRIVED),
    Mode.DELIVERY: (EventType.OUT_FOR_DELIVERY, EventType.DELIVERED),
}
_RIDES = {
    mode: (
        mode.name.lower(),
        *(end.value for end in _ENDS.get(mode, (EventType.DEPARTED, EventType.ARRIVED))),
    )
    for mode in Mode
}
"""What a mode is called in a history, and what its ride's two ends mean to the parcel."""
