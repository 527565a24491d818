"""An advice as merchants have it: a CSV or XLSX with a row for each product that comes."""

from __future__ import annotations

import csv
import re
from datetime import date
from io import StringIO

from qafila.core.fault import Fault
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.decoding import decode, delimiter_of
from qafila.shipping.orders.workbooks import is_workbook, rows_of
from qafila.storage import messages
from qafila.storage.advices import AdviceLine

_NAMES = {
    "sku": ("sku", "product", "item", "article", "référence", "reference", "رمز", "货号"),
    "pieces": ("pieces", "quantity", "qty", "pcs", "quantité", "quantite", "الكمية", "数量"),
    "lot": ("lot", "batch", "lot number", "دفعة", "批次"),
    "expires_on": ("expires_on", "expiry", "expiry date", "best before", "péremption", "الصلاحية", "有效期"),
    "condition": ("condition",),
}
_MOST = 2000


def read(data: bytes) -> list[AdviceLine]:
    """The lines of an advice from a file's bytes. Raises Fault, naming row and column."""
    try:
        rows = list(rows_of(data)) if is_workbook(data) else _csv(data)
    except FileRefused as refused:
        raise Fault(
            messages.ADVICE_UNREADABLE(reason=str(refused)), messages.ADVICE_FORM(), field="file"
        ) from None
    rows = [[str(cell or "").strip() for cell in row] for row in rows]
    head = next((row for row in rows if any(row)), [])
    where = {
        field: n
        for field, names in _NAMES.items()
        for n, title in enumerate(head)
        if re.sub(r"[\s_]+", " ", title.casefold()) in {re.sub(r"[\s_]+", " ", name) for name in names}
    }
    if "sku" not in where or "pieces" not in where:
        raise Fault(
            messages.ADVICE_COLUMNS(columns=", ".join(head)[:200]), messages.ADVICE_FORM(), field="file"
        )
    first = rows.index(head) + 1
    found = [_line(n + 1, row, where) for n, row in enumerate(rows) if n >= first and any(row)]
    if not found or len(found) > _MOST:
        raise Fault(messages.ADVICE_ROWS(rows=len(found), most=_MOST), messages.ADVICE_FORM(), field="file")
    return found


def _csv(data: bytes) -> list[list[str]]:
    text = decode(data).text
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter_of(text)))
    except csv.Error as error:
        raise Fault(
            messages.ADVICE_UNREADABLE(reason=str(error)), messages.ADVICE_FORM(), field="file"
        ) from None


def _line(number: int, row: list[str], where: dict[str, int]) -> AdviceLine:
    def cell(field: str) -> str:
        n = where.get(field)
        return row[n] if n is not None and n < len(row) else ""

    sku, written, day = cell("sku"), re.sub(r"\.0+$", "", cell("pieces")), cell("expires_on")[:10]
    if not sku or len(sku) > 80:
        raise Fault(
            messages.ADVICE_CELL(row=number, column="sku", value=sku[:80]),
            messages.ADVICE_FORM(),
            field=f"row {number}",
        )
    if not re.fullmatch(r"[1-9]\d{0,6}", written):
        raise Fault(
            messages.ADVICE_CELL(row=number, column="pieces", value=written[:80]),
            messages.WRITE_PIECES(),
            field=f"row {number}",
        )
    try:
        expires = date.fromisoformat(day) if day else None
    except ValueError:
        raise Fault(
            messages.ADVICE_CELL(row=number, column="expires_on", value=day),
            messages.WRITE_DAY(),
            field=f"row {number}",
        ) from None
    condition = cell("condition").casefold() or "good"
    if condition not in ("good", "damaged", "bonded"):
        raise Fault(
            messages.ADVICE_CELL(row=number, column="condition", value=condition[:80]),
            messages.ADVICE_FORM(),
            field=f"row {number}",
        )
    return AdviceLine(sku, int(written), cell("lot")[:80], expires, condition)
