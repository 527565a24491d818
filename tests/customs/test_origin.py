from __future__ import annotations

import json
from pathlib import Path

import pytest

from qafila.customs.origin import (
    OriginRulesError,
    loaded_origin_rules,
    plain,
    read_origin_rules,
    rules_for,
    store_origin_rules,
)


def test_rules_for_a_code_the_most_specific_first(shared_data: Path) -> None:
    sets = read_origin_rules(shared_data / "customs" / "uk-morocco-origin-rules.json")
    assert len(sets) == 786
    jewellery = rules_for(sets, "711719")
    assert jewellery[0].heading == "7117"
    assert [r.alternative for r in jewellery[0].rules] == [False, True]
    assert "does not exceed 50%" in jewellery[0].rules[1].text
    shirts = rules_for(sets, "6109100010")
    assert {s.heading for s in shirts} == {"Chapter 61"}
    assert "Manufacture from yarn." in {r.text for s in shirts for r in s.rules}


def test_every_rule_is_plain_text(shared_data: Path) -> None:
    for rule_set in read_origin_rules(shared_data / "customs" / "uk-morocco-origin-rules.json"):
        for rule in rule_set.rules:
            assert rule.text
            assert not any(mark in rule.text for mark in ("&nbsp;", "](", "**", "<br"))


def test_plain() -> None:
    text = "All of [chapter&nbsp;1](/chapters/01):\n\n- **40%** of the price, *and*<br>- more"
    assert plain(text) == "All of chapter 1:\n- 40% of the price, and\n- more"


def test_absent_rules_are_absent_and_a_broken_file_is_refused(tmp_path: Path) -> None:
    assert loaded_origin_rules("agadir") is None
    broken = tmp_path / "broken.json"
    broken.write_text('{"rule_sets": [{"heading": "61"}]}')
    with pytest.raises(OriginRulesError, match="rule set 1"):
        store_origin_rules(broken, "agadir")
    assert loaded_origin_rules("agadir") is None
    good = tmp_path / "good.json"
    good.write_text(
        json.dumps(
            {
                "rule_sets": [
                    {
                        "heading": "6109",
                        "subdivision": "T-shirts",
                        "min": "6109",
                        "max": "6109",
                        "rules": [{"rule": "from yarn"}],
                    }
                ]
            }
        )
    )
    path = store_origin_rules(good, "agadir")
    loaded = loaded_origin_rules("agadir")
    path.unlink()
    assert loaded is not None
    assert [s.product for s in rules_for(loaded, "610910")] == ["T-shirts"]
    assert rules_for(loaded, "611010") == []
