"""A learner's place: a whole hub of his own, with its database, its log, its capacity and its clock; nothing in it is real.

A place is a database beside the hub's own, cloned from an empty one, and a folder. Whoever works in it (`entered`) reaches
nothing else: `engine()` and `settings()` are those of the place, so every floor works in it as it is. The network is the
hub's own, which nobody changes from here. Its time is in `running.py`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.practice import practice_messages as m
from qafila.runtime import kept
from qafila.runtime.database import connection as database
from qafila.runtime.database.migrate import newest, upgrade
from qafila.runtime.settings import elsewhere, own_settings
from qafila.sorting import induction

MOST = 200
"""Places of one hub; the one that was entered longest ago makes room."""

_NAME = re.compile(r"[0-9a-f]{16}")
_engines: dict[str, Engine] = {}
_lock = threading.Lock()


class NoPractice(Fault):
    """The database server does not let the hub make places of practice."""


@dataclass(frozen=True, slots=True)
class Under:
    """The lesson under way.

    Attributes:
        lesson: its id.
        tenant: the organisation for which the learner acts in it.
        kind: that organisation's kind.
        role: his role in it.
        seed: what the lesson was set up with, by name: numbers and ids that its checks look at.
        answers: what he answered, by step.
    """

    lesson: str
    tenant: str
    kind: str
    role: str
    seed: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of a place beside its database.

    Attributes:
        now: its clock, as far as what was planned has happened.
        under: the lesson under way, if there is one.
        passed: the certificates, by lesson: their ids.
        running: since when its day runs fast, by the machine's clock; None where time stands.
    """

    now: datetime
    under: Under | None = None
    passed: dict[str, str] = field(default_factory=dict)
    running: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One learner's place."""

    name: str  # sixteen hexadecimal digits made of the learner's id

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return own_settings().home / "practice" / self.name

    @property
    def database(self) -> str:
        """The name of its database."""
        return f"qafila_practice_{self.name}"

    def state(self) -> State | None:
        """What is kept of it; None where it was never begun."""
        path = self.folder / "state.json"
        if not path.exists():
            return None
        told = orjson.loads(path.read_bytes())
        under = None if told["under"] is None else Under(**told["under"])
        running = told.get("running")  # places of before time could run have none
        return State(
            datetime.fromisoformat(told["now"]).astimezone(UTC),
            under,
            told["passed"],
            None if running is None else datetime.fromisoformat(running).astimezone(UTC),
        )

    def keep(self, state: State) -> None:
        """Keeps it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept.put(self.folder / "state.json", orjson.dumps(asdict(state)))

    def context(self, hub: Context, tenant: str = "") -> Context:
        """The surroundings of whoever works in it: the hub's network and rules, its own clock."""
        state = self.state()
        return replace(hub, tenant=tenant).at(state.now if state else hub.now())

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Works in it for a while. Raises NoPractice where its database is gone."""
        there = own_settings().model_copy(
            update={"home": self.folder, "log_folder": None, "log_witnesses": []}
        )
        with elsewhere(there), database.elsewhere(_engine(self.database)):
            yield


def of(learner: str) -> Place:
    """The place of a learner, begun or not."""
    return Place(hashlib.sha256(f"practice {learner}".encode()).hexdigest()[:16])


def begin(place: Place, at: datetime) -> State:
    """Makes the place anew, empty: what was in it is gone, but not the certificates. Raises NoPractice."""
    before = place.state()
    with _lock:
        _leave(place)
        for name in ("plans", "uploads", "sorting"):
            shutil.rmtree(place.folder / name, ignore_errors=True)
        try:
            _make_room(place)
            template = _template()
            with database.own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
                raw.execute(text(f'DROP DATABASE IF EXISTS "{place.database}" WITH (FORCE)'))
                raw.execute(text(f'CREATE DATABASE "{place.database}" TEMPLATE "{template}"'))
        except SQLAlchemyError as refused:
            raise NoPractice(
                m.NO_DATABASE(why=str(getattr(refused, "orig", refused))[:200]), m.ALLOW_IT()
            ) from None
    state = State(at.replace(second=0, microsecond=0), None, before.passed if before else {})
    place.keep(state)
    return state


def _template() -> str:
    """The empty database of this version, made when first asked for."""
    name = f"qafila_practice_empty_{newest()}"
    with database.own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        raw.execute(text("SELECT pg_advisory_lock(hashtext('qafila practice'))"))
        try:
            if raw.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :n AND datistemplate"), {"n": name}
            ).scalar():
                return name
            raw.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))  # half made by who was killed
            raw.execute(text(f'CREATE DATABASE "{name}"'))
            made = database.beside(name, 1)
            try:
                upgrade(made)
            finally:
                made.dispose()
            raw.execute(text(f'ALTER DATABASE "{name}" IS_TEMPLATE true'))
        finally:
            raw.execute(text("SELECT pg_advisory_unlock(hashtext('qafila practice'))"))
    return name


def _make_room(place: Place) -> None:
    """Drops the places that were entered longest ago, beyond so many."""
    root = own_settings().home / "practice"
    if not root.exists():
        return
    others = [
        p
        for p in root.iterdir()
        if _NAME.fullmatch(p.name) and p.name != place.name and (p / "state.json").exists()
    ]
    others.sort(key=lambda p: (p / "state.json").stat().st_mtime)
    for old in others[: max(0, len(others) - MOST + 1)]:
        other = Place(old.name)
        _leave(other)
        with database.own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text(f'DROP DATABASE IF EXISTS "{other.database}" WITH (FORCE)'))
        state = other.state()
        if state is not None and state.under is not None:
            other.keep(replace(state, under=None))  # its certificates stay


def _engine(name: str) -> Engine:
    if name not in _engines:
        _engines[name] = database.beside(name)
    return _engines[name]


def _leave(place: Place) -> None:
    """Lets go of what this process holds open of a place."""
    induction.close(place.folder)
    found = _engines.pop(place.database, None)
    if found is not None:
        found.dispose()
