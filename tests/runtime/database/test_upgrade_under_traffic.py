"""While a migration runs, servers of the version before go on: no request fails, and nothing is lost or doubled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from qafila.api.app import create_app
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator, engine, migrate
from qafila.runtime.database.migration_rules import breaks
from tests.api.conftest import MONDAY, NETWORK, RULES, order
from tests.simulation.invariants import NOTHING
from tests.simulation.running import _own_database

_PLANTED = (
    "ALTER TABLE bookings ADD COLUMN colour text NOT NULL DEFAULT 'none'",
    "ALTER TABLE parcels ADD COLUMN colour text",
    "ALTER TABLE events ADD COLUMN colour text",
    "CREATE TABLE colours (name text PRIMARY KEY)",
)
"""What a next version may do to the tables that every booking writes."""

_MIGRATION = """
import time
from alembic import op
revision, down_revision = "9999", "{before}"
def upgrade():
    for statement in {statements!r}:
        op.execute(statement)
    time.sleep(0.5)  # its locks are held for a while
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY planted ON parcels (colour)")
"""

_NEXT_VERSION = """
import sys
from pathlib import Path
from qafila.runtime.database import migrate
migrate.FOLDER = Path(sys.argv[1])
from qafila.runtime.database import engine
engine()
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The migrations of this version and one more."""
    assert breaks(_PLANTED) == []
    folder = tmp_path / "migrations"
    shutil.copytree(str(files("qafila.runtime.database") / "migrations"), folder)
    said = _MIGRATION.format(before=migrate.newest(), statements=_PLANTED)
    (folder / "versions" / "9999_planted.py").write_text(said, encoding="utf-8")
    return folder


pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def elsewhere() -> Iterator[None]:
    with _own_database():
        yield


class _Shop(threading.Thread):
    """Asks, books and tracks, one order after the other; keeps what was answered."""

    def __init__(self, name: str, app: object, key: str, enough: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.api = TestClient(app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False)  # type: ignore[arg-type]
        self.enough, self.booked, self.failed = enough, {}, []  # type: ignore[var-annotated]

    def run(self) -> None:
        n = 0
        while not self.enough.is_set():
            n += 1
            offers = self.api.post("/offers", json=order(f"{self.name}-{n}"))
            if not self._fine(offers):
                continue
            made = self.api.post("/bookings", json={"offer_id": offers.json()["offers"][0]["id"]})
            if self._fine(made):
                self.booked[made.json()["id"]] = made.json()["parcels"][0]
                self._fine(self.api.get(f"/tracking/{made.json()['parcels'][0]}"))

    def _fine(self, answer: object) -> bool:
        if not answer.is_success:  # type: ignore[attr-defined]
            self.failed.append(answer.text)  # type: ignore[attr-defined]
        return bool(answer.is_success)  # type: ignore[attr-defined]


def _bookings(connection: Connection) -> set[str]:
    return {id for (id,) in connection.execute(text("SELECT booking_id FROM bookings"))}


def test_requests_go_on_while_the_next_version_migrates(next_version: Path) -> None:
    with administrator() as connection:
        keys = [
            accounts.issue_key(connection, RIGHTS, accounts.create(connection, f"Souk {n}").id)[1]
            for n in range(3)
        ]
        staged = _bookings(connection)
    app = create_app(lambda: Context(NETWORK, RULES, clock=lambda: MONDAY))
    enough = threading.Event()
    shops = [_Shop(f"S{n}", app, key, enough) for n, key in enumerate(keys)]
    for shop in shops:
        shop.start()
    _until(lambda: all(shop.booked for shop in shops), shops)
    command = [sys.executable, "-c", _NEXT_VERSION, str(next_version)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before = [len(shop.booked) for shop in shops]
    _until(lambda: all(len(s.booked) > n + 1 for s, n in zip(shops, before, strict=True)), shops)
    enough.set()
    for shop in shops:
        shop.join()
    assert [shop.failed for shop in shops] == [[], [], []]
    with administrator() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
        kept = _bookings(connection) - staged
        assert kept == {id for shop in shops for id in shop.booked}
        for said, query in NOTHING.items():
            assert connection.execute(text(query)).all() == [], said
    migrate.upgrade(engine())  # the version before, started again, finds a newer database and leaves it


def test_a_table_in_use_holds_nobody_up(next_version: Path) -> None:
    """A migration that cannot have its lock gives up its place, so that whoever comes after it is served."""
    with administrator() as holder:
        holder.execute(text("SELECT count(*) FROM bookings"))  # keeps its lock to the end of the transaction
        command = [sys.executable, "-c", _NEXT_VERSION, str(next_version)]
        migrating = subprocess.Popen(command, env=os.environ)
        for _ in range(40):  # the first of them queue behind the migration, until it gives up
            with engine().begin() as other:
                other.execute(text("SET LOCAL statement_timeout = '30s'"))
                other.execute(text("SELECT count(*) FROM bookings"))
            assert migrating.poll() is None
            threading.Event().wait(0.1)
    assert migrating.wait() == 0
    with administrator() as connection:
        assert connection.execute(text("SELECT count(*) FROM colours")).scalar_one() == 0


def _until(ready: object, shops: list[_Shop]) -> None:
    while not ready():  # type: ignore[operator]
        assert all(shop.is_alive() for shop in shops)
        threading.Event().wait(0.05)
