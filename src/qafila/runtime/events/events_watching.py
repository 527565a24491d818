"""Watching subjects: whoever waits for one hears that its history has grown. One look a second for a whole process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Subject

log = logging.getLogger(__name__)
_EVERY = 1.0  # seconds between two looks
MOST = 400
"""Watchers of one process at a time."""


class TooMany(Exception):
    """The process has no room for another watcher."""


class _Watcher:
    def __init__(self, subject: Subject, after: int) -> None:
        self.subject = subject
        self.after = after
        self.loop = asyncio.get_running_loop()
        self.told: asyncio.Queue[int] = asyncio.Queue()

    def tell(self, length: int) -> None:
        if length > self.after:
            self.after = length
            self.loop.call_soon_threadsafe(self.told.put_nowait, length)


class Watch:
    """All watchers of a process, and the thread that looks for them while there are any."""

    def __init__(self, every: float = _EVERY) -> None:
        self._every = every
        self._watchers: set[_Watcher] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    async def growth(self, subject: Subject, after: int, patience: float) -> AsyncIterator[int | None]:
        """How many events a subject's history has, each time that they are more than before; at first than `after`.

        None where nothing happened for `patience` seconds, so that whoever listens can be told that the line is open.
        Raises TooMany.
        """
        with self._joined(subject, after) as watcher:
            while True:
                try:
                    yield await asyncio.wait_for(watcher.told.get(), patience)
                except TimeoutError:
                    yield None

    @contextmanager
    def _joined(self, subject: Subject, after: int) -> Iterator[_Watcher]:
        watcher = _Watcher(subject, after)
        with self._lock:
            if len(self._watchers) >= MOST:
                raise TooMany
            self._watchers.add(watcher)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    def _look(self) -> None:
        pause = threading.Event()
        while True:
            with self._lock:
                watchers = list(self._watchers)
                if not watchers:
                    self._thread = None
                    return
            try:
                with acting_as(Role.PUBLIC) as connection:
                    lengths = store.lengths(connection, {w.subject for w in watchers})
                for watcher in watchers:
                    watcher.tell(lengths.get(watcher.subject, 0))
            except Exception as error:  # the database is away for a moment
                log.warning("histories cannot be watched for the moment: %s", error)
            pause.wait(self._every)
