"""Numbers and dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.figures import NotAFigure
from qafila.shipping.orders.orders_figures import Notation, day, instant, notation_of

POINT, COMMA, UNKNOWN = Notation("."), Notation(","), Notation(None)


@pytest.mark.parametrize(
    ("notation", "written", "value"),
    [
        (POINT, "12.5", "12.5"),
        (COMMA, "12,5", "12.5"),
        (UNKNOWN, "12,50", "12.50"),
        (POINT, "1,234", "1234"),
        (COMMA, "1,234", "1.234"),
        (UNKNOWN, "1.234,56", "1234.56"),
        (UNKNOWN, "1,234.56", "1234.56"),
        (UNKNOWN, "1 234,5", "1234.5"),
        (UNKNOWN, "1\u202f234,5", "1234.5"),
        (UNKNOWN, "1.234.567", "1234567"),
        (UNKNOWN, "0,125", "0.125"),
        (UNKNOWN, "١٢٫٥", "12.5"),
        (UNKNOWN, "１２.５", "12.5"),
        (UNKNOWN, "-3", "-3"),
        (UNKNOWN, ".5", "0.5"),
        (UNKNOWN, "1e3", "1000"),
        (UNKNOWN, "1'234.5", "1234.5"),
    ],
)
def test_numbers(notation: Notation, written: str, value: str) -> None:
    assert notation.number(written) == Decimal(value)


@pytest.mark.parametrize(
    "written", ["", "abc", "NaN", "inf", "1.2.3", "--1", "1,2,3.4", "12kg", "1.234,5,6", ","]
)
def test_what_is_no_number(written: str) -> None:
    with pytest.raises(NotAFigure):
        POINT.number(written)


def test_one_comma_and_three_digits_is_not_guessed() -> None:
    with pytest.raises(NotAFigure, match="thousands or decimals"):
        UNKNOWN.number("1,234")
    assert notation_of(["1,234", "12,5"]).number("1,234") == Decimal("1.234")
    assert notation_of(["1,234", "12.5"]).number("1,234") == 1234


@given(st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False))
def test_a_number_is_read_back_in_each_notation(value: Decimal) -> None:
    english = f"{value:,.2f}"
    assert POINT.number(english) == value
    assert COMMA.number(english.translate(str.maketrans(",.", ".,"))) == value
    assert COMMA.number(english.replace(",", " ").replace(".", ",")) == value


def test_units() -> None:
    assert POINT.grams("300 g", "kg") == 300
    assert POINT.grams("0.3", "kg") == 300
    assert POINT.grams("2 lb", "kg") == Decimal("907.18474")  # 2 × 453.59237
    assert POINT.millimetres("10") == 100
    assert POINT.millimetres("10 in") == 254
    with pytest.raises(NotAFigure, match="unit"):
        POINT.grams("3 stone", "kg")


def test_prices_with_their_currency() -> None:
    assert COMMA.price("€ 12,50") == (Decimal("12.50"), "€")
    assert POINT.price("120 MAD") == (Decimal(120), "MAD")
    assert POINT.price("100 DH") == (Decimal(100), "DH")
    assert POINT.price("99元") == (Decimal(99), "元")
    assert POINT.price("٢٥٠ درهم") == (Decimal(250), "درهم")
    assert POINT.price("7.5") == (Decimal("7.5"), None)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-30",
        "2026/11/30",
        "30.11.2026",
        "30/11/2026",
        "11/30/2026",
        "20261130",
        "2026年11月30日",
        "30 Nov 2026",
        "2026-11-30T14:00:00Z",
        "٢٠٢٦-١١-٣٠",
    ],
)
def test_days(written: str) -> None:
    assert day(written) == date(2026, 11, 30)


@pytest.mark.parametrize("written", ["03/04/2026", "soon", "2026-13-01", "31/02/2026"])
def test_days_that_are_none_or_two(written: str) -> None:
    with pytest.raises(NotAFigure):
        day(written)


def test_instants_are_local_unless_they_say_otherwise() -> None:
    casablanca = ZoneInfo("Africa/Casablanca")  # UTC+1 in November 2026
    assert instant("2026-11-30T14:00", casablanca) == datetime(2026, 11, 30, 13, 0, tzinfo=UTC)
    assert instant("2026-11-30T14:00+08:00", casablanca) == datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
    assert instant("2026-11-30 14:00:00 -0500", casablanca) == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)
    assert instant("2026-11-30", casablanca) == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-30 9:00 PM", "20:00"),
        ("2026-11-30 21:00 CET", "20:00"),
        ("2026-11-30 21:00 UTC", "21:00"),
        ("30/11/2026 21h00", "20:00"),
        ("2026-11-30 9pm", "20:00"),
        ("2026-11-30 12:15 pm", "11:15"),
        ("2026-11-30 9:00 م", "20:00"),
        ("2026年11月30日 下午9:00", "20:00"),
        ("2026-11-30 21:00 +0300", "18:00"),
        ("2026-11-30 21:00 Asia/Dubai", "17:00"),
        ("2026-11-30 21:00 GMT+2", "19:00"),
    ],
)
def test_times_of_day_as_people_write_them(written: str, utc: str) -> None:
    found = instant(written, ZoneInfo("Africa/Casablanca")).astimezone(UTC)
    assert f"{found:%Y-%m-%d %H:%M}" == f"2026-11-30 {utc}"


@pytest.mark.parametrize(
    "written",
    ["2026-11-30 21:00 CST", "2026-11-30 13:00 PM", "2026-11-30 21:00 heure d'ici", "2026-11-30 25:00"],
)
def test_a_time_that_is_not_understood_is_refused(written: str) -> None:
    with pytest.raises(NotAFigure):
        instant(written, ZoneInfo("Africa/Casablanca"))
