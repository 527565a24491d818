"""What was booked before, recalled by order: to be told again, not booked again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.shipping.bookings import store
from qafila.shipping.bookings.written_json import offer_from, order_from
from qafila.shipping.papers.labels import BookedShipment


@dataclass(frozen=True, slots=True)
class Standing:
    """A booking that stands."""

    order_id: str
    booking_id: str
    shipment_id: str
    numbers: tuple[str, ...]  # S10
    fingerprint: bytes
    booked_at: datetime

    @property
    def number(self) -> str:
        """The number of the first parcel, by which the shipment is called."""
        return self.numbers[0]

    def is_of(self, content: str) -> bool:
        """Whether it was made from this very content."""
        return self.fingerprint == hashlib.sha256(content.encode()).digest()


def standing(connection: Connection, order_ids: Sequence[str]) -> dict[str, Standing]:
    """The merchant's standing bookings of some orders, by order."""
    _, by_order = store.bookings_like(connection, [], order_ids)
    return {
        b.order_id: Standing(b.order_id, b.booking_id, b.shipment_id, b.parcels, b.fingerprint, b.booked_at)
        for b in by_order.values()
    }


def recall(connection: Connection, bookings: Sequence[Standing]) -> dict[str, BookedShipment]:
    """The shipments of some bookings with order and offer as they were booked, by order."""
    rows = connection.execute(
        text(
            "SELECT b.order_id, b.booked_at, o.document, f.document FROM bookings b "
            "JOIN orders o USING (merchant_id, order_id) JOIN offers f USING (merchant_id, offer_id) "
            "WHERE b.booking_id = ANY(:ids)"
        ),
        {"ids": [b.booking_id for b in bookings]},
    )
    numbers = {b.order_id: b.numbers for b in bookings}
    return {
        order_id: BookedShipment(numbers[order_id], order_from(order), offer_from(offer), booked_at.date())
        for order_id, booked_at, order, offer in rows
    }
