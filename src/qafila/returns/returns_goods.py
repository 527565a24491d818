"""What a parcel held, when it came to its buyer, and what its way back costs: read from its booking and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, NotFound
from qafila.core.money import Money
from qafila.network.timetable import Goods as Marks
from qafila.returns import model, store
from qafila.returns import returns_messages as m
from qafila.returns.model import Line, Return, State
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, TimeKind
from qafila.shipping.bookings import records
from qafila.shipping.bookings.records import Record
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Order
from qafila.shipping.orders.parts import in_box
from qafila.tracking.event import ParcelEvent
from qafila.tracking.status import standing


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel as it was sent.

    Attributes:
        owner: the merchant.
        record: its booking.
        inside: the order as if it were what lies in this parcel.
        share: its part of the shipment's weight.
        history: all that was told of it.
        delivered: when it came to its buyer, or None.
        zone: the clock of the place of delivery.
    """

    owner: str
    record: Record
    inside: Order
    share: Decimal
    history: list[Event]
    delivered: datetime | None
    zone: str

    @property
    def country(self) -> str:
        """Of the buyer."""
        return self.inside.receiver.country

    @property
    def perishable(self) -> bool:
        """Whether goods in it spoil."""
        return bool(self.inside.goods & Marks.PERISHABLE)


def sent(connection: Connection, context: Context, parcel: str) -> Sent:
    """A parcel as it was sent. Raises NotFound where who asks sees none, Conflict where its booking is cancelled."""
    found = records.record(connection, parcel)
    owner = connection.execute(
        text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": parcel}
    ).scalar()
    if found is None or owner is None or parcel not in found.entry.parcels:
        raise NotFound(m.NO_PARCEL(parcel=parcel[:40]), field="parcel", value=parcel[:40])
    if found.entry.cancelled_at is not None:
        raise Conflict(m.NOT_BOOKED(parcel=parcel), field="parcel", value=parcel)
    order = found.order
    box = order.boxes[found.entry.parcels.index(parcel)]
    inside = in_box(order, box) if order.parcels else order
    events = history.histories(connection, [parcel]).get(parcel, [])
    ends = [e for e in standing(events) if e.type == ParcelEvent.DELIVERED and e.time_kind == TimeKind.ACTUAL]
    last = found.offer_for(parcel).itinerary.legs[-1]
    facilities = context.network.feed.facility
    place = facilities.get(last.to_facility) or facilities.get(last.from_facility)
    return Sent(
        str(owner),
        found,
        inside,
        Decimal(box.grams) / Decimal(order.grams or 1),
        events,
        min((e.time for e in ends), default=None),
        place.timezone if place else "UTC",
    )


def lines(of: Sent, asked: dict[int, int] | None = None) -> tuple[Line, ...]:
    """The goods of a parcel as lines of a return; without `asked` all of them come back."""
    return tuple(
        Line(
            n,
            item.sku,
            item.description[:300],
            declared_hs(of.inside, n) or "",
            item.origin or of.inside.sender.country,
            item.quantity,
            item.quantity if asked is None else asked.get(n, 0),
            item.unit_value.rounded(),
        )
        for n, item in enumerate(of.inside.items)
    )


def left(connection: Connection, parcel: str, of: Sent, but: str = "") -> dict[int, int]:
    """How many pieces of each line can still come back: those bought, less those of other returns (`but`: one not to count)."""
    gone: dict[int, int] = {}
    for other in store.of_parcel(connection, parcel):
        if other.id == but or other.state in (State.OFFERED, State.VOID):
            continue
        for line in other.lines:
            gone[line.line] = gone.get(line.line, 0) + (line.asked if line.found is None else line.found)
    return {n: max(0, item.quantity - gone.get(n, 0)) for n, item in enumerate(of.inside.items)}


def freight(
    context: Context, of: Sent, given: tuple[Line, ...], now: datetime, turned: bool = False
) -> Money:
    """What the way back costs by the terms: the price of the way out, by the part of the goods that comes back.

    turned: the parcel turns round whole by itself.
    """
    percent = model.term("turn_percent" if turned else "freight_percent", now)
    pieces = sum(line.bought for line in given) or 1
    part = Decimal(sum(line.asked for line in given)) / pieces
    price = of.record.entry.price * (of.share * part * percent / 100)
    return context.rules.rates.convert(price, given[0].value.currency, now.date()).rounded()


def paid(connection: Connection, of: Sent) -> tuple[str, Money | None]:
    """How the buyer paid: `cash` with what was collected for the shipment, or `before`; cash that was refused is nothing."""
    from qafila.ledger.cash import store as cash

    if of.record.order.cash_on_delivery is None:
        return "before", None
    with as_the_house(connection):
        known = cash.standing(connection, of.record.entry.shipment_id)
    currency = of.record.order.cash_on_delivery.money.currency
    if known is None or known.outcome == "refused":
        return "cash", Money(Decimal(0), currency)
    return "cash", Money(known.kept, known.currency)


def again(connection: Connection, id: str) -> Return:
    """A return as it stands now."""
    found = store.one(connection, id)
    assert found is not None
    return found
