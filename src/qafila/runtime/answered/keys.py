"""A key stands for one act or request: what tells one from another, and the fault of a key that comes with another."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from qafila.core.fault import Conflict
from qafila.runtime.answered import answered_messages


class KeyReused(Conflict):
    """A key came with another content than before."""

    kind = "key-reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            answered_messages.KEY_REUSED(key=key[:60]),
            answered_messages.NEW_KEY(),
            field="key",
            value=key[:60],
        )


def fingerprint(*said: Any) -> bytes:
    """16 bytes that tell one content from another; equal contents have equal ones, whatever the order of their names."""
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str), digest_size=16).digest()


def same(key: str, known: bytes, asked: bytes) -> None:
    """Raises KeyReused where what is known under a key is not what is asked."""
    if bytes(known) != asked:
        raise KeyReused(key)
