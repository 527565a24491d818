"""Codes that are tried: six digits are soon found by whoever may try all of them.

Counted by all processes together and kept though the act is refused, which is why it is no column of the parcel.
"""

from __future__ import annotations

from qafila.core.fault import Conflict
from qafila.delivery import delivery_messages as m
from qafila.runtime.database import connect
from qafila.runtime.limits.limits_counting import Counter, Limit
from qafila.runtime.settings import settings

AT_POINT = Limit("point-codes", 10, 900)
"""Wrong codes at one point: nobody knows for which parcel they were meant."""
AT_DOOR = Limit("door-codes", 5, 3600)
"""Wrong codes for one parcel, which its driver types."""

_counter = Counter(connect)


def check(limit: Limit, what: str) -> None:
    """Raises Conflict where too many wrong codes were tried; also the right one is not taken then.

    Args:
        limit: at a point or at a door.
        what: the point, or the parcel.
    """
    if not settings().limits:
        return
    within, wait = _counter.left(limit, what, count=False)
    if not within:
        raise Conflict(m.TOO_MANY_CODES(minutes=-(-wait // 60)), m.GIVE_PROOF(), field="code")


def wrong(limit: Limit, what: str) -> None:
    """Counts a wrong code."""
    _counter.left(limit, what)
