"""The import duty that goods carry: paid when they came into a warehouse's territory, and lost when they leave it again.

Goods under bond have paid none. Of goods that have, some territories give duty back when they leave (drawback); what is
not given back is a cost of sending from there. Goods that stay in their territory, or were made in it, carry none.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from qafila.context import Context
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.core.unknown_rate import UnknownRate
from qafila.core.values import value
from qafila.customs.assessment import Consignment, Goods
from qafila.customs.customs_duty import assess
from qafila.customs.rulebook import UnknownTerritory
from qafila.network.model import Facility
from qafila.shipping.orders.order import Item, Order

_DUTIES = ("duty", "parafiscal")


@value
class Share:
    """How much of the duty a territory gives back when goods leave it."""

    territory: str
    share: Decimal
    least: Money | None  # of what leaves at once; below it nothing is given back
    valid_from: date
    valid_to: date | None
    source: str
    read: date  # when the source was read
    confidence: str


@value
class Carried:
    """Of the goods that leave from a warehouse: duty that was paid and is not given back, what is given back, and what was
    never due because they lie under bond. In the order's currency."""

    lost: Money
    refunded: Money
    spared: Money
    unknown: tuple[Message, ...] = ()  # why it could not be told of some

    def __add__(self, other: Carried) -> Carried:
        return Carried(
            self.lost + other.lost,
            self.refunded + other.refunded,
            self.spared + other.spared,
            (*self.unknown, *other.unknown),
        )


def none(currency: str) -> Carried:
    """No duty at all."""
    nothing = Money(Decimal(0), currency)
    return Carried(nothing, nothing, nothing)


@cache
def shares() -> tuple[Share, ...]:
    """The rows of drawback.csv."""
    with (files("qafila.storage") / "drawback.csv").open(encoding="utf-8") as lines:
        return tuple(
            Share(
                r["territory"],
                Decimal(r["share"]),
                Money(Decimal(r["least"]), r["currency"]) if r["least"] else None,
                date.fromisoformat(r["valid_from"]),
                date.fromisoformat(r["valid_to"]) if r["valid_to"] else None,
                r["source"],
                date.fromisoformat(r["read"]),
                r["confidence"],
            )
            for r in csv.DictReader(lines)
        )


def drawback(territory: str, on: date) -> Share | None:
    """What a territory gives back on a day; None where that is not known."""
    for row in shares():
        if (
            row.territory == territory
            and row.valid_from <= on
            and (row.valid_to is None or on <= row.valid_to)
        ):
            return row
    return None


def carried(context: Context, facility: Facility, part: Order, bonded: Mapping[str, int]) -> Carried:
    """What the goods of a part carry that one warehouse sends.

    Args:
        facility: the warehouse.
        part: what it sends.
        bonded: free pieces under bond there, by SKU; they go first where the goods leave the territory.
    """
    currency = part.items[0].unit_value.currency
    if not leaves(context, facility, part):
        return none(currency)
    day = context.now().date()
    given_back = _given_back(context, facility, part, day)
    total, left = none(currency), dict(bonded)
    for item in part.items:
        under = min(left.get(item.sku, 0), item.quantity)
        left[item.sku] = left.get(item.sku, 0) - under
        try:
            each = _duty(context, facility, item, day, currency) / item.quantity
        except (UnknownTerritory, UnknownRate) as unknown:
            total += Carried(*(Money(Decimal(0), currency),) * 3, (unknown.told,))
            continue
        paid = each * (item.quantity - under)
        total += Carried(
            Money(paid * (1 - given_back), currency),
            Money(paid * given_back, currency),
            Money(each * under, currency),
        )
    return total


def _given_back(context: Context, facility: Facility, part: Order, day: date) -> Decimal:
    """The share of the duty that comes back for what one warehouse sends; nothing where that is not known."""
    row = drawback(facility.territory, day)
    if row is None or row.least is None:
        return row.share if row is not None else Decimal(0)
    worth = sum((item.unit_value.amount * item.quantity for item in part.items), start=Decimal(0))
    try:
        told = context.rules.rates.convert(
            Money(worth, part.items[0].unit_value.currency), row.least.currency, day
        )
    except UnknownRate:
        return Decimal(0)
    return row.share if told.amount >= row.least.amount else Decimal(0)


def leaves(context: Context, facility: Facility, part: Order) -> bool:
    """Whether the goods leave the customs territory of the warehouse."""
    country = part.receiver.taxed_as
    try:
        return (
            context.rules.rulebook.territory(country).id
            != context.rules.rulebook.territory(facility.country).id
        )
    except UnknownTerritory:
        return country.partition("-")[0] != facility.country


def _duty(context: Context, facility: Facility, item: Item, day: date, currency: str) -> Decimal:
    """The duty on a line when it came in, by its declared value and today's law; none on what was made there."""
    book = context.rules.rulebook
    origin = item.origin or facility.country
    here = book.territory(facility.country)
    if origin in here.countries:
        return Decimal(0)
    goods = Goods(
        item.description,
        Decimal(item.quantity),
        item.unit_value * item.quantity,
        item.hs,
        origin,
        item.unit_kg * item.quantity if item.unit_kg is not None else None,
    )
    asked = Consignment((goods,), origin, facility.country, day, trade="b2b", channel="freight", mode="sea")
    found = assess(asked, book, context.rules.rates, what_if=False)
    return sum(
        (
            context.rules.rates.convert(charge.amount, currency, day).amount
            for charge in found.charges
            if charge.kind in _DUTIES and not charge.suspended
        ),
        start=Decimal(0),
    )
