"""Schedules as authorities export them: no line takes another's rate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qafila.core.money import exchange_rates
from qafila.customs import schedules
from qafila.customs.assessment import Assessment
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import consignment_from
from qafila.customs.importing import take_schedule
from qafila.customs.rulebook import Rulebook, rulebook
from qafila.customs.schedules import Origin
from qafila.runtime.settings import settings


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rulebook]:
    data = Path(__file__).resolve().parents[3] / "shared" / "data" / "customs"
    if not data.exists():
        pytest.skip("../shared/data is not here")
    before = settings().home
    settings().home = tmp_path_factory.mktemp("home")
    try:
        for name, territory, preset in (("us-hts.csv", "US", "us-hts"), ("taric-sample.csv", "EU", "taric")):
            origin = Origin(
                territory, "its authority", "", date(1995, 1, 1), "official", date(2026, 11, 30), name
            )
            take_schedule(rulebook(), data / name, origin, {}, preset)
        yield Rulebook(rulebook().territories, rulebook().agreements, schedules.stored_schedules())
    finally:
        settings().home = before


def ask(book: Rulebook, to: str, hs: str, origin: str, **goods: object) -> Assessment:
    currency = "USD" if to == "US" else "EUR"
    asked = {"from": origin, "to": to, "date": "2026-11-30", "currency": currency, "freight": 0, "trade": "b2b", "channel": "freight",
             "mode": "sea", "goods": [{"hs": hs, "value": 1000, **goods}]}  # fmt: skip
    return assess(consignment_from(asked), book, exchange_rates())


@pytest.mark.parametrize(
    ("hs", "text"),
    [
        ("51011160", "18.7¢/clean kg"),
        ("5101116030", "18.7¢/clean kg"),
        ("15092020", "5¢/kg on contents and container"),
        ("91021150", "80¢ each + 6%"),
    ],
)
def test_a_rate_that_cannot_be_read_is_not_known(book: Rulebook, hs: str, text: str) -> None:
    answer = ask(book, "US", hs, "KE")
    (duty,) = [c for c in answer.charges if c.code == "DUTY"]
    assert text in str(duty.rate)
    assert str(duty.rate).startswith("not known")
    assert duty.rule.confidence == "unknown"
    assert any(text in str(warning) and "not in the total" in str(warning) for warning in answer.warnings)


def test_statistical_lines_take_their_parent_s_rate(book: Rulebook) -> None:
    assert ask(book, "US", "0101300000", "KE").total_of("duty").amount == 68  # 6.8 %
    assert ask(book, "US", "6109100012", "KE").total_of("duty").amount == 165
    assert ask(book, "US", "0101210010", "KE").total_of("duty").amount == 0


def test_barrels_are_asked_for(book: Rulebook) -> None:
    assert any("needs the volume in litres" in str(w) for w in ask(book, "US", "27101916", "KE").warnings)
    # 52.5 cents a barrel of 158.987 litres
    assert str(ask(book, "US", "27101916", "KE", litres=1589.87294928).total_of("duty").amount) == "5.25"


def test_the_special_column_grants_what_it_says_in_any_chapter(book: Rulebook) -> None:
    for hs in ("1604112020", "610910"):  # "Free (…,MA,…)"
        (duty,) = [c for c in ask(book, "US", hs, "MA", preference="us-morocco").charges if c.code == "DUTY"]
        assert duty.amount.amount == 0
    refused = ask(book, "US", "5101116030", "MA", preference="us-morocco")
    assert refused.charges


@pytest.mark.parametrize(
    ("hs", "origin", "duty"),
    [
        ("8712003000", "CN", "625.00"),
        ("8712003000", "VN", "140.00"),
        ("7318150000", "CN", "902.00"),
        ("7318150000", "IN", "37.00"),
    ],
)
def test_anti_dumping_duty_of_taric_is_charged(book: Rulebook, hs: str, origin: str, duty: str) -> None:
    assert str(ask(book, "DE", hs, origin).total_of("duty").amount) == duty


def test_taric_s_own_units(book: Rulebook) -> None:
    assert (
        str(ask(book, "DE", "1509200000", "US", net_kg=50).total_of("duty").amount) == "62.25"
    )  # 124.5 EUR DTN
    assert (
        str(ask(book, "DE", "9102110000", "US", quantity=2).total_of("duty").amount) == "1.60"
    )  # at most 0.80 each
    assert "not known" in str(ask(book, "DE", "1806320000", "US").charges[0].rate)  # agricultural component
