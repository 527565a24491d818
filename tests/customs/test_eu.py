"""The European Union to the cent: the €3 per item, VAT on it, the days before and after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import eu_vat_rates_data as tedb
import pytest

from qafila.customs.origin import store_origin_rules
from qafila.customs.rulebook import rulebook
from tests.customs.cases import amounts, consignment, due, goods

MEMBERS = [c for c in sorted(rulebook().territories["EU"].countries) if c != "MC"]


@pytest.mark.parametrize(
    ("country", "vat"), [("FR", "10.60"), ("DE", "10.07"), ("ES", "11.13"), ("IT", "11.66"), ("FI", "13.52")]
)
def test_five_t_shirts_are_one_item(country: str, vat: str) -> None:
    # €50 of T-shirts: duty €3; VAT on 53: FR 20 % 10.60, DE 19 % 10.07, ES 21 % 11.13, IT 22 % 11.66,
    # FI 25.5 % 13.515 → 13.52
    answer = due(consignment(country, goods("610910", "50 EUR", 5), on="2026-07-01", freight="0 EUR"))
    assert str(answer.total_of("duty")) == "3.00 EUR"
    assert str(answer.total_of("vat")) == f"{vat} EUR"


def test_a_t_shirt_and_a_watch_are_two_items() -> None:
    # €20 + €80: duty 3 + 3; German VAT 19 % of 23 = 4.37 and of 83 = 15.77
    answer = due(consignment("DE", goods("610910", "20 EUR"), goods("910211", "80 EUR"), freight="0 EUR"))
    assert str(answer.total_of("duty")) == "6.00 EUR"
    assert [str(c.amount.amount) for c in answer.charges if c.code == "B00"] == ["4.37", "15.77"]
    assert str(answer.total) == "26.14 EUR"


def test_two_lines_of_one_subheading_are_one_item_in_h7_and_two_national_codes_are_two_in_h1() -> None:
    lines = (goods("6109100010", "20 EUR"), goods("6109100090", "30 EUR"))
    assert str(due(consignment("DE", *lines, freight="0 EUR")).total_of("duty")) == "3.00 EUR"
    in_full = due(consignment("DE", *lines, freight="0 EUR", declaration="h1"))
    assert str(in_full.total_of("duty")) == "6.00 EUR"


@pytest.mark.parametrize(
    ("on", "duty"),
    [("2026-06-30", "0.00"), ("2026-07-01", "3.00"), ("2028-07-01", "3.00"), ("2028-07-02", "6.00")],
)
def test_the_days_before_and_after(on: str, duty: str) -> None:
    # from 2 July 2028 the tariff itself: 12 % of 50 = 6.00
    answer = due(consignment("DE", goods("610910", "50 EUR"), on=on, freight="0 EUR"))
    assert str(answer.total_of("duty").amount) == duty


def test_the_change_of_law_is_announced_in_the_month_before() -> None:
    answer = due(consignment("DE", goods("610910", "50 EUR"), on="2026-06-20", freight="0 EUR"))
    change = next(w for w in answer.what_if if w.code == "date")
    assert "2026-07-01" in str(change.text)
    assert "3.57 EUR more" in str(change.text)  # 3 and 19 % of it


def test_above_150_euro_the_tariff_applies_and_the_threshold_says_so() -> None:
    # 150.01 × 12 % = 18.0012 → 18.00
    at = due(consignment("DE", goods("610910", "150 EUR"), freight="0 EUR"))
    above = due(consignment("DE", goods("610910", "150.01 EUR"), freight="0 EUR"))
    assert str(at.total_of("duty")) == "3.00 EUR"
    assert str(above.total_of("duty")) == "18.00 EUR"
    missed = next(w for w in above.what_if if w.code == "threshold")
    assert "0.01 EUR" in str(missed.text)
    # duty 18.00 − 3.00, VAT 31.92 − 29.07 (19 % of 168.01 = 31.9219, of 153.01 = 29.0719)
    assert str(missed.saves) == "17.85 EUR"


def test_the_threshold_is_on_the_goods_not_on_their_freight() -> None:
    answer = due(consignment("DE", goods("610910", "150 EUR"), freight="40 EUR"))
    assert str(answer.total_of("duty")) == "3.00 EUR"
    # VAT on 150 + 40 + 3 = 193: 36.67
    assert str(answer.total_of("vat")) == "36.67 EUR"


def test_perfume_had_no_relief_before_and_pays_the_3_euro_now() -> None:
    wine = goods("220421", "50 EUR", litres=Decimal("0.75"))
    before = due(consignment("DE", wine, on="2026-06-30", freight="0 EUR"))
    assert str(before.total_of("duty")) == "0.10 EUR"  # 0.13 a litre × 0.75 = 0.0975
    after = due(consignment("DE", wine, on="2026-07-01", freight="0 EUR"))
    assert str(after.total_of("duty")) == "3.00 EUR"


def test_businesses_do_not_pay_the_3_euro_but_the_tariff() -> None:
    answer = due(consignment("DE", goods("610910", "50 EUR"), freight="0 EUR", trade="b2b"))
    assert str(answer.total_of("duty")) == "6.00 EUR"


def test_gifts_up_to_45_euro_are_free() -> None:
    assert (
        str(due(consignment("DE", goods("610910", "45 EUR"), freight="0 EUR", trade="c2c")).total)
        == "0.00 EUR"
    )
    assert (
        str(due(consignment("DE", goods("610910", "46 EUR"), freight="0 EUR", trade="c2c")).total)
        != "0.00 EUR"
    )


def test_moroccan_goods_escape_the_3_euro_in_h1_without_ioss_only() -> None:
    def duty(**more: str) -> str:
        line = goods("610910", "50 EUR", preference="eu-morocco")
        return str(due(consignment("DE", line, sender="MA", freight="0 EUR", **more)).total_of("duty").amount)

    assert duty() == "3.00"
    assert duty(declaration="h1") == "0.00"
    assert duty(declaration="h1", scheme="ioss") == "3.00"


def test_the_choice_of_h1_is_offered_with_what_the_buyer_saves() -> None:
    answer = due(consignment("DE", goods("610910", "50 EUR"), sender="MA", freight="0 EUR"))
    offered = next(w for w in answer.what_if if w.code == "h1")
    assert str(offered.saves) == "3.57 EUR"  # 3 and 19 % VAT on it
    assert "origin declaration" in str(offered.text)
    through_ioss = due(
        consignment("DE", goods("610910", "50 EUR"), sender="MA", freight="0 EUR", scheme="ioss")
    )
    assert "IOSS" in str(next(w for w in through_ioss.what_if if w.code == "h1").text)


def test_a_regime_that_cannot_be_used_is_said() -> None:
    above = due(consignment("DE", goods("610910", "200 EUR"), freight="0 EUR", scheme="ioss"))
    assert any("Import One-Stop Shop is not applied" in str(w) for w in above.warnings)
    unknown = due(consignment("DE", goods("610910", "20 EUR"), freight="0 EUR", scheme="cbec"))
    assert any("no regime “cbec”" in str(w) for w in unknown.warnings)
    business = due(consignment("DE", goods("610910", "20 EUR"), freight="0 EUR", scheme="ioss", trade="b2b"))
    assert any("b2c only" in str(w) for w in business.warnings)


def test_the_product_s_rule_of_origin_is_in_the_offer_where_it_is_loaded(shared_data: Path) -> None:
    asked = consignment("GB", goods("711719", "500 GBP"), sender="MA", freight="0 GBP")
    without = next(w for w in due(asked).what_if if w.code == "preference")
    assert "rule of origin is not loaded" in str(without.text)
    path = store_origin_rules(shared_data / "customs" / "uk-morocco-origin-rules.json", "uk-morocco")
    try:
        loaded = next(w for w in due(asked).what_if if w.code == "preference")
    finally:
        path.unlink()
    assert "the rule of origin for 7117 is: Manufacture from materials of any heading" in str(loaded.text)
    # 4 % of 500 = 20.00 and 20 % VAT on it
    assert str(loaded.text).startswith("with an invoice declaration your buyer pays 24.00 GBP less")


def test_origin_declaration_up_to_6000_euro_then_a_certificate() -> None:
    def proof(value: str) -> str | None:
        answer = due(consignment("FR", goods("610910", value), sender="MA", freight="0 EUR"))
        return next(w for w in answer.what_if if w.code == "preference").proof

    assert proof("6000 EUR") == "origin_declaration"
    assert proof("6000.01 EUR") == "eur1"


def test_a_preference_that_does_not_apply_is_refused_with_its_reason() -> None:
    answer = due(consignment("DE", goods("610910", "500 EUR", preference="eu-morocco"), freight="0 EUR"))
    assert str(answer.total_of("duty")) == "60.00 EUR"
    assert any("grants nothing to goods of China" in str(w) for w in answer.warnings)


def test_watches_have_a_minimum_and_a_maximum_per_piece() -> None:
    # 4.5 %, at least 0.30 and at most 0.80 a piece
    def duty(value: str, pieces: int) -> str:
        return str(
            due(consignment("DE", goods("910211", value, pieces), freight="0 EUR")).total_of("duty").amount
        )

    assert duty("1000 EUR", 2) == "1.60"  # 45.00 → at most 2 × 0.80
    assert duty("200 EUR", 60) == "18.00"  # 9.00 → at least 60 × 0.30
    assert duty("200 EUR", 15) == "9.00"  # between 4.50 and 12.00


@pytest.mark.parametrize("country", [c for c in MEMBERS if "-" not in c])
def test_standard_vat_of_every_member_state_is_that_of_the_commission(country: str) -> None:
    table = next(c.table for c in rulebook().territories["EU"].charges if c.rule.id == "eu.b00")
    assert table is not None
    row = table.find("711719", date(2026, 11, 23), country)
    assert row is not None
    assert row.rate.percent == Decimal(str(tedb.get_standard_rate(country)))


@pytest.mark.parametrize(
    ("country", "on", "vat"),
    [
        ("FI", "2024-08-31", "24.00"),
        ("FI", "2024-09-01", "25.50"),
        ("EE", "2025-06-30", "22.00"),
        ("EE", "2025-07-01", "24.00"),
        ("SK", "2024-12-31", "20.00"),
        ("SK", "2025-01-01", "23.00"),
    ],
)
def test_vat_has_its_history(country: str, on: str, vat: str) -> None:
    answer = due(consignment(country, goods("711719", "100 EUR"), on=on, freight="0 EUR"))
    assert str(answer.total_of("vat").amount) == vat


def test_assessed_in_the_country_s_own_currency() -> None:
    poland = due(consignment("PL", goods("610910", "50 EUR"), freight="0 EUR"))
    # 50 × 4.24 = 212.00; €3 = 12.72; VAT 23 % of 224.72 = 51.6856 → 51.69
    assert amounts(poland) == {"A00": "12.72", "B00": "51.69"}
    assert poland.currency == "PLN"
    assert due(consignment("BG", goods("610910", "50 EUR"), on="2025-12-31")).currency == "BGN"
    assert due(consignment("BG", goods("610910", "50 EUR"), on="2026-01-01")).currency == "EUR"


def test_within_the_union_nothing_is_due() -> None:
    answer = due(consignment("DE", goods("610910", "500 EUR"), sender="FR"))
    assert not answer.charges
    assert "domestic" in answer.facts


def test_national_fees_are_marked_as_unverified() -> None:
    france = due(consignment("FR", goods("610910", "20 EUR"), goods("910211", "80 EUR"), freight="0 EUR"))
    fees = [c for c in france.charges if c.kind == "fee"]
    assert [str(f.amount.amount) for f in fees] == ["2.00", "2.00"]
    assert {f.rule.confidence for f in fees} == {"indicative"}
    assert any("nobody verified" in str(w) for w in france.warnings)
    romania = due(consignment("RO", goods("610910", "20 EUR"), freight="0 EUR"))
    assert amounts(romania)["RO-LT"] == "25.00"
