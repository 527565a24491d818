"""Numbers given out by the database: parcel numbers from the S10 ranges, and ids of our own."""

from __future__ import annotations

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict
from qafila.core.identifiers import s10
from qafila.core.identifiers.own import new_id
from qafila.shipping.bookings import messages

__all__ = ["RangesExhausted", "new_id", "parcel_numbers"]


class RangesExhausted(Conflict, RuntimeError):
    """No S10 range has a number left."""


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
        raise RangesExhausted(messages.NO_NUMBERS(), messages.ADD_RANGE())
    return [s10.number(service, int(serial), country) for service, country, serial in rows]
