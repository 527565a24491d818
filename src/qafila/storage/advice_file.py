"""An advice as merchants and their suppliers have it: a CSV or a workbook with a row for each product that comes.

Headings are those of facts/advice-columns.csv in any case, with or without accents, spaces and units in brackets; what stands
above the headings (a title, an address) and totals below the rows are passed over. Numbers and days are read as people write
them. Goods are named by their SKU, or by a code that stands on them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO

from qafila.core.fault import Fault
from qafila.core.figures import NotAFigure
from qafila.shipping.orders import orders_figures
from qafila.shipping.orders.columns import FileRefused, squashed
from qafila.shipping.orders.decoding import decode, delimiter_of
from qafila.shipping.orders.workbooks import is_workbook, rows_of
from qafila.storage import advice_units, storage_messages
from qafila.storage.advices import AdviceLine
from qafila.storage.model import Condition

_MOST = 2000
_ABOVE = 40
"""Rows among which the headings are looked for."""

_TOTALS = frozenset(
    {"total", "totals", "grandtotal", "subtotal", "totaux", "totalgeneral", "soustotal", "suma", "summe", "gesamt", "totale",
     "المجموع", "الاجمالي", "الإجمالي", "合计", "总计", "小计"}
)  # fmt: skip
_CONDITIONS = {
    Condition.GOOD: ("", "good", "new", "ok", "sellable", "bon", "neuf", "conforme", "bueno", "nuevo", "gut", "neu", "سليم", "جيد",
                     "جديد", "良好", "正品", "良品", "好", "新"),
    Condition.DAMAGED: ("damaged", "broken", "defective", "endommagé", "abîmé", "cassé", "défectueux", "dañado", "beschädigt",
                        "defekt", "تالف", "متضرر", "损坏", "破损", "次品", "残次"),
    Condition.BONDED: ("bonded", "in bond", "under bond", "sous douane", "sous entrepôt", "depósito aduanero", "zolllager",
                       "تحت الجمرك", "تحت القيد الجمركي", "保税"),
}  # fmt: skip


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    with (files("qafila") / "facts" / "advice-columns.csv").open(encoding="utf-8") as lines:
        return {
            row["field"]: tuple(squashed(one) for one in row["spellings"].split("|"))
            for row in csv.DictReader(lines)
        }


@cache
def _condition_of() -> dict[str, str]:
    return {squashed(word): condition.value for condition, words in _CONDITIONS.items() for word in words}


def read(data: bytes) -> list[AdviceLine]:
    """The lines of an advice from a file's bytes. A line's SKU is what the file calls the goods: their SKU, or a code on
    them. Raises Fault, naming row and column."""
    try:
        rows = list(rows_of(data)) if is_workbook(data) else _csv(data)
    except FileRefused as refused:
        raise Fault(
            storage_messages.ADVICE_UNREADABLE(reason=str(refused)),
            storage_messages.ADVICE_FORM(),
            field="file",
        ) from None
    rows = [[str(cell or "").strip() for cell in row] for row in rows]
    first, where = _headed(rows)
    below = [(n + 1, row) for n, row in enumerate(rows) if n >= first and any(row)]
    head = rows[first - 1]
    if advice_units.counts_bundles(title := head[where["pieces"]]):
        raise Fault(
            storage_messages.ADVICE_UNIT(row=first, unit=title[:40]),
            storage_messages.COUNT_PIECES(),
            field=f"row {first}",
            value=title[:80],
        )
    sheet = _Sheet(where, [row for _, row in below], advice_units.says_pieces(head[where["pieces"]]))
    _agree(head, where, [(n, row) for n, row in below if not sheet.is_total(row)])
    found = [sheet.line(n, row) for n, row in below if not sheet.is_total(row)]
    if not found or len(found) > _MOST:
        raise Fault(
            storage_messages.ADVICE_ROWS(rows=len(found), most=_MOST),
            storage_messages.ADVICE_FORM(),
            field="file",
        )
    return found


def _headed(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The number of the first row below the headings, and in which column each field stands."""
    written = [n for n, row in enumerate(rows) if any(row)][:_ABOVE]
    for n in written:
        where = _columns(rows[n])
        if "pieces" in where and ("sku" in where or "code" in where):
            return n + 1, where
    head = rows[written[0]] if written else []
    raise Fault(
        storage_messages.ADVICE_COLUMNS(columns=", ".join(head)[:200]),
        storage_messages.ADVICE_FORM(),
        field="file",
    )


def _named(head: Sequence[str]) -> list[str]:
    return [squashed(re.sub(r"\(.*?\)|（.*?）|\[.*?\]", "", title)) or squashed(title) for title in head]


def _columns(head: Sequence[str]) -> dict[str, int]:
    named = _named(head)
    found = {}
    for field, spellings in _spellings().items():
        for (
            spelling
        ) in spellings:  # the first spelling that is there: what was shipped before what was ordered
            at = [n for n, name in enumerate(named) if name == spelling]
            if field == "pieces":  # a column in cartons beside one in pieces is not the one
                at = sorted(at, key=lambda n: advice_units.counts_bundles(head[n]))
            if at:
                found[field] = at[0]
                break
    return found


