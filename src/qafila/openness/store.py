"""The SQL of the transparency log."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.openness import openness_messages as m
from qafila.openness.log.leaves import Leaf
from qafila.openness.model import Decision, Entry, Opened
from qafila.openness.openness_terms import Terms, UnfitTerms, document, terms_from
from qafila.runtime.database.together import together

LOCK = 0x7161_6C6F_67
"""The advisory lock ("qalog") that lets one process give places and sign at a time."""

# a leaf's hash is of fresh salts: it tells the entries of one call apart
_ENTRIES = text(
    """
    WITH made AS (
        INSERT INTO log_entries (kind, subject, tenant_id, entry, leaf_hash, decided_at, promised_by)
        SELECT kind, subject, owner, convert_to(entry, 'UTF8'), decode(leaf, 'hex'), decided_at, promised_by
        FROM json_to_recordset(CAST(:rows AS json)) AS r
            (kind text, subject text, owner text, entry text, leaf text, decided_at timestamptz, promised_by timestamptz,
             n bigint)
        ORDER BY n
        RETURNING entry_id, leaf_hash
    ), opened AS (
        INSERT INTO log_openings (entry_id, field, tenant_id, personal, salt, value)
        SELECT entry_id, field, owner, personal, decode(salt, 'base64'), value
        FROM json_to_recordset(CAST(:openings AS json))
            AS r (leaf text, field text, owner text, personal boolean, salt text, value text)
        JOIN made ON leaf_hash = decode(r.leaf, 'hex')
    )
    SELECT entry_id FROM made ORDER BY entry_id
    """
)


def insert(
    connection: Connection,
    decisions: Sequence[Decision],
    leaves: Sequence[tuple[Leaf, bytes]],
    by: datetime,
    ends: bool = False,
) -> list[int]:
    """Adds entries, given as leaves with their hashes, and their openings; returns their numbers.

    Runs as the operator, or as the merchant who owns all of them. Where it `ends` the transaction, that ends with it.
    """
    rows: list[dict[str, object]] = [
        {
            "n": n,
            "kind": d.kind,
            "subject": d.subject,
            "owner": d.owner,
            "entry": leaf.entry.decode(),
            "leaf": hashed.hex(),
            "decided_at": d.at,
            "promised_by": by,
        }
        for n, (d, (leaf, hashed)) in enumerate(zip(decisions, leaves, strict=True))
    ]
    openings: list[dict[str, object]] = [
        {
            "leaf": hashed.hex(),
            "field": one.field,
            "owner": d.owner,
            "personal": one.field in d.personal,
            "salt": base64.b64encode(one.salt).decode(),
            "value": one.value.decode(),
        }
        for d, (leaf, hashed) in zip(decisions, leaves, strict=True)
        for one in leaf.openings
    ]
    with together(connection) as asked:
        added = asked.execute(_ENTRIES, {"rows": _json(rows), "openings": _json(openings)})
        if ends:
            asked.end()
    return [row[0] for row in added.fetchall()]


NOW = text(
    "SELECT pg_current_xact_id()::text,"
    " (SELECT array_agg(md5(terms::text) ORDER BY in_force, version) FROM published_terms)"
)


"""Asks for the number of a transaction, which with `snapshot` tells later what a look at the database could have seen, and for
the published terms: what `known` makes more of."""


def known(connection: Connection, row: Sequence[Any] | None = None) -> tuple[str, list[Terms]]:
    """The number of this transaction and the published terms, which nobody changes once they are there: they are read once for
    each set of versions.

    Args:
        connection: the transaction.
        row: what `NOW` answered in it, where it was asked together with other statements.
    """
    number, digests = connection.execute(NOW).one() if row is None else row
    if not digests:
        return str(number), []
    found = _read_terms.get(key := tuple(digests))
    if found is None:
        _read_terms.clear()
        found = _read_terms[key] = published(connection)
    return str(number), found


_read_terms: dict[tuple[str, ...], list[Terms]] = {}


def snapshot(connection: Connection) -> str:
    """Which transactions a look now sees: `xmin:xmax:running,…` as PostgreSQL writes it.

    To be exact about what else a transaction reads, it runs at REPEATABLE READ (`steady`).
    """
    (seen,) = connection.execute(text("SELECT pg_current_snapshot()::text")).fetchone() or ("",)
    return str(seen)


def steady(connection: Connection) -> None:
    """Lets a transaction see one state of the database throughout; to be called before anything is read."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def saw(snapshot: str, transaction: str) -> bool:
    """Whether a look with that snapshot saw what that transaction wrote."""
    low, high, running = snapshot.split(":")
    number = int(transaction)
    return number < int(low) or (number < int(high) and transaction not in running.split(","))


