"""Recording what others report: checked, put in our words, added to the history once."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.tracking import store
from qafila.tracking.event import Event, EventType, TimeKind, identify
from qafila.tracking.upu_codes import type_of_upu

_CLOCK_SKEW = timedelta(minutes=15)
_FAR = timedelta(days=730)  # S10 numbers may come back after two years
# what a plan is made of in details: plans come from bookings, not from reports
_OF_PLANS = frozenset({"revision", "service", "day", "mode", "board_by", "ready_at"})


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says happened. `type` is a word of ours or a UPU EMSEVT code."""

    parcel: str
    type: str
    time: datetime
    source: str
    time_kind: str = TimeKind.ACTUAL
    facility: str | None = None
    leg: int | None = None
    id: str | None = None  # the reporter's own, a UUID; without it equal facts are the same event
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a report was not recorded, and what would mend it."""

    field: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report: its event (new, or known before), or its flaws."""

    event: Event | None
    new: bool = False
    flaws: tuple[Flaw, ...] = ()


def record(
    connection: Connection, reports: Sequence[Report], now: datetime, facilities: Container[str] | None = None
) -> list[Receipt]:
    """Records reports; one receipt for each, in order. Good ones are recorded whatever the others are.

    On a merchant's connection only that merchant's parcels are known. With `facilities`, a place that is
    not among them is refused.
    """
    numbers = {r.parcel: _number(r.parcel) for r in reports}
    owners = store.owners(connection, [n for n in numbers.values() if n])
    checked = [_check(r, numbers[r.parcel], owners, now, facilities) for r in reports]
    by_owner: dict[str, list[Event]] = {}
    for found in checked:
        if isinstance(found, Event):
            by_owner.setdefault(owners[found.parcel], []).append(found)
    new: set[tuple[str, str]] = set()
    for owner, events in by_owner.items():
        new |= store.append_new(connection, owner, events)
    receipts: list[Receipt] = []
    for found in checked:
        if isinstance(found, Event):
            one = (found.parcel, found.id)
            receipts.append(Receipt(found, one in new))
            new.discard(one)  # told twice in one request, it was known the second time
        else:
            receipts.append(Receipt(None, False, tuple(found)))
    return receipts


def _number(text: str) -> str | None:
    try:
        return s10.parse(text)
    except InvalidNumber:
        return None


def _check(
    report: Report,
    number: str | None,
    owners: Mapping[str, str],
    now: datetime,
    facilities: Container[str] | None,
) -> Event | list[Flaw]:
    flaws: list[Flaw] = []
    if number is None:
        flaws.append(
            Flaw("parcel", report.parcel, "This is not an S10 number.", "Check its letters and digits.")
        )
    elif number not in owners:
        flaws.append(
            Flaw("parcel", report.parcel, "No parcel has this number.", "Check it; book the parcel first.")
        )
    type = report.type if report.type in set(EventType) else type_of_upu(report.type.upper())
    if type is None:
        words = ", ".join(EventType)
        flaws.append(
            Flaw("type", report.type, "There is no such event.", f"Use {words}, or a UPU EMSEVT code.")
        )
    if report.time_kind not in set(TimeKind):
        flaws.append(
            Flaw("time_kind", report.time_kind, "There is no such time.", "Use planned, estimated or actual.")
        )
    flaws += _check_time(report, now)
    if facilities is not None and report.facility is not None and report.facility not in facilities:
        flaws.append(
            Flaw("facility", report.facility, "The network has no such facility.", "Use an id of its feed.")
        )
    if type == EventType.RETRACTED and not report.details.get("event"):
        flaws.append(
            Flaw("details", "", "A retraction names no event.", "Put the event's id into details.event.")
        )
    if report.leg is not None and not 0 <= report.leg < 1000:
        flaws.append(
            Flaw("leg", str(report.leg), "No itinerary has such a leg.", "Count from 0, or leave it out.")
        )
    if report.id is not None and not _is_uuid(report.id):
        flaws.append(Flaw("id", report.id, "An event's id is a UUID.", "Send a UUID, or none."))
    if flaws or number is None or type is None:
        return flaws
    id = (
        str(UUID(report.id))
        if report.id
        else identify(number, type, report.time_kind, report.time, report.facility, report.leg, report.source)
    )
    return Event(
        number, id, type, str(report.time_kind), report.time, report.source, report.facility, report.leg,
        None, {name: value for name, value in report.details.items() if name not in _OF_PLANS},
    )  # fmt: skip


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _check_time(report: Report, now: datetime) -> list[Flaw]:
    told = report.time.isoformat()
    if report.time.tzinfo is None:
        return [Flaw("time", told, "The time has no zone.", "Add its offset, like +01:00 or Z.")]
    if report.time_kind == TimeKind.ACTUAL and report.time > now + _CLOCK_SKEW:
        return [
            Flaw(
                "time",
                told,
                "What happened cannot lie in the future.",
                "Check the clock, or send it as estimated.",
            )
        ]
    if not now - _FAR < report.time < now + _FAR:
        return [Flaw("time", told, "This is more than two years away.", "Check the year.")]
    return []
