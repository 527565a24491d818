"""Ids of our own."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread


def new_id(prefix: str) -> str:
    """An id like bkg_06bqh1…: sorts by the millisecond it was made in, and cannot be guessed."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}"
