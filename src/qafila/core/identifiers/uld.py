"""IATA ULD numbers: type of three letters, serial of four or five digits, owner of two or three characters."""

from __future__ import annotations

import re

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber

_FORM = re.compile(r"([A-Z][A-Z0-9]{2})(\d{4,5})([A-Z0-9]{2}|[A-Z]{3})")


def parse(text: str) -> str:
    """The number in plain form, e.g. PMC12345AT; raises InvalidNumber."""
    plain = re.sub(r"[\s-]", "", text).upper()
    match = _FORM.fullmatch(plain)
    if match is None or match[3].isdigit():
        raise InvalidNumber(m.ULD(number=text), value=text)
    return plain
