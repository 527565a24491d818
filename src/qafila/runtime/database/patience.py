"""Transactions that PostgreSQL asks to begin anew are begun anew."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

_T = TypeVar("_T")
_RETRIES = 12
_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock."""


def patiently(do: Callable[[], _T]) -> _T:
    """What `do`, a whole transaction, returns; done again, after a pause that grows, where others were in its way."""
    for attempt in range(_RETRIES):
        try:
            return do()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") not in _AGAIN or attempt + 1 == _RETRIES:
                raise
            time.sleep(random.random() * 0.02 * 2**attempt if attempt < 6 else random.random())
    raise AssertionError("unreachable")
