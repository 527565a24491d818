"""Seconds that a search spends searching: a stopwatch stands still while numba compiles kernels.

That happens once after an installation, for half a minute, and says nothing about the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from numba.core import event


class _Compiling(event.Listener):  # type: ignore[misc]  # numba has no types
    """Hears of every compilation in this process; those within another, or beside it, count once."""

    def __init__(self) -> None:
        self._lock, self._under_way, self._since, self._spent = Lock(), 0, 0.0, 0.0
        self.told: list[Callable[[], None]] = []

    def on_start(self, event: event.Event) -> None:
        with self._lock:
            if not self._under_way:
                self._since = time.monotonic()
            self._under_way += 1
        for tell in self.told:
            tell()

    def on_end(self, event: event.Event) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._spent += time.monotonic() - self._since

    def otherwise(self) -> float:
        """Seconds since an instant long ago in which nothing was compiled."""
        with self._lock:
            now = self._since if self._under_way else time.monotonic()
            return now - self._spent


_COMPILING = _Compiling()
event.register("numba:compile", _COMPILING)


class Stopwatch:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._began = _COMPILING.otherwise()

    @property
    def seconds(self) -> float:
        """Since it was made, compiling left out."""
        return _COMPILING.otherwise() - self._began


@contextmanager
def when_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Calls `tell` whenever a kernel begins to be compiled; kernels that are found compiled are passed over."""
    _COMPILING.told.append(tell)
    try:
        yield
    finally:
        _COMPILING.told.remove(tell)
