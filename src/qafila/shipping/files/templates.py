"""The workbook to fill in: headings in the user's language, lists to choose from, and a sheet that explains each column.

Its headings and choices are data (facts/order-template.csv, facts/order-choices.csv) and are read back by the reader of
files as they stand, in every language.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from qafila.core.message import Message
from qafila.network.network_places import countries_by_name, country_name
from qafila.runtime.language import Language, render
from qafila.shipping.files import template_messages as m
from qafila.shipping.orders.columns import formats
from qafila.shipping.orders.orders_choices import choices

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""
_ROWS = 2_000  # that have lists and formats
_LISTS = "lists"
_INK, _PAPER, _LINE = "#14213d", "#fbfaf7", "#d9d4c7"
_LONGEST_HINT, _LONGEST_TITLE = 255, 32  # what a spreadsheet shows beside a cell


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column of the workbook."""

    field: str
    width: int  # in characters
    kind: str  # text, whole, amount, date, country, list, choice
    choices: tuple[str, ...]
    example: str
    headings: dict[str, str]  # by the language's code


@cache
def columns() -> tuple[TemplateColumn, ...]:
    """The workbook's columns, from left to right."""
    with (files("qafila") / "facts" / "order-template.csv").open(encoding="utf-8") as lines:
        return tuple(
            TemplateColumn(
                row["field"],
                int(row["width"]),
                row["kind"],
                tuple(row["choices"].split()),
                row["example"],
                {code: row[code] for code in ("en", "fr", "ar", "zh")},
            )
            for row in csv.DictReader(lines)
        )


def workbook(language: Language) -> bytes:
    """The workbook to fill in, as XLSX.

    Args:
        language: of its headings, lists and explanations; Arabic sheets run from right to left.

    Returns:
        The file. Cells for codes are text, so that no spreadsheet takes their zeros away.
    """
    made = BytesIO()
    book = Workbook(made, {"in_memory": True})
    book.set_properties({"title": "qafila", "created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})

    def say(message: Message) -> str:
        return render(message, language)

    orders, explained = book.add_worksheet(say(m.ORDERS_SHEET())), book.add_worksheet(say(m.HELP_SHEET()))
    lists = book.add_worksheet(_LISTS)
    lists.hide()
    for sheet in (orders, explained):
        if language.direction == "rtl":
            sheet.right_to_left()
    ranges = _fill_lists(lists, language)
    _fill_orders(book, orders, ranges, language)
    _fill_help(book, explained, language)
    book.close()
    return made.getvalue()


def _needed(field: str) -> bool:
    column = next(c for c in formats()["plain"] if c.field == field)
    return column.need == "required"


def _fill_lists(sheet: Worksheet, language: Language) -> dict[str, str]:
    """Writes what the columns choose from; returns the range of each by field."""
    codes = sorted(set(countries_by_name().values()))
    names = sorted(country_name(code, _cldr(language)) for code in codes)
    ranges: dict[str, str] = {}
    place = 0
    for column in columns():
        if column.kind == "country":
            said = names
        elif column.kind == "choice":
            said = list(choices(column.field, language.code).values())
        elif column.kind == "list":
            said = list(column.choices)
        else:
            continue
        sheet.write_column(0, place, said)
        letter = chr(ord("A") + place)
        ranges[column.field] = f"={_LISTS}!${letter}$1:${letter}${len(said)}"
        place += 1
    return ranges


def _cldr(language: Language) -> str:
    return {"ar": "ar", "zh": "zh"}.get(language.code, language.code)


def _fill_orders(book: Workbook, sheet: Worksheet, ranges: dict[str, str], language: Language) -> None:
    common = {"font_size": 11, "valign": "vcenter", "border": 1, "border_color": _LINE, "text_wrap": True}
    needed = book.add_format({**common, "bold": True, "bg_color": _INK, "font_color": _PAPER})
    optional = book.add_format({**common, "bg_color": _PAPER, "font_color": _INK})
    text, amount = book.add_format({"num_format": "@"}), book.add_format({"num_format": "General"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, column in enumerate(columns()):
        form = day if column.kind == "date" else amount if column.kind in ("whole", "amount") else text
        sheet.set_column(place, place, column.width, form)
        heading = column.headings[language.code]
        sheet.write_string(0, place, heading, needed if _needed(column.field) else optional)
        rule = _rule(column, ranges.get(column.field), language)
        hint = render(m.HELP[column.field](), language)
        sheet.data_validation(
            1,
            place,
            _ROWS,
            place,
            {**rule, "input_title": heading[:_LONGEST_TITLE], "input_message": hint[:_LONGEST_HINT]},
        )
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)


def _rule(column: TemplateColumn, of: str | None, language: Language) -> dict[str, Any]:
    """What may be written in a column. What is not in a list may be written all the same where it may be read."""
    if of is not None:
        said = render(m.NOT_IN_LIST(), language)
        kind = "warning" if column.kind in ("country", "list") else "stop"
        return {"validate": "list", "source": of, "error_message": said, "error_type": kind}
    if column.kind in ("whole", "amount"):
        said = render(m.NO_NUMBER(), language)
        kind = "integer" if column.kind == "whole" else "decimal"
        return {
            "validate": kind,
            "criteria": ">=",
            "value": 0,
            "error_message": said,
            "error_type": "warning",
        }
    return {"validate": "any"}


def _fill_help(book: Workbook, sheet: Worksheet, language: Language) -> None:
    head = book.add_format({"bold": True, "bottom": 1, "bottom_color": _INK})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26, wrapped)
    sheet.set_column(1, 1, 16, wrapped)
    sheet.set_column(2, 2, 70, wrapped)
    sheet.set_column(3, 3, 26, wrapped)
    sheet.merge_range(0, 0, 0, 3, render(m.HOW(), language), wrapped)
    sheet.set_row(0, 64)
    for place, title in enumerate((m.HEADING, m.NEEDED, m.WHAT, m.EXAMPLE)):
        sheet.write_string(2, place, render(title(), language), head)
    for row, column in enumerate(columns(), 3):
        needed = m.YES if _needed(column.field) else m.IF_KNOWN
        sheet.write_string(row, 0, column.headings[language.code], wrapped)
        sheet.write_string(row, 1, render(needed(), language), wrapped)
        sheet.write_string(row, 2, render(m.HELP[column.field](), language), wrapped)
        sheet.write_string(row, 3, _example(column, language), wrapped)


def _example(column: TemplateColumn, language: Language) -> str:
    if column.kind == "country":
        return country_name(column.example, _cldr(language))
    if column.kind == "choice":
        return choices(column.field, language.code)[column.example]
    return column.example
