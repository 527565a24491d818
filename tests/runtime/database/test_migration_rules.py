"""Migrations leave servers of the version before at work."""

from __future__ import annotations

import importlib
import io
from importlib.resources import files
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from qafila.runtime.database.migrate import newest
from qafila.runtime.database.migration_rules import breaks

_VERSIONS = "qafila.runtime.database.migrations.versions"
SINCE = "0035"
"""The last migration before the rule: those up to it were for servers that were stopped."""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE parcels", "takes a table away"),
        ("ALTER TABLE parcels DROP COLUMN grams", "takes a column away"),
        ("ALTER TABLE parcels RENAME COLUMN grams TO g", "renames"),
        ("ALTER TABLE parcels RENAME TO boxes", "renames"),
        ("ALTER TABLE parcels ALTER COLUMN grams TYPE bigint", "type"),
        ("ALTER TABLE parcels ALTER grams SET DATA TYPE bigint", "type"),
        ("ALTER TABLE parcels ALTER COLUMN grams SET NOT NULL", "does not write"),
        ("ALTER TABLE parcels ADD COLUMN colour text NOT NULL", "no default"),
        ("ALTER TABLE parcels ADD CONSTRAINT c CHECK (grams > 0)", "NOT VALID"),
        ("ALTER TABLE parcels ADD FOREIGN KEY (merchant_id) REFERENCES tenants", "NOT VALID"),
        ("ALTER TABLE parcels ADD CONSTRAINT u UNIQUE (grams)", "builds an index"),
        ("CREATE INDEX i ON parcels (grams)", "builds an index"),
        ("CREATE UNIQUE INDEX i ON parcels (grams)", "builds an index"),
        ("LOCK TABLE parcels IN EXCLUSIVE MODE", "locks"),
        ("TRUNCATE parcels", "locks"),
        ("UPDATE parcels SET grams = 1", "every row"),
        ("DELETE FROM parcels", "every row"),
    ],
)
def test_what_is_noticed_is_told(statement: str, said: str) -> None:
    found = breaks([statement])
    assert found
    assert all(one.startswith("parcels: ") for one in found)
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE parcels ADD COLUMN colour text",
        "ALTER TABLE parcels ADD COLUMN colour text NOT NULL DEFAULT 'red'",
        "ALTER TABLE parcels ADD COLUMN colour text DEFAULT 'red' NOT NULL",
        "ALTER TABLE parcels ADD CONSTRAINT c CHECK (grams > 0) NOT VALID",
        "ALTER TABLE parcels VALIDATE CONSTRAINT c",
        "ALTER TABLE parcels ENABLE ROW LEVEL SECURITY",
        "CREATE INDEX CONCURRENTLY i ON parcels (grams)",
        "UPDATE parcels SET grams = 1 WHERE number = 'HA000000014MA'",
        "CREATE TABLE hats (size int); CREATE INDEX h ON hats (size); UPDATE hats SET size = 1",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM parcels $$",
        "COMMENT ON TABLE parcels IS 'DROP TABLE parcels'",
    ],
)
def test_what_is_not_noticed_is_let_through(statement: str) -> None:
    assert breaks([statement]) == []


def _statements(migration: ModuleType) -> list[str]:
    """What a migration asks the database for, asked of nobody."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    with Operations.context(context):
        migration.upgrade()
    return written.getvalue().split(";\n\n")


def test_statements_of_a_migration_are_read() -> None:
    """Of one that was before the rule."""
    found = _statements(importlib.import_module(f"{_VERSIONS}.0010_events_have_subjects"))
    assert any("events: " in one for one in breaks(found))
    assert breaks(_statements(importlib.import_module(f"{_VERSIONS}.0034_handovers"))) == []


def test_every_migration_keeps_to_it_or_says_why() -> None:
    """A migration that must break it says so in BREAKS; then servers are stopped for the upgrade."""
    folder = files("qafila.runtime.database") / "migrations"
    for file in sorted(one.name for one in (folder / "versions").iterdir()):
        number = file.partition("_")[0]
        if not file.endswith(".py") or number <= SINCE:
            continue
        module = importlib.import_module(f"{_VERSIONS}.{file[:-3]}")
        if found := breaks(_statements(module)):
            assert len(getattr(module, "BREAKS", "").split()) >= 5, f"{file}: {found}"
    assert newest() >= SINCE
