"""The items of an order from a file's words: quantity, value, weight, size, HS code of each."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from qafila.core.figures import NotAFigure
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders import possible
from qafila.shipping.orders.discounts import take_discounts
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.order_draft import DraftItem
from qafila.shipping.orders.orders_figures import currency_of, is_blank, may_mean
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.orders.reading import Row
from qafila.shipping.orders.understanding import Findings, Ways


def items_of(raw: RawOrder, ways: Ways, found: Findings) -> list[DraftItem]:
    """The items of an order that are to be shipped; what is wrong with them goes to `found`."""
    items: list[DraftItem] = []
    left_out: dict[str, str] = {}
    for line in raw.lines:
        if line.get("needs_shipping").casefold() in {"false", "no"}:
            left_out["needs_shipping"] = line.get("needs_shipping")
        elif line.get("line_fulfilment").casefold() == "fulfilled" and not ways.include_fulfilled:
            left_out["line_fulfilment"] = "fulfilled"
        elif len(raw.lines) > 1 and re.fullmatch(r"0+([.,]0+)?", line.get("quantity")):
            left_out["quantity"] = "0"  # how shops write an item that was refunded or taken out
        elif (item := _item(line, len(items), raw, ways, found)) is not None:
            items.append(item)
        else:
            left_out["refunded_quantity"] = line.get("refunded_quantity")
    if items:
        take_discounts(raw, items, ways, found)
    else:
        field, value = next(iter(left_out.items()))
        found.refuse(field, value, m.NOTHING_TO_SHIP(), m.LEAVE_OUT())
    return items


def _item(line: Row, place: int, raw: RawOrder, ways: Ways, found: Findings) -> DraftItem | None:
    """The item of a line, which takes this place in the order; None where all of its pieces were refunded."""
    row = line.number
    title = line.get("title")
    if is_blank(title):
        found.refuse("title", title, m.NO_TITLE(), m.DESCRIBE(), row)
    quantity = _quantity(line, ways, found)
    unit_value = _unit_value(line, raw, quantity, ways, found)  # the total of a line is told before refunds
    left = (quantity or 1) - _refunded(line, ways, found)
    if left < 1:
        return None
    size_mm = size_of(line, ways, found)
    hs = line.get("hs")
    return DraftItem(
        row=row,
        title=title[:500],
        quantity=left,
        unit_value=unit_value,
        grams=_grams(line, size_mm, ways, found),
        size_mm=size_mm,
        attributes=line.get("attributes")[:4000],
        category=line.get("category"),
        sku=line.get("sku"),
        hs=None if is_blank(hs) else possible.hs_code(hs, place, row, found),
        origin=None
        if is_blank(line.get("goods_origin"))
        else found.country("goods_origin", line.get("goods_origin"), row),
    )


def _quantity(line: Row, ways: Ways, found: Findings) -> int | None:
    written = line.get("quantity")
    remedy = m.WRITE_QUANTITY(most=limits().quantity)
    if is_blank(written):
        found.refuse("quantity", written, m.NO_QUANTITY(), remedy, line.number)
        return None
    try:
        number = ways.notation.number(written)
    except NotAFigure as error:
        found.refuse("quantity", written, error.message, remedy, line.number)
        return None
    return possible.quantity(number, written, line.number, found)


def _refunded(line: Row, ways: Ways, found: Findings) -> int:
    """Pieces that the shop paid back; exports write them with a minus or without."""
    written = line.get("refunded_quantity")
    if is_blank(written):
        return 0
    try:
        return math.ceil(abs(ways.notation.number(written)))
    except NotAFigure as error:
        found.refuse("refunded_quantity", written, error.message, m.WRITE_REFUNDED(), line.number)
        return 0


def _unit_value(line: Row, raw: RawOrder, quantity: int | None, ways: Ways, found: Findings) -> Money | None:
    name, written, rule = _price_cell(line, ways)
    if rule:
        found.estimate(f"row {line.number}: unit_value", written, rule)
    if is_blank(written):
        return None  # another row may tell the value of the same goods; see completing
    try:
        amount, named = ways.notation.price(written)
    except NotAFigure as error:
        found.refuse(name, written, error.message, m.WRITE_PRICE(), line.number)
        return None
    if name in ("line_total", "line_subtotal"):
        amount = amount / (quantity or 1)
    told = raw.get("currency") or line.get("currency")
    currency = ways.currency if is_blank(told) else currency_of(told)
    if named is not None and currency not in (meant := may_mean(named)):
        if not is_blank(told):
            reason = m.TWO_CURRENCIES(named=named, currency=currency or "")
            found.refuse(name, written, reason, m.ONE_CURRENCY(), line.number)
            return None
        currency = currency_of(named)
        if len(meant) > 1:
            found.estimate("currency", currency, m.USUAL_CURRENCY(named=named))
    if currency is None:
        found.refuse("currency", told, m.NO_CURRENCY(), m.WRITE_OR_NAME_CURRENCY(), line.number)
        return None
    return possible.unit_value(amount, currency, quantity or 1, (name, written), line.number, ways, found)


_PRICES = ("unit_price", "line_total")
_BEFORE_DISCOUNT = ("line_subtotal", "list_price")


def _price_cell(line: Row, ways: Ways) -> tuple[str, str, Message | None]:
    """The field that tells what was paid for a line, its cell, and the rule where it is another: what was given away,
    or has its price before the discount alone, counts at that price."""
    name = next((n for n in _PRICES if not is_blank(line.get(n))), "")
    before = next((n for n in _BEFORE_DISCOUNT if not is_blank(line.get(n))), "")
    if before and (not name or _is_nothing(line.get(name), ways)):
        return before, line.get(before), m.GIVEN_AWAY() if name else m.BEFORE_DISCOUNT()
    name = name or "unit_price"
    return name, line.get(name), None


def _is_nothing(cell: str, ways: Ways) -> bool:
    try:
        return not ways.notation.price(cell)[0]
    except NotAFigure:
        return False


def _grams(line: Row, size_mm: tuple[int, int, int] | None, ways: Ways, found: Findings) -> Decimal | None:
    name, unit = ("weight_kg", "kg") if line.get("weight_kg") else ("weight_g", "g")
    written = line.get(name)
    if is_blank(written):
        return None
    try:
        weight = ways.notation.grams(written, unit)
    except NotAFigure as error:
        found.refuse(name, written, error.message, m.WRITE_WEIGHT_OR_EMPTY(), line.number)
        return None
    sure = ways.notation.names_unit(written)
    of = None if sure else (line.get("title"), line.get("category"), size_mm)
    return possible.grams(weight, (name, written), line.number, found, of)


def size_of(
    line: Row, ways: Ways, found: Findings, names: Sequence[str] = ("length_cm", "width_cm", "height_cm")
) -> tuple[int, int, int] | None:
    """The sides in mm, None where one of the three is missing; what is wrong with them goes to `found`."""
    sides: list[int] = []
    for name in names:
        written = line.get(name)
        if is_blank(written):
            continue
        try:
            length = ways.notation.millimetres(written)
        except NotAFigure as error:
            found.refuse(name, written, error.message, m.WRITE_SIDE_OR_EMPTY(), line.number)
            continue
        side = possible.side(length, name, written, line.number, found)
        if side is not None:
            sides.append(side)
    return (sides[0], sides[1], sides[2]) if len(sides) == 3 else None
