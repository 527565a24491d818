"""/bookings and /shipments: what was booked."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from qafila.api.chassis.asking import Now, TheContext, ThePlaces
from qafila.api.chassis.authentication import BookingsReader, BookingsWriter
from qafila.api.chassis.common_schema import MoneyOut
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import Problem, responses
from qafila.api.shipping.booking_schema import BookingIn, BookingOut, ParcelOut, PromisedOut, ShipmentSummary
from qafila.api.shipping.offer_schema import AddressIn, LegOut, OfferOut
from qafila.api.shipping.offers import IdempotencyKey
from qafila.api.tracking.tracking_schema import StatusOut
from qafila.runtime.accounts.acting import sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events.envelope import Event
from qafila.shipping import counter
from qafila.shipping.bookings import booking, records
from qafila.shipping.bookings import messages as m
from qafila.shipping.bookings.booking import Full, Refused
from qafila.shipping.bookings.rebooking import NoWayOn, Rebooked
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.order import Address
from qafila.tracking.promised import destination_zone, promised
from qafila.tracking.questions_open import track
from qafila.tracking.status import Status
from qafila.tracking.upu_codes import Places

router = APIRouter()
_DENIED = ("unauthorized", "insufficient-scope")


@router.post(
    "/bookings",
    tags=["bookings"],
    operation_id="bookOffer",
    summary="Book an offer",
    status_code=201,
    responses={
        200: {"model": BookingOut, "description": "It was booked before, by the same key or the same offer."},
        **responses(*_DENIED, "not-found", "invalid-request", "key-reused", "already-booked", "booking-cancelled",
                    "full", "no-offer", "offer-expired", "cut-off-passed"),
    },
)  # fmt: skip
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
    return _booking(actor, outcome.booking_id)


@router.get("/bookings", tags=["bookings"], operation_id="listBookings", summary="List bookings",
            responses=responses(*_DENIED))  # fmt: skip
def list_bookings(
    actor: BookingsReader, limit: Limit = 50, cursor: Cursor = None, order_id: str | None = None
) -> Page[BookingOut]:
    """Newest first."""
    entries, following = _page(actor, limit, cursor, order_id)
    return Page(items=[BookingOut.of(e) for e in entries], next=following)


@router.get("/bookings/{booking_id}", tags=["bookings"], operation_id="readBooking", summary="Read a booking",
            responses=responses(*_DENIED, "not-found"))  # fmt: skip
def read_booking(booking_id: str, actor: BookingsReader) -> BookingOut:
    """One booking."""
    return _booking(actor, booking_id)


@router.delete(
    "/bookings/{booking_id}", tags=["bookings"], operation_id="cancelBooking", summary="Cancel a booking",
    responses=responses(*_DENIED, "not-found", "not-cancellable"),
)  # fmt: skip
def cancel(booking_id: str, actor: BookingsWriter, now: Now) -> BookingOut:
    """Gives its room back. Cancelling again changes nothing; what the carrier has cannot be cancelled."""
    booking.cancel(actor.tenant, booking_id, now)
    return _booking(actor, booking_id)


class RebookedOut(BaseModel):
    """What became of a parcel that was to be booked on."""

    booking: BookingOut
    rebooked: bool = Field(description="false: it misses no connection, or has been booked on before")
    arrival: datetime | None = Field(description="by the new way; null where nothing was changed")
    legs: list[LegOut] = Field(description="the new way, from where the parcel waits")
    promise: PromisedOut | None = Field(description="how the promise to the buyer stands now")


@router.post(
    "/bookings/{booking_id}/rebook", tags=["bookings"], operation_id="rebookParcel",
    summary="Book a parcel that missed a connection on the next way",
    responses=responses(*_DENIED, "not-found", "no-offer"),
)  # fmt: skip
def rebook(booking_id: str, actor: BookingsWriter, context: TheContext, places: ThePlaces) -> RebookedOut:
    """Takes the soonest way on from where the parcel waits and gives back the room that it cannot use. Price and
    promise stay; `promise` says whether it holds. Asking again changes nothing more.
    """
    outcome = counter.rebook(context.of(actor.tenant), booking_id)
    if isinstance(outcome, NoWayOn):
        raise Problem("no-offer", outcome.refusal.reason, outcome.refusal.remedy)
    legs = outcome.legs if isinstance(outcome, Rebooked) else ()
    booked = _booking(actor, booking_id)
    now = context.now()
    with sending(actor) as connection:
        seen = track(connection, outcome.parcel, now)
    assert seen is not None
    return RebookedOut(
        booking=booked, rebooked=bool(legs), legs=[LegOut.of(leg) for leg in legs],
        arrival=outcome.arrival if isinstance(outcome, Rebooked) else None,
        promise=_promised(booked.promise_by, seen, places, now),
    )  # fmt: skip


class ShipmentOut(ShipmentSummary):
    """A shipment with its way, its landed cost and its parcels."""

    sender: AddressIn
    recipient: AddressIn
    booked_offer: OfferOut
    cash_on_delivery: MoneyOut | None = Field(
        description="collected from the receiver, once for the shipment"
    )
    promise: PromisedOut | None = Field(description="null where its parcel does not come any more")
    contents: list[ParcelOut]


@router.get("/shipments", tags=["shipments"], operation_id="listShipments", summary="List shipments",
            responses=responses(*_DENIED))  # fmt: skip
def list_shipments(
    actor: BookingsReader, limit: Limit = 50, cursor: Cursor = None, order_id: str | None = None
) -> Page[ShipmentSummary]:
    """Newest first."""
    entries, following = _page(actor, limit, cursor, order_id)
    return Page(items=[ShipmentSummary.of(e) for e in entries], next=following)


@router.get("/shipments/{shipment_id}", tags=["shipments"], operation_id="readShipment", summary="Read a shipment",
            responses=responses(*_DENIED, "not-found"))  # fmt: skip
def read_shipment(shipment_id: str, actor: BookingsReader, now: Now, places: ThePlaces) -> ShipmentOut:
    """One shipment: its way, its cost by line, where its parcels are."""
    with sending(actor) as connection:
        found = records.record(connection, shipment_id)
        if found is None or found.entry.shipment_id != shipment_id:
            raise Problem("not-found", f"There is no shipment {shipment_id!r}.")
        parcel = records.parcel(connection, found.entry.parcel)
        seen = track(connection, found.entry.parcel, now)
    assert parcel is not None  # a booking writes its parcel and its first event in one transaction
    assert seen is not None
    return ShipmentOut(
        **ShipmentSummary.of(found.entry).model_dump(),
        sender=_address(found.order.sender),
        recipient=_address(found.order.receiver),
        booked_offer=OfferOut.of(found.offer),
        cash_on_delivery=MoneyOut.of(cash.money) if (cash := found.order.cash_on_delivery) else None,
        promise=_promised(found.entry.promise_by, seen, places, now),
        contents=[ParcelOut.of(parcel, StatusOut.of(seen[0], places))],
    )


def _promised(
    by: datetime, seen: tuple[Status, list[Event]], places: Places, now: datetime
) -> PromisedOut | None:
    return PromisedOut.of(promised(by, seen[0], destination_zone(seen[1], places), now))


def _address(address: Address) -> AddressIn:
    fields: dict[str, str] = {
        name: getattr(address, name) for name in AddressIn.model_fields if name != "facility"
    }
    return AddressIn(**fields, facility=address.facility_id or "")


def _booking(actor: Actor, booking_id: str) -> BookingOut:
    with sending(actor) as connection:
        found = records.entry(connection, booking_id)
    if found is None or found.booking_id != booking_id:
        raise Problem("not-found", f"There is no booking {booking_id!r}.")
    return BookingOut.of(found)


def _page(
    actor: Actor, limit: int, cursor: str | None, order_id: str | None
) -> tuple[list[records.Entry], str | None]:
    with sending(actor) as connection:
        found = records.entries(connection, decode(cursor), limit + 1, order_id)
    return found[:limit], encode(found[limit - 1].booking_id) if len(found) > limit else None
