"""The SQL of bookings and of what they make: legs, shipments, parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.routing.itinerary import Leg
from qafila.runtime.database.connection import copied
from qafila.runtime.database.together import Speaks
from qafila.runtime.events.envelope import iso
from qafila.shipping.bookings.archive import insert, insert_offers, insert_together
from qafila.shipping.bookings.capacity import Demand, Departure
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order


@dataclass(frozen=True, slots=True)
class KnownBooking:
    """A booking as it stands in the table."""

    order_id: str
    booking_id: str
    shipment_id: str
    parcels: tuple[str, ...]  # in the order of the order's boxes
    offer_id: str
    idempotency_key: str
    fingerprint: bytes
    grams: int
    cm3: int
    booked_at: datetime
    cancelled_at: datetime | None
    service_class: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "parcels", tuple(self.parcels))  # an array comes as a list


NUMBERS = """array(SELECT p.number FROM parcels p
        WHERE (p.merchant_id, p.shipment_id) = (b.merchant_id, b.shipment_id) ORDER BY p.position)"""
"""The numbers of the parcels of a booking `b`, in the order of the order's boxes."""
_BOOKING = f"""
    SELECT b.order_id, b.booking_id, b.shipment_id, {NUMBERS}, b.offer_id, b.idempotency_key, b.fingerprint,
        b.grams, b.cm3, b.booked_at, b.cancelled_at, b.service_class
    FROM bookings b
"""


_LIKE = text(
    f"SELECT 'key', known.* FROM ({_BOOKING} WHERE b.idempotency_key = ANY(:keys)) known UNION ALL SELECT 'order', known.* "
    f"FROM ({_BOOKING} WHERE b.order_id = ANY(:orders) AND b.cancelled_at IS NULL) known"
)


def bookings_like(
    connection: Connection, keys: Sequence[str], orders: Sequence[str]
) -> tuple[dict[str, KnownBooking], dict[str, KnownBooking]]:
    """The merchant's bookings with these idempotency keys, and the standing ones of these orders."""
    return known_bookings(ask_like(connection, keys, orders).fetchall())


def ask_like(connection: Speaks, keys: Sequence[str], orders: Sequence[str]) -> Any:
    """Asks for them: the rows of which `known_bookings` makes them."""
    return connection.execute(_LIKE, {"keys": list(keys), "orders": list(orders)})


def known_bookings(
    rows: Iterable[Sequence[Any]],
) -> tuple[dict[str, KnownBooking], dict[str, KnownBooking]]:
    """Bookings by idempotency key, and by order."""
    by_key: dict[str, KnownBooking] = {}
    by_order: dict[str, KnownBooking] = {}
    for how, *row in rows:
        known = KnownBooking(*row)
        if how == "key":
            by_key[known.idempotency_key] = known
        else:
            by_order[known.order_id] = known
    return by_key, by_order


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


def held(connection: Connection, booking: KnownBooking) -> list[Demand]:
    """The room that a booking has taken: that of the parcels which ride together, and of each that goes its own way."""
    rows = connection.execute(
        text(
            "SELECT l.parcel, coalesce(l.grams, :grams), coalesce(l.cm3, :cm3), l.service_id, l.service_day, unnest(l.calls) "
            "FROM booking_legs l WHERE l.booking_id = :id ORDER BY l.parcel, l.leg"
        ),
        {"id": booking.booking_id, "grams": booking.grams, "cm3": booking.cm3},
    )
    found: dict[tuple[int, int, str], list[Departure]] = {}
    for parcel, grams, cm3, service, day, call in rows:
        found.setdefault((grams, cm3, parcel), []).append((service, day, call))
    return [Demand(tuple(way), g, v, booking.service_class) for (g, v, _), way in found.items()]


@dataclass(frozen=True, slots=True)
class Written:
    """A booking about to be written, with all that it refers to."""

    booking_id: str
    shipment_id: str
    parcels: tuple[str, ...]
    booked_at: datetime
    order: Order
    offer: Offer
    order_document: bytes
    idempotency_key: str
    fingerprint: bytes
    offer_kept: bool  # it was kept when it was made


