"""Where data of tenants lie: every table with a tenant's column, read from the schema, so that a new floor's are among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

APART = frozenset(
    {"log_entries", "log_openings", "person_keys", "locked_values", "access_records", "events", "api_keys", "sessions",
     "memberships", "invitations", "tenants", "kept_answers", "epcis_told", "brought_receipts"}
)  # fmt: skip
"""Tables that are looked after in a way of their own (`people.py`), or hold nothing about receivers."""
DUTIES = {
    "orders": "orders",
    "declarations": "customs",
    "declaration_steps": "customs",
    "declaration_papers": "customs",
    "screening_hits": "customs",
}
"""Tables of which law obliges us to keep the rows, and by which duty of facts/keeping-duties.csv."""

Files = Callable[[str, Sequence[str], bool], int]
"""Files of a tenant in which any of some texts stands: given the tenant, the texts and whether to delete; how many there are."""
FILES: list[Files] = []
"""What floors keep in files; each adds its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table of tenants' rows: the column that says whose, the columns with words in them, and whether rows refuse change."""

    table: str
    owner: str
    json: Mapping[str, str]  # by name, with their types
    words: tuple[str, ...]
    fixed: bool


def places(connection: Connection) -> list[Place]:
    """Every such table but those apart."""
    rows = connection.execute(
        text(
            """
            SELECT c.relname AS name,
                (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('merchant_id', 'tenant_id')
                    AND NOT a.attisdropped ORDER BY a.attname LIMIT 1) AS owner,
                coalesce((SELECT json_object_agg(a.attname, a.atttypid::regtype::text) FROM pg_attribute a WHERE a.attrelid = c.oid
                    AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)), '{}') AS json,
                coalesce((SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
                    AND a.attgenerated = '' AND a.atttypid = 'text'::regtype AND NOT EXISTS (SELECT FROM pg_index i
                        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))), '{}') AS words,
                EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                    WHERE t.tgrelid = c.oid AND p.proname LIKE 'refuse%') AS fixed
            FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('merchant_id', 'tenant_id')
                    AND NOT a.attisdropped)
            ORDER BY c.relname
            """
        )
    )
    return [
        Place(row.name, row.owner, dict(row.json), tuple(row.words), row.fixed)
        for row in rows
        if row.name not in APART and (row.json or row.words)
    ]
