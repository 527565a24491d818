"""Bookings, shipments and parcels as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from qafila.api.chassis.common_schema import In, MoneyOut, shown
from qafila.api.tracking.tracking_schema import ParcelOut, StatusOut
from qafila.shipping.bookings.records import Entry, Parcel
from qafila.shipping.orders.order import Order
from qafila.tracking.promised import Promised
from qafila.tracking.whole import Whole


class BookingIn(In):
    """The offer to book."""

    model_config = shown({"offer_id": "ofr_3b1f0c5d9a7e42188f60"})

    offer_id: str = Field(min_length=1, max_length=100)
    or_next_best: bool = Field(
        default=False,
        description="where others took the last room meanwhile, book the best way that is left by the order's rule",
    )


class Links(BaseModel):
    """Where what is printed of a shipment is found, relative to the API's root."""

    label: str = Field(description="PDF; ?format=a4 or ?format=zpl&dpi=300 for other printers")
    documents: str | None = Field(
        description="invoice and customs forms; null where the booking was cancelled"
    )

    @classmethod
    def of(cls, entry: Entry) -> Links:
        """Of a booking and its shipment."""
        at = f"shipments/{entry.shipment_id}"
        return cls(label=f"{at}/label", documents=None if entry.cancelled_at else f"{at}/documents")


class BookingOut(BaseModel):
    """A booked offer."""

    id: str
    state: str = Field(description="booked or cancelled")
    order_id: str
    offer_id: str
    shipment_id: str
    parcels: list[str] = Field(description="S10 numbers")
    price: MoneyOut
    promise_by: datetime
    booked_at: datetime
    cancelled_at: datetime | None
    links: Links

    @classmethod
    def of(cls, entry: Entry) -> BookingOut:
        """From the entry of a list."""
        return cls(
            id=entry.booking_id,
            state=entry.state,
            order_id=entry.order_id,
            offer_id=entry.offer_id,
            shipment_id=entry.shipment_id,
            parcels=list(entry.parcels),
            price=MoneyOut.of(entry.price),
            promise_by=entry.promise_by,
            booked_at=entry.booked_at,
            cancelled_at=entry.cancelled_at,
            links=Links.of(entry),
        )


class ShipmentSummary(BaseModel):
    """A shipment in a list."""

    id: str
    state: str
    order_id: str
    booking_id: str
    receiver: str
    city: str
    country: str
    promise_by: datetime
    parcels: list[str]
    links: Links

    @classmethod
    def of(cls, entry: Entry) -> ShipmentSummary:
        """From the entry of a list."""
        return cls(
            id=entry.shipment_id,
            state=entry.state,
            order_id=entry.order_id,
            booking_id=entry.booking_id,
            receiver=entry.receiver,
            city=entry.city,
            country=entry.country,
            promise_by=entry.promise_by,
            parcels=list(entry.parcels),
            links=Links.of(entry),
        )


class PromisedOut(BaseModel):
    """The promise to the buyer beside what is expected, or came of it."""

    by: datetime = Field(description="the end of a day at the destination; it is never moved")
    standing: str = Field(
        description="holds (expected in time), late (expected later, or the day is over), open (when it arrives cannot "
        "be said), kept, or broken"
    )
    arrival: datetime | None = Field(description="expected, or actual where it is there")
    days_late: int = Field(description="days of the destination's calendar; 0 where it is in time or open")

    @classmethod
    def of(cls, told: Promised | None) -> PromisedOut | None:
        """From tracking's; null where the parcel does not come any more."""
        if told is None:
            return None
        return cls(by=told.by, standing=told.standing.value, arrival=told.arrival, days_late=told.days_late)


class HeldOut(BaseModel):
    """Pieces of an item in a parcel."""

    item: int = Field(description="index into the order's items")
    title: str
    quantity: int


class ContentOut(ParcelOut):
    """A parcel of a shipment, with what lies in it."""

    items: list[HeldOut]

    @classmethod
    def holding(cls, parcel: Parcel, status: StatusOut, order: Order) -> ContentOut:
        """From a parcel, its status, and the order that says what lies in it."""
        box = order.boxes[parcel.position - 1]
        held = [
            HeldOut(item=n, title=order.items[n].description, quantity=pieces) for n, pieces in box.contents
        ]
        return cls(**ParcelOut.of_parcel(parcel, status).model_dump(), items=held)


class WholeOut(BaseModel):
    """Where a shipment is: as far as the parcel that is in trouble or furthest behind."""

    state: str
    eta: datetime | None = Field(description="when the last parcel is there; null where that cannot be said")
    parcels: dict[str, int] = Field(description="how many parcels are in each state")

    @classmethod
    def of(cls, seen: Whole) -> WholeOut:
        """From tracking's."""
        return cls(
            state=seen.state.value,
            eta=seen.eta,
            parcels={state.value: count for state, count in seen.counts.items()},
        )
