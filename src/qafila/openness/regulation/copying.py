"""The regulator's copy: one SQLite file made of the published log and the openings given to it, in which queries run.

Entries come from the published files and nowhere else; a value is taken only where it fits its entry's commitment. The copy
keeps each entry's bytes and each value's salt, so that whoever has it can check all of that again with programs of his own.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qafila.core.money import ExchangeRates
from qafila.core.unknown_rate import UnknownRate
from qafila.openness.model import Opened
from qafila.openness.regulation.span import Rooms, Span
from qafila.openness.verifier import TILE, Broken, commitment, leaf_hash, read_bundle, read_tile, root_of

_TABLES = """
CREATE TABLE entries (number INTEGER PRIMARY KEY, kind TEXT, at TEXT, terms TEXT, said TEXT);
CREATE TABLE leaves (number INTEGER PRIMARY KEY, entry BLOB);
CREATE TABLE opened (number INTEGER, field TEXT, value TEXT, salt BLOB, PRIMARY KEY (number, field)) WITHOUT ROWID;
CREATE TABLE erased (number INTEGER, field TEXT, PRIMARY KEY (number, field)) WITHOUT ROWID;
CREATE TABLE broken (number INTEGER, field TEXT, PRIMARY KEY (number, field)) WITHOUT ROWID;
CREATE TABLE departures (departure TEXT PRIMARY KEY, facility TEXT, grams INTEGER) WITHOUT ROWID;
CREATE TABLE rates (number INTEGER, currency TEXT, per_eur REAL, PRIMARY KEY (number, currency)) WITHOUT ROWID;
CREATE TABLE asked (since TEXT, until TEXT, now TEXT, country TEXT);
CREATE VIEW span AS SELECT entries.* FROM entries, asked WHERE at >= since AND at < until;
CREATE VIEW owners AS SELECT number, value ->> '$.owner' AS owner FROM opened WHERE field = 'about';
CREATE VIEW tenants AS SELECT owner AS tenant, kind.value ->> '$' AS kind, max(entries.number) AS number
    FROM entries JOIN owners USING (number) JOIN opened kind ON kind.number = entries.number AND kind.field = 'kind'
    WHERE entries.kind = 'openness.tenant' GROUP BY owner;
"""


class Unlike(Broken):
    """The published entries do not make the tree that the checkpoint signs."""


@dataclass(slots=True)
class Checked:
    """What became of the openings: how many fit, were erased, or do not fit (by entry and field)."""

    fit: int = 0
    erased: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)


def published(folder: Path, size: int, root: bytes) -> Iterator[bytes]:
    """The entries of a log's files, in order.

    Raises:
        Unlike: they are not the tree of that size and root, or some are missing.
    """
    level: list[bytes] = []
    for number in range(-(-size // TILE)):
        width = min(TILE, size - number * TILE)
        data = read_tile(folder, "entries", number, width)
        entries = read_bundle(data) if data is not None else []
        if len(entries) < width:
            raise Unlike(f"entries from {number * TILE} on are missing in the published files")
        level += [leaf_hash(entry) for entry in entries[:width]]
        yield from entries[:width]
    if size and root_of(level) != root:
        raise Unlike("the published entries are not those that the checkpoint signs")


def make(database: sqlite3.Connection, entries: Iterable[bytes], span: Span) -> None:
    """Begins a copy: the tables, what is asked, the entries. `published` has checked them when it is through."""
    database.executescript(_TABLES)
    if not database.execute("SELECT 1 FROM pragma_function_list WHERE name = 'sqrt'").fetchone():
        database.create_function("sqrt", 1, math.sqrt, deterministic=True)
    asked = [_text(span.since), _text(span.until), _text(span.now), span.country]
    database.execute("INSERT INTO asked VALUES (?, ?, ?, ?)", asked)

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, entry in enumerate(entries):
            said = json.loads(entry)
            at = _text(datetime.fromisoformat(said["at"]))
            yield number, said["kind"], at, said["terms"], json.dumps(said["said"], ensure_ascii=False), entry

    for number, kind, at, terms, told, entry in rows():
        database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (number, kind, at, terms, told))
        database.execute("INSERT INTO leaves VALUES (?, ?)", (number, entry))


def give(database: sqlite3.Connection, openings: Iterable[tuple[int, Opened]]) -> Checked:
    """Takes openings in, by the numbers of their entries; what does not fit its commitment is kept apart."""
    done = Checked()
    number, hidden = -1, dict[str, str]()
    for at, one in openings:
        if at != number:
            row = database.execute("SELECT entry FROM leaves WHERE number = ?", (at,)).fetchone()
            number, hidden = at, json.loads(row[0])["hidden"] if row else {}
        stated = hidden.get(one.field)
        if stated is not None and (one.salt is None or one.value is None):
            done.erased += 1
            database.execute("INSERT OR IGNORE INTO erased VALUES (?, ?)", (at, one.field))
        elif stated is not None and commitment(one.salt or b"", (one.value or "").encode()) == stated:
            done.fit += 1
            database.execute(
                "INSERT OR IGNORE INTO opened VALUES (?, ?, ?, ?)", (at, one.field, one.value, one.salt)
            )
        else:
            done.broken.append((at, one.field))
            database.execute("INSERT OR IGNORE INTO broken VALUES (?, ?)", (at, one.field))
    return done


def finish(database: sqlite3.Connection, rooms: Rooms, rates: ExchangeRates) -> None:
    """Adds what is published beside the log: the room of departures that are named, and rates of the entries' days."""
    wanted = [
        row[0]
        for row in database.execute(
            "SELECT DISTINCT d.value FROM opened, json_each(opened.value, '$.departures') d WHERE field IN ('room', 'given_back') "
            "UNION SELECT DISTINCT f.value FROM opened, json_each(opened.value, '$.full') f WHERE field = 'inputs'"
        )
    ]
    departures = rooms.departures(wanted)
    database.executemany(
        "INSERT INTO departures VALUES (?, ?, ?)", [(d, *where) for d, where in sorted(departures.items())]
    )
    for number, at, currency in database.execute(
        "SELECT number, at, coalesce(value ->> '$.value_currency', value ->> '$.currency') FROM entries JOIN opened USING (number) "
        "WHERE field IN ('booked', 'sales')"
    ).fetchall():
        try:
            quote = rates.quote(currency, datetime.fromisoformat(at).date())
        except UnknownRate:
            continue
        database.execute("INSERT INTO rates VALUES (?, ?, ?)", (number, currency, float(quote.per_eur)))
    database.commit()


def _text(instant: datetime) -> str:
    """An instant so that texts are in the order of time, and SQLite's functions read it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
