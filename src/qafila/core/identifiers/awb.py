"""IATA air waybill numbers: airline prefix, serial of seven digits, serial modulo 7."""

from __future__ import annotations

import re

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber


def number(prefix: str, serial: int) -> str:
    """E.g. number("147", 1234567) == "147-12345675". Raises InvalidNumber."""
    return parse(f"{prefix}-{serial:07d}{serial % 7}")


def parse(text: str) -> str:
    """The number as NNN-NNNNNNNN; raises InvalidNumber, saying what is wrong."""
    plain = re.sub(r"[\s-]", "", text)
    if not (plain.isascii() and plain.isdigit() and len(plain) == 11):
        raise InvalidNumber(m.AIR_WAYBILL(number=text), value=text)
    if (right := int(plain[3:10]) % 7) != int(plain[10]):
        raise InvalidNumber(m.CHECK_DIGIT(number=text, digit=plain[10], right=str(right)), value=text)
    return f"{plain[:3]}-{plain[3:]}"
