"""Agreements: parties, proofs by value, direct transport, and data that hold together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qafila.core.money import Money, exchange_rates
from qafila.customs.rulebook import rulebook
from tests.customs.cases import consignment, due, goods, money

ON = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("agreement", "importing", "value", "proof"),
    [
        ("eu-morocco", "FR", "6000 EUR", "origin_declaration"),
        ("eu-morocco", "FR", "6000.01 EUR", "eur1"),
        ("uk-morocco", "GB", "5500 GBP", "origin_declaration"),
        # £5,500 or €6,000, whichever serves: at 0.88 to the euro £5,500 is the higher
        ("uk-morocco", "GB", "5500.01 GBP", "eur1"),
        ("efta-morocco", "CH", "6000 EUR", "origin_declaration"),
        ("turkey-morocco", "TR", "7000 EUR", "eur1"),
        ("agadir", "EG", "100 EUR", "origin_declaration"),
        ("us-morocco", "US", "1000000 USD", "importer_claim"),
        ("uae-morocco", "AE", "10 AED", "certificate"),
        ("eu-uk", "GB", "6000 EUR", "origin_declaration"),
        ("eu-turkey", "TR", "10 EUR", "atr"),
        ("afcfta", "SN", "5000 USD", "origin_declaration"),
        ("afcfta", "SN", "5000.01 USD", "certificate"),
    ],
)
def test_the_proof_that_the_value_needs(agreement: str, importing: str, value: str, proof: str) -> None:
    found = rulebook().agreements[agreement].proof_for(money(value), importing, ON, exchange_rates())
    assert found is not None
    assert found.kind == proof


@pytest.mark.parametrize(
    ("destination", "agreement"),
    [
        ("DE", "eu-morocco"),
        ("GB", "uk-morocco"),
        ("TR", "turkey-morocco"),
        ("EG", "agadir"),
        ("US", "us-morocco"),
    ],
)
def test_moroccan_goods_are_offered_their_preference(destination: str, agreement: str) -> None:
    answer = due(consignment(destination, goods("640399", "2000 EUR"), sender="MA", freight="0 EUR"))
    offered = [w for w in answer.what_if if w.code == "preference"]
    assert any(str(rulebook().agreements[agreement].name) in str(w.text) for w in offered)
    claimed = due(
        consignment(
            destination, goods("640399", "2000 EUR", preference=agreement), sender="MA", freight="0 EUR"
        )
    )
    best = max(w.saves.amount for w in offered if w.saves is not None)
    assert answer.total.amount - claimed.total.amount == best
    assert f"proof for {agreement}" in claimed.facts


def test_a_tighter_origin_is_not_offered_to_chinese_goods_sent_from_morocco() -> None:
    answer = due(consignment("DE", goods("640399", "2000 EUR", origin="CN"), sender="MA", freight="0 EUR"))
    assert not [w for w in answer.what_if if w.code == "preference"]


def test_goods_that_come_through_a_third_country_need_proof_of_direct_transport() -> None:
    line = goods("640399", "2000 EUR", origin="MA", preference="eu-morocco")
    answer = due(consignment("DE", line, sender="AE", freight="0 EUR"))
    assert any("direct transport" in str(w) for w in answer.warnings)


def test_goods_in_free_circulation_in_turkey_may_be_of_any_origin_and_need_no_direct_transport_from_there() -> (
    None
):
    """A.TR proves free circulation, not origin: goods of China come from Türkiye free of duty, and nothing else is asked."""
    line = goods("610910", "1000 EUR", origin="CN", preference="eu-turkey")
    answer = due(consignment("FR", line, sender="TR", freight="0 EUR"))
    assert answer.total_of("duty").amount == 0
    assert not any("direct transport" in str(w) for w in answer.warnings)


def test_staging_that_is_not_loaded_is_said_not_guessed() -> None:
    answer = due(
        consignment("SN", goods("640399", "2000 EUR", preference="afcfta"), sender="MA", freight="0 EUR")
    )
    assert any("not loaded" in str(w) for w in answer.warnings)
    assert answer.total_of("duty").amount > 0


def test_what_the_buyer_saves_is_the_difference_of_the_totals() -> None:
    # 2,000 EUR of shoes to Germany: duty 8 % = 160, VAT 19 % of it = 30.40
    answer = due(consignment("DE", goods("640399", "2000 EUR"), sender="MA", freight="0 EUR"))
    offered = next(w for w in answer.what_if if w.code == "preference")
    assert offered.saves == Money(Decimal("190.40"), "EUR")
    assert str(offered.text).startswith("with an origin declaration your buyer pays 190.40 EUR less")


def test_every_agreement_has_a_proof_for_every_value_and_party() -> None:
    for agreement in rulebook().agreements.values():
        for concession in agreement.concessions:
            for country in concession.importing & rulebook().countries:
                for value in ("1 EUR", "1000000 EUR"):
                    assert agreement.proof_for(money(value), country, ON, exchange_rates()), agreement.id
