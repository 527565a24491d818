"""The SQL of bookings and of what they make: legs, shipments, parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, text

from qafila.routing.itinerary import Leg
from qafila.shipping.bookings.archive import fragment, insert, insert_offers, offer_rows
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
            "UPDATE orders o SET document = r.document "
            "FROM json_to_recordset(CAST(:rows AS json)) AS r (order_id text, document jsonb) "
            "WHERE o.order_id = r.order_id AND o.document <> r.document"
        ),
        {
            "rows": orjson.dumps(
                [{"order_id": b.order.id, "document": fragment(b.order_document)} for b in bookings]
            ).decode()
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
    _insert_legs(connection, merchant_id, [(booking_id, legs)])


def _insert_legs(connection: Connection, merchant_id: str, ways: Iterable[tuple[str, Sequence[Leg]]]) -> None:
    insert(
        connection, "booking_legs",
        "merchant_id text, booking_id text, leg smallint, service_id text, service_day integer, "
        "calls smallint[], mode smallint, from_facility text, to_facility text, board_by timestamptz, "
        "depart timestamptz, arrive timestamptz, ready_at timestamptz",
        [
            {
                "merchant_id": merchant_id, "booking_id": booking_id, "leg": i, "service_id": leg.service_id,
                "service_day": leg.service_day, "calls": leg.calls, "mode": int(leg.mode),
                "from_facility": leg.from_facility, "to_facility": leg.to_facility,
                "board_by": leg.board_by, "depart": leg.depart, "arrive": leg.arrive,
                "ready_at": leg.ready_at,
            }
            for booking_id, legs in ways for i, leg in enumerate(legs)
        ],
    )  # fmt: skip


def write_bookings(connection: Connection, merchant_id: str, bookings: Sequence[Written]) -> None:
    """Writes bookings with offer, legs, shipment and parcel. Raises where an idempotency key or an
    order is booked already.
    """
    common = {"merchant_id": merchant_id}
    insert_offers(connection, offer_rows(merchant_id, ((b.offer, b.order_document) for b in bookings)))
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
    _insert_legs(connection, merchant_id, ((b.booking_id, b.offer.itinerary.legs) for b in bookings))
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
