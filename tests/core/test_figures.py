"""Numbers as people write them, wherever one is typed or stands in a file."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.figures import NotAFigure, number


@pytest.mark.parametrize(
    ("written", "mark", "value"),
    [
        ("1.234,56", None, "1234.56"),
        ("1 234,56", None, "1234.56"),
        ("1\u202f234,56", None, "1234.56"),
        ("1\u2009234,5", None, "1234.5"),
        ("1'234.56", None, "1234.56"),
        ("1’234.56", None, "1234.56"),
        ("1,234.56", None, "1234.56"),
        ("1.234.567", None, "1234567"),
        ("1,23,456.78", None, "123456.78"),
        ("12,34,567", None, "1234567"),
        ("١٬٢٣٤٫٥٦", None, "1234.56"),
        ("١٢٣٫٤٥", None, "123.45"),
        ("۱۲۳٫۵", None, "123.5"),
        ("١٢،٥", None, "12.5"),
        ("२३४", None, "234"),
        ("１２３．４", None, "123.4"),
        ("1.234,-", None, "1234"),
        ("12,–", None, "12"),
        (",5", None, "0.5"),
        ("0,250", None, "0.250"),
        ("0.250", ",", "0.250"),
        ("1.234", ",", "1234"),
        ("1.234", None, "1.234"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("−5,50", None, "-5.50"),
        ("1 234.567", None, "1234.567"),
        ("1e3", None, "1000"),
    ],
)
def test_read(written: str, mark: str | None, value: str) -> None:
    assert number(written, mark) == Decimal(value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "abc",
        "1/2",
        "½",
        "12²",
        "1_000",
        "NaN",
        "Infinity",
        "..",
        "1,234",
        "10 20",
        "1 2,5",
        "1.2.3",
        "1.234.56",
        "1,234.5.6",
        "1.,2",
        "9" * 70,
        "12.34.567,8",
        "1'23.5",
        "一二",
    ],
)
def test_refused_rather_than_guessed(written: str) -> None:
    with pytest.raises(NotAFigure):
        number(written)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_every_country_writes_the_same_number(whole: int, cents: int) -> None:
    value = Decimal(whole) + Decimal(cents) / 100
    english = f"{value:,.2f}"
    swap = str.maketrans(",.", "\0,")
    spaced = english.translate(swap)
    for form in (
        english,
        spaced.replace("\0", "."),
        spaced.replace("\0", "\u202f"),
        english.replace(",", "'"),
        spaced.replace("\0", "٬")
        .replace(",", "٫")
        .translate({ord(str(d)): chr(0x660 + d) for d in range(10)}),
    ):
        assert number(form) == value, form


@given(st.text(max_size=30))
def test_any_text_is_a_finite_number_or_refused(written: str) -> None:
    with suppress(NotAFigure):
        assert number(written).is_finite()
