"""The packing station: the carton for a picked order, its weight checked, its goods moved into the box."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.storage import boxes, cartons, messages, orders, scanning, store
from qafila.storage.model import Act, Movement, PlaceKind, Reason
from qafila.storage.moving import move

TOLERANCE_G = 50
TOLERANCE_SHARE = 0.05
"""A parcel may weigh so many grams, or this share, more or less than its contents say."""


def find(connection: Connection, facility: str, code: str) -> tuple[str, str, int]:
    """Owner, order and part of what waits to be packed, by the order's number or its parcel's. Raises Unknown."""
    row = connection.execute(
        text(
            "SELECT merchant_id, order_id, part FROM outbound WHERE facility = :f AND (order_id = :c OR parcel = :c) "
            "ORDER BY state <> 'picked', placed_at LIMIT 1"
        ),
        {"f": facility, "c": code},
    ).one_or_none()
    if row is None:
        raise scanning.Unknown(messages.NO_ORDER(order=code[:80]), field="order", value=code[:80])
    return row.merchant_id, row.order_id, row.part


def advise(connection: Connection, owner: str, order: str, part: int = 0) -> dict[str, Any]:
    """What the packer sees: the pieces, the carton, the plan and its picture, the weight to expect.

    `carton` is empty where none of ours is large enough: the packer takes one of his own. Raises Unknown where there is
    no such order.
    """
    found = orders.row(connection, owner, order, part)
    items = _contents(connection, found)
    kinds = store.products(connection, owner, [sku for sku, _, _ in items])
    plan = cartons.choose([(sku, kinds[sku].size_mm, kinds[sku].grams, n) for sku, n, _ in items])
    weighed = all(grams or kinds[sku].grams for sku, _, grams in items)
    expected = sum(grams or kinds[sku].grams * n for sku, n, grams in items)
    return {
        "order": order, "part": part, "owner": owner, "state": found.state, "parcel": found.parcel,
        "items": [
            {"sku": sku, "title": kinds[sku].title, "pieces": n, "codes": [code for code, _ in kinds[sku].barcodes]}
            for sku, n, _ in items
        ],
        "carton": plan.carton.name if plan else "",
        "fill": round(plan.fill, 3) if plan else 0.0,
        "guessed": list(plan.guessed) if plan else [],
        "picture": cartons.picture(plan) if plan else "",
        "plan": [{"sku": p.sku, "at": p.at, "sides": p.sides} for p in plan.pieces] if plan else [],
        "expected_g": expected + plan.carton.empty_g if plan and weighed else None,
    }  # fmt: skip


def _contents(connection: Connection, order: Any) -> list[tuple[str, int, int]]:
    """SKU, pieces and (of goods weighed one by one) grams that lie in the order's compartments."""
    found: dict[str, tuple[int, int]] = {}
    for place in boxes.compartments(connection, order):
        for held in store.at_place(connection, order.facility, place):
            pieces, grams = found.get(held.goods.sku, (0, 0))
            found[held.goods.sku] = (pieces + held.pieces, grams + held.grams)
    return [(sku, pieces, grams) for sku, (pieces, grams) in found.items()]


def pack(
    act: Act, owner: str, order: str, part: int = 0, carton: str = "", grams: int = 0, why: str = ""
) -> dict[str, Any]:
    """Packs a picked order.

    Args:
        act: who, when, and the scan's key.
        owner: whose order it is.
        order: its id.
        part: which part of an order that several warehouses serve.
        carton: what it is packed in; the proposed one where it is empty.
        grams: what the scale says; 0 where there is none.
        why: why it goes out though its weight is not what its contents say.

    Raises:
        Conflict: the order is not picked, or was cancelled: what is in the cart is to be put back.
        Fault: the weight is off by more than the tolerance and no reason is given.
    """

    def do(connection: Connection) -> Answer:
        found = orders.row(connection, owner, order, part)
        if found.state != "picked":
            raise Conflict(
                messages.STATE(order=order, state=messages.STATES[found.state]()), field="order", value=order
            )
        advice = advise(connection, owner, order, part)
        if not carton and not advice["carton"]:
            raise Fault(messages.NO_CARTON(order=order), messages.TWO_PARCELS(), field="carton", value="")
        expected = advice["expected_g"]
        off = abs(grams - expected) if grams and expected is not None else 0
        if off > max(TOLERANCE_G, TOLERANCE_SHARE * (expected or 0)) and not why.strip():
            raise Fault(
                messages.WEIGHT_OFF(grams=grams, expected=expected), messages.CHECK_CONTENTS(), field="grams",
                value=str(grams),
            )  # fmt: skip
        box = store.side_place(connection, found.facility, boxes.box_of(owner, order, part), PlaceKind.PARCEL)
        move(
            connection, act,
            [
                Movement(found.facility, s.goods, s.pieces, Reason.PACK, place, box, grams=s.grams, subject=order)
                for place in boxes.compartments(connection, found)
                for s in store.at_place(connection, found.facility, place)
            ],
            why.strip(),
        )  # fmt: skip
        connection.execute(
            text(
                "UPDATE outbound SET state = 'packed', carton = :c, grams = :g, changed_at = now() "
                "WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
            ),
            {"c": carton or advice["carton"], "g": grams or expected, "o": owner, "id": order, "p": part},
        )
        return {"order": order, "state": "packed", "carton": carton or advice["carton"], "parcel": found.parcel,
                "grams": grams or expected}  # fmt: skip

    asked = {"owner": owner, "order": order, "part": part, "carton": carton, "grams": grams, "why": why}
    return perform(act, "pack", "", asked, do)
