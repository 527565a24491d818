"""From a file to rows: each data row once, as named cells, or as a problem that says why not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from qafila.core.message import Message
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.columns import FileRefused, Layout, layout_of
from qafila.shipping.orders.decoding import decode, delimiter_of
from qafila.shipping.orders.markup import without_markup
from qafila.shipping.orders.order import Problem
from qafila.shipping.orders.workbooks import is_workbook, rows_of

_LONGEST_ROW_LINES = 200  # a quoted address may hold line breaks; more than this is a quote that never closes
_LONGEST_CELL = 20_000
_LARGEST_FILE = 512 * 1024 * 1024
# the line by which Excel is told the delimiter
_DELIMITER_TOLD = re.compile(r"\s*\"?sep=([^\r\n\"])\"?[ \t,;|]*(?:\r\n|\r|\n)", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number, as a spreadsheet numbers it, and its cells by field."""

    number: int
    cells: dict[str, str]

    def get(self, field: str) -> str:
        """The cell, trimmed; empty where the file has no such column."""
        return self.cells.get(field, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read. Each of its `rows` is in `good` or in `problems`, never in both."""

    layout: Layout
    encoding: str
    encoding_found: Message
    delimiter: str
    rows: int
    good: tuple[Row, ...]
    problems: tuple[Problem, ...]
    doubt: Message | None = None  # of the encoding


def read(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """Reads an orders file. Raises FileRefused where it is no such file as a whole."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise FileRefused(
                m.TOO_LARGE(size=-(-size // 2**20), most=_LARGEST_FILE // 2**20), m.SPLIT_FILE()
            )
        data = path.read_bytes()
    except OSError as error:
        reason = m.UNREADABLE(path=str(path), error=error.strerror or str(error))
        raise FileRefused(reason, m.CHECK_FILE()) from error
    return read_bytes(data, encoding, delimiter)


def read_bytes(data: bytes, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """Reads the bytes of an orders file, as `read`: CSV in any encoding, or the first sheet of a workbook."""
    if is_workbook(data):
        return _sheet(iter(rows_of(data)), "workbook", m.FIRST_SHEET(), "")
    decoded = decode(data, encoding)
    text, mark = decoded.text, delimiter
    if told := _DELIMITER_TOLD.match(text):
        text, mark = text[told.end() :], delimiter or told[1]
    mark = mark or delimiter_of(text)
    if len(mark) != 1 or mark in '"\r\n':
        raise FileRefused(m.NO_DELIMITER(mark=mark), m.GIVE_DELIMITER())
    sheet = _sheet(_records(text, mark), decoded.encoding, decoded.how, mark)
    return sheet if decoded.doubt is None else replace(sheet, doubt=decoded.doubt)


def _sheet(records: Iterator[list[str] | _Broken], encoding: str, how: Message, mark: str) -> Sheet:
    """The rows of a file, numbered as a spreadsheet numbers them: the heading's row first, blank ones counted."""
    number, header, layout = _heading(records)
    good: list[Row] = []
    problems: list[Problem] = []
    for record in records:
        number += 1
        if isinstance(record, list) and not _has_words(record):
            continue
        row = _row(number, record, layout, len(header))
        if isinstance(row, Problem):
            problems.append(row)
        else:
            good.append(row)
    rows = len(good) + len(problems)
    if rows == 0:
        raise FileRefused(m.NO_ROWS(), m.EXPORT_WITH_ORDERS())
    return Sheet(layout, encoding, how, mark, rows, tuple(good), tuple(problems))


def _heading(records: Iterator[list[str] | _Broken]) -> tuple[int, list[str], Layout]:
    """The row of headings, its number, and what it says: the first row with words that has them, as a title may stand above
    them. Where none has, the refusal speaks of the first."""
    refused: FileRefused | None = None
    tried = number = 0
    for record in records:
        number += 1
        if not isinstance(record, list) or not _has_words(record):
            continue
        try:
            return number, record, layout_of(record)
        except FileRefused as fault:
            refused = refused or fault
        if (tried := tried + 1) == _TITLES:
            break
    if refused is not None:
        raise refused
    return number, [], layout_of([])


_TITLES = 8  # rows with words in which the headings may be


def _has_words(record: list[str]) -> bool:
    return any(cell.strip("\x00 \t\r\n\ufeff") for cell in record)


class _Broken(str):
    """The first line of a record whose quotation marks do not close."""


class _BrokenCell(_Broken):
    """The first line of a record with a cell that is longer than is read at all."""


class _TooLong(Exception):
    pass


def _records(text: str, delimiter: str) -> Iterator[list[str] | _Broken]:
    """Records of the text, blank ones too.

    A quotation mark that never closes would swallow the rest of the file: a record that spans lines must
    be sound to the letter, else its first line is broken and reading goes on with the line after it.
    """
    lines = text.splitlines(keepends=True) if "\r" in text and "\n" not in text else text.split("\n")
    position = 0
    while position < len(lines):
        start = position

        def feed(first: int) -> Iterator[str]:
            nonlocal position
            while position < len(lines):
                if position - first > _LONGEST_ROW_LINES:
                    raise _TooLong
                position += 1
                yield lines[position - 1].rstrip("\r\n") + "\n"

        try:
            record = next(csv.reader(feed(start), delimiter=delimiter))
            if position - start > 1:
                _check_strictly(lines[start:position], delimiter)
        except (_TooLong, csv.Error):
            position = start + 1
            # csv gives up on a field beyond its limit, whatever its quotation marks
            endless = len(lines[start]) > csv.field_size_limit() and lines[start].count('"') % 2 == 0
            yield (_BrokenCell if endless else _Broken)(lines[start])
            continue
        except StopIteration:
            return
        yield record


def _check_strictly(lines: list[str], delimiter: str) -> None:
    parsed = list(
        csv.reader((line.rstrip("\r\n") + "\n" for line in lines), delimiter=delimiter, strict=True)
    )
    if len(parsed) != 1:
        raise csv.Error("quotation marks do not pair")


def _row(number: int, record: list[str] | _Broken, layout: Layout, width: int) -> Row | Problem:
    if isinstance(record, _BrokenCell):
        reason = m.SOME_CELL_TOO_LONG(most=_LONGEST_CELL)
        return Problem(number, "row", _short(str(record)), reason, m.SHORTEN())
    if isinstance(record, _Broken):
        return Problem(number, "row", _short(str(record)), m.QUOTE_OPEN(), m.CLOSE_QUOTE())
    order_id = _cell(record, layout, "order_id")[:100]
    surplus = [cell for cell in record[width:] if cell.strip()]
    if surplus:
        return Problem(
            number,
            "row",
            _short(" | ".join(surplus)),
            m.CELLS(cells=len(record), headings=width),
            m.QUOTE_CELL(),
            order_id,
        )
    cells: dict[str, str] = {}
    for field, position in layout.positions.items():
        raw = record[position] if position < len(record) else ""
        fault = _fault(raw) or spoilt(field, raw)
        if fault:
            return Problem(number, field, _short(raw), *fault, order_id=order_id)
        if "&" in raw or "<" in raw:
            raw = without_markup(raw)
            if "\ufffd" in raw:  # an entity of no character
                return Problem(
                    number, field, _short(raw), m.BYTES(), m.SAVE_FILE_AS_UTF8(), order_id=order_id
                )
        cells[field] = as_text(field, raw.strip())
    if len(record) < width:
        # trailing cells may be left out by an editor only where nothing that is needed stood there
        needed = max(layout.positions[f] for f in _needed(layout))
        if len(record) <= needed:
            return Problem(
                number,
                "row",
                _short(" | ".join(record)),
                m.CELLS(cells=len(record), headings=width),
                m.COMPLETE_ROW(),
                order_id,
            )
    return Row(number, cells)


def _needed(layout: Layout) -> list[str]:
    named = ("order_id", "title", "quantity", "unit_price", "line_total", "line_items", "city", "country")
    return [f for f in named if f in layout.positions]


def _fault(raw: str) -> tuple[Message, Message] | None:
    if "\ufffd" in raw:
        return m.BYTES(), m.SAVE_FILE_AS_UTF8()
    if _UNSEEN.search(raw):
        return m.CONTROL(), m.TYPE_AGAIN()
    if len(raw) > _LONGEST_CELL:
        return m.CELL_TOO_LONG(length=len(raw), most=_LONGEST_CELL), m.SHORTEN()
    return None


# what spreadsheets write for a value that they could not compute or show, in their languages
_ERRORS = re.compile(
    r"#(REF!|N/A|NA|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|N/D|NOM\s?\?|VALEUR!|NOMBRE!|NUL!|¡?REF!|¡?VALOR!|¿NOMBRE\?|¡?NULO!|¡?NUM!|BEZUG!|WERT!|NAME!|NV|ZAHL!|RIF!|NOME\?)"
    r"|#{3,}|Err:5\d\d|#ERROR!?",
    re.I,
)
_DIGITS_LOST = re.compile(r"\d([.,]\d+)?E\+\d{1,2}", re.I)
_NUMBERS_OF_DIGITS = frozenset(
    {"order_id", "phone", "billing_phone", "sender_phone", "postcode", "sku", "tax_id"}
)


def spoilt(field: str, raw: str) -> tuple[Message, Message] | None:
    """What a spreadsheet made of a cell."""
    text = raw.strip()
    if _ERRORS.fullmatch(text):
        return m.SPREADSHEET_ERROR(), m.SPREADSHEET_ERROR_REMEDY()
    if field in _NUMBERS_OF_DIGITS and _DIGITS_LOST.fullmatch(text):
        return m.DIGITS_LOST(), m.DIGITS_LOST_REMEDY()
    return None


def as_text(field: str, text: str) -> str:
    """A number of digits without the decimal point that a spreadsheet put behind it."""
    if field in _NUMBERS_OF_DIGITS and field != "order_id" and re.fullmatch(r"\+?\d+\.0+", text):
        return text.partition(".")[0]
    return text


def _cell(record: list[str], layout: Layout, field: str) -> str:
    position = layout.positions.get(field, -1)
    raw = record[position] if 0 <= position < len(record) else ""
    return _UNSEEN.sub("", raw).strip()


def _short(value: str) -> str:
    """A value as it can be shown in a table: control characters made visible, cut at 120 letters."""
    shown = _UNSEEN.sub("\ufffd", value).strip()
    return shown if len(shown) <= 120 else shown[:119] + "…"
