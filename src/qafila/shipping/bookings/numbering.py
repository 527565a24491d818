"""Numbers given out by the database: parcel numbers from the S10 ranges, and ids of our own."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text

from qafila.core.fault import Conflict
from qafila.core.identifiers import s10
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import engine
from qafila.runtime.database.together import Asked
from qafila.shipping.bookings import bookings_messages

__all__ = ["RangesExhausted", "Reserved", "new_id", "parcel_numbers"]


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
    return _enough(_numbers(connection.execute(_TAKE, {"n": wanted}).all()), wanted)


def _numbers(rows: Sequence[Any]) -> list[str]:
    return [s10.number(service, int(serial), land) for service, land, serial in rows if service is not None]


def _enough(numbers: list[str], wanted: int) -> list[str]:
    if len(numbers) < wanted:
        raise RangesExhausted(bookings_messages.NO_NUMBERS(), bookings_messages.ADD_RANGE())
    return numbers[:wanted]


_unused: WeakKeyDictionary[Engine, deque[str]] = WeakKeyDictionary()
"""Numbers that this process asked for and did not use, by database: the next bookings take them."""


class Reserved:
    """Numbers that may be needed, asked for together with other statements. What is not taken is kept for the next.

    Args:
        asked: what travels together; the numbers may be taken when that has ended.
        wanted: how many.
    """

    def __init__(self, asked: Asked, wanted: int) -> None:
        self._kept = _unused.setdefault(engine(), deque())
        self._numbers: list[str] = []
        with suppress(IndexError):
            while len(self._numbers) < wanted:
                self._numbers.append(self._kept.popleft())
        more = wanted - len(self._numbers)
        self._asked = asked.execute(_TAKE, {"n": more}) if more else None

    def take(self, count: int) -> list[str]:
        """The first so many numbers, never given before. Raises RangesExhausted."""
        found = [*self._numbers, *(_numbers(self._asked.fetchall()) if self._asked is not None else ())]
        self._kept.extend(found[count:])
        return _enough(found, count)
