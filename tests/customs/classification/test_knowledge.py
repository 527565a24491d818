"""The shipped knowledge is whole: every code exists, every facet is known, the four languages are there."""

from __future__ import annotations

from qafila.customs import nomenclature
from qafila.customs.classification.classification_goods import describe
from qafila.customs.classification.knowledge import LANGUAGES, Share, knowledge
from qafila.customs.classification.matching import read
from qafila.customs.classification.questions import question
from qafila.customs.classification.text import tokens


def test_every_code_is_a_subheading_of_the_nomenclature() -> None:
    known = set(nomenclature.subheadings())
    assert len(known) == 5612  # HS 2022
    wrong = [(g.source, s.hs6) for g in knowledge().goods for s in g.shares if s.hs6 not in known]
    assert wrong == []


def test_common_goods_are_named_in_four_languages() -> None:
    goods = knowledge().goods
    assert len(goods) >= 800
    for language in LANGUAGES:
        assert sum(language in one.names for one in goods) >= 600, language
    assert all(share.weight > 0 for one in goods for share in one.shares)


def test_tokens_meet_across_number_case_and_accent() -> None:
    assert tokens("Women's SCARVES") == tokens("woman scarf")
    assert tokens("écharpes d'été") == ["echarpe", "ete"]
    assert tokens("النظّارات") == tokens("نظارات")  # article and vowel marks
    assert tokens("手机壳") == ["手", "机", "壳"]


def test_the_longer_name_hides_the_shorter() -> None:
    found = [f.goods.name for f in read(describe("phone case"), knowledge()).found]
    assert found == ["phone case"]


def test_stated_and_contradicted_facets_move_a_share() -> None:
    known = knowledge()
    share = Share("610910", 5.0, ("cotton",))
    assert known.weigh(share, {}) == 5.0
    assert known.weigh(share, {"cotton": 1.0}) == 30.0  # six times
    assert known.weigh(share, {"synthetic": 1.0}) == 5.0 * 0.12
    assert known.weigh(share, {"textile": 1.0}) == 5.0  # cotton is a textile: neither said nor contradicted
    assert known.weigh(share, {"men": 1.0}) == 5.0  # another group


def test_what_is_stated_in_attributes_is_read() -> None:
    said = read(
        describe("Shirt", '{"Material": "Cotton", "Gender": "MEN", "Outsole Material": "Rubber"}'),
        knowledge(),
    ).said
    assert said["cotton"] == 1.0
    assert said["men"] == 1.0
    assert said.get("rubber", 0) < said["cotton"]


def test_two_kinds_of_goods_are_asked_apart() -> None:
    reading = read(describe("camera telescope"), knowledge())
    asked = question(reading, [("852589", 0.4), ("900580", 0.3)], knowledge())
    assert asked is not None
    assert "camera" in str(asked)
    assert "telescope" in str(asked)
