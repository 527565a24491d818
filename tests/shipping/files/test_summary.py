"""What a person reads when a file is through."""

from __future__ import annotations

import io

from rich.console import Console

from qafila.shipping.files.summary import Summary, print_summary
from qafila.shipping.orders.order import Problem


def test_a_reason_names_the_rows_that_it_refused_the_most_frequent_first() -> None:
    summary = Summary("orders.csv", rows=9)
    late = [Problem(2, "ready_at", "", "The day is past.", "Give a day to come.", "B")]
    many = [
        Problem(row, "hs", "851770", "No such code.", "Near it is 851771.", str(row))
        for row in (9, 3, 4, 5, 7, 8)
    ]
    summary.count_problems([*late, *many])
    assert [(r["field"], r["rows"]) for r in summary.as_json()["reasons"]] == [("hs", 6), ("ready_at", 1)]
    out = io.StringIO()
    print_summary(summary, Console(file=out, width=100))
    lines = [line.split("│") for line in out.getvalue().splitlines() if "│" in line]
    assert [[cell.strip() for cell in line[1:4]] for line in lines[:3]] == [
        ["3, 4, 5, 7", "hs", "No such code."],
        ["and 2 more", "", ""],
        ["2", "ready_at", "The day is past."],
    ]