_RENEW = text(
    "UPDATE orders o SET document = CAST(r.document AS json) "
    "FROM ROWS FROM (unnest(CAST(:ids AS text[])), string_to_table(:documents, chr(10))) AS r (order_id, document) "
    "WHERE o.order_id = r.order_id AND o.order_id = ANY(:ids)"
)


def renew_orders(connection: Speaks, bookings: Sequence[Written]) -> None:
    """Orders that stood in other words before they are booked become what is booked."""
    connection.execute(
        _RENEW,
        {
            "ids": [b.order.id for b in bookings],
            "documents": b"\n".join(b.order_document for b in bookings).decode(),
        },
    )


@dataclass(frozen=True, slots=True)
class Riding:
    """A parcel as it rides: its room, and the offer of its own way; None where it rides as its booking."""

    number: str
    grams: int
    cm3: int
    offer_id: str | None


def riding(connection: Connection, booking: KnownBooking) -> list[Riding]:
    """The parcels of a booking, in the order of their numbers."""
    rows = connection.execute(
        text(
            "SELECT number, grams, ceil(length_mm::numeric * width_mm * height_mm / 1000)::bigint, offer_id "
            "FROM parcels WHERE shipment_id = :s ORDER BY position"
        ),
        {"s": booking.shipment_id},
    )
    return [Riding(*row) for row in rows]


def ride_on(
    connection: Connection, merchant_id: str, booking_id: str, offer_id: str, legs: Sequence[Leg]
) -> None:
    """The parcels that ride as their booking ride on other legs, as another offer has them. Runs as the operator."""
    where = {"offer": offer_id, "id": booking_id, "m": merchant_id}
    connection.execute(
        text("UPDATE bookings SET offer_id = :offer WHERE merchant_id = :m AND booking_id = :id"), where
    )
    kept = connection.execute(
        text(
            "DELETE FROM booking_legs WHERE merchant_id = :m AND booking_id = :id AND parcel = '' "
            "RETURNING parcels, grams, cm3"
        ),
        where,
    ).first()
    write_legs(connection, merchant_id, [(booking_id, legs)])
    if kept is not None and kept.grams is not None:  # others of its parcels go their own ways
        _lighter(connection, merchant_id, booking_id, kept.parcels, kept.grams, kept.cm3)


def ride_alone(
    connection: Connection,
    merchant_id: str,
    booking: KnownBooking,
    chosen: Sequence[Riding],
    offer_id: str,
    legs: Sequence[Leg],
) -> None:
    """Some parcels of a booking leave the way of the others for one of their own. Runs as the operator."""
    numbers = [one.number for one in chosen]
    where = {"m": merchant_id, "id": booking.booking_id, "n": numbers, "offer": offer_id}
    connection.execute(
        text("UPDATE parcels SET offer_id = :offer WHERE merchant_id = :m AND number = ANY(:n)"), where
    )
    connection.execute(
        text("DELETE FROM booking_legs WHERE merchant_id = :m AND booking_id = :id AND parcel = ANY(:n)"),
        where,
    )
    write_legs(connection, merchant_id, [(booking.booking_id, legs)], chosen)
    left = [one for one in riding(connection, booking) if one.offer_id is None]
    if left:
        grams, cm3 = sum(one.grams for one in left), sum(one.cm3 for one in left)
        _lighter(connection, merchant_id, booking.booking_id, len(left), grams, cm3)


def _lighter(
    connection: Connection, merchant_id: str, booking_id: str, parcels: int, grams: int, cm3: int
) -> None:
    connection.execute(
        text(
            "UPDATE booking_legs SET parcels = :p, grams = :g, cm3 = :v "
            "WHERE merchant_id = :m AND booking_id = :id AND parcel = ''"
        ),
        {"p": parcels, "g": grams, "v": cm3, "m": merchant_id, "id": booking_id},
    )


def write_legs(
    connection: Connection,
    merchant_id: str,
    ways: Iterable[tuple[str, Sequence[Leg]]],
    alone: Sequence[Riding] = (),
) -> None:
    """Writes the legs of bookings, given by id; or those of parcels that go `alone`. Runs as the operator, whom `copied`
    wants; that the bookings are the merchant's the table sees to itself.
    """
    if alone:
        copied(
            connection,
            "booking_legs",
            f"{_LEG}, parcel, parcels, grams, cm3",
            (
                (*leg, one.number, 1, one.grams, one.cm3)
                for way in ways
                for one in alone
                for leg in _legs(merchant_id, *way)
            ),
        )
    else:
        copied(connection, "booking_legs", _LEG, (leg for way in ways for leg in _legs(merchant_id, *way)))


