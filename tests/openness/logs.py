"""A log of its own for a test: empty tables, new keys, an empty folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from qafila.openness import keyring, openness_recording, sequencing
from qafila.openness.model import Decision
from qafila.openness.witnesses import Witnesses
from qafila.runtime.database import administrator

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def emptied() -> None:
    """Empties the tables of the log, which refuse it to anybody else, and what bookings took that it no longer tells."""
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("TRUNCATE log_openings, log_entries, log_checkpoints, published_terms"))
        connection.execute(text("DELETE FROM reservations"))
        connection.execute(text("DELETE FROM capacity"))


@contextmanager
def fresh_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a log that has no entries yet."""
    emptied()
    keys, folder = keyring.load(home / "keys", "localhost/qafila"), home / "log"
    monkeypatch.setattr(openness_recording, "keys", lambda: keys)
    monkeypatch.setattr(sequencing, "folder", lambda: folder)
    monkeypatch.setattr("qafila.openness.openness_receipts.folder", lambda: folder)
    monkeypatch.setattr(sequencing, "witnesses", lambda: Witnesses())
    yield folder


def decision(subject: str, owner: str | None = None, at: datetime = AT, **said: object) -> Decision:
    """An offer to somebody called Fatima."""
    return Decision(
        "test.offer",
        subject,
        at,
        {"ways": 1, **said},
        {"price": "12.40", "receiver": "Fatima"},
        owner,
        frozenset({"receiver"}),
    )
