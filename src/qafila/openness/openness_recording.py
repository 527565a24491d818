"""How a floor tells the log what it decided: one call, within the transaction of the decision.

    recorded = recording.record(connection, [Decision(...)])

What comes back is a signed promise for each: the entry is in the database when the transaction ends, and has its place
in the tree some seconds later. Where the transaction fails, the promise was never given to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from qafila.openness import keyring, openness_terms, store
from qafila.openness.keyring import Keyring
from qafila.openness.log.leaves import leaf
from qafila.openness.log.tlog_proofs import promise
from qafila.openness.model import Decision, Entry, Recorded
from qafila.openness.verifier import leaf_hash
from qafila.runtime.settings import settings

ABOUT = "about"
"""The hidden field that every entry has: what and whom it is about."""


def about(subject: str, owner: str | None) -> dict[str, str | None]:
    """The value of that field."""
    return {"owner": owner, "subject": subject}


def keys() -> Keyring:
    """The log's keys, read anew when they changed: another process may rotate them.

    Raises:
        NoKey: the key that should sign is not there.
    """
    try:
        stamp = (key_folder() / "keys.json").stat().st_mtime_ns
    except FileNotFoundError:
        stamp = 0  # they are made by the reading
    return _read(key_folder(), settings().log_origin, stamp)


@lru_cache(maxsize=4)
def _read(folder: Path, origin: str, stamp: int) -> Keyring:
    return keyring.load(folder, origin)


def key_folder() -> Path:
    """Where the log's keys are kept."""
    return settings().home / "log-keys"


def record(
    connection: Connection,
    decisions: Sequence[Decision],
    now: Sequence[Any] | None = None,
    ends: bool = False,
) -> list[Recorded]:
    """Adds decisions to the log, in the connection's transaction.

    Args:
        connection: as the operator, or as the merchant who owns all of the decisions.
        decisions: what was decided, oldest first.
        now: what `store.NOW` answered in this transaction, where it was asked together with other statements.
        ends: whether the transaction ends well with this: in one exchange, while others wait for what it locked.

    Returns:
        One signed promise for each, in the same order.
    """
    if not decisions:
        return []
    signers = [keys().signer]
    tx, known = store.known(
        connection, now
    )  # tells later which decisions a look at the database could have seen
    leaves = [
        leaf(
            d.kind,
            d.at,
            openness_terms.in_force(d.at, known).version,
            {**d.said, "tx": tx},
            {**d.hidden, ABOUT: about(d.subject, d.owner)},
        )
        for d in decisions
    ]
    hashed = [(one, leaf_hash(one.entry)) for one in leaves]
    until = max(d.at for d in decisions) + timedelta(seconds=settings().log_promise_seconds)
    ids = store.insert(connection, decisions, hashed, until, ends)
    return [
        Recorded(id, leaf, promise(signers, leaf, d.at, until))
        for id, d, (_, leaf) in zip(ids, decisions, hashed, strict=True)
    ]


def promised(entry: Entry) -> bytes:
    """The promise of an entry once more, for whoever asks again."""
    return promise([keys().signer], entry.leaf, entry.decided_at, entry.promised_by)
