"""The SQL of bookings and of what they make: legs, shipments, parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.routing.itinerary import Leg
from qafila.runtime.database.connection import copied
from qafila.runtime.events.envelope import iso
from qafila.shipping.bookings.archive import insert, insert_offers
from qafila.shipping.bookings.capacity import Departure
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order


@dataclass(frozen=True, slots=True)
class KnownBooking:
    """A booking as it stands in the table."""

    order_id: str
    booking_id: str
    shipment_id: str
    parcel: str
    offer_id: str
    idempotency_key: str
    fingerprint: bytes
    grams: int
    cm3: int
    booked_at: datetime
    cancelled_at: datetime | None
    service_class: str


_BOOKING = """
    SELECT b.order_id, b.booking_id, b.shipment_id, p.number, b.offer_id, b.idempotency_key, b.fingerprint,
        b.grams, b.cm3, b.booked_at, b.cancelled_at, b.service_class
    FROM bookings b JOIN parcels p USING (merchant_id, shipment_id)
"""


def bookings_like(
    connection: Connection, keys: Sequence[str], orders: Sequence[str]
) -> tuple[dict[str, KnownBooking], dict[str, KnownBooking]]:
    """The merchant's bookings with these idempotency keys, and the standing ones of these orders."""
    by_key = connection.execute(
        text(f"{_BOOKING} WHERE b.idempotency_key = ANY(:keys)"), {"keys": list(keys)}
    )
    found = {b.idempotency_key: b for b in (KnownBooking(*row) for row in by_key)}
    by_order = connection.execute(
        text(f"{_BOOKING} WHERE b.order_id = ANY(:orders) AND b.cancelled_at IS NULL"),
        {"orders": list(orders)},
    )
    return found, {b.order_id: b for b in (KnownBooking(*row) for row in by_order)}


def lock_booking(connection: Connection, booking_id: str) -> KnownBooking | None:
    """One booking, locked until the transaction ends."""
    row = connection.execute(
        text(f"{_BOOKING} WHERE b.booking_id = :id FOR UPDATE OF b"), {"id": booking_id}
    ).one_or_none()
    return None if row is None else KnownBooking(*row)


def mark_cancelled(connection: Connection, booking_id: str, at: datetime) -> None:
    """Ends a booking."""
    connection.execute(
        text("UPDATE bookings SET cancelled_at = :at WHERE booking_id = :id"), {"at": at, "id": booking_id}
    )


def departures_of_booking(connection: Connection, booking_id: str) -> tuple[Departure, ...]:
    """The departures on which a booking has room."""
    rows = connection.execute(
        text("SELECT service_id, service_day, unnest(calls) FROM booking_legs WHERE booking_id = :id"),
        {"id": booking_id},
    )
    return tuple((service, day, call) for service, day, call in rows)


@dataclass(frozen=True, slots=True)
class Written:
    """A booking about to be written, with all that it refers to."""

    booking_id: str
    shipment_id: str
    parcel: str
    booked_at: datetime
    order: Order
    offer: Offer
    order_document: bytes
    idempotency_key: str
    fingerprint: bytes


def renew_orders(connection: Connection, bookings: Sequence[Written]) -> None:
    """Orders that stood before they are booked become what is booked."""
    connection.execute(
        text(
            "UPDATE orders o SET document = CAST(r.document AS json) "
            "FROM ROWS FROM (unnest(CAST(:ids AS text[])), string_to_table(:documents, chr(10))) AS r (order_id, document) "
            "WHERE o.order_id = r.order_id AND CAST(o.document AS text) <> r.document"
        ),
        {
            "ids": [b.order.id for b in bookings],
            "documents": b"\n".join(b.order_document for b in bookings).decode(),
        },
    )


def ride_on(
    connection: Connection, merchant_id: str, booking_id: str, offer_id: str, legs: Sequence[Leg]
) -> None:
    """A booking rides on other legs, as another offer has them. Runs as the operator."""
    connection.execute(
        text("UPDATE bookings SET offer_id = :offer WHERE booking_id = :id"),
        {"offer": offer_id, "id": booking_id},
    )
    connection.execute(text("DELETE FROM booking_legs WHERE booking_id = :id"), {"id": booking_id})
    write_legs(connection, merchant_id, [(booking_id, legs)])


def write_legs(connection: Connection, merchant_id: str, ways: Iterable[tuple[str, Sequence[Leg]]]) -> None:
    """Writes the legs of bookings, given by id. Runs as the operator, whom `copied` wants; that the bookings are the
    merchant's the table sees to itself.
    """
    rows = (
        (merchant_id, booking_id, i, leg.service_id, leg.service_day, _array(leg.calls),
         leg.from_facility, leg.to_facility, iso(leg.board_by))
        for booking_id, legs in ways for i, leg in enumerate(legs)
    )  # fmt: skip
    copied(
        connection, "booking_legs",
        "merchant_id, booking_id, leg, service_id, service_day, calls, from_facility, to_facility, board_by", rows,
    )  # fmt: skip


def _array(calls: Sequence[int]) -> str:
    """As PostgreSQL writes arrays: psycopg asks each number first what it is, which takes five times as long."""
    return f"{{{','.join(map(str, calls))}}}"


def write_bookings(connection: Connection, merchant_id: str, bookings: Sequence[Written]) -> None:
    """Writes bookings with offer, shipment and parcel. Raises where an idempotency key or an
    order is booked already.
    """
    common = {"merchant_id": merchant_id}
    insert_offers(connection, merchant_id, [(b.offer, b.order_document) for b in bookings])
    insert(
        connection, "bookings",
        "merchant_id text, booking_id text, order_id text, offer_id text, shipment_id text, "
        "idempotency_key text, fingerprint bytea, price numeric, currency text, promise_by timestamptz, "
        "grams bigint, cm3 bigint, booked_at timestamptz, service_class text",
        [
            common | {
                "booking_id": b.booking_id, "order_id": b.order.id, "offer_id": b.offer.id,
                "shipment_id": b.shipment_id, "idempotency_key": b.idempotency_key,
                "fingerprint": f"\\x{b.fingerprint.hex()}", "price": str(b.offer.price.amount),
                "currency": b.offer.price.currency, "promise_by": b.offer.promise.by,
                "grams": b.order.grams, "cm3": b.order.cm3, "booked_at": b.booked_at,
                "service_class": b.order.service_class,
            }
            for b in bookings
        ],
    )  # fmt: skip
    insert(
        connection, "shipments", "merchant_id text, shipment_id text, booking_id text, order_id text",
        [
            common | {"shipment_id": b.shipment_id, "booking_id": b.booking_id, "order_id": b.order.id}
            for b in bookings
        ],
    )  # fmt: skip
    insert(
        connection, "parcels",
        "number text, merchant_id text, shipment_id text, grams bigint, length_mm integer, "
        "width_mm integer, height_mm integer",
        [
            common | {"number": b.parcel, "shipment_id": b.shipment_id, "grams": b.order.grams,
                      "length_mm": b.order.length_mm, "width_mm": b.order.width_mm,
                      "height_mm": b.order.height_mm}
            for b in bookings
        ],
    )  # fmt: skip
