"""Workbooks of Excel, LibreOffice and Google Sheets as rows of text: values as they are kept, formulas never run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook

from qafila.shipping.orders import messages as m
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.workbook_errors import errors_of

_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_MOST_ROWS = 200_000


def is_workbook(data: bytes) -> bool:
    """Whether some bytes may be XLSX, XLS, XLSB or ODS."""
    return data.startswith(_SIGNATURES)


def rows_of(data: bytes) -> list[list[str]]:
    """The rows of the first sheet that has any, blank ones too, each cell as the text that a person would type.

    Raises:
        FileRefused: it is no workbook that can be opened, or it has no rows.
    """
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > _MOST_ROWS:
                raise FileRefused(m.TOO_MANY_ROWS(rows=sheet.total_height, most=_MOST_ROWS), m.SPLIT_FILE())
            rows = sheet.to_python(skip_empty_area=False)
            if any(str(cell).strip() for row in rows for cell in row):
                texts = [[_text(cell) for cell in row] for row in rows]
                for (row, column), word in errors_of(data, name).items():
                    if row < len(texts) and column < len(texts[row]):
                        texts[row][column] = word
                return texts
    except (CalamineError, ValueError, OSError) as error:
        raise FileRefused(m.WORKBOOK_BROKEN(error=str(error)), m.SAVE_WORKBOOK()) from error
    raise FileRefused(m.WORKBOOK_EMPTY(), m.FIRST_SHEET_ORDERS())


def _text(cell: object) -> str:
    """A cell as text. A whole number has no decimal point: workbooks keep every number as a float."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(round(cell, 10))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
