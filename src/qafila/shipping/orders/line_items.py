"""A WooCommerce order's items where an export packs all of them into cells."""

from __future__ import annotations

import re

import orjson

from qafila.core.fault import Fault
from qafila.shipping.orders import orders_messages as m

# the key under which each kind of export names a field of ours
_KEYS = {
    "name": "title",
    "product_name": "title",
    "sku": "sku",
    "quantity": "quantity",
    "qty": "quantity",
    "refunded_qty": "refunded_quantity",
    "total": "line_total",
    "subtotal": "line_subtotal",
    "sub_total": "line_subtotal",
    "price": "unit_price",
    "weight": "weight_kg",
}


class Unreadable(Fault):
    """A packed cell in no known manner."""


def unpack(cell: str) -> list[dict[str, str]]:
    """The items of a packed cell, each as cells by field. Raises Unreadable.

    Three manners: JSON (a list of objects), `name:Tea pot|quantity:2|total:40.00;name:…`, and
    `Tea pot x2`-like text without a value is not read: a customs value is never guessed.
    """
    text = cell.strip()
    if text.startswith(("[", "{")):
        return _from_json(text)
    items = []
    # a semicolon parts two items only where a new `key:` follows it: titles hold semicolons too
    for packed in re.split(r";(?=\s*[a-z_]+:)", text):
        cells: dict[str, str] = {}
        for part in re.split(r"\|(?=\s*[\w ]+:)", packed):
            key, colon, value = part.partition(":")
            if colon:
                _put(cells, key.strip().casefold(), value.strip())
        if cells:
            items.append(cells)
    if not items or any("title" not in i or "quantity" not in i for i in items):
        raise Unreadable(m.LINE_ITEMS_UNKNOWN())
    return items


def _put(cells: dict[str, str], key: str, value: str) -> None:
    """One fact of an item. What was paid (`total`) counts for more than the price before discounts."""
    field = _KEYS.get(key)
    if field and value and (field not in cells or key in _PAID):
        cells[field] = value


_PAID = {"total"}


def _from_json(text: str) -> list[dict[str, str]]:
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(m.LINE_ITEMS_JSON(error=str(error))) from error
    items = []
    for entry in parsed if isinstance(parsed, list) else [parsed]:
        if not isinstance(entry, dict):
            raise Unreadable(m.LINE_ITEMS_LIST())
        cells: dict[str, str] = {}
        for key, value in entry.items():
            if isinstance(value, str | int | float):
                _put(cells, key, str(value).strip())
        items.append(cells)
    if not items or any("title" not in i or "quantity" not in i for i in items):
        raise Unreadable(m.LINE_ITEMS_LACK())
    return items
