"""What a person who knows the tariff expects of everyday goods, and how the answer behaves."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from qafila.customs import nomenclature
from qafila.customs.classification import (
    Classifier,
    Decision,
    Item,
    Suggestion,
    classifier,
    ranking,
)
from qafila.runtime.language import LANGUAGES, render

# Goods whose subheading (HS 2022) any broker names at once: the first candidate must be it.
FIRST = [
    ("Men's cotton T-shirt short sleeve", "610910"),
    ("Women's polyester chiffon dress, woven", "620443"),
    ("Bluetooth wireless earbuds", "851830"),
    ("Smart watch with heart rate monitor", "851762"),
    ("USB-C charging cable 1 m", "854442"),
    ("Power bank 20000 mAh", "850760"),
    ("Human hair lace wig", "670420"),
    ("UV gel nail polish", "330430"),
    ("Fishing lure minnow", "950790"),
    ("Folding umbrella automatic", "660191"),
    ("Stainless steel kitchen knife", "821192"),
    ("Plush toy bear", "950300"),
    ("Polarized sunglasses", "900410"),
    ("Leather wallet for men, genuine leather", "420231"),
    ("Women's bra push up", "621210"),
    ("LED strip light 5 m", "940542"),
    ("Imitation jewelry earrings zinc alloy", "711719"),
    ("925 sterling silver ring", "711311"),
    ("Perfume eau de parfum 50 ml", "330300"),
    ("Motorcycle handlebar grips", "871410"),
    ("Casque de moto intégral", "650610"),
    ("Parapluie pliant", "660191"),
    ("Montre connectée", "851762"),
    ("Soutien-gorge en dentelle", "621210"),
    ("Batterie externe 10000 mAh", "850760"),
    ("Rouge à lèvres mat", "330410"),
    ("Lunettes de soleil polarisées", "900410"),
    ("Babouches marocaines en cuir", "640399"),
    ("Plat à tajine en terre cuite", "691200"),
    ("Safran pur 1 g", "091020"),
    ("زيت أركان", "151590"),
    ("قميص رجالي قطن", "620520"),
    ("نظارة شمسية", "900410"),
    ("ساعة ذكية", "851762"),
    ("سماعات بلوتوث لاسلكية", "851830"),
    ("عطر نسائي", "330300"),
    ("خوذة دراجة نارية", "650610"),
    ("مصباح ليلي", "940521"),
    ("玩具 遥控车", "950300"),
    ("太阳镜 偏光", "900410"),
    ("充电宝 大容量", "850760"),
    ("真人发假发 蕾丝", "670420"),
    ("数据线 快充", "854442"),
    ("蓝牙耳机", "851830"),
    ("口红", "330410"),
]


@pytest.fixture(scope="module")
def judge() -> Classifier:
    return classifier()


@pytest.mark.parametrize(("title", "hs6"), FIRST)
def test_everyday_goods(judge: Classifier, title: str, hs6: str) -> None:
    found = judge.suggest(title)
    assert found.best is not None
    assert found.best.hs6 == hs6, [(c.hs6, c.confidence) for c in found.candidates]


def test_material_decides_where_the_tariff_asks_for_it(judge: Classifier) -> None:
    def first(title: str, attributes: str = "") -> str:
        best = judge.suggest(title, attributes).best
        assert best is not None
        return best.hs6

    assert first("T-shirt", '{"Material": "Polyester"}') == "610990"
    assert first("T-shirt", '{"Material": "Cotton"}') == "610910"
    assert first("Handbag", '{"Material": "Genuine Leather"}') == "420221"
    assert first("Handbag", '{"Material": "PU"}') == "420222"
    assert first("Vase", '{"Material": "Glass"}').startswith("7013")
    assert first("Vase", '{"Material": "Porcelain"}').startswith("6913")
    # a sole of rubber does not make a shoe of rubber
    assert (
        first("Women's sneakers", '{"Upper Material": "Genuine Leather", "Outsole Material": "Rubber"}')[:4]
        == "6403"
    )


def test_what_follows_for_is_not_what_is_sold(judge: Classifier) -> None:
    best = judge.suggest("Silicone protective cover for smart watch charger").best
    assert best is not None
    assert best.hs6[:4] == "3926"


def test_codes_are_of_the_nomenclature_and_confidence_falls(judge: Classifier) -> None:
    for title, _ in FIRST:
        found = judge.suggest(title)
        assert 1 <= len(found.candidates) <= 5
        assert len({c.hs6 for c in found.candidates}) == len(found.candidates)
        confidences = [c.confidence for c in found.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= c.confidence <= c.heading_confidence + 0.05 <= 1.05 for c in found.candidates)
        assert all(c.hs6 in nomenclature.texts() and c.text for c in found.candidates)
        assert found.candidates[0].evidence


@pytest.mark.parametrize(
    "title", ["gift", "sample", "xxx", "", "!!!", "12345", "new 2026 hot sale", "هدية", "???"]
)
def test_nonsense_is_not_classified_but_asked_about(judge: Classifier, title: str) -> None:
    found = judge.suggest(title)
    assert found.abstained
    assert found.candidates == ()
    assert found.question


def asked(found: Suggestion, code: str) -> str:
    return "" if found.question is None else render(found.question, LANGUAGES[code])


def test_the_question_is_what_separates_the_candidates(judge: Classifier) -> None:
    handbag = judge.suggest("Handbag")
    assert handbag.question is not None
    assert asked(handbag, "en").startswith("What is it made of")
    assert "leather" in asked(handbag, "en")
    assert judge.suggest("Handbag", '{"Material": "Genuine Leather"}').question != handbag.question
    assert asked(judge.suggest("Handbag"), "fr").startswith("En quelle matière")
    assert "材料" in asked(judge.suggest("手提包"), "zh")
    assert "مم صُنع" in asked(judge.suggest("حقيبة يد"), "ar")


def test_a_decision_answers_for_its_sku_at_once_and_says_so(judge: Classifier) -> None:
    title = "Beads for prayer"
    before = judge.suggest(title, sku="S-1", decisions=[])
    assert not before.remembered
    memory = judge.remember([])
    memory.add(Decision("S-1", title, hs6="960200", by="Amal", on=date(2026, 11, 2)))
    after = judge.suggest(title, sku="S-1", decisions=memory)
    assert after.remembered
    assert [c.hs6 for c in after.candidates] == ["960200"]
    assert after.candidates[0].confidence >= 0.99
    assert str(after.candidates[0].evidence[0].text) == "confirmed for SKU S-1 by Amal on 2026-11-02"
    memory.add(Decision("S-1", title, hs6="711790"))  # decided again: the last one holds
    assert memory.same("S-1") is not None
    assert [c.hs6 for c in judge.suggest(title, sku="S-1", decisions=memory).candidates] == ["711790"]


def test_a_decision_teaches_like_goods(judge: Classifier) -> None:
    taught = Decision("S-2", "Zorblax ergonomic widget clamp, blue, size M", hs6="732690")
    unknown = "Zorblax ergonomic widget clamp, red, size L"
    with_it = judge.suggest(unknown, sku="S-3", decisions=[taught])
    assert with_it.best is not None
    assert with_it.best.hs6 == "732690"
    assert any(reason.kind == "like" and "S-2" in str(reason.text) for reason in with_it.best.evidence)
    # and leaves other goods as they were
    assert (
        judge.suggest("Polarized sunglasses", decisions=[taught]).best
        == judge.suggest("Polarized sunglasses").best
    )


def test_batch_equals_single(judge: Classifier) -> None:
    decisions = [Decision("S-2", "Fishing lure minnow 9 cm", hs6="950790")]
    items = [
        Item(title, '{"Material": "Metal"}', "Home & Garden > Decor", sku=str(n))
        for n, (title, _) in enumerate(FIRST)
    ]
    singles = [judge.suggest(i.title, i.attributes, i.category, i.sku, decisions) for i in items]
    assert judge.suggest_many(items, decisions) == singles


def test_calibration_never_falls_and_stays_a_probability() -> None:
    weights = ranking.shipped_weights()
    for level in ("subheading", "heading"):
        curve = [ranking.confidence(share / 200, weights, level) for share in range(201)]
        assert curve == sorted(curve)
        assert curve[0] >= 0
        assert curve[-1] < 1  # it is never certain by itself


def test_very_unsure_answers_come_with_a_question(judge: Classifier) -> None:
    found = judge.suggest("cat")  # a toy, a bed, food, a figurine?
    assert found.best is None or found.best.confidence < 0.35
    assert found.question


def test_goods_named_in_passing_do_not_make_it_sure(judge: Classifier) -> None:
    cover = judge.suggest("Zorblax for iPhone").best
    phone = judge.suggest("Smartphone 256 GB").best
    assert phone is not None
    assert phone.hs6 == "851713"
    assert cover is None or cover.confidence < 0.4 < phone.confidence


def test_odd_input_is_borne(judge: Classifier) -> None:
    odd: list[tuple[str, str, str]] = [
        ("T-shirt", "{not json", "a>b>>c"),
        ("T-shirt", '["Cotton"]', ">>>"),
        ("T-shirt " * 500, '{"Material": null, "Sizes": [1, {"a": 2}]}', "x" * 5000),
        ("T恤\u0000\ud83d\ude00 تيشيرت", "Material: Cotton; Gender: Men", "Men / Tops"),
    ]
    for title, attributes, category in odd:
        found = judge.suggest(title, attributes, category)
        assert found.best is not None
        assert found.best.hs6[:4] == "6109"


def _hits(rows: list[dict[str, str]], codes: dict[str, str], found: list[Suggestion]) -> tuple[float, float]:
    heading = subheading = 0
    for row, suggestion in zip(rows, found, strict=True):
        right = codes[row["order_id"]]
        offered = [c.hs6 for c in suggestion.candidates]
        subheading += right in offered
        heading += right[:4] in {hs6[:4] for hs6 in offered}
    return heading / len(rows), subheading / len(rows)


def test_labelled_products(judge: Classifier, shared_data: Path) -> None:
    """The issue asks for 60 / 40 % without decisions and 72 / 50 % with half of them; what is reached is guarded."""
    rows = list(csv.DictReader((shared_data / "orders/aliexpress-dev.csv").open(encoding="utf-8")))
    codes = {
        row["order_id"]: row["hs10_us"][:6]
        for row in csv.DictReader((shared_data / "orders/aliexpress-dev-hs.csv").open(encoding="utf-8"))
    }
    items = [Item(r["title"], r["attributes"], r["category"]) for r in rows]
    heading, subheading = _hits(rows, codes, judge.suggest_many(items))
    assert heading >= 0.80
    assert subheading >= 0.70
    past = [
        Decision(r["order_id"], r["title"], r["attributes"], r["category"], codes[r["order_id"]])
        for r in rows[::2]
    ]
    heading, subheading = _hits(rows[1::2], codes, judge.suggest_many(items[1::2], past))
    assert heading >= 0.80
    assert subheading >= 0.70
