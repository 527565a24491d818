"""GS1 keys: modulo-10 check digit over GTIN, GLN and SSCC."""

from __future__ import annotations

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber

_LENGTHS = {"GTIN-8": 8, "GTIN-12": 12, "GTIN-13": 13, "GTIN-14": 14, "GLN": 13, "SSCC": 18}


def check_digit(digits: str) -> int:
    """Check digit of the digits before it: weights 3, 1, 3 … from the right (GS1 General Specifications)."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -total % 10


def parse(kind: str, text: str) -> str:
    """A key in plain digits; `kind` is GTIN-8, GTIN-12, GTIN-13, GTIN-14, GLN or SSCC.

    Raises InvalidNumber, saying what is wrong.
    """
    plain = "".join(text.split())
    length = _LENGTHS[kind]
    if len(plain) != length or not (plain.isascii() and plain.isdigit()):
        raise InvalidNumber(m.GS1(number=text, kind=kind, length=length), value=text)
    if (right := check_digit(plain[:-1])) != int(plain[-1]):
        raise InvalidNumber(m.CHECK_DIGIT(number=text, digit=plain[-1], right=str(right)), value=text)
    return plain


def sscc(company_prefix: str, serial: int, extension: int = 0) -> str:
    """The SSCC of a handling unit: extension digit, company prefix, serial, check digit."""
    room = 16 - len(company_prefix)
    digits = f"{extension}{company_prefix}{serial:0{room}d}"
    if len(digits) != 17:
        raise InvalidNumber(m.SERIAL_TOO_LONG(serial=str(serial), prefix=company_prefix, room=room))
    return digits + str(check_digit(digits))
