"""Golden cases of the other territories, the arithmetic beside them."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qafila.customs.rulebook import UnknownTerritory, rulebook
from tests.customs.cases import amounts, consignment, due, goods


def test_uk_no_duty_up_to_135_pounds_and_vat_at_sale() -> None:
    # VAT 20 % of 100 + 10 freight
    low = due(consignment("GB", goods("610910", "100 GBP"), freight="10 GBP"))
    assert amounts(low) == {"A00": "0.00", "B00": "22.00"}
    assert "at sale" in str(next(c for c in low.charges if c.code == "B00").why)
    # 135.01: 12 % of 145.01 = 17.4012 → 17.40; VAT 20 % of 162.41 = 32.482 → 32.48
    high = due(consignment("GB", goods("610910", "135.01 GBP"), freight="10 GBP"))
    assert amounts(high) == {"A00": "17.40", "B00": "32.48"}


def test_china_cbec_takes_70_percent_of_vat_and_no_duty() -> None:
    # 13 % × 70 % = 9.1 % of 1000
    answer = due(consignment("CN", goods("610910", "1000 CNY"), sender="MA", freight="0 CNY", scheme="cbec"))
    assert amounts(answer) == {"DUTY": "0.00", "VAT": "91.00"}
    assert answer.percent_in_all == Decimal("9.10")


def test_china_cbec_takes_70_percent_of_the_consumption_tax() -> None:
    # jewellery 10 % inclusive: 1000 × 10/90 = 111.11; 70 % = 77.78;
    # VAT on 1000 + 111.11: 13 % = 144.4443; 70 % = 101.11
    answer = due(consignment("CN", goods("711319", "1000 CNY"), sender="MA", freight="0 CNY", scheme="cbec"))
    assert amounts(answer) == {"DUTY": "0.00", "CT": "77.78", "VAT": "101.11"}


def test_china_cbec_ends_at_5000_an_order_and_26000_a_year() -> None:
    def total(value: str, year: str | None = None) -> str:
        from tests.customs.cases import money

        asked = consignment(
            "CN",
            goods("610910", value),
            sender="MA",
            freight="0 CNY",
            scheme="cbec",
            year_to_date=None if year is None else money(year),
        )
        return str(due(asked).total.amount)

    assert total("5000 CNY") == "455.00"
    # above: 7 % duty 350.0007 → 350.00; VAT 13 % of 5350.01 = 695.5013 → 695.50
    assert total("5000.01 CNY") == "1045.50"
    assert total("1000 CNY", "25000 CNY") == "91.00"
    # 7 % = 70; 13 % of 1070 = 139.10
    assert total("1000 CNY", "25000.01 CNY") == "209.10"


def test_china_post_waives_up_to_50_yuan() -> None:
    def post(hs: str, value: str) -> dict[str, str]:
        return amounts(
            due(
                consignment("CN", goods(hs, value), sender="MA", freight="0 CNY", channel="post", trade="c2c")
            )
        )

    assert post("610910", "250 CNY")["POST"] == "0.00"  # 20 % = 50.00: waived
    assert post("610910", "251 CNY")["POST"] == "50.20"
    assert post("950300", "384 CNY")["POST"] == "0.00"  # 13 % = 49.92
    assert post("220421", "200 CNY")["POST"] == "100.00"  # 50 %
    assert post("610910", "251 CNY")["DUTY"] == "0.00"
    # above 1,000 yuan it is general trade: 7 % and 13 % of the sum
    assert post("610910", "1001 CNY") == {"DUTY": "70.07", "VAT": "139.24"}


@pytest.mark.parametrize(("country", "currency", "vat"), [("SA", "SAR", 15), ("AE", "AED", 5)])
def test_gulf_vat_below_the_threshold_and_duty_above(country: str, currency: str, vat: int) -> None:
    low = due(consignment(country, goods("610910", f"1000 {currency}"), freight=f"0 {currency}"))
    fee = {"CSF": "15.00"} if country == "SA" else {}  # the customs service fee is never less
    assert amounts(low) == {"CD": "0.00", "VAT": f"{10 * vat}.00"} | fee
    # 1,100: duty 55; VAT on 1,155: 15 % = 173.25, 5 % = 57.75
    high = due(consignment(country, goods("610910", f"1100 {currency}"), freight=f"0 {currency}"))
    assert amounts(high) == {"CD": "55.00", "VAT": "173.25" if vat == 15 else "57.75"} | fee
    tobacco = due(consignment(country, goods("240220", f"100 {currency}"), freight=f"0 {currency}"))
    # duty 100 % = 100; excise 100 % of 200 = 200; VAT on 400
    assert amounts(tobacco) == {"CD": "100.00", "EXC": "200.00", "VAT": f"{4 * vat}.00"} | fee


def test_the_saudi_threshold_counts_shipping_and_the_emirati_one_does_not() -> None:
    # 950 + 100: over in Saudi Arabia (5 % of 1,050 = 52.50), within in the Emirates
    assert amounts(due(consignment("SA", goods("610910", "950 SAR"), freight="100 SAR")))["CD"] == "52.50"
    assert amounts(due(consignment("AE", goods("610910", "950 AED"), freight="100 AED")))["CD"] == "0.00"


def test_saudi_vat_was_5_percent_until_june_2020() -> None:
    assert (
        amounts(due(consignment("SA", goods("610910", "100 SAR"), on="2020-06-30", freight="0 SAR")))["VAT"]
        == "5.00"
    )
    assert (
        amounts(due(consignment("SA", goods("610910", "100 SAR"), on="2020-07-01", freight="0 SAR")))["VAT"]
        == "15.00"
    )


def test_nigeria_surcharge_is_7_percent_of_the_duty() -> None:
    # V 1,000,000: duty 20 % = 200,000; surcharge 14,000; CISS 1 % of FOB 900,000 = 9,000; ETLS 5,000;
    # VAT 7.5 % of 1,228,000 = 92,100
    answer = due(consignment("NG", goods("610910", "900000 NGN"), freight="100000 NGN"))
    assert amounts(answer) == {
        "ID": "200000.00",
        "SUR": "14000.00",
        "CISS": "9000.00",
        "ETLS": "5000.00",
        "VAT": "92100.00",
    }
    assert str(answer.total) == "320100.00 NGN"


def test_nigeria_frees_300_dollars_four_times_a_year() -> None:
    assert str(due(consignment("NG", goods("610910", "300 USD"), freight="0 USD")).total) == "0.00 NGN"
    assert str(due(consignment("NG", goods("610910", "300.50 USD"), freight="0 USD")).total) != "0.00 NGN"
    fourth = consignment("NG", goods("610910", "300 USD"), freight="0 USD", consignments_this_year=3)
    fifth = consignment("NG", goods("610910", "300 USD"), freight="0 USD", consignments_this_year=4)
    assert str(due(fourth).total) == "0.00 NGN"
    answer = due(fifth)
    assert any(w.code == "threshold" and "4 times a year" in str(w.text) for w in answer.what_if)
    before = consignment("NG", goods("610910", "300 USD"), freight="0 USD", on="2025-09-07")
    assert str(due(before).total) != "0.00 NGN"


def test_south_africa_499_and_501_rand() -> None:
    # R499: 20 % = 99.80; VAT 15 % of 598.80 = 89.82
    assert amounts(due(consignment("ZA", goods("610910", "499 ZAR"), freight="50 ZAR"))) == {
        "CD": "99.80",
        "VAT": "89.82",
    }
    # R501: 45 % = 225.45; VAT 15 % of 1.1 × 501 + 225.45 = 776.55 → 116.4825 → 116.48. FOB: no freight in it
    assert amounts(due(consignment("ZA", goods("610910", "501 ZAR"), freight="50 ZAR"))) == {
        "CD": "225.45",
        "VAT": "116.48",
    }
    before = due(consignment("ZA", goods("610910", "499 ZAR"), on="2024-08-31"))
    assert amounts(before) == {"CD": "99.80", "VAT": "0.00"}


def test_senegal_and_ivory_coast_in_whole_francs() -> None:
    # V 100,000: DD 20 % 20,000; RS 1,000; PCS 800; PCC 500; TVA 18 % of 121,000 = 21,780
    for country in ("SN", "CI"):
        answer = due(consignment(country, goods("711719", "100000 XOF"), freight="0 XOF"))
        # and 3 % for the modernisation of customs, or 0.2 % for the African Union
        own = {"PROMAD": "3000"} if country == "SN" else {"PUA": "200"}
        assert (
            amounts(answer) == {"DD": "20000", "RS": "1000", "PCS": "800", "PCC": "500", "TVA": "21780"} | own
        )
        assert str(answer.total) == ("47080 XOF" if country == "SN" else "44280 XOF")


def test_kenya() -> None:
    # V 10,000: duty 35 % = 3,500; IDF 250; RDL 200; VAT 16 % of 13,500 = 2,160
    answer = due(consignment("KE", goods("610910", "10000 KES"), freight="0 KES"))
    assert amounts(answer) == {"ID": "3500.00", "IDF": "250.00", "RDL": "200.00", "VAT": "2160.00"}


def test_egypt() -> None:
    # 40 % of 1,000 = 400; VAT 14 % of 1,400 = 196
    answer = due(consignment("EG", goods("610910", "1000 EGP"), freight="0 EGP"))
    assert amounts(answer) == {"CD": "400.00", "VAT": "196.00"}


def test_turkey_single_tax_ends_in_february_2026() -> None:
    before = due(consignment("TR", goods("711719", "900 TRY"), on="2026-02-05", freight="0 TRY"))
    assert amounts(before) == {"GV": "540.00", "IGV": "0.00", "KDV": "0.00"}  # 60 % from China
    from_europe = due(
        consignment("TR", goods("711719", "900 TRY"), on="2026-02-05", freight="0 TRY", sender="DE")
    )
    assert amounts(from_europe)["GV"] == "270.00"  # 30 %
    # 4 % = 36; additional 20 % = 180; KDV 20 % of 1,116 = 223.20
    after = due(consignment("TR", goods("711719", "900 TRY"), on="2026-02-06", freight="0 TRY"))
    assert amounts(after) == {"GV": "36.00", "IGV": "180.00", "KDV": "223.20"}


def test_united_states_de_minimis_ended() -> None:
    def duty(on: str, sender: str = "CN") -> str:
        answer = due(consignment("US", goods("711719", "100 USD"), on=on, sender=sender))
        return str(answer.total_of("duty").amount)

    assert duty("2025-05-01") == "0.00"
    assert duty("2025-05-02") == "11.00"  # goods of China first
    assert duty("2025-08-28", "MA") == "0.00"
    assert duty("2025-08-29", "MA") == "11.00"


def test_every_destination_of_the_sample_orders(shared_data: Path) -> None:
    with (shared_data / "orders" / "aliexpress-dev.csv").open(encoding="utf-8", newline="") as lines:
        destinations = {row["destination_country"] for row in csv.DictReader(lines)}
    assert len(destinations) > 10
    for country in destinations:
        answer = due(consignment(country, goods("711719", "400 USD"), freight="20 USD"))
        assert answer.total.amount > 0
        assert all(c.rule.legal_basis and c.rule.source and c.why for c in answer.charges)
        assert answer.total.amount == sum(c.amount.amount for c in answer.charges)


def test_a_day_before_the_rules_begin_is_not_a_day_without_duty() -> None:
    answer = due(consignment("KE", goods("610910", "1000 KES"), freight="0 KES", on="2015-01-01"))
    assert any("begin on 2022-07-01" in str(w) and "not complete" in str(w) for w in answer.warnings)


def test_an_unknown_destination_says_which_are_known() -> None:
    with pytest.raises(UnknownTerritory, match="Rules are loaded for"):
        due(consignment("AQ", goods("610910", "10 USD")))


def test_no_rule_overlaps_another_of_the_same_standing() -> None:
    """Two rules of one charge, alike in priority and conditions, may not be in force on one day."""
    for territory in rulebook().territories.values():
        seen: dict[tuple[object, ...], list[tuple[date, date]]] = {}
        for charge in territory.charges:
            key = (charge.code, charge.priority, str(charge.when))
            start, end = charge.rule.valid_from, charge.rule.valid_to or date.max
            for other_start, other_end in seen.get(key, []):
                assert end < other_start or other_end < start, charge.rule.id
            seen.setdefault(key, []).append((start, end))


def test_what_the_rules_leave_out_is_said_about_the_goods_that_it_concerns() -> None:
    def said(destination: str, hs: str, word: str, **more: str) -> bool:
        answer = due(consignment(destination, goods(hs, "100 EUR"), freight="0 EUR", **more))
        return any(word in str(w) for w in answer.warnings)

    assert said("US", "711719", "Section 301")
    assert not said("US", "711719", "Section 301", sender="MA")
    assert said("DE", "220421", "excise")
    assert not said("DE", "711719", "excise")
    assert said("CN", "240220", "tobacco cannot be bought", sender="MA", scheme="cbec")


def test_the_regime_not_used_is_offered_with_what_it_saves() -> None:
    # general trade: 7 % and 13 % of 1,070 = 70 + 139.10; CBEC 91.00
    answer = due(consignment("CN", goods("610910", "1000 CNY"), sender="MA", freight="0 CNY"))
    offered = next(w for w in answer.what_if if w.code == "cbec")
    assert str(offered.saves) == "118.10 CNY"
    business = due(consignment("CN", goods("610910", "1000 CNY"), sender="MA", freight="0 CNY", trade="b2b"))
    assert not [w for w in business.what_if if w.code == "cbec"]
