"""Who moves next: actors that stop at every statement, and the generator that wakes one of them."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.event import listen

_WHO: ContextVar[Actor | None] = ContextVar("the actor whose request runs here", default=None)
_PATIENCE_SECONDS = 30.0


class Killed(BaseException):
    """The process of an actor was killed here; nothing of ours may catch it."""


class Stuck(AssertionError):
    """Nobody can move any more."""


@dataclass(frozen=True)
class Faults:
    """How often, of all steps, an actor is killed or its connection to the database is lost."""

    killed: float = 0.01
    lost: float = 0.01


class Actor(threading.Thread):
    """Somebody who acts. Its script runs in a thread of its own, one statement at a time."""

    def __init__(self, name: str, script: Callable[[Actor], Awaitable[None]]) -> None:
        super().__init__(name=name, daemon=True)
        self.script = script
        self.parked = threading.Event()
        self.turn = threading.Event()
        self.finished = False
        self.waits = False  # for a lock of the database that another actor holds
        self.pid = 0
        self.at = "begin"
        self.fault = ""
        self.suffered = 0  # faults so far
        self.terminate: Callable[[int], None] = lambda pid: None
        self.failure: BaseException | None = None

    def run(self) -> None:
        _WHO.set(self)
        try:
            self._wait()
            asyncio.run(self.script(self))  # type: ignore[arg-type]
        except BaseException as failure:
            self.failure = failure
        finally:
            self.finished = True
            self.parked.set()

    def stop_at(self, connection: Connection, what: str) -> None:
        """Waits for its turn before a statement, and suffers what was decided for it."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        if driver.closed:
            return
        self.pid, self.at = driver.info.backend_pid, what
        self._wait()
        fault, self.fault = self.fault, ""
        if fault:
            self.suffered += 1
            self.terminate(self.pid)
        if fault == "killed":
            raise Killed(what)

    def _wait(self) -> None:
        self.parked.set()
        self.turn.wait()
        self.turn.clear()


@dataclass
class Schedule:
    """Runs actors by a seed.

    Attributes:
        seed: of the generator that decides everything.
        database: where they act, as psycopg takes it.
        faults: how often what breaks.
        trace: each step: who, at which statement, and with which fault.
    """

    seed: int
    database: str
    faults: Faults = field(default_factory=Faults)
    trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def run(self, actors: list[Actor]) -> None:
        """Lets them act until all have ended.

        Raises:
            Stuck: nobody can move.
            BaseException: what an actor's script raised.
        """
        with psycopg.connect(self.database, autocommit=True) as watcher:
            self._watcher = watcher
            for actor in actors:
                actor.terminate = self._terminate
                actor.start()
                actor.parked.wait()
            while going := [a for a in actors if not a.finished]:
                ready = [a for a in going if not a.waits]
                if not ready:
                    self._outwait(going)
                    continue
                self._step(self.chance.choice(ready))
                self._settle_waiting([a for a in going if a.waits])
        for actor in actors:
            actor.join()
            if actor.failure is not None:
                raise actor.failure

    def _outwait(self, going: list[Actor]) -> None:
        """All wait for each other: PostgreSQL ends that after a second by refusing one of them."""
        for _ in range(200):
            self._settle_waiting(going)
            if not all(a.waits for a in going):
                return
            time.sleep(0.05)
        raise Stuck([f"{a.name} at {a.at}" for a in going])

    def _step(self, actor: Actor) -> None:
        luck = self.chance.random()
        faults = self.faults
        actor.fault = (
            "killed" if luck < faults.killed else "lost" if luck < faults.killed + faults.lost else ""
        )
        if actor.at == "begin":
            actor.fault = ""
        self.trace.append(f"{actor.name}: {actor.at[:60]} {actor.fault}".rstrip())
        actor.parked.clear()
        actor.turn.set()
        self._settle(actor)

    def _settle(self, actor: Actor) -> None:
        """Waits until the actor has come to its next statement, has ended, or waits for a lock."""
        waited = 0.0
        while not actor.parked.wait(0.01):
            waited += 0.01
            if self._locked(actor.pid):
                actor.waits = True
                return
            if waited > _PATIENCE_SECONDS:
                raise Stuck(f"{actor.name} does not come back from {actor.at}")
        actor.waits = False

    def _settle_waiting(self, waiting: list[Actor]) -> None:
        for actor in waiting:
            if not self._locked(actor.pid):
                self._settle(actor)

    def _locked(self, pid: int) -> bool:
        row = (
            self._watcher.execute(
                "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted LIMIT 1", (pid,)
            ).fetchone()
        )  # whoever lets go of a lock grants it in the same moment, so that this does not depend on pace
        return row is not None

    def _terminate(self, pid: int) -> None:
        self._watcher.execute("SELECT pg_terminate_backend(%s)", (pid,))
        for _ in range(5000):  # its own waiting looks ten times a second
            gone = self._watcher.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()
            if gone is None:
                return
            time.sleep(0.001)


def watched(engine: Engine) -> Engine:
    """Makes every actor stop at each statement and before each commit of an engine."""

    def before(connection: Connection, _: object, statement: str, *more: object) -> None:
        actor = _WHO.get()
        if actor is not None:
            actor.stop_at(connection, " ".join(statement.split()))

    def committing(connection: Connection) -> None:
        actor = _WHO.get()
        if actor is not None:
            actor.stop_at(connection, "COMMIT")

    listen(engine, "before_cursor_execute", before)
    listen(engine, "commit", committing)
    return engine
