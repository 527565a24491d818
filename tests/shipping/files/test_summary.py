"""What a person reads when a file is through."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from rich.console import Console

from qafila.core.terminal import Terminal
from qafila.shipping.files.summary import Line, Summary, print_summary
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


def _line(**what: Any) -> Line:
    said = {
        "order_id": "[/]",
        "parcel": "HA000000014MA",
        "to": "\x1b[2J[red]Ville-sur-une-très-longue-rivière-des-environs, FR",
        "way": "road → belly → road",
        "price": "12.50 EUR",
        "promise": "12 December",
        "landed_cost": "345.60 EUR",
        "co2e_kg": Decimal("1.234"),
        "to_confirm": ["Organic argan oil for the kitchen, toasted, in bottles of a quarter of a litre [/b]"],
    }
    return Line(**said | what)


def test_eighty_columns_hold_price_and_promise_whatever_strangers_wrote() -> None:
    summary = Summary("orders.csv", rows=1, parcels=1, shipments=1, lines=[_line()])
    out = io.StringIO()
    print_summary(summary, Terminal(file=out, width=80, markup=True))
    shown = out.getvalue()
    assert "\x1b" not in shown
    for kept in ("[/] ", "12.50 EUR", "345.60 EUR", "12 December", "1.234 kg", "[2J[red]Ville"):
        assert kept in shown, kept
    assert max(map(len, shown.splitlines())) <= 80
