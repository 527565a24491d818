"""Receipts (C2SP tlog-proof) and the promises of inclusion that come before them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from qafila.openness.log.log_signing import Signer
from qafila.openness.log.tree import Node, prove_inclusion
from qafila.openness.verifier import Receipt, read_checkpoint, read_note


def receipt(entry: bytes | None, index: int, checkpoint: bytes, node: Node) -> Receipt:
    """The receipt of an entry against a signed checkpoint.

    Args:
        entry: the entry, which the receipt then carries; None leaves it out.
        index: where the entry is.
        checkpoint: the signed note, with all its signatures.
        node: looks up full subtrees of the tree of the checkpoint's size.

    Raises:
        IndexError: the checkpoint's tree has no such entry.
    """
    size = read_checkpoint(read_note(checkpoint).text).size
    return Receipt(entry, index, tuple(prove_inclusion(index, size, node)), checkpoint)


def written(one: Receipt) -> bytes:
    """The text of a .tlog-proof file."""
    lines = ["c2sp.org/tlog-proof@v1"]
    if one.extra is not None:
        lines.append(f"extra {base64.b64encode(one.extra).decode()}")
    lines += [f"index {one.index}", *map(_encoded, one.proof), "", ""]
    return "\n".join(lines).encode() + one.checkpoint


def promise(signers: Sequence[Signer], leaf: bytes, made: datetime, by: datetime) -> bytes:
    """A signed promise that an entry will be in the log.

    Args:
        signers: the log's keys, the first of which names the log.
        leaf: the hash of the entry.
        made: the instant of the promise, aware.
        by: the instant by which a receipt can be had, aware.
    """
    text = (
        "qafila promise of inclusion v1\n"
        f"{signers[0].name}\nleaf {_encoded(leaf)}\nmade {_instant(made)}\nby {_instant(by)}\n"
    )
    return f"{text}\n{''.join(one.line(text) for one in signers)}".encode()


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
