"""A request's order as the command that files and forms become, too. Item n is row n."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, time
from decimal import Decimal

from qafila.api.shipping.offer_schema import AddressIn, ItemIn, OrderIn, ParcelIn
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders import possible
from qafila.shipping.orders.command import Command
from qafila.shipping.orders.order import Address
from qafila.shipping.orders.order_draft import DraftItem, DraftParcel
from qafila.shipping.orders.orders_cash import SaidCash
from qafila.shipping.orders.understanding import Findings, Ways

_MORNING = time(8)  # when goods are ready of which only the day was said
_SIDES = ("length_cm", "width_cm", "height_cm")


def command_of(order: OrderIn, ways: Ways) -> Command:
    """The command of a request. What cannot be meant is in its findings."""
    found = Findings(order.id, (0,))
    cash = order.cash_on_delivery
    return Command(
        id=order.id,
        rows=(0,),
        content=hashlib.sha256(order.model_dump_json().encode()).hexdigest(),
        found=found,
        sender=_address(order.sender),
        receiver=_address(order.receiver),
        items=[_item(n, item, ways, found) for n, item in enumerate(order.items, 1)],
        ready=_ready(order.ready_at),
        rule=order.rule,
        promise_by=order.promise_by,
        insured=order.insured,
        trade=order.trade,
        taxes_paid_by=order.taxes_paid_by,
        preference=order.preference or None,
        note=order.note,
        service_class=order.service_class.casefold() or "standard",
        cash=None if cash is None else SaidCash(cash.amount, cash.currency, of_shop=False),
        parcels=[_parcel(n, one, order, found) for n, one in enumerate(order.parcels)],
    )


def _address(address: AddressIn) -> Address:
    return Address(**address.model_dump(exclude={"facility"}), facility_id=address.facility or None)


def _ready(said: datetime | date | None) -> datetime | None:
    return said if said is None or isinstance(said, datetime) else datetime.combine(said, _MORNING)


def _item(row: int, item: ItemIn, ways: Ways, found: Findings) -> DraftItem:
    if possible.is_blank(item.title):
        found.refuse("title", item.title, m.NO_TITLE(), m.DESCRIBE(), row)
    size = _size(item, row, found)
    kg, value = item.weight_kg, item.unit_value
    return DraftItem(
        row=row,
        title=item.title[:500],
        quantity=possible.quantity(item.quantity, str(item.quantity), row, found) or 1,
        unit_value=possible.unit_value(
            value.amount, value.currency, item.quantity, ("unit_price", f"{value.amount:f}"), row, ways, found
        ),
        grams=None
        if kg is None
        else possible.grams(
            kg * 1000, ("weight_kg", f"{kg:f}"), row, found, (item.title, item.category, size)
        ),
        size_mm=size,
        attributes=item.attributes[:4000],
        category=item.category,
        sku=item.sku,
        hs=None if possible.is_blank(item.hs) else possible.hs_code(item.hs, row - 1, row, found),
        origin=None if possible.is_blank(item.origin) else found.country("goods_origin", item.origin, row),
    )


def _size(of: ItemIn | ParcelIn, row: int, found: Findings, at: str = "") -> tuple[int, int, int] | None:
    sides = [
        possible.side(side * 10, f"{at}{name}", f"{side:f}", row, found)
        for name in _SIDES
        if (side := getattr(of, name)) is not None
    ]
    known = [side for side in sides if side is not None]
    return (known[0], known[1], known[2]) if len(known) == len(_SIDES) else None


def _parcel(n: int, parcel: ParcelIn, order: OrderIn, found: Findings) -> DraftParcel:
    contents: dict[int, int] = {}
    for k, held in enumerate(parcel.items):
        field, last = f"parcels[{n}].items[{k}].item", len(order.items) - 1
        if held.item > last:
            found.refuse(
                field, str(held.item), m.PARCEL_NO_ITEM(item=held.item), m.PARCEL_ITEMS_FROM(last=last), 0
            )
        elif held.item in contents:
            found.refuse(field, str(held.item), m.PARCEL_ITEM_TWICE(), m.PARCEL_PIECES_REMEDY(), 0)
        else:
            contents[held.item] = held.quantity or order.items[held.item].quantity
    grams = None
    if parcel.weight_kg is not None:
        kg = parcel.weight_kg
        grams = possible.grams(kg * Decimal(1000), (f"parcels[{n}].weight_kg", f"{kg:f}"), 0, found, None)
    return DraftParcel(0, contents, grams, _size(parcel, 0, found, f"parcels[{n}]."))


_PLACES = {
    "unit_price": "unit_value/amount",
    "unit_value": "unit_value",
    "currency": "unit_value/currency",
    "goods_origin": "origin",
}
_ITEM = frozenset({"title", "quantity", "unit_price", "currency", "weight_kg", "weight_g", "length_cm",
                   "width_cm", "height_cm", "hs", "goods_origin", "sku", "category", "attributes"})  # fmt: skip
_ORDER = {"order_id": "id", "ready_at": "ready_at", "promise_by": "promise_by", "rule": "rule",
          "trade": "trade", "service_class": "service_class", "preference": "preference", "note": "note", "insured": "insured",
          "cash_on_delivery": "cash_on_delivery/amount", "cash_on_delivery_currency": "cash_on_delivery/currency",
          "parcel": "parcels"}  # fmt: skip


def pointer(field: str, row: int) -> str:
    """Where in the request's JSON the field is that an orders file calls `field` in `row`."""
    if field.startswith("parcels["):
        return "#/" + re.sub(r"[\[.]", "/", field.replace("]", ""))
    if field in _ORDER:
        return f"#/{_ORDER[field]}"
    if field in _ITEM:
        return f"#/items/{max(row - 1, 0)}/{_PLACES.get(field, field)}"
    for prefix, party in (("sender_", "sender"), ("origin_", "sender"), ("destination_", "receiver")):
        if field.startswith(prefix):
            return f"#/{party}/{field.removeprefix(prefix)}"
    if re.fullmatch("country|city|facility|name|line1|postcode|phone|email|tax_id", field):
        return f"#/receiver/{field}"
    return "#/"
