"""An offer: an itinerary with its price, promise and landed cost, valid until a stated time."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from qafila.core.message import Message
from qafila.core.money import Money
from qafila.core.values import value
from qafila.customs.assessment import Assessment
from qafila.routing.itinerary import Itinerary


@value
class CostLine:
    """One line of landed cost, in the offer's currency."""

    kind: str  # goods, freight, insurance, duty, vat, other
    name: Message
    amount: Money
    source: Message  # law and source of the rule, rate card, "declared by the sender"
    valid_from: str = ""
    valid_to: str = ""
    confidence: str = "official"
    why: Message | None = None


@value
class Promise:
    """The date given to the buyer, with the probability that it holds."""

    by: datetime
    probability: float
    basis: Message  # how the probability was come by


@value
class Restricted:
    """A restriction that some goods meet on this way, and the document that lifts it."""

    id: str
    item: int  # index into the order's items
    territory: str  # * where it holds everywhere
    text: Message
    document: Message
    legal_basis: Message
    source: Message
    confidence: str


@value
class Offer:
    """What can be booked."""

    id: str
    order_id: str
    itinerary: Itinerary
    price: Money  # freight that the merchant pays qafila, by the public rate card
    promise: Promise
    landed_cost: tuple[CostLine, ...]
    assessment: Assessment
    co2e_wtw_kg: Decimal
    valid_until: datetime
    labels: tuple[str, ...] = ()  # of this set: cheapest, fastest, greenest
    why: Message | None = None  # why it was chosen, beside what the alternatives would have been
    restrictions: tuple[Restricted, ...] = ()  # each needs its document before customs release the goods
    # how the parts that it shares with the same offer to others were written, by form; None where it shares none
    forms: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def landed_total(self) -> Money:
        """Sum of the landed cost's lines."""
        return sum((line.amount for line in self.landed_cost), start=Money(Decimal(0), self.price.currency))
