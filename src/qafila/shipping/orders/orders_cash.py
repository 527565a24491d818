"""Cash on delivery: what is collected from the receiver, as a merchant or a shop's export says it.

An amount that is said for the order counts. Where a shop says only that its buyer pays on delivery, the total of its
order is collected, which may hold the shop's own freight and taxes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from qafila.core.figures import NotAFigure
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.order import CashOnDelivery, Order
from qafila.shipping.orders.orders_figures import is_blank, may_mean
from qafila.shipping.orders.understanding import Findings, Ways

AMOUNT, CURRENCY, METHOD, TOTAL = (
    "cash_on_delivery",
    "cash_on_delivery_currency",
    "payment_method",
    "order_total",
)
FIELDS = frozenset({AMOUNT, CURRENCY, METHOD, TOTAL})
"""The cells that tell of cash."""
_ON_DELIVERY = re.compile(
    r"\bcod\b|cash[ _-]on[ _-]delivery|pay(ment)?[ _-]on[ _-]delivery|contre[ _-]remboursement|(à|a) la livraison"
    r"|عند (الاستلام|الإستلام|التسليم|التوصيل)|[货貨]到付款|代收[货貨]款",
    re.IGNORECASE,
)
_DIGITS = 12  # before the point: more is no sum of money that anybody carries


@dataclass(frozen=True, slots=True)
class SaidCash:
    """An amount to collect as it was said, its currency not compared with the order's yet."""

    amount: Decimal
    currency: str  # a code, a sign or a word; empty where none was said
    of_shop: bool


def words_of_cash(raw: RawOrder) -> list[tuple[str, str]]:
    """The cells that decide what is collected, with their fields; none where nothing is."""
    if not is_blank(raw.get(AMOUNT)):
        told = (AMOUNT, CURRENCY)
    elif _ON_DELIVERY.search(raw.get(METHOD)):
        told = (METHOD, TOTAL)
    else:
        return []
    return [(field, raw.get(field)) for field in told]


def cash_of(raw: RawOrder, ways: Ways, found: Findings) -> SaidCash | None:
    """What is to be collected, None where nothing is; what is wrong with it goes to `found`."""
    words = words_of_cash(raw)
    if not words:
        return None
    of_shop = words[0][0] == METHOD
    if of_shop and raw.format == "shopify" and raw.get("status").casefold() == "paid":
        found.estimate(AMOUNT, "0", m.CASH_PAID())
        return None
    name = TOTAL if of_shop else AMOUNT
    written = raw.get(name)
    totals = {line.get(TOTAL) for line in raw.lines} - {""}
    if of_shop and (is_blank(written) or len(totals) > 1):  # totals of lines, it seems
        found.refuse(METHOD, raw.get(METHOD), m.CASH_NOT_SAID(), m.CASH_SAY())
        return None
    try:
        amount, named = ways.notation.price(written)
    except NotAFigure as error:
        found.refuse(name, written, error.message, m.CASH_WRITE())
        return None
    if amount < 0:
        found.refuse(name, written, m.CASH_NEGATIVE(), m.CASH_WRITE())
    elif amount.adjusted() >= _DIGITS:
        found.refuse(name, written, m.CASH_ENDLESS(), m.CASH_WRITE())
    elif not amount:
        found.estimate(AMOUNT, "0", m.CASH_ZERO())
    else:
        if of_shop:
            found.estimate(AMOUNT, written, m.CASH_OF_SHOP(method=raw.get(METHOD)))
        told = "" if of_shop or is_blank(raw.get(CURRENCY)) else raw.get(CURRENCY)
        if told and named and not may_mean(told) & may_mean(named):
            found.refuse(AMOUNT, written, m.TWO_CURRENCIES(named=named, currency=told), m.ONE_CURRENCY())
        return SaidCash(amount, told or named or "", of_shop)
    return None


def settled(said: SaidCash, currency: str) -> CashOnDelivery | tuple[str, str, Message, Message]:
    """The amount in the order's currency; else the field, what it says, why it cannot be collected, and the remedy.

    Args:
        said: the amount as it was said.
        currency: the order's (ISO 4217).
    """
    if said.currency and currency not in may_mean(said.currency):
        reason = m.CASH_OTHER_CURRENCY(currency=said.currency, order=currency)
        return CURRENCY, said.currency, reason, m.CASH_SAME_CURRENCY(order=currency)
    money = Money(said.amount, currency).rounded()
    if not money.amount:
        return AMOUNT, f"{said.amount:f}", m.BELOW_COIN(currency=currency), m.CASH_WRITE()
    return CashOnDelivery(money, said.of_shop)


def more_than_owed(order: Order, freight: Money) -> tuple[Message, Message] | None:
    """Why an amount cannot be collected that is above the value of goods and freight, and what would mend it.

    The total of a shop's order may be: its freight and its taxes are its own.

    Args:
        order: with its cash on delivery, if any.
        freight: the price of its way, in the order's currency.
    """
    cash = order.cash_on_delivery
    owed = (order.value + freight).rounded()
    if cash is None or cash.of_shop or cash.money.amount <= owed.amount:
        return None
    return m.CASH_TOO_MUCH(amount=cash.money, owed=owed), m.CASH_AT_MOST(owed=owed)
