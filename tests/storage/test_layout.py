"""Layouts with slips are refused and named; those that are kept from before are read."""

from __future__ import annotations

from typing import Any

import pytest

from qafila.core.fault import Fault
from qafila.storage import layout, storage_setting_up
from tests.storage.houses import told


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"max_kg": 250}, "aisles[0].max_kg"),
        ({"reserv": ["2"]}, "aisles[0].reserv"),
        ({"reserve": ["3"]}, "aisles[0].reserve"),
        ({"levels": "12"}, "aisles[0].levels"),
        ({"levels": 3}, "aisles[0].levels"),
        ({"levels": ["mezzanine-1"]}, "aisles[0].levels"),
        ({"levels": [1.5], "reserve": []}, "aisles[0].levels"),
        ({"levels": [" 1"], "reserve": []}, "aisles[0].levels"),
        ({"sides": []}, "aisles[0].sides"),
        ({"reserve": "2"}, "aisles[0].reserve"),
        ({"reserve": ["2", "2"]}, "aisles[0].reserve"),
        ({"levels": ["1", "1"]}, "aisles[0].levels"),
        ({"sides": "LR"}, "aisles[0].sides"),
        ({"zone": 5}, "aisles[0].zone"),
        ({"bays": "10"}, "aisles[0].bays"),
        ({"bay_m": "1,2"}, "aisles[0].bay_m"),
        ({"max_g": 250.5}, "aisles[0].max_g"),
        ({"x_m": None}, "aisles[0].x_m"),
    ],
)
def test_a_slip_in_an_aisle_is_named(changed: dict[str, Any], field: str) -> None:
    file = told("WH-SLIP")
    file["aisles"][0] |= changed
    with pytest.raises(Fault) as fault:
        storage_setting_up.set_up(layout.read(file), file)
    assert fault.value.field == field


def test_remarks_are_no_slips_and_what_is_kept_is_read() -> None:
    file = told("WH-REMARK") | {"_drawn_by": "Amal"}
    layout.check(file)
    kept = told("WH-KEPT") | {"note": "of before"}
    assert layout.read(kept).facility == "WH-KEPT"


@pytest.mark.parametrize(
    ("changed", "codes", "reserves"),
    [
        ({"sides": "LR"}, {"A-01-L-1", "A-01-R-1", "A-01-L-2", "A-01-R-2"}, {"A-01-L-2", "A-01-R-2"}),
        ({"levels": "12", "sides": ["L"]}, {"A-01-L-1", "A-01-L-2"}, {"A-01-L-2"}),
        ({"reserve": "2", "sides": ["L"]}, {"A-01-L-1", "A-01-L-2"}, {"A-01-L-2"}),
        ({"reserve": ["2", "2"], "sides": ["L"]}, {"A-01-L-1", "A-01-L-2"}, {"A-01-L-2"}),
        (
            {"levels": ["floor", "mezzanine-1"], "reserve": ["mezzanine-1"], "sides": ["L"]},
            {"A-01-L-floor", "A-01-L-mezzanine-1"},
            {"A-01-L-mezzanine-1"},
        ),
        (
            {"levels": [1, 1.5], "reserve": [1.5], "sides": ["L"]},
            {"A-01-L-1", "A-01-L-1.5"},
            {"A-01-L-1.5"},
        ),
        ({"levels": []}, set(), set()),
    ],
)
def test_a_layout_of_before_keeps_its_places(
    changed: dict[str, Any], codes: set[str], reserves: set[str]
) -> None:
    kept = told("WH-BEFORE")
    kept["aisles"][0] |= changed
    first = [shelf for shelf in layout.read(kept).shelves if shelf.code.startswith("A-01-")]
    assert {shelf.code for shelf in first} == codes
    assert {shelf.code for shelf in first if shelf.kind == "reserve"} == reserves
