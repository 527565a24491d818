"""What picked and packed goods lie in: compartments of carts, and the boxes of an order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from qafila.storage import store


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
        for place in (box_of(order.merchant_id, order.order_id, order.part), *compartments(connection, order))
        for s in store.at_place(connection, order.facility, place)
    ]


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


def box_of(owner: str, order: str, part: int) -> str:
    """The place that an order's box is."""
    return f"BOX:{owner}:{order}:{part}"
