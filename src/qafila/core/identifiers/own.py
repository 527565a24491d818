"""Ids of our own."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def new_id(prefix: str) -> str:
    """An id like bkg_06bqh1…: sorts by the millisecond it was made in, and cannot be guessed."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = "".join(_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10))
    return f"{prefix}_{digits}"
