"""Parts of countries with taxes of their own owe these, on the desk and in the calculator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from qafila.clearance.clearance_duties import due
from qafila.core.money import exchange_rates
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import consignment_from
from qafila.customs.rulebook import rulebook
from tests.clearance.test_desk import plain

ON = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("country", "area", "rate"),
    [
        ("PT", "", "23 %"),
        ("PT", "PT-30", "22 %"),
        ("PT", "PT-20", "16 %"),
        ("AT", "", "20 %"),
        ("AT", "AT-JU", "19 %"),
    ],
)
def test_vat_of_the_area(country: str, area: str, rate: str) -> None:
    declaration = replace(plain(), territory="EU", country_of_destination=country, tax_area=area)
    assessment, _ = due(declaration, ON, rulebook(), exchange_rates())
    assert [str(c.rate) for c in assessment.charges if c.code == "B00"] == [rate]
    goods = {"description": "towel", "hs": "630260", "value": 100, "origin": "CN"}
    asked = {
        "from": "CN",
        "to": (area or country).lower(),
        "currency": "EUR",
        "date": "2026-11-30",
        "goods": [goods],
    }
    answer = assess(consignment_from(asked), rulebook(), exchange_rates())
    assert [str(c.rate) for c in answer.charges if c.code == "B00"] == [rate]
