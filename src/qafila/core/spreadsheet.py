"""Cells of the CSV files that people open in a spreadsheet."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NEGATIVE = re.compile(r"-\d[\d., \u00a0\u202f]*")


def inert(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what may begin one, but a negative number.

    What somebody wrote (an order's id, a name at the door) comes back in these files, and whoever opens them runs nothing
    (OWASP, CSV injection).
    """
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _NEGATIVE.fullmatch(cell):
        return cell
    return f"'{cell}"
