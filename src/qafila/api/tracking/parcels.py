"""/parcels: where each box is, and its history; /tracking: the same for anybody, without personal data."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, ThePlaces
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.authentication import BookingsReader, EventsReader
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode, tagged
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.tracking.public_tracking import FRESH_SECONDS, PublicTracking, public_tracking
from qafila.api.tracking.tracking_schema import EventOut, ParcelOut, StatusOut
from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events import store as events
from qafila.runtime.events.envelope import Event
from qafila.shipping.bookings import records
from qafila.tracking import epcis
from qafila.tracking.questions_open import track
from qafila.tracking.status import status
from qafila.tracking.told import of_events
from qafila.tracking.upu_codes import stages

router = APIRouter()
_DENIED = ("unauthorized", "insufficient-scope")
JSON_LD = "application/ld+json"


@router.get(
    "/parcels",
    tags=["parcels"],
    operation_id="listParcels",
    summary="List parcels",
    responses=responses(*_DENIED),
)
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


@router.get(
    "/parcels/{number}",
    tags=["parcels"],
    operation_id="readParcel",
    summary="Read a parcel",
    response_model=ParcelOut,
    responses=responses(*_DENIED, "invalid-request", "not-found"),
)
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


@router.get(
    "/parcels/{number}/events",
    tags=["parcels"],
    operation_id="readHistory",
    summary="Read a history",
    responses=responses(*_DENIED, "invalid-request", "not-found"),
)
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


@router.get(
    "/tracking/{number}",
    dependencies=[Depends(public)],
    tags=["tracking"],
    operation_id="trackParcel",
    summary="Track a parcel",
    response_model=PublicTracking,
    responses=responses("invalid-request", "not-found"),
)
def track_parcel(number: str, request: Request, now: Now, places: ThePlaces) -> Response:
    """For whoever has the number; needs no key and tells nothing personal."""
    number = _parsed(number)
    found = public_tracking(number, now, places)
    if found is None:
        raise _unknown(number)
    return tagged(request, found, seconds=FRESH_SECONDS, private=False)


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
