from collections.abc import Iterator
from importlib.resources import files

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text

from qafila.database import connection, migrate


@pytest.fixture
def empty() -> Iterator[Engine]:
    """A database of its own, on the server of the tests."""
    server = connection.engine()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text("DROP DATABASE IF EXISTS migrated"))
        there.execute(text("CREATE DATABASE migrated"))
    made = create_engine(server.url.set(database="migrated"))
    yield made
    made.dispose()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text("DROP DATABASE migrated"))


def schema(engine: Engine) -> set[tuple[str, str]]:
    """Constraints, triggers and indexes, each with its definition."""
    with engine.connect() as there:
        rows = there.execute(
            text(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 "
                "UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
                "UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            )
        )
        return {(table, definition) for table, definition in rows}


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("qafila.database") / "migrations"))
    return config


def test_the_newest_is_the_head_of_the_migrations() -> None:
    assert migrate.newest() == ScriptDirectory.from_config(scripts()).get_current_head()


def test_an_empty_database_is_brought_to_the_newest_and_back_by_a_step(empty: Engine) -> None:
    migrate.upgrade(empty)
    with empty.connect() as there:
        assert there.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == migrate.newest()
    whole = schema(empty)
    config = scripts()
    with empty.begin() as there:
        config.attributes["connection"] = there
        command.downgrade(config, "-1")
    assert schema(empty) != whole
    migrate.upgrade(empty)
    assert schema(empty) == whole
    migrate.upgrade(empty)  # nothing is left to do
    assert schema(empty) == whole
