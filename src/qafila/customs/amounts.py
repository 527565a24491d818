"""Amounts in the currency of an assessment, by the rates of its day."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from qafila.core.money import ExchangeRates, Money, minor_units

ZERO = Decimal(0)


@lru_cache(maxsize=8192)
def _per_eur(rates: ExchangeRates, currency: str, on: date) -> Decimal:
    return rates.quote(currency, on).per_eur


def in_currency(money: Money | None, currency: str, on: date, rates: ExchangeRates) -> Decimal:
    """An amount in the currency of the assessment, rounded to its coin."""
    if money is None:
        return ZERO
    amount = money.amount
    if money.currency != currency:
        amount = amount / _per_eur(rates, money.currency, on) * _per_eur(rates, currency, on)
    return amount.quantize(coin(currency), ROUND_HALF_UP)


@lru_cache(maxsize=256)
def coin(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return Decimal(1).scaleb(-minor_units(currency))
