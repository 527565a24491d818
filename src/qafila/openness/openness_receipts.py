"""Receipts for those whom decisions concern: the entry, its place, the proof, and what opens its commitments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from qafila.core.fault import NotFound
from qafila.openness import openness_messages as m
from qafila.openness import store
from qafila.openness.log.leaves import Opening
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.log.tlog_proofs import receipt, written
from qafila.openness.model import Entry
from qafila.openness.sequencing import folder
from qafila.openness.verifier import read_checkpoint, read_note


class NotYet(NotFound):
    """The entry has no place in a published checkpoint yet."""

    kind = "not-yet"


@dataclass(frozen=True, slots=True)
class Given:
    """A receipt as its file, and the file of openings to it."""

    entry: Entry
    receipt: bytes
    openings: bytes


def receipts_of(connection: Connection, subject: str) -> list[Given]:
    """The receipts of every entry about one thing, oldest first, as far as they are in the log.

    The connection's role decides what is found: a merchant's has its own.

    Raises:
        NotFound: no entry is about this.
        NotYet: none of them is in a published checkpoint yet; it will be in seconds.
    """
    found = store.about(connection, subject)
    if not found:
        raise NotFound(m.NO_ENTRY(subject=subject), field="subject", value=subject)
    given, by = _given(connection, found)
    if not given:
        raise NotYet(m.NOT_YET(by=by), m.ASK_AGAIN(), value=subject)
    return given


def receipts_of_all(connection: Connection) -> list[Given]:
    """The receipts of everything that the connection's role sees and that is in a published checkpoint."""
    return _given(connection, list(store.entries(connection)))[0]


def _given(connection: Connection, found: list[Entry]) -> tuple[list[Given], datetime]:
    by = max((one.promised_by for one in found), default=datetime.min)
    files = TileStore(folder())
    note = files.checkpoint()
    size = read_checkpoint(read_note(note).text).size if note is not None else 0
    ready = [one for one in found if one.index is not None and one.index < size]
    if note is None:
        return [], by
    opened = store.openings(connection, [one.entry_id for one in ready])
    node = files.node(size)
    given = []
    for one in ready:
        assert one.index is not None
        openings = {
            o.field: Opening(o.field, o.salt, o.value.encode()).written()
            for o in opened.get(one.entry_id, [])
            if o.salt is not None and o.value is not None
        }
        proof = written(receipt(one.entry, one.index, note, node))
        given.append(Given(one, proof, json.dumps(openings, ensure_ascii=False, indent=1).encode()))
    return given, by
