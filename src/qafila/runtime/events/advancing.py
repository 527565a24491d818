"""Projections are handed the events behind their cursors."""

from __future__ import annotations

from sqlalchemy import Connection, text

from qafila.runtime.database import administrator
from qafila.runtime.events import store
from qafila.runtime.events.projection import Projection, Recorded

_BECAUSE = "a projection reads everybody's events in their order"


def begin(connection: Connection, projection: Projection, settled: int) -> None:
    """Makes the cursor of a projection that has none: from now on, or from the start, nothing escapes it."""
    connection.execute(
        text("INSERT INTO event_cursors (name, position) VALUES (:n, :p) ON CONFLICT DO NOTHING"),
        {"n": projection.name, "p": 0 if projection.from_the_start else settled},
    )


def advance(projection: Projection, limit: int = 500) -> int:
    """Hands a projection its next events, and gives their number; 0 where there are none, or another worker has it."""
    with administrator(because=_BECAUSE) as connection:
        upto = store.settled(connection)
        begin(connection, projection, upto)
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
