"""Numbers given out by the database: parcel numbers from the S10 ranges, and ids of our own."""

from __future__ import annotations

import secrets
import time

from sqlalchemy import Connection, text

from qafila.identifiers import s10

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread


class RangesExhausted(RuntimeError):
    """No S10 range has a number left."""


def new_id(prefix: str) -> str:
    """An id like bkg_06bqh1…: sorts by the millisecond it was made in, and cannot be guessed."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}"


_TAKE = text(
    """
    SELECT r.service, r.country, r.first_serial + (p - r.starts_at)
    FROM (SELECT nextval('parcel_positions') AS p FROM generate_series(1, :n)) positions
    LEFT JOIN number_ranges r ON p >= r.starts_at AND p < r.starts_at + r.count
    ORDER BY p
    """
)


def parcel_numbers(connection: Connection, wanted: int) -> list[str]:
    """As many S10 numbers as wanted, never given before. Waits for no other booking; may leave gaps."""
    rows = connection.execute(_TAKE, {"n": wanted}).all()
    if any(service is None for service, _, _ in rows):
        raise RangesExhausted("every S10 range is used up; add one to the table number_ranges")
    return [s10.number(service, int(serial), country) for service, country, serial in rows]
