"""Workbooks of Excel, LibreOffice and Google Sheets as rows of text: values as they are kept, formulas never run."""

from __future__ import annotations

import subprocess
import sys
from threading import BoundedSemaphore
from typing import Any

import orjson

from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.workbook_sheets import MOST_ROWS

_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_AT_ONCE = BoundedSemaphore(2)
"""Workbooks that this process has read at a time: each may take the whole room that is given to one."""
_ROOM = 3 << 30
"""Bytes that reading one may take."""
_PATIENCE = 300.0


def is_workbook(data: bytes) -> bool:
    """Whether some bytes may be XLSX, XLS, XLSB or ODS."""
    return data.startswith(_SIGNATURES)


def rows_of(data: bytes) -> list[list[str]]:
    """The rows of the first sheet that has any, blank ones too, each cell as the text that a person would type.

    Raises:
        FileRefused: it is no workbook that can be opened, it has no rows, or it unpacks to more than is read.
    """
    told = _told(data)
    if "too_many" in told:
        raise FileRefused(m.TOO_MANY_ROWS(rows=told["too_many"], most=MOST_ROWS), m.SPLIT_FILE())
    if "broken" in told:
        raise FileRefused(m.WORKBOOK_BROKEN(error=told["broken"]), m.SAVE_WORKBOOK())
    if "empty" in told:
        raise FileRefused(m.WORKBOOK_EMPTY(), m.FIRST_SHEET_ORDERS())
    rows: list[list[str]] = told["rows"]
    return rows


def _told(data: bytes) -> dict[str, Any]:
    """What a process of its own says of a workbook; see workbook_sheets."""
    command = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        f"from qafila.shipping.orders.workbook_sheets import main; main({_ROOM})"
    )
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-c", command],
                input=data,
                capture_output=True,
                timeout=_PATIENCE,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise FileRefused(m.WORKBOOK_UNPACKS(), m.SPLIT_FILE()) from None
    told: dict[str, Any] = orjson.loads(done.stdout)
    return told
