"""What is asked of a booking, and what can become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from qafila.core.message import Message
from qafila.shipping.bookings.capacity import Departure
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offers_deciding import Basis
from qafila.shipping.orders.order import Order


@dataclass(frozen=True, slots=True)
class Request:
    """An offer to book. `content` is what the key stands for, where it is not the order as it is; `basis` what the
    offer was made from, where the log has not been told of it before; `kept` that the offer is in the database.
    """

    order: Order
    offer: Offer
    idempotency_key: str
    content: str | None = None
    basis: Basis | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking and what it made; `replayed` where an earlier request had made it, else `request` made it."""

    order_id: str
    booking_id: str
    shipment_id: str
    parcels: tuple[str, ...]  # S10 numbers, in the order of the order's boxes
    offer_id: str
    booked_at: datetime
    replayed: bool = False
    request: Request | None = field(default=None, compare=False, repr=False)

    @property
    def parcel(self) -> str:
        """The number of the first parcel, by which the shipment is called."""
        return self.parcels[0]


@dataclass(frozen=True, slots=True)
class Full:
    """Nothing was booked: this departure has no room left. Search anew; it is closed by then."""

    order_id: str
    departure: Departure


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was booked, and asking again will not help until the remedy is taken."""

    order_id: str
    code: str  # key-reused, already-booked, booking-cancelled, offer-expired, cut-off-passed
    reason: Message
    remedy: Message


Outcome = Booked | Full | Refused
