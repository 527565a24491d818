"""An order is sent by the warehouses that serve it best: one shipment for each, booked together or not at all.

The parts of an order are orders of their own, each with its own invoice and papers; cash on delivery is divided among them
by the value of their goods. The warehouses get the parts to pick once they are booked. Asked again, also where a server
was killed in between, what is booked stands and what was not placed yet is placed.
"""

from __future__ import annotations

from dataclasses import replace

from qafila.context import Context
from qafila.core.fault import Conflict
from qafila.core.values import value
from qafila.runtime.answered.acts import Act
from qafila.runtime.database import Role, acting_as
from qafila.shipping import counter
from qafila.shipping.bookings import records
from qafila.shipping.bookings.booking import Full, Refused, Request, book_together
from qafila.shipping.bookings.records import Entry
from qafila.shipping.orders.order import CashOnDelivery, Order
from qafila.shipping.orders.parts import shares
from qafila.storage import carried_duty, closing, outbound, sourcing, storage_messages
from qafila.storage.model import Condition
from qafila.storage.outbound import OutboundOrder

_ROUNDS = 20
"""Choices at most, where departures fill up between choosing and booking."""


@value
class Fulfilled:
    """A shipment of an order, and the warehouse that sends it."""

    facility: str
    part: int  # of the warehouse's order; 0 where it sends all of it
    entry: Entry


def fulfil(context: Context, order: Order, act: Act) -> list[Fulfilled]:
    """Books the shipments of an order and has the warehouses pick them; one for each that sends.

    Args:
        context: of the merchant.
        order: complete, each item with its SKU.
        act: who asks; asked again with its key, the same is answered.

    Raises:
        Fault: the warehouses together do not have all of it, or no offer reaches the buyer.
        Conflict: it cannot be booked.
    """
    standing = _standing(context, order.id) or _booked(context, order, act.key)
    for one in standing:
        _place(context, order.id, one, act)
    return standing


def _standing(context: Context, order_id: str) -> list[Fulfilled]:
    with acting_as(Role.MERCHANT, context.tenant) as connection:
        entries = [
            e for e in records.entries(connection, limit=200, order_id=order_id) if e.state == "booked"
        ]
        found = [(e, records.record(connection, e.booking_id)) for e in entries]
    told = [
        Fulfilled(
            r.order.sender.facility_id or "", int(e.order_id.rpartition("/")[2]) if r.order.whole else 0, e
        )
        for e, r in found
        if r is not None
    ]
    return sorted(told, key=lambda one: one.part)


def _booked(context: Context, order: Order, key: str) -> list[Fulfilled]:
    refused: Full | Refused | None = None
    for _ in range(_ROUNDS):
        with acting_as(Role.MERCHANT, context.tenant) as connection:
            skus, today = [item.sku for item in order.items], context.now().date()
            available = sourcing.free(connection, context.tenant, skus, today)
            bonded = sourcing.free(connection, context.tenant, skus, today, Condition.BONDED)
        best = sourcing.choose(context, order, available, bonded).best
        parts = parts_of(order, best)
        requests = [
            Request(
                part, replace(one.offer, order_id=part.id), f"fulfil:{key}:{n}", content=f"fulfil:{part.id}"
            )
            for n, (part, one) in enumerate(zip(parts, best.parts, strict=True))
        ]
        made = book_together(context.tenant, requests, counter.market(context).timetable, context.now())
        if isinstance(made, list):
            return _standing(context, order.id)
        refused = made
        if isinstance(made, Refused):
            break
    if isinstance(refused, Refused):
        raise Conflict(refused.reason, refused.remedy, field="id", value=order.id)
    raise Conflict(storage_messages.FILLED_UP(order=order.id), field="id", value=order.id)


def parts_of(order: Order, serving: sourcing.Serving) -> list[Order]:
    """The orders that the warehouses of a serving send: the order itself, or its parts, numbered from 1."""
    if len(serving.parts) == 1:
        return [serving.parts[0].order]
    orders = [part.order for part in serving.parts]
    cash: list[CashOnDelivery | None] = [None] * len(orders)
    if (due := order.cash_on_delivery) is not None:
        divided = shares(due.money, [one.value.amount for one in orders])
        cash = [replace(due, money=money) if money.amount else None for money in divided]
    return [
        replace(one, id=f"{order.id}/{n}", whole=order.id, cash_on_delivery=money)
        for n, (one, money) in enumerate(zip(orders, cash, strict=True), 1)
    ]


def _place(context: Context, order_id: str, one: Fulfilled, act: Act) -> None:
    with acting_as(Role.MERCHANT, context.tenant) as connection:
        record = records.record(connection, one.entry.booking_id)
        assert record is not None
        lines: dict[str, int] = {}
        for item in record.order.items:
            lines[item.sku] = lines.get(item.sku, 0) + item.quantity
        place = context.network.feed.facility.get(one.facility)
        bonded = place is not None and carried_duty.leaves(context, place, record.order)
        wanted = OutboundOrder(
            order_id, context.tenant, one.facility, tuple(lines.items()), one.part, bonded=bonded
        )
        wanted = closing.with_booking(connection, wanted, one.entry.booking_id)
    outbound.place_order(replace(act, key=f"{act.key}/{one.part}"), wanted)
