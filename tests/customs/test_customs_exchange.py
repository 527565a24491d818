from __future__ import annotations

import contextlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.customs.customs_exchange import ConsignmentError, assessment_as, consignment_from
from tests.customs.cases import due

GOOD: dict[str, Any] = {
    "from": "CN",
    "to": "DE",
    "date": "2026-11-23",
    "currency": "EUR",
    "freight": 12,
    "goods": [
        {"hs": "6109.10", "value": "50.00", "quantity": 5},
        {"hs": "910211", "unit_value": 30, "quantity": 2},
    ],
}


def test_there_and_back() -> None:
    answer = assessment_as(due(consignment_from(GOOD)))
    assert answer["totals"]["duty"] == "6.00"
    # 50 + 60 + 12 freight
    assert answer["customs_value"] == "122.00"
    assert json.loads(json.dumps(answer)) == answer
    rule = answer["charges"][0]["rule"]
    assert rule["valid_from"] == "2026-07-01"
    assert {"legal_basis", "source", "confidence"} <= rule.keys()


def test_a_single_item_without_a_list_and_money_with_its_own_currency() -> None:
    one = consignment_from(
        {"from": "cn", "to": "ma", "hs": "610910", "value": {"amount": 10, "currency": "usd"}, "quantity": 2},
        date(2026, 1, 2),
    )
    assert str(one.goods[0].value) == "10.00 USD"
    assert one.on == date(2026, 1, 2)
    assert one.destination == "MA"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": "China"}, "from"),
        ({"to": "ZZ"}, "to"),
        ({"goods": [{"value": 5, "origin": "XX"}]}, "goods[0].origin"),
        ({"date": "tomorrow"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"freight": "much"}, "freight"),
        ({"freight": -1}, "freight"),
        ({"trade": "b2x"}, "trade"),
        ({"goods": []}, "goods"),
        ({"goods": [{"value": 5, "hs": "sixty"}]}, "goods[0].hs"),
        ({"goods": [{"value": 5, "hs": "²³¹²³¹"}]}, "goods[0].hs"),
        ({"goods": [{"value": "NaN"}]}, "goods[0].value"),
        ({"goods": [{"value": 5, "quantity": 0}]}, "goods[0].quantity"),
        ({"goods": [{"hs": "610910"}]}, "goods[0].value"),
        ({"goods": [{"value": 5, "colour": "red"}]}, "goods[0].colour"),
        ({"currency": "EURO"}, "goods[0].value"),
        ({"destinaton": "DE"}, "destinaton"),
    ],
)
def test_a_fault_names_its_field_and_remedy(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ConsignmentError) as caught:
        consignment_from({**GOOD, **change})
    assert caught.value.field == field
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("hs", "reason", "remedy"),
    [
        ("851770", "HS 2022 has no subheading 851770", "Codes near it are 851771 or 851779"),  # of HS 2017
        ("6109.99.00", "HS 2022 has no subheading 610999", "Codes near it are 610990"),
        ("6177", "HS 2022 has no heading 6177", "Write 6 to 10 digits"),
        ("61773", "HS 2022 has no subheading 61773", "Write 6 to 10 digits"),
        ("9903880100", "Chapters 98 and 99", "Write 6 to 10 digits"),
    ],
)
def test_a_code_that_the_edition_does_not_have_is_refused_as_in_orders(
    hs: str, reason: str, remedy: str
) -> None:
    with pytest.raises(ConsignmentError) as caught:
        consignment_from({**GOOD, "goods": [{"value": 5, "hs": hs}]})
    assert caught.value.field == "goods[0].hs"
    assert str(caught.value.message).startswith(reason)
    assert str(caught.value.remedy).startswith(remedy)


@pytest.mark.parametrize(
    ("hs", "edition"), [("851770", "HS2017"), ("6109", ""), ("61091", ""), ("6109100010", "HS2022")]
)
def test_a_code_that_its_edition_has_is_taken(hs: str, edition: str) -> None:
    made = consignment_from({**GOOD, "goods": [{"value": 5, "hs": hs, "hs_edition": edition}]})
    assert (made.goods[0].hs, made.goods[0].hs_edition) == (hs, edition or "HS2022")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*GOOD, "insurance", "trade", "scheme", "consignments_this_year", "year_to_date"]),
    json_values,
)
def test_whatever_is_sent_is_answered_or_refused(name: str, value: Any) -> None:
    with contextlib.suppress(ConsignmentError, LookupError):  # a country or a currency that is not known
        due(consignment_from({**GOOD, name: value}))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["hs", "value", "quantity", "origin", "net_kg", "preference", "currency"]), json_values
)
def test_whatever_is_sent_as_goods_too(name: str, value: Any) -> None:
    with contextlib.suppress(ConsignmentError, LookupError):
        due(consignment_from({**GOOD, "goods": [{**GOOD["goods"][0], name: value}]}))


def test_the_example_of_the_documentation_works() -> None:
    text = (Path(__file__).parents[2] / "docs" / "customs.md").read_text(encoding="utf-8")
    example = json.loads(text.split("```json")[1].split("```")[0])
    answer = assessment_as(due(consignment_from(example)))
    assert answer["currency"] == "EUR"
    for field in consignment_fields(text):
        assert field in {*answer, *answer["charges"][0], *answer["charges"][0]["rule"], *answer["what_if"][0]}


def consignment_fields(text: str) -> set[str]:
    """The names in backquotes in the first column of the table of answers."""
    table = text.split("The answer:")[1].split("Amounts are strings")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
