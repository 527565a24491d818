"""What a validator finds wrong with a request, as people say it: where, why, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import PydanticCustomError

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.speaking import said
from qafila.core.message import Message, Template, Value, as_it_is


class ErrorItem(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(
        description="JSON pointer to the field; `#/header/…` or `#/query/…` outside the body"
    )
    detail: str
    remedy: str | None = None


_WORDS: dict[str, tuple[Template, Template]] = {
    "missing": (m.MISSING, m.ADD_IT),
    "extra_forbidden": (m.NO_SUCH_FIELD, m.CHECK_SPELLING),
    "string_too_short": (m.TOO_SHORT, m.FILL_IN),
    "string_too_long": (m.TOO_LONG, m.WRITE_AT_MOST_CHARACTERS),
    "string_pattern_mismatch": (m.NOT_IN_THE_FORM, m.SEE_OPENAPI),
    "string_unicode": (m.HALF_A_CHARACTER, m.TAKE_THAT_CHARACTER_OUT),
    "string": (m.NOT_A_TEXT, m.WRITE_IT_IN_QUOTATION_MARKS),
    "literal_error": (m.NOT_A_KNOWN_WORD, m.WRITE_EXPECTED),
    "enum": (m.NOT_A_KNOWN_WORD, m.WRITE_EXPECTED),
    "int_from_float": (m.NOT_WHOLE, m.WRITE_A_WHOLE_NUMBER),
    "int": (m.NOT_WHOLE, m.WRITE_A_WHOLE_NUMBER),
    "float": (m.NOT_A_NUMBER, m.WRITE_A_NUMBER),
    "finite_number": (m.NOT_A_NUMBER, m.WRITE_A_NUMBER),
    "decimal_max_places": (m.TOO_MANY_DECIMALS, m.WRITE_AT_MOST_DECIMALS),
    "decimal_max_digits": (m.TOO_MANY_DIGITS, m.WRITE_AT_MOST_DIGITS),
    "decimal_whole_digits": (m.TOO_HIGH, m.DIGITS_BEFORE_POINT),
    "decimal": (m.NOT_A_NUMBER, m.WRITE_A_NUMBER),
    "greater_than": (m.TOO_LOW, m.WRITE_A_NUMBER_ABOVE),
    "greater_than_equal": (m.TOO_LOW, m.WRITE_OR_MORE),
    "less_than": (m.TOO_HIGH, m.WRITE_A_NUMBER_BELOW),
    "less_than_equal": (m.TOO_HIGH, m.WRITE_OR_LESS),
    "bool": (m.NEITHER_TRUE_NOR_FALSE, m.WRITE_TRUE_OR_FALSE),
    "timezone_aware": (m.NO_ZONE, m.WRITE_A_TIME),
    "datetime": (m.NOT_A_TIME, m.WRITE_A_TIME),
    "date_from_datetime_inexact": (m.TIME_NOT_DAY, m.WRITE_A_DAY),
    "date": (m.NOT_A_DAY, m.WRITE_A_DAY),
    "uuid": (m.NOT_A_UUID, m.WRITE_UUID),
    "list": (m.NOT_A_LIST, m.PUT_IT_IN_BRACKETS),
    "too_short": (m.HOLDS_TOO_LITTLE, m.GIVE_AT_LEAST),
    "too_long": (m.HOLDS_TOO_MUCH, m.GIVE_AT_MOST),
    "model": (m.NOT_AN_OBJECT, m.WRITE_IT_IN_BRACES),
    "dict": (m.NOT_AN_OBJECT, m.WRITE_IT_IN_BRACES),
    "union_tag": (m.KIND_NOT_SAID, m.GIVE_KIND),
}
"""Reason and remedy by a validator's kind of error, or by the words with which the kind begins."""

