"""Brings a database up to the newest schema, once, however many processes start together."""

from __future__ import annotations

from importlib.resources import as_file, files

from sqlalchemy import Engine, text

_LOCK = 0x7161_6669_6C61  # "qafila": the advisory lock that lets one process migrate at a time


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing. Safe to call from many processes at once."""
    with engine.connect() as connection:
        known = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
        if known and connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
            newest()
        ]:
            return
    # most processes find nothing to do, and loading this takes a quarter of a second
    from alembic import command
    from alembic.config import Config

    with as_file(files("qafila.runtime.database") / "migrations") as scripts, engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def newest() -> str:
    """The newest revision: migrations are numbered, and their files begin with the number."""
    versions = files("qafila.runtime.database") / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in versions.iterdir() if file.name.endswith(".py"))
