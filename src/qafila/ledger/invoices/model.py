"""An invoice: its lines, the tax of each, and what they come to. Values and rules, no I/O.

The tax categories are those of EN 16931: S at the standard rate, Z at zero, AE reverse charge, E exempt, O outside the scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from qafila.core.money import Money
from qafila.core.values import value
from qafila.ledger.law.law_rules import tax
from qafila.ledger.law.unions import unions_of
from qafila.ledger.parties import Party


@value
class Charge:
    """A line: what for, how much, and its tax. `kind` is freight, advance or service."""

    kind: str
    subject: str  # the parcel's number
    said: str  # further words: the way of a parcel, the number of a declaration
    amount: Decimal  # without tax
    category: str
    rate: Decimal
    reason: str = ""  # why no tax is charged; empty where some is


@value
class TaxSum:
    """What the lines of one category and rate come to, and their tax."""

    category: str
    rate: Decimal
    base: Decimal
    tax: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or a credit note, as it was issued.

    Amounts are above zero on both; a credit note takes them back.
    """

    number: str
    kind: str  # invoice, credit_note
    corrects: str  # of a credit note: the invoice
    tenant: str
    issued_on: date
    due_on: date
    currency: str
    seller: Party
    buyer: Party
    charges: tuple[Charge, ...]
    note: str = ""

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """The taxes by category and rate."""
        return sums(self.charges, self.currency)

    @property
    def net(self) -> Money:
        """Without tax."""
        return Money(sum((c.amount for c in self.charges), Decimal(0)), self.currency)

    @property
    def tax(self) -> Money:
        """All tax."""
        return Money(sum((t.tax for t in self.taxes), Decimal(0)), self.currency)

    @property
    def gross(self) -> Money:
        """With tax."""
        return self.net + self.tax


def sums(charges: Sequence[Charge], currency: str) -> tuple[TaxSum, ...]:
    """Taxes by category and rate: of the sum of their lines, rounded once (EN 16931, BR-CO-17)."""
    found: dict[tuple[str, Decimal], tuple[Decimal, str]] = {}
    for c in charges:
        base, reason = found.get((c.category, c.rate), (Decimal(0), c.reason))
        found[c.category, c.rate] = (base + c.amount, reason)
    return tuple(
        TaxSum(category, rate, base, (Money(base, currency) * (rate / 100)).rounded().amount, reason)
        for (category, rate), (base, reason) in sorted(found.items())
    )


def taxed(
    seller: Party, buyer: Party, start: str, end: str, on: date, kind: str = "freight"
) -> tuple[str, Decimal, str]:
    """The category, rate in per cent and reason of the tax on a carriage, or on another service.

    Between businesses of two states of the EU the buyer owes the tax; to a business elsewhere it is outside the seller's tax;
    at home the seller's country's rules hold, where carriage out of or into its customs union is another service than
    carriage within.

    Args:
        start, end: the countries between which goods are carried.
        on: the day of the invoice.
        kind: freight, service or advance.
    """
    abroad = buyer.country != seller.country
    both_eu = bool(unions_of(seller.country)) and bool(unions_of(buyer.country))
    if abroad and not (both_eu and not (buyer.vat and seller.vat)):
        if both_eu:
            return "AE", Decimal(0), "Reverse charge: directive 2006/112/EC, article 196"
        return "O", Decimal(0), "Not subject to VAT: the service is supplied where the customer is"
    if kind == "advance":
        return (
            "E",
            Decimal(0),
            "Amounts paid in the name and on behalf of the customer: directive 2006/112/EC, article 79(c)",
        )
    crosses = (unions_of(start) or (start,)) != (unions_of(end) or (end,))
    rule = tax(
        "service" if kind == "service" else "freight_abroad" if crosses else "freight", seller.country, on
    )
    reason = "" if rule.category == "S" else f"{rule.text} ({rule.legal_basis})"
    return rule.category, rule.rate, reason


def document(invoice: Invoice) -> dict[str, Any]:
    """An invoice as JSON keeps it."""
    return {
        "seller": asdict(invoice.seller),
        "buyer": asdict(invoice.buyer),
        "note": invoice.note,
        "charges": [
            {
                "kind": c.kind,
                "subject": c.subject,
                "said": c.said,
                "amount": str(c.amount),
                "category": c.category,
                "rate": str(c.rate),
                "reason": c.reason,
            }
            for c in invoice.charges
        ],
    }


def charges_from(written: Sequence[dict[str, Any]]) -> tuple[Charge, ...]:
    """Charges of a document."""
    return tuple(
        Charge(
            c["kind"],
            c["subject"],
            c["said"],
            Decimal(c["amount"]),
            c["category"],
            Decimal(c["rate"]),
            c["reason"],
        )
        for c in written
    )