def _agree(head: Sequence[str], where: dict[str, int], rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Raises Fault where a column that is read is there twice under one heading, and the two say different things."""
    named = _named(head)
    for at in where.values():
        for other in (n for n, name in enumerate(named) if name == named[at] and n != at):
            if at == where["pieces"] and advice_units.counts_bundles(head[other]):
                continue
            for number, row in rows:
                said = {row[n] if n < len(row) else "" for n in (at, other)}
                if len(said) > 1:
                    raise Fault(
                        storage_messages.ADVICE_TWICE(column=head[at][:40], row=number),
                        storage_messages.ONE_COLUMN(),
                        field=f"row {number}",
                        value=head[at][:80],
                    )


def _csv(data: bytes) -> list[list[str]]:
    text = decode(data).text
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter_of(text)))
    except csv.Error as error:
        raise Fault(
            storage_messages.ADVICE_UNREADABLE(reason=str(error)),
            storage_messages.ADVICE_FORM(),
            field="file",
        ) from None


class _Sheet:
    """How a file's rows are read: its columns, how it writes numbers and days, and whether it is sure to count pieces."""

    def __init__(self, where: dict[str, int], rows: Sequence[Sequence[str]], in_pieces: bool) -> None:
        self.where, self.in_pieces = where, in_pieces
        self.notation: orders_figures.Notation = orders_figures.notation_of(
            self._cell(row, "pieces") for row in rows
        )
        self.day_first = _day_first(self._cell(row, "expires_on") for row in rows)

    def _cell(self, row: Sequence[str], field: str) -> str:
        n = self.where.get(field)
        found = row[n] if n is not None and n < len(row) else ""
        return "" if orders_figures.is_blank(found) else found

    def is_total(self, row: Sequence[str]) -> bool:
        """Whether a row adds the others up: it says so, and names no goods beside that."""
        named = {squashed(self._cell(row, field)) for field in ("sku", "code")} - {""}
        said = {re.sub(r"\d+$", "", squashed(cell)) for cell in row}
        return bool(said & _TOTALS) and named <= _TOTALS

    def line(self, number: int, row: Sequence[str]) -> AdviceLine:
        """The advice's line of a row. Raises Fault, naming row and column."""
        sku = self._cell(row, "sku") or self._cell(row, "code")
        if not sku or len(sku) > 80:
            raise _wrong(number, "sku", sku)
        # as spreadsheets write it; 5E10 is somebody's article
        if re.fullmatch(r"\d([.,]\d+)?[eE]\+\d{2}|\d[.,]\d+[eE]\d{1,2}", sku):
            raise Fault(
                storage_messages.DIGITS_LOST(row=number, value=sku),
                storage_messages.AS_TEXT(),
                field=f"row {number}",
                value=sku,
            )
        if whole := _FLOATED.fullmatch(sku):
            sku = whole[1]
        unit = self._cell(row, "unit")
        if not self.in_pieces and advice_units.is_bundle(unit):
            raise Fault(
                storage_messages.ADVICE_UNIT(row=number, unit=unit[:40]),
                storage_messages.COUNT_PIECES(),
                field=f"row {number}",
                value=unit[:80],
            )
        written = self._cell(row, "pieces")
        if self.notation.mark is None and re.match(r"[1-9]\d{0,2}\.\d{3}(?!\d)", written):
            raise _wrong(number, "pieces", written)  # a thousand, or one with three decimals
        try:
            pieces = self.notation.number(
                re.sub(r"(?i)(?<=\d)\s*(pcs?|pieces|pièces|units|unités|ea|个|件|قطعة)\.?$", "", written)
            )
        except NotAFigure:
            raise _wrong(number, "pieces", written) from None
        if pieces != int(pieces) or not 1 <= pieces < 10_000_000:
            raise _wrong(number, "pieces", written)
        condition = _condition_of().get(squashed(self._cell(row, "condition")))
        if condition is None:
            raise _wrong(number, "condition", self._cell(row, "condition"))
        beside = self._cell(row, "code")[:80] if self._cell(row, "sku") else ""
        if whole := _FLOATED.fullmatch(beside):
            beside = whole[1]
        lot = self._cell(row, "lot")[:80]
        return AdviceLine(sku, int(pieces), lot, self._day(number, row), condition, beside)

    def _day(self, number: int, row: Sequence[str]) -> date | None:
        written = self._cell(row, "expires_on")
        if not written:
            return None
        try:
            found = orders_figures.day(written, self.day_first)
        except NotAFigure:
            raise _wrong(number, "expires_on", written) from None
        if not 2000 <= found.year < 2200:  # another calendar, or a slip
            raise _wrong(number, "expires_on", written)
        return found


_FLOATED = re.compile(r"(\d{8}|\d{12,14})[.,]0+")  # a GTIN that a program took for a number


def _day_first(cells: Iterable[str]) -> bool | None:
    """Whether a column writes 31/12/2027 or 12/31/2027, where a day of it tells."""
    told = set()
    for cell in cells:
        if slashed := re.match(r"(\d{1,2})/(\d{1,2})/\d{4}", cell):
            first, second = int(slashed[1]), int(slashed[2])
            told |= {first > 12} if max(first, second) > 12 else set()
    return told.pop() if len(told) == 1 else None


def _wrong(number: int, column: str, value: str) -> Fault:
    remedy = {"pieces": storage_messages.WRITE_PIECES, "expires_on": storage_messages.WRITE_DAY}.get(
        column, storage_messages.ADVICE_FORM
    )
    return Fault(
        storage_messages.ADVICE_CELL(row=number, column=column, value=value[:80]),
        remedy(),
        field=f"row {number}",
        value=value[:80],
    )
