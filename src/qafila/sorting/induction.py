"""Induction: a scan in, its chute and the reason out. What a centre needs is in this process's memory, and kept fresh.

A decision asks the database only for numbers that nobody expects here. It is written to the journal before it is
answered, and to the database within a second.
"""

from __future__ import annotations

import atexit
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from qafila.core.fault import NotFound
from qafila.core.message import Place
from qafila.core.message_json import to_json
from qafila.network.naming import place_at
from qafila.runtime.database import Role, acting_as
from qafila.runtime.settings import settings
from qafila.sorting import offline, sorting_messages, sorting_telling, store
from qafila.sorting.misreads import plain
from qafila.sorting.model import By, Expected, Reading, Verdict
from qafila.sorting.sorting_deciding import Desk
from qafila.sorting.sorting_recording import Recorder

log = logging.getLogger(__name__)
BACK = timedelta(days=2)
"""How long ago a departure may have closed for its parcels to be known as having missed it."""
_FRESH = 1.0  # seconds between two looks for news
_OVERLAP = timedelta(seconds=10)  # transactions that committed late
_TURN = 0.0005  # seconds after which a thread that writes lets one that decides go first
_UNUSED = 3600.0  # seconds after which a centre that scans nothing is forgotten


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict and the number with which its durability is asked for."""

    verdict: Verdict
    key: str
    number: int


class Line:
    """A centre at work in this process. Any thread may call it."""

    def __init__(self, facility: str, named: Callable[[str], Place], now: Callable[[], datetime]) -> None:
        self.facility = facility
        self.used = time.monotonic()
        self.now = now  # by the clock of whoever asked last: that of a place of practice stands and leaps
        self._lock = threading.Lock()
        with acting_as(Role.OPERATOR) as connection:
            self.centre = store.centre(connection, facility)
            self._database, self._stamp = _database_and_now(connection)
            self._desk = Desk(self.centre, store.plan_in_place(connection, facility), named)
            self._desk.tell(store.expected(connection, facility, now() - BACK))
            _ = self._desk.numbers

    def decide(self, reading: Reading, group: str = "") -> Verdict:
        """The verdict on a reading; see `Desk.decide`. `group`: the chute it comes from in a second pass."""
        return self.decided(reading, group)[0]

    def decided(self, reading: Reading, group: str = "") -> tuple[Verdict, dict[str, Any]]:
        """The verdict, and what it was made from as the log keeps it; see `telling.facts`."""
        asked: list[str] = []

        def stranger(number: str) -> bool:
            asked.append(number)
            return False

        def judge(elsewhere: Callable[[str], Expected | bool]) -> tuple[Verdict, dict[str, Any]]:
            verdict = self._desk.decide(reading, elsewhere, group)
            return verdict, sorting_telling.facts(self._desk.centre, self._desk.plan, reading, verdict, group)

        with self._lock:
            found = judge(stranger)
        if not asked:
            return found
        with acting_as(Role.OPERATOR) as connection:
            known = store.ask(connection, self.facility, asked[0])
        if known is False:
            return found
        with self._lock:
            if isinstance(known, Expected):
                self._desk.learn(known)
            return judge(lambda number: known)

    def knows(self, code: str) -> bool:
        """Whether a code is expected as it stands: then a decision asks the memory alone."""
        return self._desk.expects(plain(code)) is not None

    @property
    def plan_id(self) -> str:
        """The plan in place; empty where there is none."""
        plan = self._desk.plan
        return plan.id if plan is not None else ""

    def refresh(self) -> bool:
        """Looks for news: plan, centre, parcels that were booked, planned anew, held or let go.

        Returns False where the database is another one by now: nothing that is known here holds.
        """
        with acting_as(Role.OPERATOR) as connection:
            database, stamp = _database_and_now(connection)
            if database != self._database:
                return False
            since = self._stamp - _OVERLAP
            centre = store.centre(connection, self.facility)
            plan = store.plan_in_place(connection, self.facility)
            news = store.expected(connection, self.facility, self.now() - BACK, since)
            gone = set(store.dropped(connection, since)) - {one.parcel for one in news}
        self._stamp = stamp
        fresh = self._desk.prepared(news, gone)
        with self._lock:
            if centre != self.centre or (plan and plan.id) != (self._desk.plan and self._desk.plan.id):
                self.centre = centre
                self._desk.rearrange(centre, plan)
            if fresh is not None:
                self._desk.adopt(*fresh)
        return True

    def shelf(self, now: datetime) -> dict[str, Any]:
        """What a scanner keeps, to name chutes without connection; see `offline.shelf`."""
        with self._lock:
            expected = list(self._desk.every())
        return offline.shelf(self.centre, self._desk.plan, expected, now)

    def as_good(self, put: str, verdict: Verdict) -> bool:
        """Whether a parcel lies well where it was put: in the chute of the verdict, or another one of the same stop."""
        plan, one = self._desk.plan, verdict.expected
        if put == verdict.chute:
            return True
        to = (one.next or self.facility) if one is not None else ""
        return verdict.why == "plan" and plan is not None and put in plan.chutes.get(to, ())

    def like(self, pattern: str) -> list[Expected]:
        """Expected parcels whose number agrees with a pattern, `?` for what cannot be read."""
        with self._lock:
            found = self._desk.numbers.like(pattern)
            return [one for n in found if (one := self._desk.expects(n)) is not None]


def _database_and_now(connection: Any) -> tuple[int, datetime]:
    """Which database it is (a place of practice that is begun anew is another one of the same name), and its time."""
    asked = "SELECT oid, clock_timestamp() FROM pg_database WHERE datname = current_database()"
    found = connection.execute(text(asked)).one()
    return found[0], found[1]


class Induction:
    """All centres at work in this process at one place, their writer, and the thread that keeps them fresh.

    What it does later it does where it was made: in the hub itself, or in a place of practice.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}
        self._lock = threading.Lock()
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN))
        self.recorder = Recorder(settings().home / "sorting")
        self._ends = threading.Event()
        threading.Thread(
            target=copy_context().run, args=(self._keep_fresh,), name="sorting news", daemon=True
        ).start()

    def line(self, facility: str, context: Any) -> Line:
        """The centre at work; the first scan loads it. Raises NotFound where it is not set up."""
        key = facility, context.network.id
        found = self._lines.get(key)
        if found is None:
            with self._lock:
                found = self._lines.get(key)
                if found is None:
                    named = partial(place_at, facilities=context.network.feed.facility)
                    found = self._lines[key] = Line(facility, named, context.clock)
        found.used = time.monotonic()
        found.now = context.clock
        return found

    def at_work(self, facility: str, context: Any) -> Line | None:
        """The centre, if it is loaded; never waits."""
        found = self._lines.get((facility, context.network.id))
        if found is not None:
            found.used = time.monotonic()
        return found

    def scan(self, line: Line, readings: Sequence[tuple[Reading, str, str]], by: By) -> list[Decided]:
        """Decides on readings and takes their events down.

        Each reading comes with its key ("" for one of its own facts) and, in a second pass, the group's chute from
        which it comes ("" in the first).

        The same key twice is the same scan: its event is there once. What was put into a chute already is recorded there.

        Raises NotFound where a reading was put into a chute that is not there; then none is taken down.
        """
        rows, verdicts = [], []
        for reading, _, _ in readings:
            if reading.put and not line.centre.has(reading.put):
                told = sorting_messages.NO_CHUTE_HERE(facility=line.facility, chute=reading.put[:80])
                raise NotFound(told, field="put", value=reading.put[:80])
        for reading, given, group in readings:
            verdict, facts = line.decided(reading, group)
            key = given or f"{by.tenant}|{by.station}|{reading.code}|{reading.at.astimezone(UTC).isoformat()}"
            one = verdict.expected
            rows.append(
                {
                    "facility": line.facility,
                    "key": key[:200],
                    "owner": one.owner if one else self._owner(verdict),
                    "code": reading.code[:200],
                    "parcel": verdict.parcel,
                    "chute": reading.put or verdict.chute,
                    "why": verdict.why,
                    "reason": to_json(verdict.reason),
                    "next": one.next if one else "",
                    "leg": one.leg if one else None,
                    "plan": line.plan_id,
                    "station": by.station,
                    "at": reading.at,
                    "role": by.role,
                    "tenant": by.tenant,
                    "corrected": verdict.corrected,
                    "facts": facts,
                }
            )
            verdicts.append((verdict, key[:200]))
        number = self.recorder.add(rows)
        return [Decided(verdict, key, number) for verdict, key in verdicts]

    @staticmethod
    def _owner(verdict: Verdict) -> str | None:
        """The merchant of a parcel that is known, but does not pass here."""
        if not verdict.parcel:
            return None
        with acting_as(Role.OPERATOR) as connection:
            return store.owner_of(connection, verdict.parcel)

    def _keep_fresh(self) -> None:
        while not self._ends.wait(_FRESH):
            for key, line in list(self._lines.items()):
                if time.monotonic() - line.used > _UNUSED:
                    self._lines.pop(key, None)
                    continue
                try:
                    if not line.refresh():
                        self._lines.pop(key, None)
                except Exception as error:  # the database is away for a moment
                    log.warning("%s hears no news for the moment: %s", line.facility, error)

    def close(self) -> None:
        """Writes what is left, and ends."""
        self._ends.set()
        self.recorder.close()


_AT_WORK: dict[Path, Induction] = {}
_MAKING = threading.Lock()


def induction() -> Induction:
    """The induction of this process at the place that is being worked in; it ends in order with the process."""
    home = settings().home
    found = _AT_WORK.get(home)
    if found is None:
        with _MAKING:
            found = _AT_WORK.get(home)
            if found is None:
                if not _AT_WORK:
                    atexit.register(close)
                found = _AT_WORK[home] = Induction()
    return found


def close(home: Path | None = None) -> None:
    """Ends the induction of one place, or of all, where there is one."""
    with _MAKING:
        ending = list(_AT_WORK) if home is None else [home]
        ended = [_AT_WORK.pop(one) for one in ending if one in _AT_WORK]
    for one in ended:
        one.close()
