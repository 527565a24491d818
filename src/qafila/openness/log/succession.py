"""How the keys of a log follow one another: statements that are published beside the tiles as keys.json.

The first statement names the first key and a recovery key, which lies apart from the machine that signs. A key is
rotated by its own signature on the statement. Where it is lost or stolen, the recovery key tells it: up to which head
of the log, and since when. What the old key signed until then stays good; see verifier.check_told.
"""

from __future__ import annotations

import base64
import json
from typing import Literal

from qafila.openness.log.log_signing import Signer
from qafila.openness.verifier import Checkpoint, Key

Reason = Literal["rotated", "lost", "stolen"]


def first(signer: Signer, recovery: Key) -> str:
    """The statement with which a log begins."""
    text = f"qafila log key v1\n{signer.name}\nfirst\nkey {signer.key}\nrecovery {recovery}\n"
    return signer.note(text).decode()


def follow(by: Signer, following: Key, reason: Reason, head: Checkpoint, time: int) -> str:
    """The statement with which a key follows the one before.

    Args:
        by: the key that is rotated, or the recovery key where it was lost or stolen.
        following: the key that signs from now on; its name is the log's.
        reason: what became of the key before.
        head: the last head of the log that the key before is answerable for.
        time: since when, in seconds since 1970.
    """
    root = base64.b64encode(head.root).decode()
    text = (
        f"qafila log key v1\n{head.origin}\n{reason}\n"
        f"next {following}\nsize {head.size}\nroot {root}\ntime {time}\n"
    )
    return by.note(text).decode()


def written(statements: list[str]) -> bytes:
    """The file keys.json."""
    return json.dumps({"statements": statements}, ensure_ascii=False, indent=1).encode() + b"\n"
