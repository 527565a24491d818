"""Transactions that PostgreSQL asks to begin anew are begun anew, and those that lost their connection where that is safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

_T = TypeVar("_T")
_RETRIES = 12
_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock."""
_AWAY = ("08", "53300", "57P01", "57P02", "57P03", "57P05")
"""The connection broke, there is none left, the server is ended, crashed, starts, or closed what was idle."""
_AWAY_SECONDS = 30.0
"""How long a database that is away is waited for: it is started again within seconds."""


def away(error: Exception) -> bool:
    """Whether an error says that the database could not be reached, or no longer: the next try may well succeed."""
    if isinstance(error, NoneFree):
        return True  # all connections were taken for as long as one is waited for
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(_AWAY)


def patiently(do: Callable[[], _T], lost: bool = False) -> _T:
    """What `do`, a whole transaction, returns; done again, after a pause that grows, where others were in its way.

    Args:
        do: may be called several times, each in a new transaction.
        lost: whether it may also be done again where the connection was lost in the middle of it, or at its end, when nobody
            knows whether it was committed: true only where `do` itself finds out, by a key that it notes. A database that is
            away is then waited for.
    """
    attempt, until = 0, time.monotonic() + _AWAY_SECONDS
    while True:
        try:
            return do()
        except DBAPIError as error:
            if lost and away(error):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1 + random.random() * 0.2)
                continue
            attempt += 1
            if getattr(error.orig, "sqlstate", "") not in _AGAIN or attempt == _RETRIES:
                raise
            time.sleep(random.random() * 0.02 * 2**attempt if attempt < 7 else random.random())
