"""Amounts have the decimals of their coin (ISO 4217)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qafila.core.money import Money, minor_units


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2),
        ("MAD", 2),
        ("CNY", 2),
        ("JPY", 0),
        ("XOF", 0),
        ("TND", 3),
        *((code, 0) for code in ("VND", "ISK", "PYG", "KMF", "BIF", "XPF", "VUV")),
    ],
)
def test_each_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_units(currency) == digits
    assert (
        str(Money(Decimal("1234.5678"), currency).rounded().amount)
        == {0: "1235", 2: "1234.57", 3: "1234.568"}[digits]
    )
