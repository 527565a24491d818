"""ISO 6346 container numbers and IATA ULD numbers."""

from __future__ import annotations

import re

from stdnum import iso6346
from stdnum.exceptions import ValidationError

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber

_ULD = re.compile(r"[A-Z][A-Z0-9]{2}\d{4,5}[A-Z0-9]{2,3}")


def parse_container(text: str) -> str:
    """A freight container's number in plain form, e.g. CSQU3054383; raises InvalidNumber."""
    try:
        return str(iso6346.validate(text))
    except ValidationError as error:
        raise InvalidNumber(m.CONTAINER(number=text), value=text) from error


def parse_uld(text: str) -> str:
    """A unit load device's number in plain form, e.g. AKE12345AT (type, serial, owner; no check digit)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if _ULD.fullmatch(plain) is None:
        raise InvalidNumber(m.ULD(number=text), value=text)
    return plain
