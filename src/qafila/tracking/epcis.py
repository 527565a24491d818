"""EPCIS 2.0 documents (JSON-LD) from histories; valid under GS1's JSON Schema.

Identifiers that GS1 does not give are URNs of our own: urn:x-qafila:s10:… for a parcel,
urn:x-qafila:facility:… for a facility without GLN. Where an event is planned or estimated, the extension
`qafila:timeKind` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson

from qafila.runtime.events.envelope import Event
from qafila.tracking.event import ParcelEvent
from qafila.tracking.status import retractions
from qafila.tracking.told import Told
from qafila.tracking.upu_codes import Place, Places, codes, stages

PARCEL = "urn:x-qafila:s10:"
FACILITY = "urn:x-qafila:facility:"
_GS1_LOCATION = "https://id.gs1.org/414/"
NOTHING: Mapping[str, Told] = {}
CONTEXT: list[Any] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"qafila": "urn:x-qafila:epcis:"},
]


def document(
    histories: Iterable[Iterable[Event]],
    places: Places,
    created: datetime,
    told: Mapping[str, Told] = NOTHING,
) -> Iterator[bytes]:
    """One EPCIS document over some histories, in pieces, so that no size is too large.

    Args:
        created: the document's creationDate.
        told: events that were told as EPCIS, by their ids: they are given back as they were.
    """
    yield _head(created, told.values())
    comma = b""
    for history in histories:
        for event in events(history, places, told):
            yield comma + orjson.dumps(event)
            comma = b",\n"
    yield b"]}}\n"


def document_as_told(told: Sequence[Told], created: datetime) -> bytes:
    """One EPCIS document of events in their senders' words."""
    return _head(created, told) + b",\n".join(orjson.dumps(one.document) for one in told) + b"]}}\n"


def _head(created: datetime, told: Iterable[Told]) -> bytes:
    context = list(CONTEXT)
    for one in told:
        context += [more for more in one.context if more not in context]
    head = orjson.dumps(
        {"@context": context, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created}
    )
    return head[:-1] + b',"epcisBody":{"eventList":['


def events(
    history: Iterable[Event], places: Places, told: Mapping[str, Told] = NOTHING
) -> list[dict[str, Any]]:
    """The EPCIS events of one parcel's history, in order of time: those that were told as EPCIS as they were."""
    history = list(history)
    stage = stages(history, places)
    retracted = {id: word for id, word in retractions(history).items() if word.id not in told}
    return [
        dict(told[e.id].document)
        if e.id in told and e.id not in retracted
        else _object_event(e, stage.get(e.id, ""), places.get(e.facility or ""), retracted.get(e.id))
        for e in sorted(history, key=attrgetter("time", "id"))
        if e.type != _RETRACTED or e.id in told
    ]


_BOOKED, _RETRACTED = ParcelEvent.BOOKED.value, ParcelEvent.RETRACTED.value


def _object_event(event: Event, stage: str, place: Place | None, retraction: Event | None) -> dict[str, Any]:
    parcel, id, type, kind, time, source, facility, leg, recorded_at, details, offset, _ = event
    words = codes(type, stage)
    told: Mapping[str, Any] = details.get("epcis", {})
    if offset is None and place is not None:
        local = time.astimezone(_zone(place.timezone))
    else:
        local = event.given_time()
    made: dict[str, Any] = {
        "eventID": told.get("eventID") or f"urn:uuid:{id}",
        "type": "ObjectEvent",
        "action": "ADD" if type == _BOOKED else "OBSERVE",
        "bizStep": told.get("bizStep") or words.biz_step,
        "disposition": told.get("disposition") or words.disposition,
        "epcList": [PARCEL + parcel],
        "eventTime": local,
        "eventTimeZoneOffset": _written(local.utcoffset()),
        "qafila:type": type,
        "qafila:timeKind": kind,
        "qafila:source": source.device or source.tenant or source.role,
        "qafila:reporter": source.role,
    }
    if recorded_at is not None:
        made["recordTime"] = recorded_at
    if facility:
        where = {"id": location(facility, place.gln if place else "")}
        made["readPoint"] = where
        made["bizLocation"] = where
    if words.upu:
        made["qafila:upuEvent"] = words.upu
    if leg is not None:
        made["qafila:leg"] = leg
    if service := details.get("service"):
        made["qafila:service"] = service
    if retraction is not None:
        reason = retraction.details.get("reason") or "did_not_occur"
        made["errorDeclaration"] = {"declarationTime": retraction.given_time(), "reason": reason}
    return made


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=256)
def _written(offset: timedelta | None) -> str:
    """Offset from UTC as EPCIS writes it: +01:00."""
    minutes = 0 if offset is None else int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@lru_cache(maxsize=4096)
def location(facility: str, gln: str) -> str:
    """The URI of a facility: a GS1 Digital Link where it has a GLN, else (GLN "") a URN of ours."""
    return f"{_GS1_LOCATION}{gln}" if gln else FACILITY + quote(facility, safe="")
