"""Canonical JSON (RFC 8785): what is hashed has one spelling.

`rfc8785` says what is right. What the log writes is nearly always plain (texts, whole numbers, lists and maps with names
of the first plane of Unicode); orjson writes that the same, some ten times as fast. Whatever else is left to `rfc8785`.
"""

from __future__ import annotations

from typing import Any

import orjson
import rfc8785

_EXACT = 2**53 - 1  # the greatest whole number that every reader of JSON has exactly


def canonical(value: Any) -> bytes:
    """The canonical JSON of a value.

    Args:
        value: texts, whole numbers, floats, True, False, None, lists, tuples and maps of them.

    Raises:
        ValueError: it cannot be said in canonical JSON, such as a number beyond 2^53 or a float that is not finite.
    """
    if _plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a text with half a character, or maps within maps beyond what orjson reads
            pass
    return rfc8785.dumps(value)


def _plain(value: Any) -> bool:
    """Whether orjson writes it as the standard says: it sorts names by code points, the standard by UTF-16."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_EXACT <= value <= _EXACT
    if kind is dict:
        return all(
            type(k) is str and (k.isascii() or max(k) < "\ud800") and _plain(v) for k, v in value.items()
        )
    return kind in (list, tuple) and all(map(_plain, value))
