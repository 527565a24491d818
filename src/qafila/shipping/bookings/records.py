"""What was booked, to be read again: bookings and shipments with their order, offer and parcel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.money import Money
from qafila.runtime.database import Role
from qafila.runtime.database.database_standing import read_for
from qafila.shipping.bookings.booking_outcomes import Booked, Request
from qafila.shipping.bookings.store import NUMBERS
from qafila.shipping.bookings.written_json import offer_from, order_from
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking and its shipment, as a list shows it."""

    booking_id: str
    shipment_id: str
    order_id: str
    offer_id: str
    parcels: tuple[str, ...]  # S10 numbers, in the order of the order's boxes
    price: Money
    promise_by: datetime
    receiver: str
    city: str
    country: str
    booked_at: datetime
    cancelled_at: datetime | None

    @property
    def parcel(self) -> str:
        """The number of the first parcel, by which the shipment is called."""
        return self.parcels[0]

    @property
    def state(self) -> str:
        """booked or cancelled."""
        return "booked" if self.cancelled_at is None else "cancelled"


@dataclass(frozen=True, slots=True)
class Record:
    """One booking with everything that it was made of."""

    entry: Entry
    order: Order
    offer: Offer
    alone: Mapping[str, Offer] = field(
        default_factory=dict
    )  # of parcels that go ways of their own, by number

    def offer_for(self, number: str) -> Offer:
        """The offer by whose way a parcel rides."""
        return self.alone.get(number, self.offer)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One physical box."""

    number: str
    shipment_id: str
    grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    position: int  # in its shipment, from 1
    of: int  # how many parcels the shipment has


_ENTRY = f"""
    WITH b AS MATERIALIZED (SELECT b.* FROM bookings b WHERE {{which}})
    SELECT b.booking_id, b.shipment_id, b.order_id, b.offer_id, {NUMBERS}, b.price, b.currency, b.promise_by,
        o.document->'receiver'->>'name', o.document->'receiver'->>'city', o.document->'receiver'->>'country',
        b.booked_at, b.cancelled_at
    FROM b
    JOIN orders o ON (o.merchant_id, o.order_id) = (b.merchant_id, b.order_id)
