"""The keys of this installation's log, in a folder that only its owner reads, and how they follow one another.

`keys.json` in it has the statements, which are published beside the tiles; `NUMBER.key` is a private key by its id. The
recovery key is made with the first one and belongs on another machine: `recovery.key` says so until it is moved there.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qafila.openness.log import log_signing, succession
from qafila.openness.log.log_signing import Signer
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.verifier import (
    Checkpoint,
    Key,
    Succession,
    read_key,
    read_note,
    read_succession,
    verified,
)


class NoKey(LookupError):
    """The private key that signs now is not in the folder."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The log's keys: the one that signs, and the statements by which readers follow them from the first."""

    signer: Signer
    statements: tuple[str, ...]
    keys: Succession

    @property
    def first(self) -> Key:
        """The key that readers were given when the log began."""
        return self.keys.keys[0]


def load(folder: Path, origin: str) -> Keyring:
    """The keys in a folder; made there where there are none, with the origin as their name.

    Raises:
        NoKey: the key that should sign is not there: it was lost, or lies on another machine.
    """
    with _alone(folder):
        if not (folder / "keys.json").exists():
            _begin(folder, origin)
        return _read(folder)


def _begin(folder: Path, origin: str) -> None:
    first, recovery = log_signing.signer(origin), log_signing.signer(f"{origin}/recovery")
    log_signing.keep(folder / "recovery.key", recovery)
    log_signing.keep(folder / f"{first.key.id:08x}.key", first)
    _publish(folder, [succession.first(first, recovery.key)])


def _read(folder: Path) -> Keyring:
    statements = json.loads((folder / "keys.json").read_bytes())["statements"]
    (key,) = (line[4:] for line in statements[0].split("\n") if line.startswith("key "))
    followed = read_succession(statements, read_key(key))
    now = followed.keys[-1]
    try:
        signer = log_signing.kept(folder / f"{now.id:08x}.key")
    except FileNotFoundError:
        raise NoKey(
            f"the key {now.id:08x} that signs the log is not in {folder}; "
            "if it is lost, `qafila log key lost` lets the recovery key tell so and name another"
        ) from None
    return Keyring(signer, tuple(statements), followed)


def follow(
    folder: Path, reason: succession.Reason, head: Checkpoint, since: datetime, recovery: Path | None
) -> Key:
    """Lets a new key follow the one that signs now, and publishes the statement; returns the new key.

    Args:
        folder: where the keys are.
        reason: `rotated` needs the old key; `lost` and `stolen` the recovery key.
        head: the last head for which the old key answers.
        since: when it was rotated, lost or stolen.
        recovery: the file of the recovery key; None: where it was made.

    Raises:
        FileNotFoundError: the key that must sign the statement is not there.
        Broken: it is not the key that may sign it.
    """
    with _alone(folder):
        statements = json.loads((folder / "keys.json").read_bytes())["statements"]
        by = (
            _read(folder).signer
            if reason == "rotated"
            else log_signing.kept(recovery or folder / "recovery.key")
        )
        following = log_signing.signer(head.origin)
        statement = succession.follow(by, following.key, reason, head, int(since.timestamp()))
        (key,) = (line[4:] for line in statements[0].split("\n") if line.startswith("key "))
        read_succession([*statements, statement], read_key(key))  # it must convince readers, too
        log_signing.keep(folder / f"{following.key.id:08x}.key", following)
        _publish(folder, [*statements, statement])
        return following.key


def _publish(folder: Path, statements: list[str]) -> None:
    TileStore(folder).publish("keys.json", succession.written(statements))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def signed_by(note: bytes, keys: Succession) -> bool:
    """Whether one of the log's keys has signed a note. Raises Broken where its signature does not hold."""
    return bool(verified(read_note(note), keys.keys))
