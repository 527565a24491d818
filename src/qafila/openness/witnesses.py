"""Asking witnesses for their cosignatures over HTTP (C2SP tlog-witness)."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPException

from qafila.openness.log.checkpoints import with_cosignatures
from qafila.openness.log.tree import Node, prove_consistency
from qafila.openness.log.witnessing import LONGEST_REQUEST, Submission
from qafila.openness.verifier import Broken, Key, decimal, read_checkpoint, read_key, read_note

PATIENCE = 3.0
"""Seconds for one answer of a witness: bookings do not wait for it, but receipts do."""
WHOLE = 2 * PATIENCE
"""Seconds for all that a witness says to a checkpoint: one that sends a byte now and then is late as well."""
PAUSE = 30.0
"""Seconds for which a witness that could not be reached is not asked again."""


@dataclass(slots=True)
class Asked:
    """A witness and what is remembered of it: the size that it cosigned last, and until when it is left alone."""

    address: str
    keys: tuple[Key, ...]
    size: int = 0
    paused_until: float = 0.0
    trouble: str = ""


@dataclass(slots=True)
class Witnesses:
    """The witnesses that are asked, from settings of the form `VKEY ADDRESS`."""

    asked: list[Asked] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Sequence[str]) -> Witnesses:
        """The witnesses of some settings. Raises Broken for a line that is no key and address."""
        keys: dict[str, list[Key]] = {}
        for line in lines:
            vkey, _, address = line.strip().partition(" ")
            if not address.strip().startswith(("http://", "https://")):
                raise Broken(f"{line[:80]!r} is no witness: write its key, a space and its address")
            keys.setdefault(address.strip().rstrip("/"), []).append(read_key(vkey))
        return cls([Asked(address, tuple(own)) for address, own in keys.items()])

    def cosigned(self, note: bytes, node: Node) -> tuple[bytes, int]:
        """A checkpoint with the cosignatures of those that could be reached, and how many witnesses that were.

        A witness that cannot be reached, or answers what does not hold, is left alone for a while; `trouble` says why.
        It never raises: without witnesses the log goes on, and its checkpoint is marked by what it lacks.

        Args:
            note: the checkpoint, signed by the log.
            node: looks up full subtrees of its tree.
        """
        now = time.monotonic()
        ready = [one for one in self.asked if one.paused_until <= now]
        if not ready:
            return note, 0
        signed = 0
        for one, answer in zip(ready, self._answers(ready, note, node), strict=True):
            if answer is None:
                continue
            try:
                note, by = with_cosignatures(note, answer, one.keys)
                if not by:
                    raise Broken("it signed with no key that is known")
                signed += 1
            except Broken as broken:
                one.trouble, one.size = str(broken), 0
                one.paused_until = time.monotonic() + PAUSE
        return note, signed

    def _answers(self, ready: Sequence[Asked], note: bytes, node: Node) -> list[str | None]:
        """What each witness answers, all asked at once; None of one that is late: its thread ends when it likes, and what it
        still brings is not looked at."""
        found: list[str | None] = [None] * len(ready)
        asking: list[threading.Thread] = []
        whose = [replace(one) for one in ready]  # what comes late changes nothing

        def ask(n: int) -> None:
            found[n] = self._ask(whose[n], note, node)

        for n in range(len(ready)):
            asking.append(threading.Thread(target=ask, args=(n,), name="witness", daemon=True))
            asking[-1].start()
        until, answers = time.monotonic() + WHOLE, list[str | None]()
        for n, (one, mine, thread) in enumerate(zip(ready, whose, asking, strict=True)):
            thread.join(max(0.0, until - time.monotonic()))
            late = thread.is_alive()
            answers.append(None if late else found[n])
            if late:
                one.trouble, one.paused_until = (
                    f"it did not answer in {WHOLE:g} seconds",
                    time.monotonic() + PAUSE,
                )
            else:
                one.size, one.trouble, one.paused_until = mine.size, mine.trouble, mine.paused_until
        return answers

    @staticmethod
    def _ask(one: Asked, note: bytes, node: Node) -> str | None:
        size = read_checkpoint(read_note(note).text).size
        try:
            for _ in range(2):  # the second time from the size that the witness told
                if one.size > size:
                    raise Broken(f"it has seen {one.size} entries already, more than {size}")
                body = Submission(one.size, tuple(prove_consistency(one.size, size, node)), note).body()
                status, answer = _post(f"{one.address}/add-checkpoint", body)
                if status == 200:
                    one.size, one.trouble = size, ""
                    return answer
                if status != 409 or decimal(answer.strip()) == one.size:
                    raise Broken(f"it answered {status}: {answer.strip()[:200]}")
                one.size = decimal(answer.strip())
            raise Broken("others move it on faster than it can be asked")
        except (Broken, OSError, ValueError, HTTPException) as error:
            one.trouble = str(error) or type(error).__name__
            one.size = 0  # what it said of its size may have been wrong: the next time it is asked anew
            one.paused_until = time.monotonic() + PAUSE
            return None


def _post(address: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(address, body, {"content-type": "text/plain; charset=utf-8"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(LONGEST_REQUEST).decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(LONGEST_REQUEST).decode("utf-8", "replace")