_LEG = "merchant_id, booking_id, leg, service_id, service_day, calls, from_facility, to_facility, board_by"


def _legs(merchant_id: str, booking_id: str, legs: Sequence[Leg]) -> Iterable[tuple[object, ...]]:
    return (
        (
            merchant_id,
            booking_id,
            i,
            leg.service_id,
            leg.service_day,
            _array(leg.calls),
            leg.from_facility,
            leg.to_facility,
            iso(leg.board_by),
        )
        for i, leg in enumerate(legs)
    )


def _array(calls: Sequence[int]) -> str:
    """As PostgreSQL writes arrays: psycopg asks each number first what it is, which takes five times as long."""
    return f"{{{','.join(map(str, calls))}}}"


def add_legs(connection: Speaks, merchant_id: str, ways: Iterable[tuple[str, Sequence[Leg]]]) -> None:
    """As `write_legs`, for a few bookings, by a statement that travels with others. Runs as the operator."""
    rows = [
        {
            "merchant_id": merchant_id,
            "booking_id": id,
            "leg": i,
            "service_id": leg.service_id,
            "service_day": leg.service_day,
            "calls": leg.calls,
            "from_facility": leg.from_facility,
            "to_facility": leg.to_facility,
            "board_by": leg.board_by,
        }
        for id, legs in ways
        for i, leg in enumerate(legs)
    ]
    insert(connection, "booking_legs", _TYPED_LEG, rows)


_TYPED_LEG = (
    "merchant_id text, booking_id text, leg smallint, service_id text, service_day integer, calls smallint[], "
    "from_facility text, to_facility text, board_by timestamptz"
)


def write_bookings(connection: Speaks, merchant_id: str, bookings: Sequence[Written]) -> None:
    """Writes bookings with offer, shipment and parcels. Raises where an idempotency key or an
    order is booked already.
    """
    common = {"merchant_id": merchant_id}
    insert_offers(
        connection, merchant_id, [(b.offer, b.order_document) for b in bookings if not b.offer_kept]
    )
    insert_together(
        connection,
        [
            (
                "bookings",
                "merchant_id text, booking_id text, order_id text, offer_id text, shipment_id text, "
                "idempotency_key text, fingerprint bytea, price numeric, currency text, promise_by timestamptz, "
                "grams bigint, cm3 bigint, booked_at timestamptz, service_class text, parcels smallint",
                [
                    common
                    | {
                        "booking_id": b.booking_id,
                        "order_id": b.order.id,
                        "offer_id": b.offer.id,
                        "shipment_id": b.shipment_id,
                        "idempotency_key": b.idempotency_key,
                        "fingerprint": f"\\x{b.fingerprint.hex()}",
                        "price": str(b.offer.price.amount),
                        "currency": b.offer.price.currency,
                        "promise_by": b.offer.promise.by,
                        "grams": b.order.grams,
                        "cm3": b.order.cm3,
                        "booked_at": b.booked_at,
                        "service_class": b.order.service_class,
                        "parcels": len(b.parcels),
                    }
                    for b in bookings
                ],
            ),
            (
                "shipments",
                "merchant_id text, shipment_id text, booking_id text, order_id text",
                [
                    common
                    | {"shipment_id": b.shipment_id, "booking_id": b.booking_id, "order_id": b.order.id}
                    for b in bookings
                ],
            ),
            (
                "parcels",
                "number text, merchant_id text, shipment_id text, position smallint, grams bigint, length_mm integer, "
                "width_mm integer, height_mm integer",
                [
                    common
                    | {
                        "number": number,
                        "shipment_id": b.shipment_id,
                        "position": n,
                        "grams": box.grams,
                        "length_mm": box.length_mm,
                        "width_mm": box.width_mm,
                        "height_mm": box.height_mm,
                    }
                    for b in bookings
                    for n, (number, box) in enumerate(zip(b.parcels, b.order.boxes, strict=True), 1)
                ],
            ),
        ],
    )
