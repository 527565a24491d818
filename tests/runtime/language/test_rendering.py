"""A message in the reader's language: its words, and each value by its kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from qafila.core.message import (
    TEMPLATES,
    Choice,
    Country,
    Named,
    Place,
    Share,
    Template,
    Term,
    Value,
    as_it_is,
    clauses,
    fact,
    template,
)
from qafila.core.money import Money
from qafila.runtime.language import LANGUAGES, render

EN, FR, AR, ZH = LANGUAGES.values()


@pytest.fixture
def it() -> Iterator[Template]:
    yield template("test.it", "It: {it}")
    del TEMPLATES["test.it"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (1234, ["1,234", "1\u202f234", "1.234", "1,234"]),
        (Decimal("1234.50"), ["1,234.5", "1\u202f234,5", "1.234,5", "1,234.5"]),
        (
            Money(Decimal("12.5"), "EUR"),
            ["12.50\u00a0EUR", "12,50\u00a0EUR", "12,50\u00a0EUR", "12.50\u00a0EUR"],
        ),
        (
            Money(Decimal("1200"), "VND"),
            ["1,200\u00a0VND", "1\u202f200\u00a0VND", "1.200\u00a0VND", "1,200\u00a0VND"],
        ),
        (date(2026, 11, 30), ["30 Nov 2026", "30 nov. 2026", "30 نونبر 2026", "2026年11月30日"]),
        (
            datetime(2026, 11, 30, 14, 5, tzinfo=UTC),
            [
                "30 Nov 2026 14:05 UTC",
                "30 nov. 2026 14:05 UTC",
                "30 نونبر 2026 14:05 UTC",
                "2026年11月30日 14:05 UTC",
            ],
        ),
        (Country("ZA"), ["South Africa", "Afrique du Sud", "جنوب أفريقيا", "南非"]),
        (Country("XQ"), ["XQ", "XQ", "XQ", "XQ"]),
        (Term("mode", "sea"), ["Sea", "Mer", "بحرا", "海运"]),
        (Term("mode", "balloon"), ["balloon"] * 4),
        (Named((("en", "leather"), ("fr", "cuir"))), ["leather", "cuir", "leather", "leather"]),
        (Share(Decimal("0.43")), ["43%", "43\u00a0%", "43%", "43%"]),
        (
            Choice(("Lyon", "Lens", "Laon")),
            ["Lyon, Lens or Laon", "Lyon, Lens ou Laon", "Lyon أو Lens أو Laon", "Lyon、Lens或Laon"],
        ),
        (
            Choice((Country("FR"), Country("MA")), every=True),
            ["France and Morocco", "France et Maroc", "فرنسا والمغرب", "法国和摩洛哥"],
        ),
        (Place("X-1", "Schiphol"), ["Schiphol"] * 4),
        (as_it_is("trade guides"), ["trade guides"] * 4),
    ],
)
def test_values_are_said_by_their_kind(it: Template, given: Value, said: list[str]) -> None:
    for language, wanted in zip(LANGUAGES.values(), said, strict=True):
        text = render(it(it=given), language).removeprefix("It: ")
        assert text.replace("\u2068", "").replace("\u2069", "") == wanted


def test_an_instant_keeps_its_own_zone(it: Template) -> None:
    at = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert render(it(it=at), EN) == "It: 1 Jul 2026 09:00 GMT+8"


def test_what_is_written_from_left_to_right_is_set_apart_in_arabic() -> None:
    both = clauses([fact("test.word", "Not known"), as_it_is("trade guides")])
    assert both is not None
    assert render(both, AR) == "غير معروف؛ \u2068trade guides\u2069"
    assert render(both, FR) == "Inconnu ; trade guides"
    foreign = clauses([as_it_is("ECOWAS tariff"), as_it_is("trade guides")])
    assert foreign is not None
    assert "\u2068ECOWAS tariff\u2069" in render(foreign, AR)


def test_a_text_without_a_translation_is_said_as_it_is() -> None:
    assert render(fact("customs.charge", "A levy of nobody's {20 %}"), FR) == "A levy of nobody's {20 %}"
    assert render(as_it_is("{braces} and 100 %"), FR) == "{braces} and 100 %"


def test_english_is_the_language_of_who_names_none() -> None:
    assert render(as_it_is("x")) == "x"
    assert render(fact("test.word", "Not known"), ZH) == "未知"
