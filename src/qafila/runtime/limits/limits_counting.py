"""Counts of who asked how often in the present window, shared by every process of the hub through the database.

A process counts by itself and settles with the table at most every half second, so that a count costs no round trip:
all together may let through, beyond a limit, what each lets through in that half second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text

_log = logging.getLogger(__name__)
_SETTLE = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds.

    Attributes:
        name: what is limited, such as `sign-in`.
        most: requests in a window.
        seconds: length of a window.
    """

    name: str
    most: int
    seconds: int


@dataclass(slots=True)
class _Count:
    ours: int = 0  # counted here since the last settling
    all: int = 0  # what the table said then


class Counter:
    """Counts by limit and by who asks.

    Args:
        connect: gives a connection that commits at its end; None counts in this process alone.
        clock: seconds since the epoch.
        beside: whether it settles in a thread of its own. For event loops: all their requests would wait for the disk.
    """

    def __init__(
        self,
        connect: Callable[[], Connection] | None = None,
        clock: Callable[[], float] = time.time,
        beside: bool = False,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._beside = beside
        self._settling = threading.Lock()
        self._counts: dict[tuple[str, str, int], _Count] = {}
        self._settled = 0.0
        self._lock = threading.Lock()

    def left(self, limit: Limit, who: str, count: bool = True) -> tuple[bool, int]:
        """Counts a request, or only looks where `count` is false.

        Returns:
            whether one more is within the limit, and the seconds until the window ends.
        """
        now = self._clock()
        window = int(now // limit.seconds)
        with self._lock:
            known = self._counts.setdefault((limit.name, who, window), _Count())
            within = known.all + known.ours < limit.most
            if within and count:
                known.ours += 1
            due = now - self._settled >= _SETTLE
            if due:
                self._settled = now
        if due and self._beside:
            threading.Thread(target=self._settle_alone, name="counts", daemon=True).start()
        elif due:
            self._settle()
        return within, max(1, int((window + 1) * limit.seconds - now + 0.999))

    def _settle_alone(self) -> None:
        """Settles, unless that is under way: where the database does not answer, threads do not pile up."""
        if self._settling.acquire(blocking=False):
            try:
                self._settle()
            finally:
                self._settling.release()

    def _settle(self) -> None:
        """Adds what was counted here to the table, takes what all have counted, and forgets windows that are over."""
        with self._lock:
            # no window is longer than an hour: what is two windows old is over for every limit
            told = {key: count.ours for key, count in self._counts.items() if count.ours}
            for key in told:
                self._counts[key].ours = 0
                self._counts[key].all += told[key]
            if len(self._counts) > 50_000:
                self._counts = {key: c for key, c in self._counts.items() if key in told}
        if self._connect is None or not told:
            return
        try:
            with self._connect() as connection, connection.begin():
                rows = connection.execute(
                    text(_ADD),
                    {
                        "limits": [k[0] for k in told],
                        "whos": [k[1] for k in told],
                        "windows": [k[2] for k in told],
                        "hits": list(told.values()),
                    },
                ).all()
        except Exception:  # a database that does not answer stops no request here: what asks it will say so
            _log.exception("counts could not be settled")
            return
        with self._lock:
            for name, who, window, hits in rows:
                if (count := self._counts.get((name, who, window))) is not None:
                    count.all = max(count.all, hits)


_ADD = """
    INSERT INTO asked_counts AS c (name, who, win, hits)
    SELECT * FROM unnest(CAST(:limits AS text[]), CAST(:whos AS text[]), CAST(:windows AS bigint[]), CAST(:hits AS integer[]))
    ON CONFLICT (name, who, win) DO UPDATE SET hits = c.hits + EXCLUDED.hits
    RETURNING name, who, win, hits
"""


def sweep(connection: Connection, now: float) -> int:
    """Deletes the counts of windows that are over. Returns how many."""
    return connection.execute(
        text("DELETE FROM asked_counts WHERE at < to_timestamp(:now) - interval '2 hours'"), {"now": now}
    ).rowcount
