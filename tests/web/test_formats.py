"""Numbers, money and instants in four languages; figures taken from CLDR by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qafila.core.money import Money
from qafila.runtime.language import LANGUAGES
from qafila.web.chassis.formats import Formats

NOON = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "1,234.50\u00a0MAD"),
        ("fr", "1\u202f234,50\u00a0MAD"),
        ("ar", "1.234,50\u00a0MAD"),
        ("zh", "1,234.50\u00a0MAD"),
    ],
)
def test_money(code: str, expected: str) -> None:
    assert Formats(LANGUAGES[code]).money(Money(Decimal("1234.499"), "MAD")) == expected


def test_an_amount_that_was_written() -> None:
    assert Formats(LANGUAGES["fr"]).amount("1554.27 CNY") == "1\u202f554,27\u00a0CNY"


def test_money_without_and_with_three_decimals() -> None:
    english = Formats(LANGUAGES["en"])
    assert english.money(Money(Decimal("1234.5"), "XOF")) == "1,235\u00a0XOF"
    assert english.money(Money(Decimal("1.2"), "TND")) == "1.200\u00a0TND"


@pytest.mark.parametrize(
    ("code", "zone", "expected"),
    [
        ("en", "Africa/Casablanca", "Tue 24 Nov 13:05 GMT+1"),  # Morocco is at UTC+1 outside Ramadan
        ("fr", "Asia/Shanghai", "mar. 24 nov. 20:05 UTC+8"),
        ("zh", "Asia/Kolkata", "11月24日周二 17:35 GMT+5:30"),
        ("en", "UTC", "Tue 24 Nov 12:05 GMT"),
    ],
)
def test_an_instant_is_shown_in_the_zone_of_the_place(code: str, zone: str, expected: str) -> None:
    shown = str(Formats(LANGUAGES[code]).short(NOON, zone))
    assert expected in shown
    assert shown.startswith("<time datetime=")


def test_spans_and_shares() -> None:
    french = Formats(LANGUAGES["fr"])
    assert french.duration(timedelta(hours=30)) == "1\u202fj 6\u202fh"
    assert french.duration(timedelta(minutes=90)) == "1\u202fh 30\xa0min"
    assert french.percent(0.97) == "97\xa0%"
    assert french.relative(NOON + timedelta(days=2), NOON) == "dans 2 jours"
    assert french.country("MA") == "Maroc"
