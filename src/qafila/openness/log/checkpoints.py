"""Checkpoints: the text that a log signs, and the signature lines that others add (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from qafila.openness.log.log_signing import Signer
from qafila.openness.verifier import Broken, Checkpoint, Key, read_note, read_signature, verified


def text_of(head: Checkpoint) -> str:
    """The text of a checkpoint, ending in a newline."""
    lines = (head.origin, str(head.size), base64.b64encode(head.root).decode(), *head.extensions)
    return "".join(f"{line}\n" for line in lines)


def signed(head: Checkpoint, signers: Sequence[Signer], time: int = 0) -> bytes:
    """The signed note of a checkpoint.

    Args:
        head: the origin, which is the name of the first signer's key, the size and the root.
        signers: whoever signs for the log: an Ed25519 key, and a second one such as ML-DSA-44 if wished.
        time: seconds since 1970, for those whose signature carries it.
    """
    text = text_of(head)
    return f"{text}\n{''.join(one.line(text, time) for one in signers)}".encode()


def with_cosignatures(note: bytes, answer: str, witnesses: Sequence[Key]) -> tuple[bytes, list[Key]]:
    """A checkpoint with those lines of a witness's answer that known witnesses have signed, and who they are.

    Raises Broken where the answer is not signature lines, or where the signature of a known witness does not hold.
    """
    parsed = read_note(note)
    there = {(line.name, line.id) for line in parsed.signatures}
    added, by = [], []
    for line in _lines(answer):
        signature = read_signature(line)
        known = [key for key in witnesses if (key.name, key.id) == (signature.name, signature.id)]
        if known and (signature.name, signature.id) not in there:
            verified(read_note(f"{parsed.text}\n{line}\n".encode()), known)
            added.append(line + "\n")
            by += known
    return note + "".join(added).encode(), by


def _lines(answer: str) -> Iterable[str]:
    if not answer.endswith("\n"):
        raise Broken("the witness's answer does not end with a newline")
    return answer[:-1].split("\n")