def alone(connection: Connection) -> bool:
    """Whether this transaction is the one that gives places; False where another one does now."""
    return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:k)"), {"k": LOCK}).scalar())


def give_places(connection: Connection, at_most: int) -> int:
    """Gives the entries that wait their places in the tree, in the order in which they came; returns how many.

    Only for whoever is alone. Entries whose transaction is still under way come in the next turn.
    """
    return connection.execute(
        text(
            """
            WITH waiting AS (
                SELECT entry_id, row_number() OVER (ORDER BY entry_id) - 1 AS n FROM (
                    SELECT entry_id FROM log_entries WHERE leaf_index IS NULL ORDER BY entry_id LIMIT :most
                ) w
            )
            UPDATE log_entries e
            SET leaf_index = waiting.n + coalesce((SELECT max(leaf_index) + 1 FROM log_entries), 0)
            FROM waiting WHERE e.entry_id = waiting.entry_id
            """
        ),
        {"most": at_most},
    ).rowcount


def size(connection: Connection) -> int:
    """How many entries have their place."""
    return int(
        connection.execute(text("SELECT coalesce(max(leaf_index) + 1, 0) FROM log_entries")).scalar_one()
    )


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many entries wait for their place, and when the oldest of them was decided."""
    row = connection.execute(
        text("SELECT count(*), min(decided_at) FROM log_entries WHERE leaf_index IS NULL")
    ).one()
    return row[0], row[1]


def placed(connection: Connection, start: int, end: int) -> list[bytes]:
    """The entries at start <= index < end, by index."""
    rows = connection.execute(
        text(
            "SELECT entry FROM log_entries WHERE leaf_index >= :start AND leaf_index < :end ORDER BY leaf_index"
        ),
        {"start": start, "end": end},
    )
    return [bytes(row[0]) for row in rows]


_COLUMNS = "entry_id, leaf_index, kind, subject, tenant_id, entry, leaf_hash, decided_at, promised_by"


def _entry(row: Any) -> Entry:
    return Entry(row[0], row[1], row[2], row[3], row[4], bytes(row[5]), bytes(row[6]), row[7], row[8])


def entries(
    connection: Connection, kind: str | None = None, since: datetime | None = None
) -> Iterator[Entry]:
    """Entries in the order of their places, those that wait last; of one kind, or all."""
    rows = connection.execution_options(yield_per=1000).execute(
        text(
            f"SELECT {_COLUMNS} FROM log_entries WHERE (CAST(:kind AS text) IS NULL OR kind = :kind) "
            "AND (CAST(:since AS timestamptz) IS NULL OR decided_at >= :since) "
            "ORDER BY leaf_index NULLS LAST, entry_id"
        ),
        {"kind": kind, "since": since},
    )
    return (_entry(row) for row in rows)


def about(connection: Connection, subject: str) -> list[Entry]:
    """The entries about one thing, oldest first."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM log_entries WHERE subject = :s ORDER BY entry_id"), {"s": subject}
    )
    return [_entry(row) for row in rows]


