"""/events: what happened, sent and followed; in our form or as EPCIS 2.0."""

from __future__ import annotations

from fastapi import APIRouter

from qafila.api.chassis.asking import Now, TheFeed, ThePlaces
from qafila.api.chassis.authentication import EventsReader, EventsWriter
from qafila.api.chassis.paging import Cursor, Limit, Page, bad_cursor, decode, encode
from qafila.api.chassis.problems import responses
from qafila.api.tracking.epcis_capture import EpcisDocument, reports
from qafila.api.tracking.tracking_schema import EventOut, EventsIn, ReceiptsOut
from qafila.runtime.accounts.acting import acting, sending
from qafila.runtime.events import store
from qafila.tracking.recording import record

router = APIRouter(tags=["events"])
_DENIED = ("unauthorized", "insufficient-scope")


@router.post("/events", operation_id="recordEvents", summary="Record events",
             responses=responses(*_DENIED, "invalid-request"))  # fmt: skip
def record_events(sent: EventsIn, actor: EventsWriter, now: Now, feed: TheFeed) -> ReceiptsOut:
    """Good events are recorded whatever the others are; each is told what became of it. Which types a key may report
    is decided by the kind of its tenant: a merchant's, a carrier's, a station's, an authority's, the hub's.

    Sending an event again records nothing, so that a sender who is unsure may repeat.
    """
    asked = [event.report(actor.source()) for event in sent.events]
    with acting(actor) as connection:
        receipts = record(connection, asked, now, feed.facility)
    return ReceiptsOut.of(receipts, [f"#/events/{n}" for n in range(len(asked))])


@router.post("/epcis/capture", operation_id="captureEpcis", summary="Record an EPCIS 2.0 document",
             responses=responses(*_DENIED, "invalid-request"))  # fmt: skip
def capture(sent: EpcisDocument, actor: EventsWriter, now: Now, feed: TheFeed) -> ReceiptsOut:
    """Object, aggregation, transaction, transformation and association events on parcels of yours.

    An event that concerns several parcels becomes one entry in the history of each.
    """
    asked, pointers = reports(sent, feed, actor.source())
    with acting(actor) as connection:
        receipts = record(connection, asked, now, feed.facility)
    return ReceiptsOut.of(receipts, pointers)


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
