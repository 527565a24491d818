"""The loop with booking: an order of a warehouse takes its parcel and its cut-off from a booking, its label and papers are
that parcel's, and handing it over is what the parcel's history says next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from qafila.core.fault import Conflict
from qafila.runtime.answered.acts import Act
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.shipping import printed
from qafila.shipping.bookings import records
from qafila.shipping.papers.labels import BookedShipment
from qafila.storage import boxes, scanning, storage_messages, storage_orders
from qafila.storage.outbound import OutboundOrder
from qafila.storage.storage_moving import source_of
from qafila.tracking import store as parcels


def with_booking(connection: Connection, order: OutboundOrder, booking: str) -> OutboundOrder:
    """The order with the parcel and the first departure of a booking (by its id, its shipment's or its parcel's number).

    Runs as the merchant whose booking it is. Raises Unknown where there is none, Conflict where it was cancelled or is
    collected elsewhere.
    """
    found = records.record(connection, booking)
    if found is None:
        raise scanning.Unknown(
            storage_messages.NO_BOOKING(booking=booking[:80]), field="booking", value=booking[:80]
        )
    if found.entry.cancelled_at is not None:
        raise Conflict(
            storage_messages.BOOKING_CANCELLED(booking=booking[:80]), field="booking", value=booking[:80]
        )
    first = found.offer.itinerary.legs[0]
    if order.facility not in (first.from_facility, found.order.sender.facility_id):
        raise Conflict(
            storage_messages.BOOKED_ELSEWHERE(booking=booking[:80], facility=first.from_facility),
            field="facility",
            value=order.facility,
        )
    return replace(
        order,
        parcel=found.entry.parcel,
        cut_off=first.board_by,
        service=first.service_id,
        service_day=first.service_day,
    )


def booked_parcel(connection: Connection, parcel: str) -> BookedShipment | None:
    """What the labels and the papers of a parcel's shipment are made of; None where it was not booked here."""
    found = records.record(connection, parcel)
    if found is None:
        return None
    entry = found.entry
    return BookedShipment(entry.parcels, found.order, found.offer, entry.booked_at.date(), alone=found.alone)


def to_print(connection: Connection, owner: str, order: str, part: int, box: int = 0) -> list[BookedShipment]:
    """What the labels and papers of an order's boxes, or of one of them, are made of; empty where nothing was booked."""
    packed = boxes.of(connection, owner, order, part)
    numbers = [b.parcel for b in packed if b.parcel and (not box or b.number == box)]
    if not packed:  # not packed yet: all parcels of its shipment
        numbers = [storage_orders.row(connection, owner, order, part, lock=False).parcel]
        booked = booked_parcel(connection, numbers[0]) if numbers[0] else None
        return [booked] if booked is not None else []
    return [found for found in printed.booked(connection, [str(n) for n in numbers]) if found is not None]


def booked_contents(connection: Connection, parcel: str) -> list[tuple[tuple[str, int], ...]]:
    """What each parcel of a parcel's shipment was booked to hold: SKUs and pieces; nothing where it was not booked here."""
    booked = booked_parcel(connection, parcel)
    if booked is None:
        return []
    items = booked.order.items
    return [
        tuple((items[n].sku, pieces) for n, pieces in box.contents if items[n].sku)
        for box in booked.order.boxes
    ]


def handed_over(connection: Connection, act: Act, facility: str, numbers: Iterable[str], to: str) -> int:
    """Writes into the histories of parcels that the carrier has them; numbers that are no parcels of ours are passed over.
    With a parcel go all others of its shipment.

    In the caller's transaction. Returns how many histories were written.
    """
    together = parcels.together(connection, sorted(numbers))
    owners = parcels.owners(connection, sorted({n for some in together.values() for n in some}))
    collected = EVENT_TYPES["collected"]
    for number, owner in sorted(owners.items()):
        told = event(
            collected,
            Subject(SubjectKind.PARCEL.value, number),
            act.at,
            source_of(act),
            facility=facility,
            details={"to": to} if to else {},
        )
        histories.append(connection, owner, [told])
    return len(owners)
