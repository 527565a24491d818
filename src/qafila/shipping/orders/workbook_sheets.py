"""What a process of its own does with a workbook: unpacks it, and tells its rows as JSON.

A workbook of a kilobyte can ask for half a terabyte (two cells in far corners, a sheet that unpacks a thousandfold), and
what reads it then ends its process. This one has little room and little time, and nobody else is in it.
"""

from __future__ import annotations

import re
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from qafila.shipping.orders.workbook_errors import errors_of

MOST_ROWS = 200_000
_SECONDS = 120


def main(room: int) -> None:
    """Reads a workbook from the standard input and writes what `told` says of it, in so many bytes of room."""
    _limit(resource.RLIMIT_AS, room)
    _limit(resource.RLIMIT_CPU, _SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    sys.stdout.buffer.write(orjson.dumps(told(sys.stdin.buffer.read())))


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def told(data: bytes) -> dict[str, Any]:
    """`rows` of the first sheet that has any, as text; or that it is `empty`, has `too_many` rows, or is `broken`."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MOST_ROWS:
                return {"too_many": sheet.total_height}
            rows = sheet.to_python(skip_empty_area=False)
            if any(str(cell).strip() for row in rows for cell in row):
                texts = [[_text(cell) for cell in row] for row in rows]
                for (row, column), word in errors_of(data, name).items():
                    if row < len(texts) and column < len(texts[row]):
                        texts[row][column] = word
                return {"rows": texts}
    except (CalamineError, ValueError, OSError) as error:
        return {"broken": str(error)}
    return {"empty": True}


_LIKE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def _text(cell: object) -> str:
    """A cell as text. A whole number has no decimal point: workbooks keep every number as a float."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        text = f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(round(cell, 10))
        # a workbook's number has no marks of thousands: 1.255 is never 1255, whatever its cells of text write
        return f"{text}0" if _LIKE_THOUSANDS.fullmatch(text) else text
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
