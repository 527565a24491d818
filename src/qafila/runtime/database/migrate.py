"""Brings a database up to the newest schema, once, however many processes start together, and while others serve from it.

Each migration is a transaction of its own that waits for locks no longer than a moment: whoever books meanwhile waits as
long at most, and the migration tries again. Servers of the version before go on serving on the new schema (see
docs/operation.md); `migration_rules.py` says what a migration may not do for that.
"""

from __future__ import annotations

import logging
import time
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

_LOCK = 0x7161_6669_6C61  # "qafila": the advisory lock that lets one process migrate at a time
FOLDER: Traversable = files("qafila.runtime.database") / "migrations"
_LOCK_MS = 1500
"""Milliseconds that a migration waits for a lock of a table: all requests for that table queue behind it."""
_PAUSE_SECONDS = 0.5
_TRIES = 600
_BUSY = frozenset({"55P03", "40P01"})  # no lock in time; a deadlock
_log = logging.getLogger(__name__)


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing. Safe to call from many processes at once.

    Raises:
        sqlalchemy.exc.OperationalError: a table was in use for minutes without a break.
    """
    if version(engine) == newest():
        return
    with as_file(FOLDER) as scripts, engine.connect() as keeper:
        keeper = keeper.execution_options(isolation_level="AUTOCOMMIT")
        keeper.execute(text("SELECT pg_advisory_lock(:k)"), {"k": _LOCK})
        try:
            if (version(engine) or "") < newest():
                _run(engine, scripts)
        finally:
            keeper.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": _LOCK})


def _run(engine: Engine, scripts: Path) -> None:
    """The migrations that are missing, from the first again that had to give up."""
    # most processes find nothing to do, and loading this takes a quarter of a second
    from alembic import command
    from alembic.config import Config

    for left in range(_TRIES - 1, -1, -1):
        try:
            with engine.connect() as connection:
                connection.execute(text(f"SET lock_timeout = {_LOCK_MS}"))
                connection.commit()  # the migration's own transaction begins, so that it may build indexes outside of one
                config = Config()
                config.set_main_option("script_location", str(scripts))
                config.attributes["connection"] = connection
                try:
                    command.upgrade(config, "head")
                finally:
                    connection.rollback()
                    connection.execute(text("SET lock_timeout = DEFAULT"))
                    connection.commit()
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") not in _BUSY or not left:
                raise
            _log.info("a table that a migration changes is in use; it tries again")
            time.sleep(_PAUSE_SECONDS)


def version(engine: Engine) -> str | None:
    """The revision of a database; None where nothing was ever migrated."""
    with engine.connect() as connection:
        if not connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one():
            return None
        found: str | None = connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar()
        return found


def newest() -> str:
    """The newest revision: migrations are numbered, and their files begin with the number."""
    versions = (FOLDER / "versions").iterdir()
    return max(file.name.partition("_")[0] for file in versions if file.name.endswith(".py"))
