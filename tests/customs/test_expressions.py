from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.fault import Fault
from qafila.customs.bases import parse_base
from qafila.customs.expressions import Rate, RateTextError, Specific, parse_rate


@pytest.mark.parametrize("text", ["Free", "free", "0", "", "Exempt", "Free 1/", "-"])
def test_free(text: str) -> None:
    assert parse_rate(text).is_free


@pytest.mark.parametrize(
    ("text", "percent", "amount", "currency", "unit", "per"),
    [
        ("4.2¢/kg + 3.1%", "3.1", "0.042", "USD", "kg", "1"),
        ("35.3¢/pr. + 9.6%", "9.6", "0.353", "USD", "piece", "1"),
        ("$1.035/kg", "0", "1.035", "USD", "kg", "1"),
        ("1¢ each", "0", "0.01", "USD", "piece", "1"),
        ("48¢/doz.", "0", "0.48", "USD", "piece", "12"),
        ("12.800 % + 176.800 EUR / DTN", "12.8", "176.8", "EUR", "kg", "100"),
        ("25.40 GBP / 100 kg", "0", "25.4", "GBP", "kg", "100"),
        ("£0.90/hl", "0", "0.9", "GBP", "litre", "100"),
        ("3 EUR per tariff line", "0", "3", "EUR", "tariff line", "1"),
        ("£0.30 / Number of items", "0", "0.3", "GBP", "piece", "1"),
        ("EUR 3,5 / kg", "0", "3.5", "EUR", "kg", "1"),
        ("£0.50 / % vol/hl", "0", "0.5", "GBP", "litre of pure alcohol", "1"),
        ("$1.20/pf.liter", "0", "1.2", "USD", "litre of pure alcohol", "0.5"),
        ("6.3¢/liter", "0", "0.063", "USD", "litre", "1"),
        ("$7.50 per 1000 pieces", "0", "7.5", "USD", "piece", "1000"),
    ],
)
def test_compound_and_specific(
    text: str, percent: str, amount: str, currency: str, unit: str, per: str
) -> None:
    rate = parse_rate(text)
    assert rate.percent == Decimal(percent)
    assert rate.specific == (Specific(Decimal(amount), currency, unit, Decimal(per)),)


def test_minimum_and_maximum() -> None:
    rate = parse_rate("4.50 % MIN 0.300 EUR/p/st MAX 0.800 EUR/p/st")
    assert rate.percent == Decimal("4.5")
    assert rate.minimum == Rate(specific=(Specific(Decimal("0.3"), "EUR", "piece"),))
    assert rate.maximum == Rate(specific=(Specific(Decimal("0.8"), "EUR", "piece"),))
    said = parse_rate("8 % but not less than 1.6 EUR / 100 kg")
    assert said.minimum == Rate(specific=(Specific(Decimal("1.6"), "EUR", "kg", Decimal(100)),))


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("35% or USD 0.40/kg whichever is the higher", "35 % min 0.40 USD per kg"),
        ("10 % or 2 EUR / kg, whichever is lower", "10 % max 2 EUR per kg"),
        ("25% ad valorem", "25 %"),
        ("5 per cent ad val.", "5 %"),
        ("Duty free", "Free"),
    ],
)
def test_other_ways_of_saying_it(text: str, same_as: str) -> None:
    assert parse_rate(text) == parse_rate(same_as)


def test_a_tax_inside_its_price() -> None:
    # 15 / 85 of the price without it
    assert parse_rate("15 % inclusive").fraction == Decimal(15) / Decimal(85)


@pytest.mark.parametrize(
    "text",
    [
        "See 9903.88.03",
        "The rate applicable to the article",
        "12",
        "3 per kg",
        "2.1 EUR / furlong",
        "% 5",
        "51¢ on the case",
    ],
)
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(RateTextError):
        parse_rate(text)


@given(
    st.decimals("0.01", "300", places=2),
    st.one_of(st.none(), st.decimals("0.01", "99", places=2)),
    st.sampled_from(["kg", "litre", "piece", "tariff line", "consignment"]),
)
def test_a_rate_reads_back_as_it_is_written(percent: Decimal, amount: Decimal | None, unit: str) -> None:
    rate = Rate(percent, () if amount is None else (Specific(amount, "EUR", unit),))
    assert parse_rate(str(rate)) == rate


def test_bases() -> None:
    base = parse_base("1.1*V + DI + 10/7*CT")
    assert [(t.name, t.factor) for t in base.terms] == [
        ("V", Decimal("1.1")),
        ("DI", Decimal(1)),
        ("CT", Decimal(10) / Decimal(7)),
    ]
    assert base.charges == ("DI", "CT")
    assert [(t.name, t.factor) for t in parse_base("0.125*V - DUTY").terms] == [
        ("V", Decimal("0.125")),
        ("DUTY", Decimal(-1)),
    ]
    with pytest.raises(Fault, match="is not a term"):
        parse_base("V * DI")
