"""A worker beside the server: it starts by itself where none runs, and ends with the server."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from qafila.runtime.database import engine

log = logging.getLogger(__name__)
_LOCK = "hashtext('qafila worker'), 0"
_EVERY = 2.0  # seconds


class Presence:
    """Says, as long as its process lives, that a worker runs; several may say so at once."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def announce(self) -> None:
        """Says so, unless a server that keeps a worker of its own does already."""
        self._connection = self._connection or engine().connect()
        self._connection.execute(text(f"SELECT pg_try_advisory_lock_shared({_LOCK})"))
        self._connection.commit()


class Keeper:
    """Keeps one worker running for all servers of a database, as a process of the server that came first."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="worker keeper", daemon=True)

    def start(self) -> None:
        """Begins to look whether a worker runs."""
        self._thread.start()

    def close(self) -> None:
        """Ends the worker, where it is ours; what it had begun another carries on."""
        self._stop.set()
        self._thread.join(_EVERY + 1)
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(15)
            if self._child.poll() is None:
                self._child.kill()
                self._child.wait()
        if self._connection is not None:
            self._connection.close()

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                if (self._child is None or self._child.poll() is not None) and self._mine():
                    self._child = subprocess.Popen(
                        [sys.executable, "-m", "qafila.cli.main", "work", "--parent", str(os.getpid())],
                        stdin=subprocess.DEVNULL,
                    )
            except (DBAPIError, OSError) as error:  # the database is away for a moment
                log.warning("no worker can be started yet: %s", error)
                self._forget()
            self._stop.wait(_EVERY)

    def _mine(self) -> bool:
        """Whether it is for this server to keep the worker: the first to ask, while none runs by itself."""
        if self._connection is None:
            self._connection = engine().connect()
        taken: bool = self._connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted "
                "AND pid = pg_backend_pid() AND objsubid = 2 AND objid = 0 AND classid::bigint::bit(32) = "
                "hashtext('qafila worker')::bit(32)) "
                f"OR pg_try_advisory_lock({_LOCK})"
            )
        ).scalar_one()
        self._connection.commit()
        return taken

    def _forget(self) -> None:
        with contextlib.suppress(Exception):
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
        self._connection = None
