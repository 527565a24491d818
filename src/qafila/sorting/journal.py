"""A journal of what was decided and is not in the database yet: a process that is killed loses none of it.

Each process writes lines to a file of its own, which the operating system keeps though the process dies. Once all of it
is committed, the file is emptied. Whoever starts takes over the files of the dead: a file whose lock is free.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson


class Journal:
    """The file of this process, in a folder that several processes share."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / f"{os.getpid()}-{uuid4().hex[:8]}.jsonl"
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._lock = threading.Lock()
        self._open = 0

    def add(self, entries: Iterable[dict[str, Any]]) -> None:
        """Writes entries down, before anybody is told."""
        lines = [orjson.dumps(e) for e in entries]
        with self._lock:
            os.write(self._file, b"\n".join([*lines, b""]))
            self._open += len(lines)

    def done(self, count: int) -> None:
        """So many of the entries are committed; with the last of them the file is emptied."""
        with self._lock:
            self._open -= count
            if self._open <= 0:
                os.ftruncate(self._file, 0)
                self._open = 0

    def left_behind(self) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
        """The files of processes that died, each with its entries; who has written them elsewhere deletes the file."""
        for path in sorted(self._folder.glob("*.jsonl")):
            if path == self._path:
                continue
            try:
                file = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                continue
            try:
                yield path, list(_read(path.read_bytes()))
            finally:
                os.close(file)

    def close(self) -> None:
        """Ends it; an empty file is removed."""
        with self._lock:
            if not self._open:
                self._path.unlink(missing_ok=True)
            os.close(self._file)


def _read(content: bytes) -> Iterator[dict[str, Any]]:
    """Entries; a last line that was cut off by the kill was never answered."""
    for line in content.splitlines():
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            return