def with_hash(connection: Connection, leaf: bytes) -> Entry | None:
    """The entry of a leaf hash."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM log_entries WHERE leaf_hash = :h ORDER BY entry_id LIMIT 1"),
        {"h": leaf},
    ).one_or_none()
    return None if row is None else _entry(row)


def openings(connection: Connection, entry_ids: Sequence[int]) -> dict[int, list[Opened]]:
    """What opens some entries, by entry; fields in the order of their names."""
    found: dict[int, list[Opened]] = {}
    rows = connection.execute(
        text(
            "SELECT entry_id, field, personal, salt, value, erased_at FROM log_openings "
            "WHERE entry_id = ANY(:ids) ORDER BY entry_id, field"
        ),
        {"ids": list(entry_ids)},
    )
    for id, field, personal, salt, value, erased in rows:
        opened = Opened(id, field, personal, None if salt is None else bytes(salt), value, erased)
        found.setdefault(id, []).append(opened)
    return found


def strayed(connection: Connection) -> list[tuple[int, int | None]]:
    """Entries of which an opening is another tenant's than the entry: their numbers and places."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT e.entry_id, e.leaf_index FROM log_entries e JOIN log_openings o USING (entry_id) "
            "WHERE o.tenant_id IS DISTINCT FROM e.tenant_id ORDER BY e.entry_id"
        )
    )
    return [(row[0], row[1]) for row in rows]


def erase(connection: Connection, subjects: Sequence[str], now: datetime, personal_only: bool) -> int:
    """Erases salts and values of the entries about some things; returns how many values went. As the operator."""
    return connection.execute(
        text(
            "UPDATE log_openings o SET salt = NULL, value = NULL, erased_at = :now FROM log_entries e "
            "WHERE e.entry_id = o.entry_id AND e.subject = ANY(:subjects) AND o.erased_at IS NULL "
            "AND (o.personal OR NOT :personal)"
        ),
        {"subjects": list(subjects), "now": now, "personal": personal_only},
    ).rowcount


def keep_checkpoint(
    connection: Connection, size: int, root: bytes, note: bytes, at: datetime, witnesses: int
) -> None:
    """Keeps a checkpoint that was signed; one of the same size and root stays as it is."""
    connection.execute(
        text(
            "INSERT INTO log_checkpoints (size, root, note, signed_at, witnesses) "
            "VALUES (:size, :root, :note, :at, :witnesses) ON CONFLICT DO NOTHING"
        ),
        {"size": size, "root": root, "note": note.decode(), "at": at, "witnesses": witnesses},
    )


def checkpoints(connection: Connection) -> list[tuple[int, bytes, bytes, datetime, int]]:
    """All checkpoints: size, root, signed note, when, how many witnesses; smallest first."""
    rows = connection.execute(
        text("SELECT size, root, note, signed_at, witnesses FROM log_checkpoints ORDER BY size, signed_at")
    )
    return [(r[0], bytes(r[1]), r[2].encode(), r[3], r[4]) for r in rows]


def _json(rows: list[dict[str, object]]) -> str:
    return orjson.dumps(rows).decode()


def published(connection: Connection) -> list[Terms]:
    """The versions of the terms that this hub published itself, by the day from which they hold."""
    rows = connection.execute(text("SELECT terms FROM published_terms ORDER BY in_force, version"))
    return [terms_from(row[0]) for row in rows]


def keep_terms(connection: Connection, made: Terms) -> None:
    """Keeps a version of the terms for good. As the operator. Raises UnfitTerms where the version is there already."""
    added = connection.execute(
        text(
            "INSERT INTO published_terms (version, announced, in_force, terms) "
            "VALUES (:v, :a, :f, CAST(:t AS json)) ON CONFLICT DO NOTHING"
        ),
        {
            "v": made.version,
            "a": made.announced,
            "f": made.in_force,
            "t": orjson.dumps(document(made)).decode(),
        },
    ).rowcount
    if not added:
        raise UnfitTerms(
            m.VERSION_TAKEN(version=made.version), m.OTHER_VERSION(), field="version", value=made.version
        )
