"""What goes out: orders are taken, and cancelled. What they reserve is in `reserving`, what they lie in in `boxes`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import boxes, scanning, storage_messages, storage_orders, storage_reserving, store
from qafila.storage.model import exploded
from qafila.storage.storage_acting import perform

OPEN = ("waiting", "reserved", "released", "picking", "picked", "packed")
"""States of an order that has not left."""


@value
class OutboundOrder:
    """An order, or the part of it that one warehouse serves."""

    id: str
    owner: str
    facility: str
    lines: tuple[tuple[str, int], ...]  # SKU and pieces; kits are taken apart
    part: int = 0
    cut_off: datetime | None = None  # of the departure that it is booked on
    parcel: str | None = None
    service: str | None = None
    service_day: int | None = None
    partial: bool = True
    substitute: bool = False
    bonded: bool = False
    note: str = ""


def place_order(act: Act, order: OutboundOrder) -> dict[str, Any]:
    """Takes an order and reserves its goods; what is not there waits for what comes in.

    Raises Fault for products that the owner does not have, Conflict where the order is here with other lines.
    """

    def do(connection: Connection) -> Answer:
        if store.warehouse(connection, order.facility) is None:
            raise scanning.Unknown(
                storage_messages.NO_WAREHOUSE(facility=order.facility),
                storage_messages.SET_UP(),
                field="facility",
                value=order.facility,
            )
        for n, (sku, pieces) in enumerate(order.lines):
            scanning.product(connection, order.owner, sku)
            if not 1 <= pieces <= 100_000:
                raise Fault(
                    storage_messages.PIECES_WRONG(pieces=pieces),
                    storage_messages.WRITE_PIECES(),
                    field=f"lines[{n}].pieces",
                    value=str(pieces),
                )
        kinds = storage_reserving.with_parts(connection, order.owner, [sku for sku, _ in order.lines])
        lines = exploded(list(order.lines), kinds)
        for sku, _ in lines:
            if sku not in kinds:  # a part of a kit that nobody has told of
                raise scanning.Unknown(
                    storage_messages.NO_PRODUCT(sku=sku),
                    storage_messages.ADD_PRODUCT(),
                    field="sku",
                    value=sku,
                )
        made = connection.execute(
            text(
                "INSERT INTO outbound (merchant_id, order_id, part, facility, state, cut_off, parcel, service, service_day, "
                "partial, substitute, bonded, note) VALUES (:o, :id, :part, :f, 'waiting', :c, :p, :s, :d, :pa, :su, :b, :n) "
                "ON CONFLICT (merchant_id, order_id, part) DO NOTHING"
            ),
            {
                "o": order.owner,
                "id": order.id,
                "part": order.part,
                "f": order.facility,
                "c": order.cut_off,
                "p": order.parcel,
                "s": order.service,
                "d": order.service_day,
                "pa": order.partial,
                "su": order.substitute,
                "b": order.bonded,
                "n": order.note,
            },
        ).rowcount
        if not made:
            known = [
                (r.sku, r.pieces)
                for r in storage_orders.lines_of(connection, order.owner, order.id, order.part)
            ]
            if sorted(known) != sorted(lines):
                raise Conflict(storage_messages.ORDER_EXISTS(order=order.id), field="order", value=order.id)
            return storage_orders.told(connection, order.owner, order.id, order.part)
        for n, (sku, pieces) in enumerate(lines):
            connection.execute(
                text(
                    "INSERT INTO outbound_lines (merchant_id, order_id, part, line, sku, pieces) "
                    "VALUES (:o, :id, :part, :n, :sku, :p)"
                ),
                {"o": order.owner, "id": order.id, "part": order.part, "n": n, "sku": sku, "p": pieces},
            )
        storage_reserving.reserve(connection, order.owner, order.id, order.part, act.at)
        return storage_orders.told(connection, order.owner, order.id, order.part)

    asked = {"order": order.id, "owner": order.owner, "part": order.part, "lines": list(order.lines)}
    return perform(act, "order", order.facility, asked, do)


def cancel(act: Act, owner: str, order: str, part: int = 0) -> dict[str, Any]:
    """Cancels an order, also in the middle of its pick: nothing more is fetched, what is in the cart or the box is to
    be put back (it lies there as free goods, and the put-back list names it). Cancelled again, nothing changes.

    Raises Conflict where it was handed over: then it is a return.
    """

    def do(connection: Connection) -> Answer:
        found = storage_orders.row(connection, owner, order, part)
        if found.state == "cancelled":
            return {"order": order, "state": "cancelled", "put_back": []}
        if found.state not in OPEN:
            raise Conflict(
                storage_messages.STATE(order=order, state=storage_messages.STATES[found.state]()),
                field="order",
                value=order,
            )
        storage_reserving.drop_picks(connection, owner, order, part)
        held = boxes.to_put_back(connection, found)
        storage_orders.set_state(connection, owner, order, part, "cancelled")
        return {"order": order, "state": "cancelled", "put_back": held}

    return perform(act, "cancel", "", {"owner": owner, "order": order, "part": part}, do)
