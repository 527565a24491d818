"""No cell of a CSV file begins a formula."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import qafila
from qafila.core.spreadsheet import inert


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "+1",
        "-1+1|cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "－x",
    ],
)
def test_what_may_begin_a_formula_is_set_apart(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["A-1", "12", "-12.50", "-1 234,5", "", "a=b", 12, None])
def test_all_else_stays(cell: object) -> None:
    assert inert(cell) == cell


NOT_FOR_PEOPLE = {
    "day/day_running.py",  # orders of the demonstration, as a merchant would hand them in
    "planning/matrix.py", "api/planning/plan_schema.py", "network/feed.py", "shipping/shipping_leaving.py",  # read by this program again
    "api/storage/warehouse_office.py", "web/storage/office_pages.py",  # a shop imports it: an article number is another with an apostrophe
    "cli/clearance/classify.py",  # what its reader typed, back to him
}  # fmt: skip


def test_every_csv_that_is_written_is_looked_at() -> None:
    """A new one either makes its cells inert or is named here with its reason."""
    root = Path(qafila.__file__).parent
    writing = {
        str(path.relative_to(root)): text
        for path in root.rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter\(", text := path.read_text(encoding="utf-8"))
    }
    bare = {name for name, text in writing.items() if "inert" not in text}
    assert not bare - NOT_FOR_PEOPLE, (
        "write its cells by qafila.core.spreadsheet.inert, or add it to NOT_FOR_PEOPLE"
    )
    assert not NOT_FOR_PEOPLE - bare, "is inert now, or gone: take it out of NOT_FOR_PEOPLE"
