"""The terms of an offer (facts/offer-terms.csv)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cache
from importlib.resources import files

from qafila.core.money import ExchangeRates, Money


@dataclass(frozen=True, slots=True)
class Terms:
    """What every offer goes by; the same for everybody."""

    insurance_rate: Decimal  # percent of goods and freight
    insurance_minimum: Decimal  # EUR
    offer_valid: Decimal  # hours
    promise_probability: Decimal

    def premium(self, goods: Money, freight: Money, on: date, rates: ExchangeRates) -> Money:
        """What insuring a parcel costs, in the currency of the goods, rounded up to its coin."""
        covered = goods + rates.convert(freight, goods.currency, on)
        least = rates.convert(Money(self.insurance_minimum, "EUR"), goods.currency, on)
        due = max(covered.amount * self.insurance_rate / 100, least.amount)
        return Money(due, goods.currency).rounded(rounding=ROUND_CEILING)


@cache
def terms() -> Terms:
    """The terms in force."""
    with (files("qafila") / "facts" / "offer-terms.csv").open(encoding="utf-8") as lines:
        return Terms(**{row["term"]: Decimal(row["value"]) for row in csv.DictReader(lines)})
