"""What a validator finds wrong with a request, as people say it: where, why, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import PydanticCustomError


class ErrorItem(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(
        description="JSON pointer to the field; `#/header/…` or `#/query/…` outside the body"
    )
    detail: str
    remedy: str | None = None


_A_TIME = "Write a time as 2026-11-30T14:00:00+01:00."
_A_DAY = "Write a day as 2026-11-30."
_A_NUMBER = "Write a number, such as 12.50."

_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("It is missing.", "Add it."),
    "extra_forbidden": ("There is no such field here.", "Check its spelling, or leave it out."),
    "string_too_short": ("It is empty or too short.", "Fill it in: {min_length} or more characters."),
    "string_too_long": ("It is too long.", "Write at most {max_length} characters."),
    "string_pattern_mismatch": ("It is not in the form that is asked for.", "Write {pattern}."),
    "string_unicode": ("It holds a character that is none (half of a surrogate pair).", "Take that character out."),
    "string": ("It is not a text.", "Write it in quotation marks."),
    "literal_error": ("It is not one of the words known here.", "Write {expected}."),
    "enum": ("It is not one of the words known here.", "Write {expected}."),
    "int_from_float": ("It is not a whole number.", "Write a whole number."),
    "int": ("It is not a whole number.", "Write a whole number."),
    "float": ("It is not a number.", _A_NUMBER),
    "finite_number": ("It is not a number.", _A_NUMBER),
    "decimal_max_places": ("It has too many decimals.", "Write at most {decimal_places} decimals."),
    "decimal_max_digits": ("It has too many digits.", "Write at most {max_digits} digits."),
    "decimal_whole_digits": ("It is too large.", "Write at most {whole_digits} digits before the decimal point."),
    "decimal": ("It is not a number.", _A_NUMBER),
    "greater_than": ("It is too small.", "Write a number above {gt}."),
    "greater_than_equal": ("It is too small.", "Write {ge} or more."),
    "less_than": ("It is too large.", "Write a number below {lt}."),
    "less_than_equal": ("It is too large.", "Write {le} or less."),
    "bool": ("It is neither true nor false.", "Write true or false."),
    "timezone_aware": ("The time does not say its zone.", _A_TIME),
    "datetime": ("It is not a time.", _A_TIME),
    "date_from_datetime_inexact": ("It is a time, not a day.", _A_DAY),
    "date": ("It is not a day.", _A_DAY),
    "uuid": ("It is not a UUID.", "Write it as 374d95fc-9457-4a51-bd6a-0bba133845a8."),
    "list": ("It is not a list.", "Put it in brackets: [ … ]."),
    "too_short": ("It holds too little.", "Give at least {min_length}."),
    "too_long": ("It holds too much.", "Give at most {max_length}."),
    "model": ("It is not an object with fields.", "Write it in braces: {{ … }}."),
    "dict": ("It is not an object with fields.", "Write it in braces: {{ … }}."),
    "union_tag": ("It does not say of which kind it is.", "Give {discriminator}: one of the kinds in the OpenAPI document."),
}  # fmt: skip
"""Reason and remedy by a validator's kind of error, or by the words with which the kind begins."""

_FORMS = {
    "^[A-Z]{3}$": "three capital letters, such as EUR",
    r"^\d{6}$": "six digits, such as 610910",
    "^(en|fr|ar|zh)$": "en, fr, ar or zh",
    "^[a-z0-9][a-z0-9-]{0,59}$": "small letters, digits and hyphens, such as week-48",
}
"""The patterns of our fields in words."""


def storable(value: Any) -> Any:
    """A validator: refuses what no database keeps, alone or in a list or object: texts with the zero character, and whole
    numbers beyond 64 bits."""
    inner: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    if isinstance(value, dict):
        inner = (*value, *value.values())
    for one in (value, *inner):
        if isinstance(one, str) and "\0" in one:
            raise PydanticCustomError("zero_character", ZERO[0], {"remedy": ZERO[1]})
        if isinstance(one, int) and not -(2**63) <= one < 2**63:
            raise PydanticCustomError("beyond_numbers", HUGE[0], {"remedy": HUGE[1]})
    return value


HUGE = ("The number is larger than any that is counted.", "Write a number that can be meant.")
"""Reason and remedy of a whole number that cannot be kept."""

ZERO = ("It holds a zero character (U+0000).", "Take that character out.")
"""Reason and remedy of a text that cannot be kept."""


def items(errors: Sequence[Mapping[str, Any]], body: Any) -> list[ErrorItem]:
    """A validator's errors, one for each place: those of the alternatives of a field are one."""
    found: dict[str, ErrorItem] = {}
    for error in errors:
        item = _item(error, body)
        first = found.setdefault(item.pointer, item)
        if first.remedy and item.remedy and item.remedy not in first.remedy:
            first.remedy = f"{first.remedy.removesuffix('.')}, or {item.remedy[0].lower()}{item.remedy[1:]}"
    return list(found.values())


def _item(error: Mapping[str, Any], body: Any) -> ErrorItem:
    kind, given = error["type"], error.get("ctx", {})
    if kind == "json_invalid":
        where = error["loc"][1] if len(error["loc"]) > 1 else 0
        detail = f"The body is not JSON: {given.get('error', '')} at character {where}."
        return ErrorItem(pointer="#/", detail=detail, remedy="Send one JSON document in UTF-8.")
    pointer = _pointer(error["loc"], body, missing=kind == "missing")
    begins = [known for known in _WORDS if kind == known or kind.startswith(f"{known}_")]
    if not begins:  # our own validators say it themselves
        told = error["msg"].removeprefix("Value error, ").strip().rstrip(".")
        remedy = given.get("remedy", "See what the OpenAPI document says of this field.")
        return ErrorItem(pointer=pointer, detail=f"{told[:1].upper()}{told[1:]}.", remedy=remedy)
    detail, remedy = _WORDS[max(begins, key=len)]
    if "pattern" in given:
        given = {
            **given,
            "pattern": _FORMS.get(given["pattern"], f"it so that it matches {given['pattern']}"),
        }
    return ErrorItem(pointer=pointer, detail=detail, remedy=remedy.format_map(given))


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
