"""Calculations that take seconds of a core: done in a process of their own, a few at a time, so that nobody else waits.

A server begins with `serve`; commands and tests, which keep nobody waiting, calculate in place. What is over the few is refused
at once: a queue of people who wait would hold the threads that answer everybody else.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from qafila.core.fault import Fault
from qafila.core.message import template

_T = TypeVar("_T")

BUSY = template("runtime.busy", "Other calculations of this kind are under way.")
AGAIN = template("runtime.busy_again", "Try again in a few seconds.")

_PROCESSES = 1
"""Of each process that answers: as many servers calculate at once as there are workers."""
_WAITING = 2


class Busy(Fault):
    """As much is being calculated as may be."""

    kind = "too-many"

    def __init__(self) -> None:
        super().__init__(BUSY(), AGAIN())


class Calculations:
    """A process that calculates, made when the first calculation is asked for, and anew where it ended."""

    def __init__(self, waiting: int = _WAITING) -> None:
        self._room = BoundedSemaphore(_PROCESSES + waiting)
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def do(self, function: Callable[..., _T], *given: Any) -> _T:
        """What a function of a module, which asks no database, makes of values. Raises Busy, and what the function raises."""
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            pool = self._at_work()
            try:
                return pool.submit(function, *given).result()
            except BrokenProcessPool:  # it took more memory than there is, or somebody ended it
                with self._lock:
                    if self._pool is pool:
                        self._pool = None
                raise Busy from None
        finally:
            self._room.release()

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    def _at_work(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    _PROCESSES, multiprocessing.get_context("spawn"), initializer=_behind_all_others
                )
            return self._pool


def _behind_all_others() -> None:
    os.nice(10)  # who asks where his parcel is comes first


_apart: Calculations | None = None


def serve() -> None:
    """From now on this process calculates apart."""
    global _apart  # one for the process
    _apart = Calculations()


def calculate(function: Callable[..., _T], *given: Any) -> _T:
    """What a function of a module makes of values: apart where this process serves, else in place. Raises Busy."""
    return function(*given) if _apart is None else _apart.do(function, *given)
