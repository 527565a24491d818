"""What picked and packed goods lie in: compartments of carts, and the boxes of an order, each a parcel of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.values import value
from qafila.storage import store


@value
class Box:
    """A box that was packed for an order. `parcel` is its number, where it was booked; `grams` what it weighs."""

    number: int  # from 1
    carton: str
    grams: int | None
    parcel: str | None


def of(connection: Connection, owner: str, order: str, part: int) -> list[Box]:
    """The boxes of an order, in the order in which they were packed."""
    rows = connection.execute(
        text(
            "SELECT box, carton, grams, parcel FROM outbound_boxes WHERE (merchant_id, order_id, part) = (:o, :id, :p) "
            "ORDER BY box"
        ),
        {"o": owner, "id": order, "p": part},
    )
    return [Box(*row) for row in rows]


def add(connection: Connection, owner: str, order: str, part: int, box: Box, at: datetime) -> None:
    """Notes a box."""
    connection.execute(
        text(
            "INSERT INTO outbound_boxes (merchant_id, order_id, part, box, carton, grams, parcel, packed_at) "
            "VALUES (:o, :id, :p, :b, :c, :g, :n, :at)"
        ),
        {
            "o": owner,
            "id": order,
            "p": part,
            "b": box.number,
            "c": box.carton,
            "g": box.grams,
            "n": box.parcel,
            "at": at,
        },
    )


def places(connection: Connection, order: Any) -> list[str]:
    """The places that an order's boxes are."""
    found = of(connection, order.merchant_id, order.order_id, order.part)
    last = max((box.number for box in found), default=1)
    return [place(order.merchant_id, order.order_id, order.part, n) for n in range(1, last + 1)]


def place(owner: str, order: str, part: int, number: int = 1) -> str:
    """The place that a box of an order is."""
    return f"BOX:{owner}:{order}:{part}" + (f":{number}" if number > 1 else "")


def to_put_back(connection: Connection, order: Any) -> list[dict[str, Any]]:
    """What of an order lies in a cart or in a box."""
    return [
        {
            "place": s.place,
            "sku": s.goods.sku,
            "lot": s.goods.lot,
            "serial": s.goods.serial,
            "pieces": s.pieces,
        }
        for where in (*places(connection, order), *compartments(connection, order))
        for s in store.at_place(connection, order.facility, where)
    ]


def left_over(connection: Connection, facility: str) -> Sequence[Any]:
    """What of cancelled orders still lies in carts and boxes of a warehouse, to be put back on shelves."""
    return connection.execute(
        text(
            "SELECT DISTINCT s.place, s.merchant_id AS owner, s.sku, s.lot, s.serial, s.pieces, o.order_id FROM stock s "
            "JOIN places p USING (facility, place) JOIN outbound o ON o.merchant_id = s.merchant_id AND o.facility = s.facility "
            "AND o.state = 'cancelled' AND (s.place LIKE 'BOX:%' AND (s.place = 'BOX:' || o.merchant_id || ':' || o.order_id || "
            "':' || o.part OR starts_with(s.place, 'BOX:' || o.merchant_id || ':' || o.order_id || ':' || o.part || ':')) OR "
            "EXISTS (SELECT FROM picks k WHERE (k.merchant_id, k.order_id, k.part) = (o.merchant_id, o.order_id, o.part) AND "
            "k.picked > 0 AND s.place = 'CART:' || k.tour || ':' || k.compartment)) "
            "WHERE s.facility = :f AND s.pieces > 0 AND p.kind IN ('cart', 'parcel') ORDER BY s.place, s.sku LIMIT 200"
        ),
        {"f": facility},
    ).all()


def compartments(connection: Connection, order: Any) -> list[str]:
    """The places in carts where an order's picked goods lie."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT tour, compartment FROM picks WHERE merchant_id = :o AND order_id = :id AND part = :p "
            "AND picked > 0 ORDER BY tour, compartment"
        ),
        {"o": order.merchant_id, "id": order.order_id, "p": order.part},
    )
    return [compartment(r.tour, r.compartment) for r in rows]


def compartment(tour: str, number: int) -> str:
    """The place that a compartment of a tour's cart is."""
    return f"CART:{tour}:{number}"
