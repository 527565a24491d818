"""Money: an exact amount with its currency, and conversion by a dated rate."""

from __future__ import annotations

import csv
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files

from qafila.core.unknown_rate import UnknownRate
from qafila.core.values import value

_MINOR_UNITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Minor units that differ from two decimals (ISO 4217)."""


def minor_units(currency: str) -> int:
    """Decimals of a currency's smallest coin (ISO 4217)."""
    return _MINOR_UNITS.get(currency, 2)


@value
class Money:
    """An exact amount in a currency (ISO 4217, three capital letters)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 currency code: {self.currency!r}")

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}; convert first")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.amount, other.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def rounded(self, places: int | None = None, rounding: str = ROUND_HALF_UP) -> Money:
        """Rounded to the currency's own coin, or to `places` decimals."""
        digits = minor_units(self.currency) if places is None else places
        return Money(self.amount.quantize(Decimal(1).scaleb(-digits), rounding=rounding), self.currency)

    def __str__(self) -> str:
        return f"{self.rounded().amount} {self.currency}"


@value
class Quote:
    """Units of `currency` for one euro from `valid_from` on, with its source."""

    currency: str
    per_eur: Decimal
    valid_from: date
    source: str
    confidence: str


class ExchangeRates:
    """Dated rates against the euro; a conversion takes the newest rate on or before its date."""

    def __init__(self, quotes: list[Quote]) -> None:
        self._quotes: dict[str, list[Quote]] = {}
        for quote in sorted(quotes, key=lambda q: q.valid_from):
            self._quotes.setdefault(quote.currency, []).append(quote)

    @property
    def currencies(self) -> frozenset[str]:
        """Every currency that can be converted."""
        return frozenset(self._quotes) | {"EUR"}

    @property
    def days(self) -> frozenset[date]:
        """The days on which some rate begins: between two of them every conversion is the same."""
        return frozenset(q.valid_from for quotes in self._quotes.values() for q in quotes)

    def quote(self, currency: str, on: date) -> Quote:
        """The rate in force on a day; raises UnknownRate, naming the remedy."""
        if currency == "EUR":
            return Quote("EUR", Decimal(1), date.min, "by definition", "official")
        in_force = [q for q in self._quotes.get(currency, []) if q.valid_from <= on]
        if not in_force:
            raise UnknownRate(currency, on)
        return in_force[-1]

    def convert(self, money: Money, currency: str, on: date) -> Money:
        """`money` in another currency by the rates of that day, not rounded."""
        if money.currency == currency:
            return money
        amount = money.amount / self.quote(money.currency, on).per_eur * self.quote(currency, on).per_eur
        return Money(amount, currency)


@cache
def exchange_rates() -> ExchangeRates:
    """The table that qafila ships (facts/exchange-rates.csv): indicative, replaceable by the operator."""
    with (files("qafila") / "facts" / "exchange-rates.csv").open(encoding="utf-8") as lines:
        return ExchangeRates(
            [
                Quote(
                    r["currency"],
                    Decimal(r["per_eur"]),
                    date.fromisoformat(r["valid_from"]),
                    r["source"],
                    r["confidence"],
                )
                for r in csv.DictReader(lines)
            ]
        )
