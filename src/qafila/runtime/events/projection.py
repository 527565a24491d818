"""Projections: what is made of events as they are recorded, each by a cursor of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, text

from qafila.runtime.database import administrator
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Event

_BECAUSE = "a projection reads everybody's events in their order"


class Recorded(NamedTuple):
    """An event as it stands in the history."""

    position: int
    owner: str | None  # the tenant whose subject it is about; None: the hub's own
    event: Event


@dataclass(frozen=True, slots=True)
class Projection:
    """Something that follows all events in their order, each exactly once.

    Attributes:
        name: of its cursor; unique in the house.
        handle: is called with a transaction of the tables' owner and some events, in order. What it writes there is
            committed together with the cursor, or not at all: what it does elsewhere may be repeated after a kill.
        planned: whether planned events are among them.
        from_the_start: whether it begins with the oldest event, or with what comes in once it is there.
    """

    name: str
    handle: Callable[[Connection, Sequence[Recorded]], None]
    planned: bool = False
    from_the_start: bool = False


def advance(projection: Projection, limit: int = 500) -> int:
    """Hands a projection its next events, and gives their number; 0 where there are none, or another worker has it."""
    with administrator(because=_BECAUSE) as connection:
        upto = store.settled(connection)
        connection.execute(
            text("INSERT INTO event_cursors (name, position) VALUES (:n, :p) ON CONFLICT DO NOTHING"),
            {"n": projection.name, "p": 0 if projection.from_the_start else upto},
        )
        position: int | None = connection.execute(
            text("SELECT position FROM event_cursors WHERE name = :n FOR UPDATE SKIP LOCKED"),
            {"n": projection.name},
        ).scalar_one_or_none()
        if position is None or position >= upto:
            return 0
        found = [Recorded(*row) for row in store.after(connection, position, limit, upto, projection.planned)]
        if found:
            projection.handle(connection, found)
        # behind the last of a full page there may be more; else all up to `upto` is read, planned or not
        connection.execute(
            text("UPDATE event_cursors SET position = :p, moved_at = now() WHERE name = :n"),
            {"p": found[-1].position if len(found) == limit else upto, "n": projection.name},
        )
        return len(found)
