"""Exchanges: for goods that came back another parcel goes out, booked and picked as any order is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.returns import returns_goods, returns_happenings, returns_receiving, store
from qafila.returns import returns_messages as m
from qafila.returns.model import Return, State, Wish
from qafila.returns.returns_asking import happened
from qafila.runtime.answered.acts import Act
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Source
from qafila.shipping.orders.order import Item, Order
from qafila.storage import fulfilling, sourcing
from qafila.storage import store as stock


def exchange(context: Context, act: Act, source: Source, id: str) -> dict[str, Any]:
    """Sends the buyer what he wants for what came back; the warehouses that have it pick it. Sent again, nothing goes twice.

    Args:
        context: of anybody: the order is the merchant's.
        act: who decides.
        source: as whom it is told.
        id: an inspected return whose buyer wants an exchange.

    Returns:
        the id of the new order, and its parcels.

    Raises:
        NotFound: there is no such return.
        Conflict: it is not inspected, its refund is decided, or no exchange was asked for.
        Fault: there is not enough of it in any warehouse, or no offer reaches the buyer: his money goes back instead.
    """
    with acting_as(Role.OPERATOR) as connection:
        given = store.one(connection, id)
        if given is None:
            raise NotFound(m.NO_RETURN(code=id[:60]), field="return", value=id[:60])
        if given.exchange_order:
            return {"return": given.number, "order": given.exchange_order, "repeated": True}
        if given.state is not State.INSPECTED or given.refund_how or given.wish is not Wish.EXCHANGE:
            state = m.STATES[given.state]()
            raise Conflict(
                m.WRONG_STATE(number=given.number, state=state), m.LOOK_AGAIN(), field="return", value=id
            )
        of = returns_goods.sent(connection, context, given.parcel)
        items = _items(given, of.inside, stock.products(connection, given.merchant_id))
        available = sourcing.free(connection, given.merchant_id, [i.sku for i in items], context.now().date())
    for item in items:
        if not any(free.get(item.sku, 0) >= item.quantity for free in available.values()):
            raise Fault(
                m.NO_STOCK(pieces=item.quantity, sku=item.sku),
                m.REFUND_INSTEAD(),
                field="sku",
                value=item.sku,
            )
    order = replace(
        of.inside,
        id=f"{of.record.entry.order_id}-X{given.number.rpartition('-R')[2]}",
        items=items,
        rows=(),
        ready=context.now(),
        cash_on_delivery=None,
        parcels=(),
        whole="",
        estimates=(),
        promise_by=None,
        rule="cheapest",
        note=given.number,
    )
    sent = fulfilling.fulfil(context.of(given.merchant_id), order, replace(act, key=f"exchange:{given.id}"))
    parcels = [number for one in sent for number in one.entry.parcels]
    with acting_as(Role.OPERATOR) as connection:
        now = store.one(connection, id, lock=True)
        assert now is not None
        if not now.exchange_order:
            store.change(connection, id, exchange_order=order.id, refund=0, refund_how="nothing_paid")
            happened(
                connection,
                now,
                returns_happenings.EXCHANGED,
                act.at,
                source,
                None,
                {"return": now.number, "order": order.id, "parcels": ", ".join(parcels)},
            )
            returns_receiving.closed(connection, id, act.at)
    return {"return": given.number, "order": order.id, "parcels": parcels, "repeated": False}


def _items(given: Return, sent: Order, products: dict[str, Any]) -> tuple[Item, ...]:
    """What goes out: the same goods in the same number, or the one that the buyer named."""
    found = []
    for line in given.lines:
        if not line.found:
            continue
        item = sent.items[line.line]
        sku = given.exchange_sku or line.sku
        if sku not in products:
            raise Fault(
                m.NO_STOCK(pieces=line.found, sku=sku or line.description),
                m.REFUND_INSTEAD(),
                field="sku",
                value=sku,
            )
        title = item.description if sku == line.sku else products[sku].title
        found.append(replace(item, sku=sku, description=title, quantity=line.found))
    if not found:
        raise Fault(m.NO_PIECES(), m.REFUND_INSTEAD(), field="lines")
    return tuple(found)