_FORMS = {
    "^[A-Z]{3}$": m.WRITE_CURRENCY,
    r"^\d{6}$": m.WRITE_SIX_DIGITS,
    "^(en|fr|ar|zh)$": m.WRITE_LANGUAGE,
    "^[a-z0-9][a-z0-9-]{0,59}$": m.WRITE_NAME,
}
"""What to write for the patterns of our fields."""


def refused(kind: str, told: Message, remedy: Message) -> PydanticCustomError:
    """The error of a validator of our own, which says by itself what is wrong and what to do."""
    return PydanticCustomError(kind, "refused", {"told": told, "remedy": remedy})


def storable(value: Any) -> Any:
    """A validator: refuses what no database keeps, alone or in a list or object: texts with the zero character, and whole
    numbers beyond 64 bits."""
    inner: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    if isinstance(value, dict):
        inner = (*value, *value.values())
    for one in (value, *inner):
        if isinstance(one, str) and "\0" in one:
            raise refused("zero_character", m.ZERO_CHARACTER(), m.TAKE_THAT_CHARACTER_OUT())
        if isinstance(one, int) and not -(2**63) <= one < 2**63:
            raise refused("beyond_numbers", m.NUMBER_TOO_LARGE(), m.WRITE_A_USUAL_NUMBER())
    return value


def items(errors: Sequence[Mapping[str, Any]], body: Any) -> list[ErrorItem]:
    """A validator's errors, one for each place: those of the alternatives of a field are one."""
    found: dict[str, tuple[Message, list[Message]]] = {}
    for error in errors:
        pointer, told, remedy = _read(error, body)
        remedies = found.setdefault(pointer, (told, []))[1]
        if remedy not in remedies:
            remedies.append(remedy)
    return [
        ErrorItem(pointer=pointer, detail=said(told), remedy=said(_either(remedies)))
        for pointer, (told, remedies) in found.items()
    ]


def _either(remedies: Sequence[Message]) -> Message:
    told, *others = remedies
    for other in others:
        told = m.EITHER(first=told, second=other)
    return told


def _read(error: Mapping[str, Any], body: Any) -> tuple[str, Message, Message]:
    """Where an error stands, what is wrong and what to do."""
    kind, given = error["type"], error.get("ctx", {})
    if kind == "json_invalid":
        where = error["loc"][1] if len(error["loc"]) > 1 else 0
        told = m.NOT_JSON(why=str(given.get("error", "")), position=int(where))
        return "#/", told, m.SEND_JSON()
    pointer = _pointer(error["loc"], body, missing=kind == "missing")
    if "told" in given:
        return pointer, given["told"], given["remedy"]
    begins = [known for known in _WORDS if kind == known or kind.startswith(f"{known}_")]
    if not begins:
        told = error["msg"].removeprefix("Value error, ").strip()
        return pointer, as_it_is(told), m.SEE_OPENAPI()
    detail, remedy = _WORDS[max(begins, key=len)]
    if kind == "string_pattern_mismatch":
        known = _FORMS.get(given["pattern"])
        return pointer, detail(), m.MATCH(pattern=given["pattern"]) if known is None else known()
    return pointer, detail(), remedy(**{name: _value(given[name]) for name in remedy.names})


def _value(given: Any) -> Value:
    """A limit as a value of a message."""
    if isinstance(given, str | int | Decimal | date):
        return given
    return Decimal(str(given)) if isinstance(given, float) else str(given)


def _pointer(location: Sequence[Any], body: Any, missing: bool) -> str:
    """The JSON pointer of a place in a request (RFC 6901, as a URI fragment).

    A validator's path also names the alternative that it tried (ObjectEvent, datetime); the request does not.
    """
    where, *path = location or ("body",)
    if where != "body":
        return "#/" + "/".join(map(_escaped, (where, *path)))
    parts: list[str] = []
    here = body
    for n, part in enumerate(path):
        if isinstance(here, dict) and (part in here or (missing and n == len(path) - 1)):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            continue
        parts.append(_escaped(part))
    return "#/" + "/".join(parts)


def _escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
