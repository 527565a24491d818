"""/bookings and /shipments: what was booked."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, TheContext, ThePlaces
from qafila.api.chassis.at_once import Asked, AtOnce, at_once
from qafila.api.chassis.authentication import BookingsReader, BookingsWriter, EventsReader
from qafila.api.chassis.common_schema import MoneyOut
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import Problem, responses
from qafila.api.shipping.booking_schema import (
    BookingIn,
    BookingOut,
    ContentOut,
    PromisedOut,
    ShipmentSummary,
    WholeOut,
)
from qafila.api.shipping.offer_schema import AddressIn, LegOut, OfferOut
from qafila.api.shipping.offers import IdempotencyKey
from qafila.api.tracking.tracking_schema import StatusOut
from qafila.runtime.accounts.accounts_acting import sender, sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event
from qafila.shipping import counter
from qafila.shipping.bookings import booking, records
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.bookings.booking import Full, Refused
from qafila.shipping.bookings.rebooking import NoWayOn, Rebooked
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.order import Address
from qafila.tracking import epcis
from qafila.tracking.promised import destination_zone, late_first, promised
from qafila.tracking.questions_open import track_all
from qafila.tracking.told import of_events
from qafila.tracking.upu_codes import Places
from qafila.tracking.whole import Whole

router = APIRouter(route_class=AtOnce)
_DENIED = ("unauthorized", "insufficient-scope")


def _plainly(asked: Asked) -> Response:
    response = Response(media_type="application/json", status_code=201)
    booked = book(asked.body, response, asked.actor, asked.context, asked.key)
    response.body = booked.model_dump_json(by_alias=True).encode()
    response.headers["content-length"] = str(len(response.body))
    return response


@router.post(
    "/bookings",
    tags=["bookings"],
    operation_id="bookOffer",
    summary="Book an offer",
    status_code=201,
    responses={
        200: {"model": BookingOut, "description": "It was booked before, by the same key or the same offer."},
        **responses(
            *_DENIED,
            "not-found",
            "invalid-request",
            "key-reused",
            "already-booked",
            "booking-cancelled",
            "full",
            "no-offer",
            "offer-expired",
            "cut-off-passed",
        ),
    },
)
@at_once(BookingIn, _plainly)
def book(
    asked: BookingIn,
    response: Response,
    actor: BookingsWriter,
    context: TheContext,
    idempotency_key: IdempotencyKey = None,
) -> BookingOut:
    """Takes the room that the offer needs, all of it or none, and makes shipment and parcel."""
    outcome = counter.book(context.of(actor.tenant), asked.offer_id, idempotency_key, asked.or_next_best)
    if isinstance(outcome, NoOffer):
        raise Problem("no-offer", outcome.reason, outcome.remedy)
    if isinstance(outcome, Full):
        service, _, _ = outcome.departure
        raise Problem("full", m.FULL(service=service), m.ASK_NEW_OFFERS(), service=service)
    if isinstance(outcome, Refused):
        raise Problem(outcome.code, outcome.reason, outcome.remedy)
    if outcome.replayed:
        response.status_code = 200
    response.headers["Location"] = f"bookings/{outcome.booking_id}"
    if outcome.request is not None:
        return BookingOut.of(records.entry_of(outcome, outcome.request))
    return _booking(actor, outcome.booking_id)


@router.get(
    "/bookings",
    tags=["bookings"],
    operation_id="listBookings",
    summary="List bookings",
    responses=responses(*_DENIED),
)
def list_bookings(
    actor: BookingsReader, limit: Limit = 50, cursor: Cursor = None, order_id: str | None = None
) -> Page[BookingOut]:
    """Newest first."""
    entries, following = _page(actor, limit, cursor, order_id)
    return Page(items=[BookingOut.of(e) for e in entries], next=following)


@router.get(
    "/bookings/{booking_id}",
    tags=["bookings"],
    operation_id="readBooking",
    summary="Read a booking",
    responses=responses(*_DENIED, "not-found"),
)
def read_booking(booking_id: str, actor: BookingsReader) -> BookingOut:
    """One booking."""
    return _booking(actor, booking_id)


@router.delete(
    "/bookings/{booking_id}",
    tags=["bookings"],
    operation_id="cancelBooking",
    summary="Cancel a booking",
    responses=responses(*_DENIED, "not-found", "not-cancellable"),
)
def cancel(booking_id: str, actor: BookingsWriter, now: Now) -> BookingOut:
    """Gives its room back. Cancelling again changes nothing; what the carrier has cannot be cancelled."""
    booking.cancel(actor.tenant, booking_id, now)
    return _booking(actor, booking_id)


class RebookedOut(BaseModel):
    """What became of parcels that were to be booked on."""

    booking: BookingOut
    rebooked: bool = Field(description="false: none misses a connection, or they have been booked on before")
    parcels: list[str] = Field(description="those that were booked on")
    arrival: datetime | None = Field(description="of the last of them; null where nothing was changed")
    legs: list[LegOut] = Field(description="its new way, from where it waits")
    promise: PromisedOut | None = Field(description="how the promise to the buyer stands now")


@router.post(
    "/bookings/{booking_id}/rebook",
    tags=["bookings"],
    operation_id="rebookParcel",
    summary="Book parcels that missed a connection on the next way",
    responses=responses(*_DENIED, "not-found", "no-offer"),
)
def rebook(booking_id: str, actor: BookingsWriter, context: TheContext, places: ThePlaces) -> RebookedOut:
    """Takes the soonest way on for the parcels of the booking that missed a connection, from where they wait, and gives
    back the room that they cannot use: all of them or none. Price and promise stay; `promise` says whether it holds.
    Asking again changes nothing more.
    """
    outcome = counter.rebook(context.of(actor.tenant), booking_id)
    if isinstance(outcome, NoWayOn):
        raise Problem("no-offer", outcome.refusal.reason, outcome.refusal.remedy)
    legs = outcome.legs if isinstance(outcome, Rebooked) else ()
    booked = _booking(actor, booking_id)
    now = context.now()
    with sending(actor) as connection:
        seen = track_all(connection, booked.parcels, now)
    assert seen is not None
    return RebookedOut(
        booking=booked,
        rebooked=bool(legs),
        parcels=list(outcome.parcels) if isinstance(outcome, Rebooked) else [],
        legs=[LegOut.of(leg) for leg in legs],
        arrival=outcome.arrival if isinstance(outcome, Rebooked) else None,
        promise=_promised(booked.promise_by, seen, places, now),
    )


class ShipmentOut(ShipmentSummary):
    """A shipment with its way, its landed cost and its parcels."""

    sender: AddressIn
    recipient: AddressIn
    booked_offer: OfferOut
    cash_on_delivery: MoneyOut | None = Field(
        description="collected from the receiver, once for the shipment"
    )
    promise: PromisedOut | None = Field(description="null where its parcels do not come any more")
    status: WholeOut
    contents: list[ContentOut] = Field(description="its parcels, in the order of their labels")


@router.get(
    "/shipments",
    tags=["shipments"],
    operation_id="listShipments",
    summary="List shipments",
    responses=responses(*_DENIED),
)
def list_shipments(
    actor: BookingsReader, limit: Limit = 50, cursor: Cursor = None, order_id: str | None = None
) -> Page[ShipmentSummary]:
    """Newest first."""
    entries, following = _page(actor, limit, cursor, order_id)
    return Page(items=[ShipmentSummary.of(e) for e in entries], next=following)


@router.get(
    "/shipments/{shipment_id}",
    tags=["shipments"],
    operation_id="readShipment",
    summary="Read a shipment",
    responses=responses(*_DENIED, "not-found"),
)
def read_shipment(shipment_id: str, actor: BookingsReader, now: Now, places: ThePlaces) -> ShipmentOut:
    """One shipment: its way, its cost by line, where its parcels are."""
    with sending(actor) as connection:
        found = records.record(connection, shipment_id)
        if found is None or found.entry.shipment_id != shipment_id:
            raise Problem("not-found", say.NO_SHIPMENT(id=shipment_id))
        boxes = records.of_shipment(connection, shipment_id)
        seen = track_all(connection, found.entry.parcels, now)
    assert seen is not None  # a booking writes its parcels and their first events in one transaction
    statuses = zip(boxes, seen[0].statuses, strict=True)
    return ShipmentOut(
        **ShipmentSummary.of(found.entry).model_dump(),
        sender=_address(found.order.sender),
        recipient=_address(found.order.receiver),
        booked_offer=OfferOut.of(found.offer),
        cash_on_delivery=MoneyOut.of(cash.money) if (cash := found.order.cash_on_delivery) else None,
        promise=_promised(found.entry.promise_by, seen, places, now),
        status=WholeOut.of(seen[0]),
        contents=[ContentOut.holding(box, StatusOut.of(told, places), found.order) for box, told in statuses],
    )


@router.get(
    "/shipments/{shipment_id}/epcis",
    tags=["shipments"],
    operation_id="readShipmentEpcis",
    summary="Read the history of all parcels of a shipment as EPCIS 2.0",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/ld+json": {"schema": {"type": "object"}}}},
        **responses(*_DENIED, "not-found"),
    },
)
def read_epcis(shipment_id: str, actor: EventsReader, places: ThePlaces, now: Now) -> StreamingResponse:
    """The histories of its parcels in one EPCIS document (JSON-LD), valid under GS1's schema."""
    with sending(actor) as connection:
        found = records.entry(connection, shipment_id)
        if found is None or found.shipment_id != shipment_id:
            raise Problem("not-found", say.NO_SHIPMENT(id=shipment_id))
        told = history.histories(connection, found.parcels)
        heard = of_events(connection, actor.tenant, [e.id for events in told.values() for e in events])
    made = epcis.document(
        [told[number] for number in found.parcels], places, now.replace(microsecond=0), heard
    )
    return StreamingResponse(made, media_type="application/ld+json")


def _promised(
    by: datetime, seen: tuple[Whole, dict[str, list[Event]]], places: Places, now: datetime
) -> PromisedOut | None:
    """The promise is kept when the last parcel is there in time."""
    shipment, histories = seen
    last = late_first(shipment.statuses, by)
    return PromisedOut.of(promised(by, last, destination_zone(histories[last.parcel], places), now))


def _address(address: Address) -> AddressIn:
    fields: dict[str, str] = {
        name: getattr(address, name) for name in AddressIn.model_fields if name != "facility"
    }
    return AddressIn(**fields, facility=address.facility_id or "")


def _booking(actor: Actor, booking_id: str) -> BookingOut:
    found = records.booking(sender(actor), actor.tenant, booking_id)
    if found is None:
        raise Problem("not-found", say.NO_BOOKING(id=booking_id))
    return BookingOut.of(found)


def _page(
    actor: Actor, limit: int, cursor: str | None, order_id: str | None
) -> tuple[list[records.Entry], str | None]:
    with sending(actor) as connection:
        found = records.entries(connection, decode(cursor), limit + 1, order_id)
    return found[:limit], encode(found[limit - 1].booking_id) if len(found) > limit else None
