"""Gives entries their places, writes tiles, signs checkpoints, asks witnesses: what follows a decision within seconds.

Any number of processes may call `integrate`; one does the work at a time. It may be killed at any instant: places are
committed before anything is signed, tiles follow from places, and a checkpoint is published last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

from qafila.openness import keyring, openness_recording, store
from qafila.openness.keyring import Keyring, signed_by
from qafila.openness.log import checkpoints, succession, tree
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.verifier import Broken, Checkpoint, Key, read_checkpoint, read_note, verify_consistency
from qafila.openness.witnesses import Witnesses
from qafila.runtime.database import administrator, connect
from qafila.runtime.settings import settings

_BATCH = 50_000
"""Entries that get their places in one turn; about what ten seconds of the fastest booking bring."""
_WRITTEN = 25_600
"""Entries of which tiles are written at once: whole tiles, and some megabytes of memory."""


class Diverged(RuntimeError):
    """The database and the published files do not tell the same log: nothing is signed until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: entries that got their places, the size that is published, witnesses that signed."""

    placed: int
    size: int
    witnesses: int


def folder() -> Path:
    """Where the log's files are."""
    return settings().log_folder or settings().home / "log"


@cache
def witnesses() -> Witnesses:
    """The witnesses that this process asks."""
    return Witnesses.of(settings().log_witnesses)


def integrate(now: datetime) -> Turn | None:
    """Brings everything that waits into the log; returns what was done, or None where another process is at it.

    Raises:
        Diverged: what is published is not what the database has, or is more. Restore what is older, or begin anew.
    """
    with connect() as holder, holder.begin():
        if not store.alone(holder):
            return None
        with administrator("places in the log are nobody's doing but the house's") as connection:
            placed = store.give_places(connection, _BATCH)
        with administrator("the log is published over everybody's entries") as connection:
            return _publish(connection, placed, now)


def _publish(connection: Connection, placed: int, now: datetime) -> Turn:
    files, ring = TileStore(folder()), openness_recording.keys()
    published = files.checkpoint()
    before = _head(published, ring)
    size = store.size(connection)
    if before.size > size:
        raise Diverged(f"{before.size} entries are published and the database has {size}: it was set back")
    if published is not None and size == before.size:
        return _once_more(connection, files, published, now)
    at = before.size
    while at < size:
        some = store.placed(connection, at, min(size, at - at % 256 + _WRITTEN))
        at = files.append(at, some)
    node = files.node(size)
    head = Checkpoint(openness_recording.keys().signer.name, size, tree.root_at(size, node))
    if before.size:
        try:
            verify_consistency(before.size, size, before.root, head.root, _proof(before.size, size, files))
        except Broken as broken:
            raise Diverged(f"the files no longer continue what was signed: {broken}") from broken
    files.publish("keys.json", succession.written(list(ring.statements)))
    note, signed = witnesses().cosigned(checkpoints.signed(head, [ring.signer]), node)
    store.keep_checkpoint(connection, size, head.root, note, now, signed)
    files.publish("checkpoint", note)
    return Turn(placed, size, signed)


def _proof(size1: int, size2: int, files: TileStore) -> list[bytes]:
    return tree.prove_consistency(size1, size2, files.node(size2))


def _head(published: bytes | None, ring: Keyring) -> Checkpoint:
    if published is None:
        return Checkpoint(ring.signer.name, 0, tree.EMPTY_ROOT)
    if not signed_by(published, ring.keys):
        raise Diverged(f"the checkpoint in {folder()} is not signed by a key of this log")
    return read_checkpoint(read_note(published).text)


def _once_more(connection: Connection, files: TileStore, published: bytes, now: datetime) -> Turn:
    """Nothing is new: witnesses that were out of reach are asked for the same checkpoint."""
    head = read_checkpoint(read_note(published).text)
    asked = [
        one for one in witnesses().asked if not any(f" {key.name} " in published.decode() for key in one.keys)
    ]
    signed = 0
    if asked and head.size:
        note, signed = Witnesses(asked).cosigned(published, files.node(head.size))
        if signed:
            files.publish("checkpoint", note)
            published = note
    store.keep_checkpoint(connection, head.size, head.root, published, now, signed)
    return Turn(0, head.size, signed)


def follow(reason: succession.Reason, since: datetime, recovery: Path | None) -> Key:
    """Lets a new key follow the one that signs, from the head that is published; returns the new key.

    Args:
        reason: `rotated`, `lost` or `stolen`.
        since: since when.
        recovery: the file of the recovery key; not needed to rotate.

    Raises:
        OSError: a key's file is not there. Broken: the key may not sign the statement.
    """
    with connect() as holder, holder.begin():
        holder.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": store.LOCK})
        note = TileStore(folder()).checkpoint()
        head = Checkpoint(settings().log_origin, 0, tree.EMPTY_ROOT)
        if note is not None:
            head = read_checkpoint(read_note(note).text)
        made = keyring.follow(openness_recording.key_folder(), reason, head, since, recovery)
        TileStore(folder()).publish(
            "keys.json", succession.written(list(openness_recording.keys().statements))
        )
        return made


class Sequencer:
    """Integrates again and again in a thread of its own, beside whatever else a server does."""

    def __init__(self, clock: Callable[[], datetime], every: float = 1.0) -> None:
        """
        Args:
            clock: tells when checkpoints are signed.
            every: seconds between turns; a receipt can be had so long after its decision, and no sooner.
        """
        self._clock, self._every, self._end = clock, every, threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self.trouble = ""

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the turn under way."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        import logging

        while not self._end.wait(self._every):
            try:
                integrate(self._clock())
                self.trouble = ""
            except Exception as error:  # whatever it is, booking goes on and the next turn tries again
                if str(error) != self.trouble:
                    logging.getLogger(__name__).error("the transparency log waits: %s", error)
                self.trouble = str(error)
