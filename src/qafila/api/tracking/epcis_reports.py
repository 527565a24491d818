"""What an EPCIS document reports: of which subjects, with which meaning, and its events as they were told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from qafila.api.tracking.epcis_capture import AnyEvent, EpcisDocument, ErrorDeclaration, Place
from qafila.core.identifiers.gs1 import check_digit
from qafila.network.model import Feed
from qafila.runtime.events.envelope import Source, Subject, SubjectKind, TimeKind, uuid_of
from qafila.runtime.events.events_types import EVENT_TYPES, may_report
from qafila.tracking.epcis import FACILITY
from qafila.tracking.event import ParcelEvent
from qafila.tracking.told import Told
from qafila.tracking.tracking_recording import parcel_of
from qafila.tracking.tracking_report import Report
from qafila.tracking.upu_codes import type_of_epcis

_GS1_CONTEXT = re.compile(r"https?://(ref\.gs1\.org/standards/epcis|gs1\.github\.io/EPCIS)/\S*")
_CBV = re.compile(r"(?:https?://ref\.gs1\.org/cbv/|cbv:)(?:BizStep-|Disp-)?(\w+)")
_SSCC = re.compile(r"urn:epc:id:sscc:\S+|https?://\S+/00/\d{18}(\D\S*)?")
_PLACE = re.compile(r"urn:epc:id:sgln:\S+|https?://\S+/414/\d{13}(\D\S*)?")
_LONGEST = 200


def reports(document: EpcisDocument, feed: Feed, sender: Source) -> tuple[list[Report], list[str]]:
    """What a document reports of each subject, and where in the document each report stands."""
    glns = {f.gln: f.id for f in feed.facilities if f.gln}
    context = _context(document.context)
    found: list[Report] = []
    pointers: list[str] = []
    for n, event in enumerate(document.events()):
        told = Told(event.raw, context)
        for subject in _subjects(event):
            found.append(_report(event, subject, glns, sender, told))
            pointers.append(f"{document.pointer()}/{n}")
    return found, pointers


def _context(given: Any) -> list[Any]:
    """What stands in a context beside GS1's own."""
    every = given if isinstance(given, list) else [given]
    return [c for c in every if not (isinstance(c, str) and _GS1_CONTEXT.fullmatch(c))]


def _subjects(event: AnyEvent) -> Iterator[Subject]:
    """Every thing that an event is about, each once; what is known by class only, by its class, else by its place."""
    seen: set[Subject] = set()
    for epc in (
        event.goods() or event.classes() or ([event.readPoint.id] if event.readPoint else [_key(event)])
    ):
        if (number := parcel_of(epc)) is not None:
            subject = Subject(SubjectKind.PARCEL.value, number)
        elif _SSCC.fullmatch(epc):
            subject = Subject(SubjectKind.HANDLING_UNIT.value, epc)
        elif _PLACE.fullmatch(epc) or epc.startswith(FACILITY):
            subject = Subject(SubjectKind.FACILITY.value, epc.removeprefix(FACILITY))
        else:
            subject = Subject(SubjectKind.STOCK.value, epc)
        if len(subject.id) > _LONGEST:
            subject = subject._replace(id=f"{subject.id[: _LONGEST - 37]}~{uuid_of(subject.id)}")
        if subject not in seen:
            seen.add(subject)
            yield subject


def _report(event: AnyEvent, subject: Subject, glns: dict[str, str], sender: Source, told: Told) -> Report:
    more = event.model_extra or {}
    facility = _facility(event.bizLocation, glns) or _facility(event.readPoint, glns)
    kind = SubjectKind(subject.kind)
    source = sender._replace(device=str(more.get("qafila:source", ""))[:80])
    offset = _minutes(event.eventTimeZoneOffset)
    if (wrong := event.errorDeclaration) is not None:
        return Report(
            subject.id,
            ParcelEvent.RETRACTED.value,
            wrong.declarationTime,
            source,
            id=uuid_of(f"{_key(event)}#error#{_written(wrong)}"),
            kind=kind,
            told=told,
            details={
                "event": _id(event),
                "reason": wrong.reason or "",
                "corrected_by": wrong.correctiveEventIDs or [],
            },
        )
    said = more.get("qafila:type")
    if said in EVENT_TYPES:
        type = str(said)
    else:
        type = type_of_epcis(_word(event.bizStep), _word(event.disposition), kind)
        if not may_report(type, sender.role):
            type = ParcelEvent.NOTED.value  # kept and given back; what it means is not for this sender to say
    leg = more.get("qafila:leg")
    return Report(
        subject.id,
        type,
        event.eventTime,
        source,
        str(more.get("qafila:timeKind", TimeKind.ACTUAL.value)),
        facility,
        leg if isinstance(leg, int) else None,
        _id(event),
        {},
        offset,
        kind,
        told,
    )


def _word(text: str | None) -> str:
    """The bare word of the CBV, where a URI of GS1's stands for it."""
    match = _CBV.fullmatch(text or "")
    return match[1] if match else text or ""


def _written(wrong: ErrorDeclaration) -> str:
    return wrong.declarationTime.isoformat()


def _minutes(offset: str) -> int:
    sign = -1 if offset.startswith("-") else 1
    return sign * (int(offset[1:3]) * 60 + int(offset[4:6]))


def _key(event: AnyEvent) -> str:
    """The event's id as it was told; without one, all that it says: who takes it back repeats it."""
    if event.eventID is not None:
        return event.eventID
    facts = {k: v for k, v in event.raw.items() if k not in ("errorDeclaration", "recordTime")}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()


def _id(event: AnyEvent) -> str:
    key = _key(event)
    match = re.fullmatch(r"urn:uuid:([0-9a-fA-F-]{36})", key)
    return match[1].lower() if match else uuid_of(key)


def _facility(place: Place | None, glns: dict[str, str]) -> str | None:
    """The facility of a location: our own URN, a GS1 Digital Link with a GLN, or an SGLN."""
    if place is None:
        return None
    if place.id.startswith(FACILITY):
        return place.id.removeprefix(FACILITY)
    if match := re.search(r"/414/(\d{13})", place.id):
        return glns.get(match[1])
    if match := re.fullmatch(r"urn:epc:id:sgln:(\d+)\.(\d*)\..*", place.id):
        digits = match[1] + match[2]
        return glns.get(f"{digits}{check_digit(digits)}") if len(digits) == 12 else None
    return None
