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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import text

from qafila.core.fault import NotFound
from qafila.core.message import Place
from qafila.core.message_json import to_json
from qafila.runtime.database import Role, acting_as
from qafila.runtime.settings import settings
from qafila.sorting import messages, offline, store, telling
from qafila.sorting.deciding import Desk
from qafila.sorting.misreads import plain
from qafila.sorting.model import By, Expected, Reading, Verdict
from qafila.sorting.recording import Recorder

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
        self._now = now
        self._lock = threading.Lock()
        with acting_as(Role.OPERATOR) as connection:
            self.centre = store.centre(connection, facility)
            self._stamp = _database_now(connection)
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
            return verdict, telling.facts(self._desk.centre, self._desk.plan, reading, verdict, group)

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

    def refresh(self) -> None:
        """Looks for news: plan, centre, parcels that were booked, planned anew, held or let go."""
        with acting_as(Role.OPERATOR) as connection:
            stamp = _database_now(connection)
            since = self._stamp - _OVERLAP
            centre = store.centre(connection, self.facility)
            plan = store.plan_in_place(connection, self.facility)
            news = store.expected(connection, self.facility, self._now() - BACK, since)
            gone = set(store.dropped(connection, since)) - {one.parcel for one in news}
        self._stamp = stamp
        fresh = self._desk.prepared(news, gone)
        with self._lock:
            if centre != self.centre or (plan and plan.id) != (self._desk.plan and self._desk.plan.id):
                self.centre = centre
                self._desk.rearrange(centre, plan)
            if fresh is not None:
                self._desk.adopt(*fresh)

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


def _database_now(connection: Any) -> datetime:
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


class Induction:
    """All centres at work in this process, their writer, and the thread that keeps them fresh."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}
        self._lock = threading.Lock()
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN))
        self.recorder = Recorder(settings().home / "sorting")
        self._ends = threading.Event()
        threading.Thread(target=self._keep_fresh, name="sorting news", daemon=True).start()

    def line(self, facility: str, context: Any) -> Line:
        """The centre at work; the first scan loads it. Raises NotFound where it is not set up."""
        key = facility, context.network.id
        found = self._lines.get(key)
        if found is None:
            with self._lock:
                found = self._lines.get(key)
                if found is None:
                    names = context.network.feed.facility

                    def named(id: str) -> Place:
                        return Place(id, names[id].name if id in names else id)

                    found = self._lines[key] = Line(facility, named, context.clock)
        found.used = time.monotonic()
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
                told = messages.NO_CHUTE_HERE(facility=line.facility, chute=reading.put[:80])
                raise NotFound(told, field="put", value=reading.put[:80])
        for reading, given, group in readings:
            verdict, facts = line.decided(reading, group)
            key = given or f"{by.tenant}|{by.station}|{reading.code}|{reading.at.astimezone(UTC).isoformat()}"
            one = verdict.expected
            rows.append(
                {
                    "facility": line.facility, "key": key[:200], "owner": one.owner if one else self._owner(verdict),
                    "code": reading.code[:200], "parcel": verdict.parcel, "chute": reading.put or verdict.chute, "why": verdict.why,
                    "reason": to_json(verdict.reason), "next": one.next if one else "",
                    "leg": one.leg if one else None, "plan": line.plan_id, "station": by.station, "at": reading.at,
                    "role": by.role, "tenant": by.tenant, "corrected": verdict.corrected,
                    "facts": facts,
                }
            )  # fmt: skip
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
                    line.refresh()
                except Exception as error:  # the database is away for a moment
                    log.warning("%s hears no news for the moment: %s", line.facility, error)

    def close(self) -> None:
        """Writes what is left, and ends."""
        self._ends.set()
        self.recorder.close()


@cache
def induction() -> Induction:
    """The induction of this process; it ends in order with the process."""
    made = Induction()
    atexit.register(made.close)
    return made


def close() -> None:
    """Ends the induction of this process, where there is one."""
    if induction.cache_info().currsize:
        induction().close()
