"""Morocco to the cent. V = CIF; DI = r·V; TPI = 0.25 %·V; TVA = t·(V + DI + TPI + TIC)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.customs.cases import amounts, consignment, due, goods


def test_a_t_shirt_in_2023_pays_68_30_percent_in_all() -> None:
    # V 1000: DI 40 % = 400; TPI 2.50; TVA 20 % of 1402.50 = 280.50; in all 683.00
    answer = due(consignment("MA", goods("610910", "1000 MAD"), on="2023-06-01", freight="0 MAD"))
    assert amounts(answer) == {"DI": "400.00", "TPI": "2.50", "TVA": "280.50"}
    assert str(answer.total) == "683.00 MAD"
    assert answer.percent_in_all == Decimal("68.30")


@pytest.mark.parametrize(
    ("on", "percent"),
    [
        ("2023-12-31", "68.30"),  # the last day at 40 %
        ("2024-01-01", "56.30"),  # finance law 2024: 30 %. 1 + 0.30 + 0.0025 = 1.3025; × 1.2 = 1.5630
        ("2026-11-23", "56.30"),
    ],
)
def test_the_finance_law_of_2024_takes_40_to_30(on: str, percent: str) -> None:
    answer = due(consignment("MA", goods("610910", "1000 MAD"), on=on, freight="0 MAD"))
    assert answer.percent_in_all == Decimal(percent)


@pytest.mark.parametrize(
    ("on", "percent"),
    [
        ("2025-12-31", "41.30"),  # 17.5 %: 1.1775 × 1.2 = 1.4130
        ("2026-01-01", "23.30"),  # 2.5 %: 1.0275 × 1.2 = 1.2330
    ],
)
def test_phones_fall_to_2_5_percent_in_2026(on: str, percent: str) -> None:
    answer = due(consignment("MA", goods("851713", "1000 MAD"), on=on, freight="0 MAD"))
    assert answer.percent_in_all == Decimal(percent)


@pytest.mark.parametrize(("on", "di"), [("2024-12-31", "300.00"), ("2025-01-01", "400.00")])
def test_saffron_goes_back_to_40_percent_in_2025(on: str, di: str) -> None:
    assert amounts(due(consignment("MA", goods("091020", "1000 MAD"), on=on, freight="0 MAD")))["DI"] == di


def test_tobacco_stays_at_40_percent() -> None:
    answer = due(consignment("MA", goods("240210", "1000 MAD"), freight="0 MAD"))
    assert amounts(answer)["DI"] == "400.00"


def test_short_pasta_is_exempt_of_vat_from_2026_and_long_pasta_was_taxed_before() -> None:
    before = due(consignment("MA", goods("190219", "1000 MAD"), on="2025-12-31", freight="0 MAD"))
    after = due(consignment("MA", goods("190219", "1000 MAD"), on="2026-01-01", freight="0 MAD"))
    # 1000 + 300 + 2.50 = 1302.50; 10 % = 130.25
    assert amounts(before)["TVA"] == "130.25"
    assert amounts(after)["TVA"] == "0.00"


def test_freight_that_is_not_declared_is_deemed_half_of_the_value_by_air_only() -> None:
    by_air = due(consignment("MA", goods("610910", "1000 MAD")))
    assert str(by_air.customs_value) == "1500.00 MAD"
    assert "50 %" in str(by_air.facts["deemed_freight"])
    # 1500 × 0.5630 = 844.50
    assert str(by_air.total) == "844.50 MAD"
    by_sea = due(consignment("MA", goods("610910", "1000 MAD"), mode="sea"))
    assert str(by_sea.customs_value) == "1000.00 MAD"
    assert any("freight" in str(w) for w in by_sea.warnings)
    declared = due(consignment("MA", goods("610910", "1000 MAD"), freight="80 MAD"))
    assert str(declared.customs_value) == "1080.00 MAD"


def test_online_purchases_have_no_exemption_since_july_2022() -> None:
    before = due(consignment("MA", goods("610910", "1000 MAD"), on="2022-06-30", freight="0 MAD"))
    after = due(consignment("MA", goods("610910", "1000 MAD"), on="2022-07-01", freight="0 MAD"))
    assert str(before.total) == "0.00 MAD"
    assert str(after.total) == "683.00 MAD"


def test_a_gift_up_to_1250_dirham_is_exempt_but_not_tobacco_or_alcohol() -> None:
    def gift(hs: str, value: str) -> str:
        return str(due(consignment("MA", goods(hs, value), freight="0 MAD", trade="c2c")).total)

    assert gift("610910", "1250 MAD") == "0.00 MAD"
    assert gift("610910", "1250.01 MAD") != "0.00 MAD"
    assert gift("240210", "100 MAD") != "0.00 MAD"
    assert gift("220421", "100 MAD") != "0.00 MAD"


def test_the_missed_threshold_says_by_how_much_and_what_it_costs() -> None:
    answer = due(consignment("MA", goods("610910", "1300 MAD"), freight="0 MAD", trade="c2c"))
    missed = next(w for w in answer.what_if if w.code == "threshold")
    assert "50.00 MAD" in str(missed.text)
    assert missed.saves == answer.total  # all of it: 1300 × 0.5630 = 731.90
    assert str(missed.saves) == "731.90 MAD"


def test_paying_without_electronic_means_costs_one_percent_at_least_1000_dirham() -> None:
    # taxes of 563.00: 1 % would be 5.63, the minimum is 1,000
    small = due(consignment("MA", goods("610910", "1000 MAD"), freight="0 MAD", paid_electronically=False))
    assert amounts(small)["MAJ"] == "1000.00"
    assert any(w.code == "payment" and str(w.saves) == "1000.00 MAD" for w in small.what_if)
    # 1,000,000 × 0.5630 = 563,000; 1 % = 5,630
    large = due(consignment("MA", goods("610910", "1000000 MAD"), freight="0 MAD", paid_electronically=False))
    assert amounts(large)["MAJ"] == "5630.00"


def test_the_bonded_warehouse_suspends_and_still_shows_every_charge() -> None:
    answer = due(consignment("MA", goods("610910", "1000 MAD"), freight="0 MAD", scheme="bonded"))
    assert str(answer.total) == "0.00 MAD"
    assert all(c.suspended for c in answer.charges)
    assert sum(c.amount.amount for c in answer.charges) == Decimal("563.00")


def test_cents_are_rounded_half_up_at_each_charge() -> None:
    # V 141.37: DI 42.411 → 42.41; TPI 0.353425 → 0.35; TVA 20 % of 184.13 = 36.826 → 36.83
    answer = due(consignment("MA", goods("711719", "141.37 MAD"), freight="0 MAD"))
    assert amounts(answer) == {"DI": "42.41", "TPI": "0.35", "TVA": "36.83"}


def test_european_origin_saves_the_duty_with_the_proof_that_the_value_needs() -> None:
    # V 1000: with preference TPI 2.50, TVA 20 % of 1002.50 = 200.50: 203.00; without 563.00
    answer = due(consignment("MA", goods("610910", "1000 MAD"), sender="FR", freight="0 MAD"))
    saved = next(w for w in answer.what_if if w.code == "preference")
    assert str(saved.saves) == "360.00 MAD"
    assert saved.proof == "origin_declaration"
    claimed = due(
        consignment("MA", goods("610910", "1000 MAD", preference="eu-morocco"), sender="FR", freight="0 MAD")
    )
    assert str(claimed.total) == "203.00 MAD"
    # 100,000 MAD at 10.75 is above €6,000: a certificate
    large = due(consignment("MA", goods("610910", "100000 MAD"), sender="FR", freight="0 MAD"))
    assert next(w for w in large.what_if if w.code == "preference").proof == "eur1"


def test_rates_that_nobody_verified_are_marked() -> None:
    answer = due(consignment("MA", goods("610910", "1000 MAD"), freight="0 MAD"))
    duty = next(c for c in answer.charges if c.code == "DI")
    assert duty.rule.confidence == "indicative"
    assert any("indicative" in str(w) for w in answer.warnings)
