"""The engine itself: properties over every territory, batch equal to single, and rules made up for one point each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qafila.core.fault import Fault
from qafila.core.money import ExchangeRates, Money, Quote, exchange_rates
from qafila.customs.assessment import Consignment, Goods
from qafila.customs.customs_duty import assess, assess_many
from qafila.customs.rulebook import Rulebook, build, rulebook
from tests.customs.cases import amounts, consignment, due, goods

COUNTRIES = sorted(rulebook().countries)
CODES = [
    "610910",
    "711719",
    "851713",
    "640399",
    "910211",
    "220421",
    "240220",
    "490199",
    "330300",
    "950300",
    None,
]

lines = st.builds(
    Goods,
    description=st.just("goods"),
    quantity=st.integers(1, 50).map(Decimal),
    value=st.builds(
        Money,
        st.decimals("0.01", "20000", places=2),
        st.sampled_from(["USD", "EUR", "CNY", "MAD", "XOF"]),
    ),
    hs=st.sampled_from(CODES),
    origin=st.sampled_from([None, "CN", "MA", "FR", "TR"]),
    net_kg=st.one_of(st.none(), st.decimals("0.01", "30", places=2)),
    litres=st.one_of(st.none(), st.decimals("0.1", "5", places=1)),
    preference=st.sampled_from([None, None, "eu-morocco", "agadir"]),
)
consignments = st.builds(
    Consignment,
    goods=st.lists(lines, min_size=1, max_size=4).map(tuple),
    sender=st.sampled_from(["CN", "MA", "FR", "US"]),
    destination=st.sampled_from(COUNTRIES),
    on=st.dates(date(2025, 10, 1), date(2028, 12, 31)),
    freight=st.one_of(st.none(), st.builds(Money, st.decimals("0", "500", places=2), st.just("USD"))),
    insurance=st.one_of(st.none(), st.builds(Money, st.decimals("0", "50", places=2), st.just("USD"))),
    trade=st.sampled_from(["b2c", "b2b", "c2c"]),
    channel=st.sampled_from(["express", "post", "freight"]),
    mode=st.sampled_from(["air", "sea"]),
    scheme=st.sampled_from([None, None, "ioss", "cbec", "bonded"]),
    declaration=st.sampled_from([None, "h1", "h7"]),
    paid_electronically=st.booleans(),
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.lists(consignments, min_size=1, max_size=5))
def test_a_batch_equals_single_assessments_to_the_cent(asked: list[Consignment]) -> None:
    for one, totals in zip(asked, assess_many(asked, rulebook(), exchange_rates()), strict=True):
        single = due(one)
        assert totals.currency == single.currency
        assert totals.total == single.total.amount
        assert totals.customs_value == single.customs_value.amount
        for kind, amount in totals.by_kind.items():
            assert amount == single.total_of(kind).amount


@quick
@given(consignments)
def test_lines_add_up_and_every_line_says_why(asked: Consignment) -> None:
    answer = due(asked)
    assert answer.total.amount == sum(
        (c.amount.amount for c in answer.charges if not c.suspended), Decimal(0)
    )
    for charge in answer.charges:
        assert charge.amount.currency == answer.currency
        assert charge.amount.amount >= 0
        assert charge.amount.amount == charge.amount.rounded().amount
        assert charge.why
        assert charge.rule.legal_basis
        assert charge.rule.valid_from <= asked.on
        assert charge.rule.valid_to is None or asked.on <= charge.rule.valid_to
    for alternative in answer.what_if:
        assert alternative.saves is None or alternative.saves.amount > 0


@quick
@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from([c for c in CODES if c]),
    st.decimals("3000", "9000", places=2),
    st.decimals("0.01", "5000", places=2),
    st.sampled_from(["b2b", "b2c"]),
)
def test_more_value_never_costs_less_above_the_thresholds(
    country: str, hs: str, value: Decimal, more: Decimal, trade: str
) -> None:
    def total(amount: Decimal) -> Decimal:
        line = Goods("goods", Decimal(1), Money(amount, "EUR"), hs, litres=Decimal(1), net_kg=Decimal(1))
        return due(
            Consignment((line,), "CN", country, date(2026, 11, 23), Money(Decimal(0), "EUR"), trade=trade)
        ).total.amount

    assert total(value) <= total(value + more)


def test_freight_is_shared_by_value_to_the_cent() -> None:
    three = [goods("610910", "33.33 EUR"), goods("610910", "33.33 EUR"), goods("610910", "33.34 EUR")]
    answer = due(consignment("DE", *three, freight="10 EUR", trade="b2b"))
    assert str(answer.customs_value) == "110.00 EUR"


def test_foreign_currency_by_the_dated_rate() -> None:
    rates = ExchangeRates(
        [
            Quote("USD", Decimal("1.25"), date(2026, 1, 1), "customs", "official"),
            Quote("USD", Decimal("1.00"), date(2026, 2, 1), "customs", "official"),
        ]
    )
    asked = consignment("DE", goods("610910", "1000 USD"), freight="0 USD", on="2026-01-31")
    assert str(assess(asked, rulebook(), rates).customs_value) == "800.00 EUR"
    later = assess(replace(asked, on=date(2026, 2, 1)), rulebook(), rates)
    assert str(later.customs_value) == "1000.00 EUR"
    assert "official" in str(later.facts["rate USD/EUR"])


def test_a_missing_hs_code_is_said_and_charged_as_goods_not_named_elsewhere() -> None:
    answer = due(consignment("MA", goods(None, "1000 MAD"), freight="0 MAD"))
    assert amounts(answer)["DI"] == "300.00"
    assert any("HS code is missing" in str(w) for w in answer.warnings)


def test_a_quantity_that_is_needed_and_missing_is_said() -> None:
    answer = due(consignment("DE", goods("220421", "500 EUR"), freight="0 EUR"))
    assert any("litres" in str(w) for w in answer.warnings)


HEAD = """
[territory]
id = "XX"
name = "Testland"
countries = ["XX"]
valuation = "CIF"
{rounding}
[[currency]]
currency = "EUR"
[defaults]
legal_basis = "law"
source = "gazette"
valid_from = 2020-01-01
confidence = "official"
"""


def made_up(tmp_path: Path, rules: str, rounding: str = "") -> Rulebook:
    (tmp_path / "tables").mkdir()
    (tmp_path / "agreements").mkdir()
    (tmp_path / "groups.toml").write_text("")
    (tmp_path / "XX.toml").write_text(HEAD.format(rounding=rounding) + rules)
    return build(tmp_path)


def charge(code: str, rate: str, **more: str) -> str:
    extra = "".join(f"{k} = {v}\n" for k, v in more.items())
    return f'[[charge]]\nid = "xx.{code}"\ncode = "{code}"\nkind = "duty"\nname = "{code}"\nrate = "{rate}"\n{extra}'


def charged(tmp_path: Path, rules: str, *asked: Goods, rounding: str = "") -> dict[str, str]:
    book = made_up(tmp_path, rules, rounding)
    one = consignment("XX", *asked, freight="0 EUR")
    answer = assess(one, book, exchange_rates())
    assert assess_many([one], book, exchange_rates())[0].total == answer.total.amount
    return amounts(answer)


def test_compound_minimum_and_maximum(tmp_path: Path) -> None:
    rules = charge("A", "4.5 % + 2 EUR per kg") + charge("B", "5 % min 3 EUR per kg max 12 %")
    # 100 EUR, 2 kg: A 4.50 + 4 = 8.50; B 5.00, at least 6.00, at most 12.00
    assert charged(tmp_path, rules, goods("610910", "100 EUR", net_kg=Decimal(2))) == {
        "A": "8.50",
        "B": "6.00",
    }


def test_alcohol_by_its_strength(tmp_path: Path) -> None:
    rules = charge("A", "0.50 EUR / % vol/hl + 2 EUR / hl")
    spirits = goods("220830", "30 EUR", litres=Decimal("0.7"), abv=Decimal(40))
    # 0.7 l × 40 % = 0.28 l of pure alcohol × 0.50 = 0.14; 0.007 hl × 2 = 0.014: 0.154 → 0.15
    assert charged(tmp_path, rules, spirits) == {"A": "0.15"}


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ('{ to = 1, mode = "half_up" }', "3"),  # 2.5
        ('{ to = 1, mode = "half_even" }', "2"),
        ('{ to = 1, mode = "half_down" }', "2"),
        ('{ to = 1, mode = "down" }', "2"),
        ('{ to = 1, mode = "up" }', "3"),
        ('{ to = 0.1, mode = "half_up" }', "2.5"),
    ],
)
def test_rounding_by_law(tmp_path: Path, rounding: str, expected: str) -> None:
    rules = charge("A", "10 %")
    assert charged(tmp_path, rules, goods("610910", "25 EUR"), rounding=f"rounding = {rounding}") == {
        "A": expected
    }


def test_rounding_on_the_total_of_the_lines(tmp_path: Path) -> None:
    # 10 % of 0.14 three times: by line 0.01 each = 0.03; on the total 0.042 → 0.04
    three = [goods("610910", "0.14 EUR")] * 3
    by_line = charge("A", "10 %")
    assert charged(tmp_path, by_line, *three) == {"A": "0.03"}
    (tmp_path / "second").mkdir()
    on_total = charge("A", "10 %", rounding='{ per = "total" }')
    assert charged(tmp_path / "second", on_total, *three) == {"A": "0.04"}


def test_charges_are_computed_in_the_order_of_their_bases(tmp_path: Path) -> None:
    rules = (
        charge("C", "10 %", base='"V + A + B"') + charge("B", "10 %", base='"V + A"') + charge("A", "10 %")
    )
    # A 10; B 10 % of 110 = 11; C 10 % of 121 = 12.10
    assert charged(tmp_path, rules, goods("610910", "100 EUR")) == {"A": "10.00", "B": "11.00", "C": "12.10"}


def test_bands_by_value(tmp_path: Path) -> None:
    rules = (
        '[[threshold]]\nid = "low"\nname = "low"\nlimit = "100 EUR"\nmeasured_on = "goods"\ninclusive = false\n'
        + charge("A", "5 %", when='{ within = ["low"] }')
        + charge("A", "10 %", when='{ above = ["low"] }').replace("xx.A", "xx.A2")
    )
    assert charged(tmp_path, rules, goods("610910", "99.99 EUR")) == {"A": "5.00"}
    (tmp_path / "at").mkdir()
    assert charged(tmp_path / "at", rules, goods("610910", "100 EUR")) == {"A": "10.00"}


def test_an_amount_in_another_currency_per_consignment(tmp_path: Path) -> None:
    # 10.75 MAD to the euro: 107.50 MAD = 10 EUR
    rules = charge("A", "107.50 MAD per consignment", scope='"consignment"')
    assert charged(tmp_path, rules, goods("610910", "50 EUR"), goods("640399", "50 EUR")) == {"A": "10.00"}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (charge("A", "10 %", base='"V + B"') + charge("B", "10 %", base='"V + A"'), "circle"),
        (charge("A", "10 %", base='"V + NOTHING"'), "NOTHING"),
        (charge("A", "ten percent"), "is not a rate"),
        (charge("A", "10 %", when='{ within = ["none"] }'), "none"),
        (charge("A", "10 %", when='{ wihtin = ["x"] }'), "wihtin"),
        (charge("A", "10 %", confidence='"sure"'), "confidence"),
        (charge("A", "10 %", valid_to="2019-01-01"), "valid_to"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_reason(tmp_path: Path, rules: str, said: str) -> None:
    with pytest.raises(Fault, match=said):
        made_up(tmp_path, rules)
