"""What is asked of the duty engine and what it answers: plain values."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from qafila.core.message import Message
from qafila.core.money import Money
from qafila.core.values import value


@value
class Goods:
    """One item line of a consignment. `value` is for the whole line, not for one piece."""

    description: str
    quantity: Decimal
    value: Money
    hs: str | None = None  # digits only, 6 to 10; None where it is not known
    origin: str | None = None  # ISO 3166 alpha-2 of origin of the goods; None: the sending country
    net_kg: Decimal | None = None
    litres: Decimal | None = None
    preference: str | None = None  # agreement claimed, by its id
    hs_estimated: bool = False
    abv: Decimal | None = None  # alcohol by volume, per cent
    hs_edition: str = "HS2022"  # edition of the Harmonised System in which hs is written


@value
class Consignment:
    """Goods under one declaration, from one country to another, on one day."""

    goods: tuple[Goods, ...]
    sender: str  # ISO 3166 alpha-2
    destination: str
    on: date
    freight: Money | None = None
    insurance: Money | None = None
    trade: str = "b2c"  # b2c, b2b, c2c
    channel: str = "express"  # express, post, freight
    mode: str = "air"  # air, sea, road, rail
    scheme: str | None = None  # e.g. ioss, cbec, bonded: a special regime used
    declaration: str | None = None  # h1, h6, h7 in the EU; None: the usual one for such goods
    paid_electronically: bool = True
    year_to_date: Money | None = (
        None  # what this buyer has imported under the scheme or relief this year before
    )
    consignments_this_year: int = 0  # how often the relief was used this year before


@value
class Rule:
    """Where a charge comes from."""

    id: str
    legal_basis: Message
    source: Message
    valid_from: date
    valid_to: date | None
    confidence: str  # official, secondary, indicative


@value
class Charge:
    """One line of what is due."""

    kind: str  # duty, vat, parafiscal, excise, fee
    code: str  # e.g. DI, TPI, TVA, A00, B00
    name: Message
    item: int | None  # index into goods; None: on the whole consignment
    base: Money
    rate: Message  # for people: "40 %", "3 EUR per tariff line"
    amount: Money  # rounded by the law it belongs to
    rule: Rule
    why: Message
    suspended: bool = False


@value
class WhatIf:
    """What would have changed the answer: a threshold missed, a preference not claimed."""

    code: str
    text: Message
    saves: Money | None = None
    proof: str | None = None  # the document it would take


@value
class Assessment:
    """Every charge on a consignment, in the destination's currency."""

    currency: str
    customs_value: Money
    charges: tuple[Charge, ...]
    what_if: tuple[WhatIf, ...] = ()
    warnings: tuple[Message, ...] = ()
    facts: dict[str, Message] = field(default_factory=dict)  # e.g. the exchange rate used

    @property
    def percent_in_all(self) -> Decimal:
        """What is due now for 100 of customs value, to two decimals; 0 where nothing has a value."""
        if not self.customs_value.amount:
            return Decimal(0)
        return (self.total.amount / self.customs_value.amount * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def total_of(self, kind: str) -> Money:
        """What is due now of one kind: duty, vat, parafiscal, excise, fee."""
        return sum(
            (c.amount for c in self.charges if not c.suspended and c.kind == kind),
            start=Money(Decimal(0), self.currency),
        )

    @property
    def total(self) -> Money:
        """All that is due now (suspended charges left out)."""
        return sum(
            (c.amount for c in self.charges if not c.suspended), start=Money(Decimal(0), self.currency)
        )
