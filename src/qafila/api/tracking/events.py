"""/events: what happened, sent and followed; in our form or as EPCIS 2.0."""

from __future__ import annotations

from fastapi import APIRouter, Response

from qafila.api.chassis.api_asking import Now, TheFeed, ThePlaces
from qafila.api.chassis.authentication import EventsReader, EventsWriter
from qafila.api.chassis.paging import Cursor, Limit, Page, bad_cursor, decode, encode
from qafila.api.chassis.problems import responses
from qafila.api.tracking.epcis_capture import EpcisDocument
from qafila.api.tracking.epcis_reports import reports
from qafila.api.tracking.tracking_schema import EventOut, EventsIn, ReceiptsOut
from qafila.network.network_joining import operated
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.events import store
from qafila.tracking.epcis import document_as_told
from qafila.tracking.told import page
from qafila.tracking.tracking_recording import record

router = APIRouter(tags=["events"])
_DENIED = ("unauthorized", "insufficient-scope")
JSON_LD = "application/ld+json"


@router.post(
    "/events",
    operation_id="recordEvents",
    summary="Record events",
    responses=responses(*_DENIED, "invalid-request"),
)
def record_events(sent: EventsIn, actor: EventsWriter, now: Now, feed: TheFeed) -> ReceiptsOut:
    """Good events are recorded whatever the others are; each is told what became of it. Which types a key may report
    is decided by the kind of its tenant: a merchant's, a carrier's, a station's, an authority's, the hub's.

    Sending an event again records nothing, so that a sender who is unsure may repeat.
    """
    asked = [event.report(actor.source()) for event in sent.events]
    with acting(actor) as connection:
        receipts = record(connection, asked, now, feed.facility, operated(feed))
    return ReceiptsOut.of(receipts, [f"#/events/{n}" for n in range(len(asked))])


@router.post(
    "/epcis/capture",
    operation_id="captureEpcis",
    summary="Record an EPCIS 2.0 document",
    responses=responses(*_DENIED, "invalid-request"),
)
def capture(sent: EpcisDocument, actor: EventsWriter, now: Now, feed: TheFeed) -> ReceiptsOut:
    """Object, aggregation, transaction, transformation and association events on parcels of yours, and on whatever else
    you tell of. The answer to a query of another repository (EPCISQueryDocument) is taken too.

    An event that concerns several things becomes one entry in the history of each. It is kept as it was told and
    comes back equal; a meaning that is not for your kind of tenant to tell changes no status.
    """
    asked, pointers = reports(sent, feed, actor.source())
    with acting(actor) as connection:
        receipts = record(connection, asked, now, feed.facility, operated(feed))
    return ReceiptsOut.of(receipts, pointers)


@router.get(
    "/epcis/events",
    operation_id="readCapturedEpcis",
    summary="Read what was told as EPCIS",
    response_class=Response,
    responses={
        200: {"content": {JSON_LD: {"schema": {"type": "object"}}}},
        **responses(*_DENIED, "invalid-request"),
    },
)
def captured(actor: EventsReader, now: Now, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """An EPCIS document of events on subjects of yours in the words in which they were told, the oldest first. The
    header `Link` has the address of the next page, where there is one.
    """
    text = decode(cursor) or "0"
    if not text.isdecimal() or len(text) > 18:
        raise bad_cursor()
    with sending(actor) as connection:
        found = page(connection, actor.tenant, int(text), limit + 1)
    body = document_as_told([one for _, one in found[:limit]], now.replace(microsecond=0))
    more = {}
    if len(found) > limit:
        more["Link"] = f'<events?limit={limit}&cursor={encode(str(found[limit - 1][0]))}>; rel="next"'
    return Response(body, media_type=JSON_LD, headers=more)


@router.get("/events", operation_id="followEvents", summary="Follow events", responses=responses(*_DENIED))
def follow(
    actor: EventsReader, places: ThePlaces, limit: Limit = 100, cursor: Cursor = None
) -> Page[EventOut]:
    """Events of all your parcels in the order in which they were recorded.

    `next` is always given: keep it, and ask with it again later for what has come in since.
    """
    position, old = 0, False
    if (text := decode(cursor)) is not None:
        head, dot, tail = text.partition(".")  # a cursor of before had two numbers
        if not (head.isdecimal() and (tail.isdecimal() if dot else True)) or len(text) > 40:
            raise bad_cursor()
        position, old = int(tail or head), bool(dot)
    with sending(actor) as connection:
        if old:
            position = store.well_before(connection, position)
        found = store.after(connection, position, limit, store.settled(connection))
    last = found[-1][0] if found else position
    return Page(items=[EventOut.of(e, places) for _, _, e in found], next=encode(str(last)))
