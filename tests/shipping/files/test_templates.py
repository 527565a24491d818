"""The workbook to fill in, read back as other programs and our own reader see it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from qafila.network.network_places import country_code
from qafila.runtime.language import LANGUAGES
from qafila.shipping.files.templates import columns, workbook
from qafila.shipping.orders.columns import layout_of
from qafila.shipping.orders.order import Order
from qafila.shipping.orders.orders_choices import choices, chosen
from qafila.shipping.orders.reading import read_bytes
from tests.shipping.drafts import orders_of

CODES = list(LANGUAGES)


@pytest.mark.parametrize("code", CODES)
def test_every_heading_is_read_back_as_its_field(code: str) -> None:
    layout = layout_of([column.headings[code] for column in columns()])
    assert layout.positions == {column.field: place for place, column in enumerate(columns())}
    assert not layout.ignored


@pytest.mark.parametrize("code", CODES)
def test_lists_hold_what_can_be_read(code: str) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(LANGUAGES[code])))
    orders, explained, lists = book.worksheets
    assert lists.sheet_state == "hidden"
    assert orders.sheet_view.rightToLeft is (True if code == "ar" else orders.sheet_view.rightToLeft)
    rules = {str(v.sqref).split(":")[0]: v for v in orders.data_validations.dataValidation}
    chooses = [v for v in rules.values() if v.type == "list"]
    assert len(chooses) == sum(c.kind in ("list", "choice", "country") for c in columns())
    written = {heading.value: heading.column_letter for heading in orders[1]}
    country = rules[f"{written[next(c for c in columns() if c.field == 'country').headings[code]]}2"]
    letter = country.formula1.split("$")[1]
    names = [cell.value for cell in lists[letter] if cell.value]
    assert len(names) > 200
    assert all(country_code(name) for name in names)
    assert explained.max_row == len(columns()) + 3
    for field in ("rule", "insured"):
        for value, said in choices(field, code).items():
            assert chosen(field, said) == value


@pytest.mark.parametrize("code", CODES)
def test_codes_are_kept_as_text(code: str) -> None:
    orders = openpyxl.load_workbook(BytesIO(workbook(LANGUAGES[code]))).worksheets[0]
    dimensions = {
        c.field: orders.column_dimensions[cell.column_letter]
        for c, cell in zip(columns(), orders[1], strict=True)
    }
    assert dimensions["postcode"].number_format == dimensions["hs"].number_format == "@"


@pytest.mark.parametrize("code", CODES)
def test_a_filled_template_is_shipped_as_it_stands(code: str, tmp_path: Path) -> None:
    """Filled in by another program, with the examples of its own help sheet."""
    book = openpyxl.load_workbook(BytesIO(workbook(LANGUAGES[code])))
    orders, explained, _ = book.worksheets
    for place, row in enumerate(explained.iter_rows(min_row=4, max_row=3 + len(columns())), 1):
        example = row[3].value
        if example and columns()[place - 1].field not in ("ready_at", "promise_by"):
            orders.cell(2, place).value = (
                float(example) if columns()[place - 1].kind in ("whole", "amount") else example
            )
    filled = tmp_path / "filled.xlsx"
    book.save(filled)
    (order,), problems = orders_of(filled.read_bytes())
    assert isinstance(order, Order)
    assert not problems
    assert (order.receiver.city, order.receiver.country, order.receiver.postcode) == ("Lyon", "FR", "69002")
    assert (order.items[0].hs, order.items[0].origin, order.items[0].quantity) == ("640399", "MA", 2)
    assert order.rule == "cheapest"
    assert not order.insured


def test_workbooks_of_two_programs_read_alike() -> None:
    """A zero in front, a number kept as a float, a formula's last value, a date, a blank row, an error."""
    rows: list[list[object]] = [
        [
            "order_id",
            "destination_country",
            "destination_city",
            "postcode",
            "title",
            "quantity",
            "unit_price",
            "currency",
            "hs",
            "ready_at",
        ],
        ["1", "FR", "Bourg-en-Bresse", "01000", "Bag", 2, 12.5, "EUR", "090121", "2026-12-01"],
        [None] * 10,
        [2, "FR", "Lyon", 69002, "Belt", 1, 3, "EUR", 420330, "2026-12-02"],
        [3, "FR", "Lyon", 69002, "#REF!", 1, 3, "EUR", 420330, ""],
    ]
    ours = BytesIO()
    with xlsxwriter.Workbook(ours, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell is not None:
                    sheet.write(r, c, cell)
    theirs = openpyxl.Workbook()
    for row in rows:
        theirs.active.append(row)
    saved = BytesIO()
    theirs.save(saved)
    read = [read_bytes(data.getvalue()) for data in (ours, saved)]
    for sheet_read in read:
        assert [(r.number, r.get("order_id"), r.get("postcode"), r.get("hs")) for r in sheet_read.good] == [
            (2, "1", "01000", "090121"),
            (4, "2", "69002", "420330"),
        ]
        assert [p.row for p in sheet_read.problems] == [5]
