"""The envelope of an event: its subject, what happened, when, where, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson


class SubjectKind(StrEnum):
    """What an event can be about; the history of one subject is all events of its kind and id."""

    PARCEL = "parcel"  # id: S10 number
    HANDLING_UNIT = "handling_unit"  # bag, pallet, ULD; id: SSCC, ULD number or S9 receptacle
    STOCK = "stock"  # goods in a facility; id: the stock unit's, or an EPC
    VEHICLE = "vehicle"  # truck, aircraft, ship, and each flight or run of one; id: registration, or service and day
    FACILITY = "facility"  # id: the facility's in the feed
    CASH = "cash"  # money that is carried; id: the collection's
    MERCHANT = "merchant"  # what happens to a merchant itself; id: the tenant's


class TimeKind(StrEnum):
    """What a time is (DCSA: PLN, EST, ACT)."""

    PLANNED = "planned"
    ESTIMATED = "estimated"
    ACTUAL = "actual"


class Reporter(StrEnum):
    """As what somebody reports; an event type names those who may report it."""

    MERCHANT = "merchant"
    CARRIER = "carrier"  # drivers and crews too
    STATION = "station"  # who works in a facility
    AUTHORITY = "authority"  # customs, and whoever else decides by law
    OPERATOR = "operator"  # the hub's own people
    NETWORK = "network"  # qafila itself: bookings, plans, decisions that follow from rules


class Subject(NamedTuple):
    """What an event is about."""

    kind: str  # a SubjectKind
    id: str


class Source(NamedTuple):
    """Who says so.

    Attributes:
        role: a Reporter; "" where it is not known (events that were kept before there were roles).
        tenant: id of the tenant for whom it was reported; None for the network itself.
        device: the scanner, dock or person within it, in the reporter's own words.
    """

    role: str = ""
    tenant: str | None = None
    device: str = ""


NETWORK = Source(Reporter.NETWORK.value, None, "qafila")
"""Qafila's own word."""


class Event(NamedTuple):
    """One entry of a subject's history. Equal ids of one subject are the same event, however often it arrives.

    A tuple, for histories are written and read by the hundred thousand: the store's rows are events. `event()` makes
    one from a registered type and checks it; the bare tuple is for bulk.
    """

    subject_id: str
    id: str  # UUID
    type: str  # the name of a registered EventType
    time_kind: str  # a TimeKind
    time: datetime  # aware; from the store in UTC
    source: Source
    facility: str | None = None  # where; None at a door, under way, or where it is not known
    leg: int | None = None  # of a parcel: index into the booked itinerary, where it belongs to one
    recorded_at: datetime | None = None  # set by the store
    details: Mapping[str, Any] = {}
    offset: int | None = None  # minutes east of UTC in which `time` was given; None where none was given
    subject_kind: str = SubjectKind.PARCEL.value

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return Subject(self.subject_kind, self.subject_id)

    def given_time(self) -> datetime:
        """The instant on the clock that it was given in; in UTC where none was."""
        return self.time.astimezone(UTC if self.offset is None else _zone(self.offset))


@lru_cache(maxsize=256)
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def offset_of(time: datetime) -> int | None:
    """Minutes east of UTC of an aware instant; None where it is in UTC or has no zone.

    UTC is how instants are kept, so it tells nothing about the clock of the place: whoever means the offset 0 says so
    in `Event.offset`.
    """
    if time.tzinfo is UTC:
        return None
    offset = time.utcoffset()
    return None if offset is None else int(offset.total_seconds()) // 60


def identify(
    subject: str,
    type: str,
    time_kind: str,
    time: datetime,
    facility: str | None = None,
    leg: int | None = None,
    source: str = "",
) -> str:
    """The id of an event whose reporter gave it none: the same facts give the same id (a UUID).

    `source` is whatever tells apart those who may say the same of one subject.
    """
    instant = time.astimezone(UTC).isoformat()
    facts = f"{subject}|{type}|{time_kind}|{instant}|{facility or ''}|{'' if leg is None else leg}|{source}"
    return uuid_of(facts)


def uuid_of(facts: str) -> str:
    """A UUID (version 8: its 122 bits are ours) made of what is known."""
    digits = blake2b(facts.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def iso(instant: datetime) -> str:
    """An instant as `isoformat` writes it, in a sixth of its time: a booking writes fifty."""
    return orjson.dumps(instant)[1:-1].decode()