"""


_BY_SHIPMENT = (
    "(merchant_id, booking_id) IN (SELECT merchant_id, booking_id FROM shipments WHERE shipment_id IN ({}))"
)


def _entry(row: Sequence[Any]) -> Entry:
    booking, shipment, order, offer, numbers, price, currency, by, name, city, country, at, ended = row
    return Entry(
        booking,
        shipment,
        order,
        offer,
        tuple(numbers),
        Money(price, currency),
        by.astimezone(UTC),
        name or "",
        city or "",
        country or "",
        at.astimezone(UTC),
        None if ended is None else ended.astimezone(UTC),
    )


def entry_of(made: Booked, request: Request) -> Entry:
    """A booking that a request has just made, as a list shows it from now on: it need not be read again."""
    order, offer = request.order, request.offer
    return Entry(
        made.booking_id,
        made.shipment_id,
        made.order_id,
        made.offer_id,
        made.parcels,
        offer.price,
        offer.promise.by.astimezone(UTC),
        order.receiver.name,
        order.receiver.city,
        order.receiver.country,
        made.booked_at.astimezone(UTC),
        None,
    )


def entries(
    connection: Connection, before: str | None = None, limit: int = 50, order_id: str | None = None
) -> list[Entry]:
    """The merchant's bookings, newest first, from behind the booking `before`; those of an order with those of its
    parts."""
    wanted = ["true"]
    if before is not None:
        wanted.append("b.booking_id < :before")
    if order_id is not None:
        wanted.append(
            "b.order_id IN (SELECT :order UNION SELECT order_id FROM orders "
            "WHERE document->>'whole' = :order AND document->>'whole' <> '')"
        )
    rows = connection.execute(
        text(
            _ENTRY.format(which=" AND ".join(wanted) + " ORDER BY booking_id DESC LIMIT :limit")
            + " ORDER BY b.booking_id DESC"
        ),
        {"before": before, "limit": limit, "order": order_id},
    )
    return [_entry(tuple(row)) for row in rows]


def entry(connection: Connection, id: str) -> Entry | None:
    """One booking by the id of the booking, of its shipment, or by the number of its parcel."""
    which = {"bkg": "booking_id = :id", "shp": _BY_SHIPMENT.format("SELECT :id")}.get(
        id.partition("_")[0], _BY_SHIPMENT.format("SELECT shipment_id FROM parcels WHERE number = :id")
    )
    row = connection.execute(text(_ENTRY.format(which=which)), {"id": id}).one_or_none()
    return None if row is None else _entry(tuple(row))


_BOOKING = text(_ENTRY.format(which="booking_id = :id"))


def booking(role: Role, tenant_id: str, booking_id: str) -> Entry | None:
    """One booking by its own id, as a role sees it that is bound to a tenant or to none."""
    rows = read_for(role, tenant_id, _BOOKING, {"id": booking_id})
    return _entry(rows[0]) if rows else None


def record(connection: Connection, id: str) -> Record | None:
    """One booking, found as by `entry`, with its order and the offer that was booked."""
    found = entry(connection, id)
    if found is None:
        return None
    row = connection.execute(
        text(
            "SELECT o.document, f.document FROM orders o JOIN offers f USING (merchant_id) "
            "WHERE o.order_id = :order AND f.offer_id = :offer"
        ),
        {"order": found.order_id, "offer": found.offer_id},
    ).one()
    own = connection.execute(
        text(
            "SELECT p.number, f.document FROM parcels p JOIN offers f USING (merchant_id, offer_id) "
            "WHERE p.shipment_id = :s"
        ),
        {"s": found.shipment_id},
    )
    alone = {number: offer_from(document) for number, document in own}
    return Record(found, order_from(row[0]), offer_from(row[1]), alone)


@dataclass(frozen=True, slots=True)
class Due:
    """Cash on delivery: what is collected for a shipment, once, whichever of its parcels is handed over."""

    shipment_id: str
    order_id: str
    merchant_id: str
    amount: Money
    parcels: tuple[str, ...]  # the numbers of all parcels of the shipment


def cash_on_delivery(connection: Connection, numbers: Sequence[str]) -> dict[str, Due]:
    """What is collected with some parcels, by number; those with nothing to collect, and of cancelled bookings, are
    left out. Under the role of the connection: a merchant's own, or all for the operator.
    """
    rows = connection.execute(
        text(
            "SELECT s.shipment_id, s.order_id, s.merchant_id, o.document->'cash_on_delivery'->'money'->>'amount',"
            " o.document->'cash_on_delivery'->'money'->>'currency',"
            " array(SELECT p.number FROM parcels p WHERE (p.merchant_id, p.shipment_id) = (s.merchant_id, s.shipment_id)"
            " ORDER BY p.position) "
            "FROM shipments s JOIN bookings b USING (merchant_id, booking_id)"
            " JOIN orders o ON (o.merchant_id, o.order_id) = (s.merchant_id, s.order_id) "
            "WHERE (s.merchant_id, s.shipment_id) IN"
            " (SELECT merchant_id, shipment_id FROM parcels WHERE number = ANY(:numbers))"
            " AND b.cancelled_at IS NULL AND o.document->'cash_on_delivery'->'money' IS NOT NULL"
        ),
        {"numbers": list(numbers)},
    )
    found: dict[str, Due] = {}
    for shipment, order, merchant, amount, currency, parcels in rows:
        due = Due(shipment, order, merchant, Money(Decimal(amount), currency), tuple(parcels))
        found |= dict.fromkeys(parcels, due)
    return {number: found[number] for number in numbers if number in found}


_PARCEL = (
    "SELECT number, shipment_id, grams, length_mm, width_mm, height_mm, position,"
    " (SELECT count(*) FROM parcels o WHERE (o.merchant_id, o.shipment_id) = (p.merchant_id, p.shipment_id))"
    " FROM parcels p"
)


def parcels(connection: Connection, after: str = "", limit: int = 50) -> list[Parcel]:
    """The merchant's parcels by number, from behind `after`."""
    rows = connection.execute(
        text(f"{_PARCEL} WHERE number > :after ORDER BY number LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [Parcel(*row) for row in rows]


def parcel(connection: Connection, number: str) -> Parcel | None:
    """One parcel."""
    row = connection.execute(text(f"{_PARCEL} WHERE number = :n"), {"n": number}).one_or_none()
    return None if row is None else Parcel(*row)


def of_shipment(connection: Connection, shipment_id: str) -> list[Parcel]:
    """The parcels of a shipment, in the order of the order's boxes."""
    rows = connection.execute(text(f"{_PARCEL} WHERE shipment_id = :s ORDER BY position"), {"s": shipment_id})
    return [Parcel(*row) for row in rows]
