"""/parcels: where each box is, and its history; /tracking: the same for anybody, without personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from qafila.api.chassis import messages as say
from qafila.api.chassis.asking import Now, ThePlaces
from qafila.api.chassis.authentication import BookingsReader, EventsReader
from qafila.api.chassis.faults import ErrorItem
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode, tagged
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.shipping.booking_schema import ParcelOut
from qafila.api.tracking.tracking_schema import EventOut, StatusOut
from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.runtime.accounts.acting import sending
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as events
from qafila.runtime.events.envelope import Event
from qafila.runtime.events.types import is_public
from qafila.shipping.bookings import records
from qafila.tracking import epcis
from qafila.tracking.questions_open import track, track_all
from qafila.tracking.status import standing, status
from qafila.tracking.store import together
from qafila.tracking.told import of_events
from qafila.tracking.upu_codes import Place, Places, stages
from qafila.tracking.whole import Whole

router = APIRouter()
_DENIED = ("unauthorized", "insufficient-scope")
JSON_LD = "application/ld+json"


@router.get("/parcels", tags=["parcels"], operation_id="listParcels", summary="List parcels",
            responses=responses(*_DENIED))  # fmt: skip
def list_parcels(
    actor: BookingsReader, now: Now, places: ThePlaces, limit: Limit = 50, cursor: Cursor = None
) -> Page[ParcelOut]:
    """By number, each with its status."""
    with sending(actor) as connection:
        found = records.parcels(connection, decode(cursor) or "", limit + 1)
        told = events.histories(connection, [p.number for p in found[:limit]])
    return Page(
        items=[
            ParcelOut.of_parcel(p, StatusOut.of(status(told.get(p.number, []), now), places))
            for p in found[:limit]
        ],
        next=encode(found[limit - 1].number) if len(found) > limit else None,
    )


@router.get("/parcels/{number}", tags=["parcels"], operation_id="readParcel", summary="Read a parcel",
            response_model=ParcelOut,
            responses=responses(*_DENIED, "invalid-request", "not-found"))  # fmt: skip
def read_parcel(
    number: str, request: Request, actor: BookingsReader, now: Now, places: ThePlaces
) -> Response:
    """One parcel and where it is. Has an ETag."""
    number = _parsed(number)
    with sending(actor) as connection:
        found = records.parcel(connection, number)
        seen = track(connection, number, now)
    if found is None or seen is None:
        raise _unknown(number)
    return tagged(request, ParcelOut.of_parcel(found, StatusOut.of(seen[0], places)))


@router.get("/parcels/{number}/events", tags=["parcels"], operation_id="readHistory", summary="Read a history",
            responses=responses(*_DENIED, "invalid-request", "not-found"))  # fmt: skip
def read_history(number: str, actor: EventsReader, places: ThePlaces) -> list[EventOut]:
    """Everything known of one parcel, planned, estimated and actual, by time."""
    history = _history(actor, _parsed(number))
    stage = stages(history, places)
    return [EventOut.of(e, places, stage.get(e.id, "")) for e in history]


@router.get(
    "/parcels/{number}/epcis",
    tags=["parcels"],
    operation_id="readEpcis",
    summary="Read a history as EPCIS 2.0",
    response_class=StreamingResponse,
    responses={
        200: {"content": {JSON_LD: {"schema": {"type": "object"}}}},
        **responses(*_DENIED, "invalid-request", "not-found"),
    },
)
def read_epcis(number: str, actor: EventsReader, places: ThePlaces, now: Now) -> StreamingResponse:
    """One parcel's history as an EPCIS document (JSON-LD), valid under GS1's schema."""
    history = _history(actor, _parsed(number))
    with sending(actor) as connection:
        told = of_events(connection, actor.tenant, [e.id for e in history])
    return StreamingResponse(
        epcis.document([history], places, now.replace(microsecond=0), told), media_type=JSON_LD
    )


class PublicEvent(BaseModel):
    """One thing that happened, as anybody may know it."""

    type: str
    time: datetime
    facility: str | None
    city: str | None
    country: str | None


class PublicParcel(BaseModel):
    """One parcel of a shipment, as anybody may know it."""

    number: str
    state: str


class PublicShipment(BaseModel):
    """A shipment of several parcels: as far as the one that is in trouble or furthest behind."""

    state: str
    eta: datetime | None
    parcels: list[PublicParcel]


class PublicTracking(BaseModel):
    """Where a parcel is: no names, no addresses, no order."""

    number: str
    state: str
    eta: datetime | None
    planned: datetime | None
    overdue: bool
    city: str | None
    country: str | None
    last_seen: datetime | None
    shipment: PublicShipment | None = Field(
        description="the shipment as a whole; null where it has one parcel"
    )
    events: list[PublicEvent] = Field(description="what has happened, newest first")


@router.get("/tracking/{number}", dependencies=[Depends(public)], tags=["tracking"], operation_id="trackParcel", summary="Track a parcel",
            response_model=PublicTracking, responses=responses("invalid-request", "not-found"))  # fmt: skip
def track_parcel(number: str, request: Request, now: Now, places: ThePlaces) -> Response:
    """For whoever has the number; needs no key and tells nothing personal."""
    number = _parsed(number)
    with acting_as(Role.PUBLIC) as connection:
        numbers = together(connection, [number]).get(number, (number,))
        found = track_all(connection, numbers, now)
    if found is None:
        raise _unknown(number)
    shipment, histories = found
    seen, history = shipment.statuses[numbers.index(number)], histories[number]
    told = StatusOut.of(seen, places)
    body = PublicTracking(
        number=number, state=told.state, eta=told.eta, planned=told.planned, overdue=seen.overdue is not None,
        city=told.city, country=told.country, last_seen=told.last_seen, events=_happened(history, places),
        shipment=_shipment(numbers, shipment),
    )  # fmt: skip
    return tagged(request, body, seconds=30, private=False)


def _shipment(numbers: Sequence[str], seen: Whole) -> PublicShipment | None:
    if len(numbers) == 1:
        return None
    parcels = [
        PublicParcel(number=number, state=one.state.value)
        for number, one in zip(numbers, seen.statuses, strict=True)
    ]
    return PublicShipment(state=seen.state.value, eta=seen.eta, parcels=parcels)


def _happened(history: list[Event], places: Places) -> list[PublicEvent]:
    return [
        _public(e, places.get(e.facility or ""))
        for e in reversed(standing(history))
        if e.time_kind == "actual" and is_public(e.type)
    ]


def _public(event: Event, place: Place | None) -> PublicEvent:
    if place is None:
        return PublicEvent(type=event.type, time=event.time, facility=None, city=None, country=None)
    return PublicEvent(
        type=event.type, time=event.time, facility=place.name, city=place.city, country=place.country
    )


def _parsed(number: str) -> str:
    try:
        return s10.parse(number)
    except InvalidNumber as error:
        item = ErrorItem(pointer="#/path/number", detail=said(error.message), remedy=said(say.CHECK_LABEL()))
        raise Problem("invalid-request", errors=[item]) from None


def _unknown(number: str) -> Problem:
    return Problem("not-found", say.NO_PARCEL(number=number), say.CHECK_LABEL())


def _history(actor: Actor, number: str) -> list[Event]:
    with sending(actor) as connection:
        found = events.histories(connection, [number]).get(number)
    if found is None:
        raise _unknown(number)
    return found
