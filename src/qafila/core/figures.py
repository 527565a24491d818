"""Numbers as people write them: decimal commas, thousands of any country, the digits of any script."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from qafila.core.fault import Fault
from qafila.core.message import template

NO_NUMBER = template("orders.figure.no_number", "It is not a number.")
TWO_MARKS = template("orders.figure.two_marks", "It has two decimal marks.")
ODD_MARKS = template(
    "orders.figure.odd_marks", "Its points or commas separate neither decimals nor thousands."
)
THOUSANDS_OR_DECIMALS = template(
    "orders.figure.thousands_or_decimals", "It may be thousands or decimals: nothing else tells which."
)

_NUMBER = re.compile(r"[+-]?(?:\d[\d.,' ]*)?(?:[.,]\d+)?(?:[eE][+-]?\d{1,2})?")
# Arabic marks and the comma of Arabic text, the raised point, the minus sign, apostrophes that a keyboard bends
_MARKS = str.maketrans(
    {"٫": ".", "،": ",", "·": ".", "−": "-", "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "٬": "'"}
)
_LONGEST = 60  # characters


class NotAFigure(Fault):
    """A text that is not the number or the date it should be; the message says why."""


def number(written: str, mark: str | None = None) -> Decimal:
    """The number that a text without a unit says.

    Args:
        written: as it was typed or stands in a file: `1.234,56`, `1 234,56`, `1'234.56`, `1,23,456.70`, `١٬٢٣٤٫٥٦`.
        mark: the decimal mark that the rest of the file shows, "." or ","; None where nothing tells. It decides where
            one point or one comma stands before three digits.

    Returns:
        A finite number. Raises NotAFigure, also where it might be thousands as well as decimals.
    """
    text = unicodedata.normalize("NFKC", written.translate(_MARKS)).strip()
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    if without_cents := re.fullmatch(r"(.*\d)([.,])(?:-+|[–—]+)", text):  # 1.234,–
        text, mark = without_cents[1], without_cents[2]
    raised = any(unicodedata.category(c) == "No" for c in written)  # 12² is not 122
    if raised or len(text) > _LONGEST or not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        raise NotAFigure(NO_NUMBER())
    decimal = _decimal_mark(text, mark)
    digits, comma, rest = text.rpartition(decimal) if decimal else (text, "", "")
    whole, fraction = (digits, rest) if comma else (text, "")
    groups = {c for c in whole if c in ".,' "}
    if groups:
        whole = _ungrouped(whole, groups)
    if not re.fullmatch(r"\d*(?:[eE][+-]?\d{1,2})?", fraction):
        raise NotAFigure(ODD_MARKS())
    try:
        return Decimal(f"{whole}.{fraction}" if fraction else whole)
    except ArithmeticError:
        raise NotAFigure(NO_NUMBER()) from None


def _decimal_mark(text: str, mark: str | None) -> str:
    """The mark before the decimals; empty where there is none."""
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        last = "." if text.rfind(".") > text.rfind(",") else ","
        if text.count(last) > 1:
            raise NotAFigure(TWO_MARKS())
        return last
    if dots + commas > 1:
        return ""  # 1.234.567
    if " " in text or "'" in text:  # what groups the thousands is told: 1 234,567
        return "," if commas else "."
    if dots and mark == "," and re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text):
        return ""  # 1.234 where decimals have commas
    if commas and re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
        if mark is None:
            raise NotAFigure(THOUSANDS_OR_DECIMALS())
        return "," if mark == "," else ""
    return "," if commas else "."


def _ungrouped(whole: str, groups: set[str]) -> str:
    """The digits before the decimals, without what stands between thousands."""
    (group, *more) = groups
    threes = re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:[eE][+-]?\d{{1,2}})?", whole)
    lakhs = group == "," and re.fullmatch(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}", whole)
    if more or not (threes or lakhs):
        raise NotAFigure(ODD_MARKS())
    return whole.replace(group, "")
