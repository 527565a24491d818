"""What the buyer really pays: a shop's discounts, taken off the list prices of its lines.

Customs values goods at the price paid. Shopify's `Lineitem price` is the price before discounts; those of a line
stand in `Lineitem discount`, and what is left of all lines after every discount in `Subtotal`. WooCommerce's line
totals have them taken off already. Goods that were given away keep their list price: customs takes none without
value.
"""

from __future__ import annotations

from decimal import Decimal

from qafila.core.figures import NotAFigure
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.order_draft import DraftItem
from qafila.shipping.orders.orders_figures import is_blank
from qafila.shipping.orders.understanding import Findings, Ways

_COIN = Decimal("0.005")  # sums that differ by less are the same


def take_discounts(raw: RawOrder, items: list[DraftItem], ways: Ways, found: Findings) -> None:
    """Lowers the value of items by what the export says was taken off, in place, and says by which rule."""
    listed = off = Decimal(0)
    own: dict[int, Decimal] = {}  # by row, what is left of a line's price after its own discount
    for line in raw.lines:
        price, pieces = _figure(line.get("unit_price"), ways), _figure(line.get("quantity"), ways)
        if not price or not pieces:
            continue
        discount = min(_figure(line.get("line_discount"), ways), price * pieces)
        listed, off = listed + price * pieces, off + discount
        own[line.number] = 1 - discount / (price * pieces)
    if not listed:
        return
    paid = listed - off
    # a subtotal may be less for a refund too, and a discount may be one of the freight: the smaller of both
    # is what was taken off the goods; of a subtotal above the lines' sum (taxes, tips) nothing can be learnt
    less = paid - _figure(raw.get("subtotal"), ways) if not is_blank(raw.get("subtotal")) else Decimal(0)
    if not is_blank(raw.get("discount")):
        less = min(less, _figure(raw.get("discount"), ways) - off)
    rest = (paid - less) / paid if paid and less > _COIN else Decimal(1)
    for number, item in enumerate(items):
        share = own.get(item.row, Decimal(1)) * rest
        if item.unit_value is None or share == 1:
            continue
        value = item.unit_value * share
        if not (value * item.quantity).rounded().amount:
            found.estimate(f"items[{number}].unit_value", str(item.unit_value), m.GIVEN_AWAY())
            continue
        rule = m.DISCOUNTED(price=item.unit_value)
        item.unit_value = value
        found.estimate(f"items[{number}].unit_value", str(value.rounded()), rule)


def _figure(cell: str, ways: Ways) -> Decimal:
    """A figure that is not needed to be there: 0 where it is none or below."""
    try:
        return max(ways.notation.price(cell)[0], Decimal(0))
    except NotAFigure:
        return Decimal(0)
