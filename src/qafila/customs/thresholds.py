"""Thresholds: within which of them a consignment keeps, and by how much it exceeds the others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from qafila.core.money import ExchangeRates, Money
from qafila.customs.amounts import in_currency
from qafila.customs.assessment import Consignment
from qafila.customs.customs_rules import Territory, Threshold


@lru_cache(maxsize=4096)
def threshold_limits(
    territory: Territory, on: date, currency: str, rates: ExchangeRates
) -> tuple[tuple[Threshold, Decimal | None], ...]:
    """The thresholds in force on a day, each with its limit in the currency of the assessment."""
    return tuple(
        (t, None if t.limit is None else in_currency(t.limit, currency, on, rates))
        for t in territory.thresholds
        if t.rule.valid_from <= on and (t.rule.valid_to is None or on <= t.rule.valid_to)
    )


def kept_thresholds(
    consignment: Consignment,
    territory: Territory,
    currency: str,
    rates: ExchangeRates,
    goods: Decimal,
    carriage: Decimal,
) -> frozenset[str]:
    """The thresholds within which the consignment keeps."""
    kept = []
    for threshold, limit in threshold_limits(territory, consignment.on, currency, rates):
        if limit is not None:
            over = _over(threshold, limit, consignment, currency, rates, goods, carriage)
            if over > 0 or (over == 0 and not threshold.inclusive):
                continue
        if threshold.times is not None and consignment.consignments_this_year >= threshold.times:
            continue
        kept.append(threshold.id)
    return frozenset(kept)


def excess(
    threshold: Threshold,
    limit: Decimal,
    consignment: Consignment,
    currency: str,
    rates: ExchangeRates,
    goods: Decimal,
    carriage: Decimal,
) -> Money:
    """By how much the value that counts is above a threshold (below zero: within it)."""
    over = _over(threshold, limit, consignment, currency, rates, goods, carriage)
    stated = threshold.limit
    own = stated is not None and _in_own_currency(threshold, consignment, stated.currency)
    return Money(over, stated.currency if own and stated is not None else currency)


def _in_own_currency(threshold: Threshold, consignment: Consignment, currency: str) -> bool:
    """Goods priced in the threshold's own currency are held against it as they are: $300 is $300 whatever
    the rate of the day does to its cents."""
    if threshold.measured_on != "goods":
        return False
    return all(item.value.currency == currency for item in consignment.goods)


def _over(
    threshold: Threshold,
    limit: Decimal,
    consignment: Consignment,
    currency: str,
    rates: ExchangeRates,
    goods: Decimal,
    carriage: Decimal,
) -> Decimal:
    stated = threshold.limit
    if stated is not None and _in_own_currency(threshold, consignment, stated.currency):
        value = -stated.amount
        for item in consignment.goods:
            value += item.value.amount
        return value
    if threshold.measured_on == "goods":
        return goods - limit
    if threshold.measured_on == "cif":
        return goods + carriage - limit
    return goods + in_currency(consignment.year_to_date, currency, consignment.on, rates) - limit
