"""Brings a database up to the newest schema, once, however many processes start together."""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

_LOCK = 0x7161_6669_6C61  # "qafila": the advisory lock that lets one process migrate at a time


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing. Safe to call from many processes at once."""
    with as_file(files("qafila.database") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        head = ScriptDirectory.from_config(config).get_current_head()
        with engine.connect() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
