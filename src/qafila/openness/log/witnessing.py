"""A witness: it remembers the newest checkpoint of each log, and signs only what continues it (C2SP tlog-witness)."""

from __future__ import annotations

import base64
import fcntl
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qafila.openness.log.log_signing import Signer
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.verifier import (
    EMPTY_ROOT,
    Broken,
    Key,
    decimal,
    from_base64,
    read_checkpoint,
    read_note,
    verified,
    verify_consistency,
)

LONGEST_REQUEST = 256 * 1024
"""Bytes: 63 hashes and a checkpoint with many large signatures fit many times over."""
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answers over HTTP."""

    status: int
    body: str
    content_type: str = _PLAIN


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log sends: the size it continues from, the proof, and its checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def body(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old}", *(base64.b64encode(node).decode() for node in self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def read_submission(body: bytes) -> Submission:
    """The parts of a request to add a checkpoint. Raises Broken."""
    head, gap, checkpoint = body.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if not gap or not lines[0].startswith("old ") or len(lines) > 64:
        raise Broken("a request says `old SIZE`, up to 63 hashes, an empty line and a checkpoint")
    return Submission(decimal(lines[0][4:]), tuple(map(from_base64, lines[1:])), checkpoint)


class Witness:
    """A witness with its keys, the logs it follows, and what it remembers of them in a folder.

    Several processes may share the folder: a lock holds them apart between the check and the writing.
    """

    def __init__(
        self,
        signers: Sequence[Signer],
        logs: Mapping[str, Sequence[Key]],
        folder: Path,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            signers: keys for cosignatures (Ed25519, ML-DSA-44 or both); each adds a line.
            logs: the keys that are trusted for each origin.
            folder: where checkpoints are remembered; also the monitoring part of the interface, as plain files.
            now: seconds since 1970.
        """
        self._signers, self._logs, self._now = tuple(signers), dict(logs), now
        self._files = TileStore(folder)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answers POST add-checkpoint with the status that the protocol gives each case."""
        try:
            asked = read_submission(body)
            note = read_note(asked.checkpoint)
            head = read_checkpoint(note.text)
        except Broken as broken:
            return Answer(400, f"{broken}\n")
        keys = self._logs.get(head.origin)
        if keys is None:
            return Answer(404, "this log is not followed here\n")
        try:
            trusted = verified(note, keys)
        except Broken as broken:
            return Answer(403, f"{broken}\n")
        if not trusted:
            return Answer(403, "no key that is trusted for this log has signed the checkpoint\n")
        if asked.old > head.size:
            return Answer(400, "the old size is larger than the checkpoint's\n")
        with self._alone():
            known = self.latest(head.origin)
            last = read_checkpoint(read_note(known).text) if known is not None else None
            if asked.old != (last.size if last else 0):
                return Answer(409, f"{last.size if last else 0}\n", "text/x.tlog.size")
            try:
                if head.size == 0 and head.root != EMPTY_ROOT:
                    raise Broken("the empty tree has another root")
                if asked.old == 0 and asked.proof:
                    raise Broken("the empty tree needs no proof")
                if last is not None and last.size:
                    verify_consistency(last.size, head.size, last.root, head.root, asked.proof)
            except Broken as broken:
                return Answer(422, f"{broken}\n")
            time = self._now()
            lines = "".join(one.line(note.text, time) for one in self._signers)
            own = "".join(_line_of(asked.checkpoint, signed.key) for signed in trusted)
            self._files.publish(self.path(head.origin), f"{note.text}\n{own}{lines}".encode())
        return Answer(200, lines)

    @staticmethod
    def path(origin: str) -> str:
        """The path of the newest checkpoint of a log, below the monitoring prefix."""
        return f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"

    def latest(self, origin: str) -> bytes | None:
        """The newest checkpoint that was cosigned for a log, with its cosignatures."""
        path = self._files.folder / self.path(origin)
        return path.read_bytes() if path.exists() else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._files.folder.mkdir(parents=True, exist_ok=True)
        with (self._files.folder / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _line_of(note: bytes, key: Key) -> str:
    start = f"— {key.name} "
    for line in note.decode().split("\n"):
        if line.startswith(start) and from_base64(line[len(start) :])[:4] == key.id.to_bytes(4, "big"):
            return line + "\n"
    raise AssertionError("a signature that was verified has its line")
