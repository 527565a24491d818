from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from qafila.clearance.authority import Case, Sandbox, is_vague
from qafila.clearance.declaration import DeclarationLine
from qafila.clearance.lifecycle import State
from qafila.core.money import Money, exchange_rates
from qafila.customs.assessment import Goods
from qafila.customs.restrictions import Finding, find
from tests.clearance.test_mapping import full

BASE = replace(full("dum"), id="not-drawn", lines=(full("dum").lines[0],))


def with_line(**changes: object) -> Case:
    return Case(replace(BASE, lines=(replace(BASE.lines[0], **changes),)))  # type: ignore[arg-type]


def findings(hs: str) -> tuple[Finding, ...]:
    line = Goods("x", Decimal(1), Money(Decimal(1), "EUR"), hs)
    return tuple(find([line], "CN", "MA", date(2026, 11, 23)))


def test_a_plain_declaration_goes_through_green() -> None:
    sandbox, case = Sandbox(exchange_rates()), Case(BASE)
    assert sandbox.advise(case).state is State.ASSESSED
    assert sandbox.lodge(case).state is State.ACCEPTED
    assert sandbox.channel(case).state is State.GREEN


def test_prohibited_goods_do_not_load_and_are_refused() -> None:
    case = Case(BASE, findings("392321"))
    assert Sandbox(exchange_rates()).advise(case).state is State.DO_NOT_LOAD
    assert Sandbox(exchange_rates()).lodge(case).state is State.REFUSED


def test_a_listed_party_does_not_load() -> None:
    assert Sandbox(exchange_rates()).advise(Case(BASE, open_hits=1)).state is State.DO_NOT_LOAD


@pytest.mark.parametrize("words", ["Gift", "samples 2", "配件", "هدية", "divers articles", "", "12"])
def test_vague_words_are_asked_about(words: str) -> None:
    answer = Sandbox(exchange_rates()).advise(with_line(description=words))
    assert (answer.state, answer.asks) == (State.INFORMATION_REQUESTED, ("lines[0].description",))


@pytest.mark.parametrize("words", ["cotton T-shirt", "phone accessories case", "زيت الأركان", "手机壳"])
def test_telling_words_are_not(words: str) -> None:
    assert not is_vague(words)


def test_each_missing_field_is_asked_for() -> None:
    answer = Sandbox(exchange_rates()).lodge(Case(replace(BASE, office="", packages=None)))
    assert answer.state is State.INFORMATION_REQUESTED
    assert set(answer.asks) == {"office", "packages"}


def test_risk_adds_up_to_a_channel() -> None:
    # a watch (15) worth €1200 (30): 45 points, orange; worth €12000: 30 + 35 + 15 = 80, red
    watch = with_line(hs="910211", value=Money(Decimal(1200), "EUR"))
    assert Sandbox(exchange_rates()).channel(watch).state is State.ORANGE
    assert (
        Sandbox(exchange_rates()).channel(with_line(hs="910211", value=Money(Decimal(12000), "EUR"))).state
        is State.RED
    )
    assert "45 points" in str(Sandbox(exchange_rates()).channel(watch).reason)


def test_the_value_is_compared_in_euro() -> None:
    # 9000 MAD are about €837, below the line of €1000; 9000 USD are above it
    assert (
        Sandbox(exchange_rates()).channel(with_line(value=Money(Decimal(9000), "MAD"))).state is State.GREEN
    )
    assert (
        Sandbox(exchange_rates()).channel(with_line(value=Money(Decimal(9000), "USD"))).state is State.ORANGE
    )


def test_about_two_in_a_hundred_are_drawn_and_always_the_same() -> None:
    def drawn(i: int) -> bool:
        return Sandbox(exchange_rates()).channel(Case(replace(BASE, parcel=f"d-{i}"))).state is State.RED

    first = [drawn(i) for i in range(3000)]
    assert first[:300] == [drawn(i) for i in range(300)]
    assert 30 <= sum(first) <= 90  # 60 expected, standard deviation 7.7


def test_an_inspection_holds_what_lacks_its_paper() -> None:
    held = Sandbox(exchange_rates()).inspect(Case(BASE, findings("880622")))
    assert held.state is State.HELD
    assert held.asks[0] == "lines[0].proofs"
    assert Sandbox(exchange_rates()).inspect(Case(BASE)).state is State.RELEASED
    assert isinstance(BASE.lines[0], DeclarationLine)
