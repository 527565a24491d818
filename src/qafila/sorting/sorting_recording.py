"""Scans on their way into the database: in batches, each in one transaction, well within a second of the decision."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from qafila.openness import openness_telling as openness
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.sorting import slides, sorting_telling, store
from qafila.sorting.journal import Journal
from qafila.sorting.model import Special

log = logging.getLogger(__name__)
_EVERY = 0.05  # seconds between batches while scans come in
_MOST = 2_000

Row = dict[str, Any]


class Recorder:
    """The one writer of a process. `add` returns at once; `wait` returns when all that was added before is committed."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder)
        self._rows: deque[Row] = deque()
        self._changed = threading.Condition()
        self._added = self._written = 0
        self._ends = False
        self._recover()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name="sorting recorder", daemon=True
        )
        self._thread.start()

    def add(self, rows: Sequence[Row]) -> int:
        """Takes scans; returns the number that `wait` takes."""
        self._journal.add(rows)
        with self._changed:
            self._rows.extend(rows)
            self._added += len(rows)
            self._changed.notify_all()
            return self._added

    def wait(self, number: int, seconds: float = 10.0) -> bool:
        """Whether what was added up to a number is committed, after some seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: self._written >= number, seconds)

    def close(self) -> None:
        """Writes what is left, and ends."""
        with self._changed:
            if self._ends:
                return
            self._ends = True
            self._changed.notify_all()
        self._thread.join(10)
        self._journal.close()

    def _recover(self) -> None:
        for path, rows in self._journal.left_behind():
            try:
                for start in range(0, len(rows), _MOST):
                    write(rows[start : start + _MOST])
            except Exception:
                log.exception("what %s holds is not in the database yet", path.name)
                continue
            path.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rows or self._ends)
                if not self._rows:
                    return
                batch = [self._rows.popleft() for _ in range(min(_MOST, len(self._rows)))]
            began = time.monotonic()
            self._write(batch)
            self._journal.done(len(batch))
            with self._changed:
                self._written += len(batch)
                self._changed.notify_all()
                if not self._ends and not self._rows:
                    self._changed.wait(max(0.0, _EVERY - (time.monotonic() - began)))

    def _write(self, batch: list[Row]) -> None:
        """Writes a batch, however often the database is away; what it refuses is told to the log, row by row."""
        pause = 0.1
        while True:
            try:
                write(batch)
                return
            except (IntegrityError, DataError):
                if len(batch) == 1:
                    log.exception("a scan cannot be kept: %s", batch[0])
                    return
                for row in batch:
                    self._write([row])
                return
            except Exception:
                log.exception("scans wait for the database")
                time.sleep(pause)
                pause = min(pause * 2, 5.0)


def write(rows: Sequence[Row]) -> int:
    """Commits scans with their events, each once; returns how many were new."""
    new = 0
    by_actor: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_actor[row["role"], row["tenant"]].append(row)
    for (role, tenant), mine in by_actor.items():
        with acting_as(Role(role), tenant) as connection:
            new += _write(connection, mine)
    return new


def _write(connection: Connection, rows: Sequence[Row]) -> int:
    by_facility: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_facility[row["facility"]].append(row)
    new = 0
    for facility in sorted(by_facility):
        mine = {row["key"]: row for row in by_facility[facility]}
        fresh = store.put_scans(connection, list(mine.values()))
        new += len(fresh)
        by_owner: dict[str, list[Event]] = defaultdict(list)
        for key in sorted(fresh):
            if mine[key]["owner"]:
                by_owner[mine[key]["owner"]].append(told(mine[key]))
        for owner in sorted(by_owner):
            histories.append(connection, owner, by_owner[owner])
        slides.scanned(connection, facility, [mine[key] for key in sorted(fresh)])
        openness.tell(connection, sorting_telling.decisions(facility, [mine[key] for key in sorted(fresh)]))
    return new


_QUIET = frozenset({Special.HELD.value, Special.RECALLED.value})
"""Who is held stays held in the eyes of everybody, though the sorter read it."""


def told(row: Mapping[str, Any]) -> Event:
    """A scan as its parcel's history tells it."""
    why = row["why"]
    kind = "sorted" if why == "plan" else "noted" if why in _QUIET else "seen"
    details = {
        "chute": row["chute"],
        "why": why,
        "reason": row["reason"],
        "next": row["next"],
        "read": row["corrected"],
    }
    at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
    reporter = Reporter.OPERATOR if row["role"] == Role.OPERATOR.value else Reporter.STATION
    return event(
        EVENT_TYPES[kind],
        Subject(SubjectKind.PARCEL.value, row["parcel"]),
        at,
        Source(reporter.value, row["tenant"], row["station"]),
        facility=row["facility"],
        leg=row["leg"],
        id=uuid_of(f"sort|{row['facility']}|{row['key']}"),
        details={name: value for name, value in details.items() if value},
    )
