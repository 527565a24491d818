"""A decision that the log records, and what whoever is concerned gets at once: a signed promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qafila.core.values import value


@value
class Decision:
    """Something that was decided, to be told to the log in the transaction that decides it.

    Attributes:
        kind: `floor.what`, one of the kinds that a floor has registered (openness/kinds.py).
        subject: the id of what it is about; receipts are found by it.
        at: when it was decided, aware.
        said: what everyone may read: nothing by which a merchant or a person could be told.
        hidden: values by field, each shown as a commitment. `inputs`, where there is such a field, is what the
            decision was made from, and is what `qafila audit replay` runs again.
        owner: the tenant who holds the salts of what is hidden; None for the hub.
        personal: those of the hidden fields that are about a person.
    """

    kind: str
    subject: str
    at: datetime
    said: Mapping[str, Any]
    hidden: Mapping[str, Any]
    owner: str | None = None
    personal: frozenset[str] = frozenset()


@value
class Recorded:
    """An entry that waits for its place: its number, its hash, and the signed promise that it will be in the log."""

    entry_id: int
    leaf: bytes
    promise: bytes


@value
class Entry:
    """An entry as the database has it; `index` is None until it has its place in the tree."""

    entry_id: int
    index: int | None
    kind: str
    subject: str
    owner: str | None
    entry: bytes
    leaf: bytes
    decided_at: datetime
    promised_by: datetime


@value
class Opened:
    """What opens one commitment of an entry; salt and value are None once they were erased."""

    entry_id: int
    field: str
    personal: bool
    salt: bytes | None
    value: str | None
    erased_at: datetime | None
