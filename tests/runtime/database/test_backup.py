"""A backup brings everything back, with the rights of each role; a plain dump that loses them is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from qafila.core.fault import Fault
from qafila.runtime.database import connection, migrate, rights_check
from qafila.runtime.database.backup import backup, restore

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def _database(name: str) -> Engine:
    server = connection.engine()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        there.execute(text(f"CREATE DATABASE {name}"))
    return create_engine(server.url.set(database=name))


@pytest.fixture
def saved() -> Iterator[Engine]:
    """A database of this version with a merchant and an order."""
    made = _database("saved")
    migrate.upgrade(made)
    with made.begin() as there:
        there.execute(text("INSERT INTO tenants (tenant_id, name) VALUES ('m1', 'Souk'), ('m2', 'Atlas')"))
        there.execute(
            text(
                "INSERT INTO orders (merchant_id, order_id, document) VALUES ('m1', 'A', '{}'), ('m2', 'B', '{}')"
            )
        )
    yield made
    made.dispose()


@pytest.fixture
def empty() -> Iterator[Engine]:
    made = _database("restored")
    yield made
    made.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with state and with what can be worked out again; its path has a space."""
    folder = tmp_path / "a home"
    (folder / "network" / "feeds" / "x").mkdir(parents=True)
    (folder / "network" / "feeds" / "x" / "feed.csv").write_text("a,b\n")
    (folder / "network" / "compiled" / "y").mkdir(parents=True)
    (folder / "network" / "compiled" / "y" / "big.npy").write_text("0" * 1000)
    (folder / "web-secret").write_bytes(b"secret")
    return folder


def _visible(engine: Engine, merchant: str) -> list[str]:
    with engine.begin() as there:
        there.execute(
            text(
                "SELECT set_config('role', 'qafila_merchant', true), set_config('qafila.merchant', :m, true)"
            ),
            {"m": merchant},
        )
        return list(there.execute(text("SELECT order_id FROM orders ORDER BY 1")).scalars())


def test_all_comes_back_and_roles_see_what_they_saw(
    saved: Engine, empty: Engine, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "qafila.backup"
    told = backup(saved, home, file, NOW)
    assert told.rows["orders"] == 2
    assert (os.stat(file).st_mode & 0o777) == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert "home/web-secret" in names
    assert not [name for name in names if "compiled" in name]
    other = tmp_path / "other home"
    restore(empty, other, file)
    assert (other / "web-secret").read_bytes() == b"secret"
    assert (other / "network" / "feeds" / "x" / "feed.csv").read_text() == "a,b\n"
    assert _visible(empty, "m1") == ["A"]
    assert _visible(empty, "m2") == ["B"]
    with empty.connect() as there:
        there.execute(text("SET LOCAL ROLE qafila_merchant"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            there.execute(text("SELECT * FROM capacity"))
    with saved.connect() as one, empty.connect() as two:
        assert rights_check.facts(one) == rights_check.facts(two)
    migrate.upgrade(empty)  # nothing is left to do


def test_it_is_one_moment_while_others_write(
    saved: Engine, empty: Engine, home: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            with saved.begin() as there:  # each transaction keeps both counts equal
                there.execute(text("INSERT INTO tenants (tenant_id, name) VALUES (:m, 'x')"), {"m": f"w{n}"})
                there.execute(
                    text("INSERT INTO orders (merchant_id, order_id, document) VALUES (:m, 'o', '{}')"),
                    {"m": f"w{n}"},
                )
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        told = backup(saved, home, tmp_path / "b", NOW)
    finally:
        stop.set()
        writer.join()
    assert told.rows["tenants"] == told.rows["orders"]
    restore(empty, tmp_path / "h", tmp_path / "b")
    with empty.connect() as there:
        assert there.execute(text("SELECT count(*) FROM orders")).scalar_one() == told.rows["orders"]


def test_what_is_not_empty_is_not_overwritten(
    saved: Engine, empty: Engine, home: Path, tmp_path: Path
) -> None:
    backup(saved, home, tmp_path / "b", NOW)
    with pytest.raises(Fault, match="already holds"):
        restore(saved, tmp_path / "h", tmp_path / "b")
    with pytest.raises(Fault, match="would be overwritten"):
        restore(empty, home, tmp_path / "b")


@pytest.mark.parametrize("harm", ["cut", "text", "altered"])
def test_a_damaged_backup_is_refused(
    saved: Engine, empty: Engine, home: Path, tmp_path: Path, harm: str
) -> None:
    file = tmp_path / "b"
    backup(saved, home, file, NOW)
    content = file.read_bytes()
    harmed = {
        "cut": content[: len(content) // 2],
        "text": b"hello",
        "altered": content.replace(b"secret", b"sekret"),
    }
    file.write_bytes(harmed[harm])
    with pytest.raises(Fault, match=r"no backup|damaged"):
        restore(empty, tmp_path / "h", file)
    with empty.connect() as there:
        assert (
            there.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
            == 0
        )


def test_every_table_of_merchants_is_bound_and_a_lost_policy_is_noticed(saved: Engine) -> None:
    with saved.begin() as there:
        assert rights_check.unbound(there) == []
        there.execute(text("ALTER TABLE orders DISABLE ROW LEVEL SECURITY"))
        assert rights_check.unbound(there) == ["orders"]


_SERVE = """
import sys, time
from sqlalchemy import text
from qafila.runtime.database import embedded, engine
embedded.PATIENCE = 600.0  # a machine that is busy with other things is no fault of the server
print(engine().connect().execute(text("SELECT 1")).scalar_one(), flush=True)
sys.stdin.readline()
with engine().connect() as connection:
    print(connection.execute(text("SELECT 42")).scalar_one(), flush=True)
"""


def test_the_embedded_server_comes_back_when_it_was_killed(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    user = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        env={**os.environ, "QAFILA_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdin is not None
    assert user.stdout is not None
    assert user.stdout.readline() == "1\n"
    killed = [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(home / "postgresql") in (p.info["cmdline"] or []) and p.status() != psutil.STATUS_ZOMBIE
    ]
    assert killed
    for process in killed:
        process.kill()
    for process in killed:
        _until_gone(process)
    time.sleep(connection._TRUSTED_SECONDS)  # within it a connection that was just used is taken as it is
    user.stdin.write("go on\n")
    user.stdin.flush()
    assert user.stdout.readline() == "42\n"
    assert user.wait(600) == 0


def _until_gone(process: psutil.Process) -> None:
    """Until a killed process has ended; one that nobody has buried yet has."""
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return
