"""Recording what others report: checked, put in our words, added to the history once."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.message import Choice, Term
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, TimeKind, identify
from qafila.runtime.events.events_types import EVENT_TYPES, EventType, types_of
from qafila.runtime.privacy.sealing import PLAIN, with_sealed
from qafila.tracking import store
from qafila.tracking import tracking_messages as say
from qafila.tracking.custody import not_carried
from qafila.tracking.event import ParcelEvent
from qafila.tracking.status import may_retract
from qafila.tracking.told import Told, keep
from qafila.tracking.tracking_report import Flaw, Report
from qafila.tracking.tracking_stations import elsewhere
from qafila.tracking.upu_codes import type_of_upu

_CLOCK_SKEW = timedelta(minutes=15)
_FAR = timedelta(days=730)  # S10 numbers may come back after two years
# what a plan is made of in details: plans come from bookings, not from reports
_OF_PLANS = frozenset({"revision", "service", "day", "mode", "board_by", "ready_at"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report: its event (new, or known before), or its flaws."""

    event: Event | None
    new: bool = False
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of the subjects of some reports."""

    numbers: Mapping[str, str | None]  # as it was written -> S10 number
    owners: Mapping[str, str]
    booked: Mapping[str, datetime]
    told: Mapping[tuple[Subject, str], Source]  # of events that are retracted


def record(
    connection: Connection,
    reports: Sequence[Report],
    now: datetime,
    facilities: Container[str] | None = None,
    operators: Mapping[str, str] | None = None,
) -> list[Receipt]:
    """Records reports; one receipt for each, in order. Good ones are recorded whatever the others are.

    On a merchant's connection only that merchant's parcels are known. With `facilities`, a place that is not among them
    is refused. What is told of other things than parcels belongs to the tenant that tells it. With `operators`, the
    operator of each service (a tenant's id or name), a carrier is refused what it says of parcels of others. A station is
    refused what is not at its own places.
    """
    known = _known(connection, reports)
    checked = [_check(r, known, now, facilities) for r in reports]
    if operators is not None:
        strange = _of_others(connection, reports, known, operators)
        checked = [
            [*(found if isinstance(found, list) else ()), *([_not_yours(r)] if n in strange else ())] or found
            for n, (r, found) in enumerate(zip(reports, checked, strict=True))
        ]
    for n, flaw in elsewhere(connection, reports, [_of_parcel(r, known) for r in reports]).items():
        found = checked[n]
        checked[n] = [*(found if isinstance(found, list) else ()), flaw]
    by_owner: dict[str | None, list[Event]] = {}
    for found in checked:
        if isinstance(found, Event):
            by_owner.setdefault(_owner(found, known), []).append(found)
    new: set[tuple[Subject, str]] = set()
    by_owner = {owner: _sealed(connection, events) for owner, events in by_owner.items()}
    for owner, events in by_owner.items():
        new |= history.append_new(connection, owner, events)
    _keep_told(connection, reports, checked, known)
    receipts: list[Receipt] = []
    for found in checked:
        if isinstance(found, Event):
            one = (found.subject, found.id)
            receipts.append(Receipt(found, one in new))
            new.discard(one)  # told twice in one request, it was known the second time
        else:
            receipts.append(Receipt(None, False, tuple(found)))
    return receipts


def _of_parcel(report: Report, known: _Known) -> str | None:
    return known.numbers.get(report.subject) if report.kind is SubjectKind.PARCEL else None


def _not_yours(report: Report) -> Flaw:
    return Flaw("parcel", report.subject, say.NOT_CARRIED(), say.CARRIED_BY_YOU())


def _of_others(
    connection: Connection, reports: Sequence[Report], known: _Known, operators: Mapping[str, str]
) -> set[int]:
    """Which reports of carriers, by their place, are about parcels of others (see `custody.not_carried`)."""
    asked = {
        n: known.numbers.get(r.subject)
        for n, r in enumerate(reports)
        if r.source.role == Reporter.CARRIER and r.kind is SubjectKind.PARCEL and r.source.tenant
    }
    if not asked:
        return set()
    by_carrier: dict[str, set[str]] = {}
    for n, number in asked.items():
        if number is not None:
            by_carrier.setdefault(reports[n].source.tenant or "", set()).add(number)
    strange = not_carried(connection, by_carrier, operators) if by_carrier else {}
    return {n for n, number in asked.items() if number in strange.get(reports[n].source.tenant or "", ())}


def _sealed(connection: Connection, events: Sequence[Event]) -> list[Event]:
    spoken = {
        e.subject_id for e in events if e.subject_kind == SubjectKind.PARCEL and not e.details.keys() <= PLAIN
    }
    of = store.orders_of(connection, sorted(spoken)) if spoken else {}
    return [
        e._replace(details=with_sealed(connection, *of[e.subject_id], e.details, PLAIN))
        if e.subject_kind == SubjectKind.PARCEL and e.subject_id in of
        else e
        for e in events
    ]


def _keep_told(
    connection: Connection, reports: Sequence[Report], checked: Sequence[Event | list[Flaw]], known: _Known
) -> None:
    """Keeps what was told as EPCIS with each owner of its subjects, who sees of parcels only his own in it."""
    by_owner: dict[str | None, dict[str, Told]] = {}
    for report, found in zip(reports, checked, strict=True):
        if report.told is not None and isinstance(found, Event):
            owner = _owner(found, known)
            his = report.told if owner == found.source.tenant else _pruned(report.told, owner, known)
            by_owner.setdefault(owner, {}).setdefault(found.id, his)
    for owner, told in by_owner.items():
        keep(connection, owner, told)


_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")


def _pruned(told: Told, owner: str | None, known: _Known) -> Told:
    def seen(epc: str) -> bool:
        number = parcel_of(epc)
        return number is None or known.owners.get(number) == owner

    document = dict(told.document)
    for name in _LISTS:
        if name in document:
            document[name] = [epc for epc in document[name] if seen(epc)]
    if "parentID" in document and not seen(document["parentID"]):
        del document["parentID"]
    return Told(document, told.context)


def parcel_of(epc: str) -> str | None:
    """The S10 number at the end of a URI, where it has one; a query or fragment behind it does not count."""
    last = re.split(r"[:/.]", re.split(r"[?#]", epc, maxsplit=1)[0])[-1]
    return s10.parse(last) if s10.is_valid(last) else None


def _owner(event: Event, known: _Known) -> str | None:
    if event.subject_kind == SubjectKind.PARCEL:
        return known.owners[event.subject_id]
    return event.source.tenant


def _known(connection: Connection, reports: Sequence[Report]) -> _Known:
    numbers = {r.subject: _number(r.subject) for r in reports if r.kind is SubjectKind.PARCEL}
    parcels = [n for n in numbers.values() if n]
    wrong: dict[SubjectKind, dict[str, set[str]]] = {}
    for r in reports:
        if r.type == ParcelEvent.RETRACTED:
            subject = numbers.get(r.subject) or r.subject
            wrong.setdefault(r.kind, {}).setdefault(subject, set()).add(str(r.details.get("event")))
    told = {
        (event.subject, event.id): event.source
        for kind, subjects in wrong.items()
        for events in history.histories(connection, subjects, kind).values()
        for event in events
        if event.id in subjects[event.subject_id]
    }
    return _Known(numbers, store.owners(connection, parcels), store.booked_at(connection, parcels), told)


def _number(text: str) -> str | None:
    try:
        return s10.parse(text)
    except InvalidNumber:
        return None


def _check(
    report: Report, known: _Known, now: datetime, facilities: Container[str] | None
) -> Event | list[Flaw]:
    subject = known.numbers[report.subject] if report.kind is SubjectKind.PARCEL else report.subject
    name = report.type if report.type in EVENT_TYPES else type_of_upu(report.type.upper())
    type = EVENT_TYPES.get(name or "")
    flaws = [
        *_check_subject(report, subject, known),
        *_check_type(report, type, subject, known),
        *_check_time(report, known.booked.get(subject or ""), now),
        *_check_rest(report, facilities),
    ]
    if flaws or subject is None or type is None:
        return flaws
    who = report.source
    id = (
        str(UUID(report.id))
        if report.id
        else identify(
            subject,
            type.name,
            report.time_kind,
            report.time,
            report.facility,
            report.leg,
            f"{who.device or who.tenant or who.role}",
        )
    )
    offset = report.offset
    if offset is None and (given := report.time.utcoffset()) is not None:
        offset = int(given.total_seconds()) // 60
    return Event(
        subject,
        id,
        type.name,
        str(report.time_kind),
        report.time,
        who,
        report.facility,
        report.leg,
        None,
        {name: value for name, value in report.details.items() if name not in _OF_PLANS},
        offset,
        report.kind.value,
    )


def _check_subject(report: Report, subject: str | None, known: _Known) -> Iterator[Flaw]:
    if subject is None:
        yield Flaw("parcel", report.subject, say.NO_S10(), say.CHECK_NUMBER())
    elif report.kind is SubjectKind.PARCEL and subject not in known.owners:
        yield Flaw("parcel", report.subject, say.NO_PARCEL(), say.BOOK_FIRST())


def _check_type(report: Report, type: EventType | None, subject: str | None, known: _Known) -> Iterator[Flaw]:
    role = report.source.role
    if type is None or report.kind not in type.subjects:
        words = tuple(t.name for t in types_of(report.kind) if role in t.reporters)
        yield Flaw("type", report.type, say.NO_SUCH_EVENT(), say.KNOWN_EVENTS(events=Choice(words)))
    elif role not in type.reporters:
        who = Choice(tuple(Term("reporter", r.value) for r in Reporter if r in type.reporters))
        yield Flaw("type", report.type, say.NOT_YOURS(role=Term("reporter", role)), say.WHO_MAY(roles=who))
    elif type.name == ParcelEvent.RETRACTED:
        wrong = str(report.details.get("event") or "")
        if not wrong:
            yield Flaw("details", "", say.NAMES_NO_EVENT(), say.NAME_EVENT())
        whose = known.told.get((Subject(report.kind.value, subject or ""), wrong))
        if whose is not None and (
            not may_retract(report.source, whose) or (not whose.role and role != Reporter.OPERATOR)
        ):
            yield Flaw("details", wrong, say.NOT_YOUR_EVENT(), say.ONLY_YOUR_OWN())


def _check_time(report: Report, booked: datetime | None, now: datetime) -> Iterator[Flaw]:
    told = report.time.isoformat()
    actual = report.time_kind == TimeKind.ACTUAL
    if report.time_kind not in set(TimeKind):
        yield Flaw("time_kind", report.time_kind, say.NO_SUCH_KIND(), say.USE_KINDS())
    if report.time.tzinfo is None:
        yield Flaw("time", told, say.NO_ZONE(), say.ADD_ZONE())
    elif actual and report.time > now + _CLOCK_SKEW:
        yield Flaw("time", told, say.FUTURE(), say.CHECK_CLOCK())
    elif report.kind is SubjectKind.PARCEL and not now - _FAR < report.time < now + _FAR:
        yield Flaw("time", told, say.TOO_FAR(), say.CHECK_YEAR())
    elif actual and booked is not None and report.time < booked - _CLOCK_SKEW:
        yield Flaw("time", told, say.BEFORE_BOOKING(time=booked), say.CHECK_TIME())


def _check_rest(report: Report, facilities: Container[str] | None) -> Iterator[Flaw]:
    if facilities is not None and report.facility is not None and report.facility not in facilities:
        yield Flaw("facility", report.facility, say.NO_FACILITY(), say.USE_FACILITY())
    if report.leg is not None and not 0 <= report.leg < 1000:
        yield Flaw("leg", str(report.leg), say.NO_LEG(), say.COUNT_LEGS())
    if report.id is not None and not _is_uuid(report.id):
        yield Flaw("id", report.id, say.NO_UUID(), say.SEND_UUID())


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
