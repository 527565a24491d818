"""Connections that are always of one role, for single reads that are asked very often.

A transaction under a role takes four exchanges with the server: its beginning, its role, the question, its end. Here the
role stands from the time the connection is made and each statement is a transaction of its own: one exchange.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Connection, Engine, TextClause, create_engine, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from qafila.runtime.database.connection import Role, acting_as, careful, engine, in_practice
from qafila.runtime.database.pools import pools
from qafila.runtime.database.together import Asked, Speaks
from qafila.runtime.settings import settings

_readers: WeakKeyDictionary[Engine, dict[Role, Engine]] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def reading_as(role: Role) -> Iterator[Connection]:
    """A connection under a role that is bound to no tenant, for one statement that reads. What it writes is refused.

    Two statements may see two states of the database: whoever needs one state takes `acting_as`.
    """
    if in_practice():
        with acting_as(role) as connection:
            yield connection
        return
    with _reader(engine(), role).connect() as connection:
        yield connection


_TENANT = text("SELECT set_config('qafila.merchant', :m, true)")


@contextmanager
def speaking_as(role: Role) -> Iterator[Speaks]:
    """As `reading_as`, for statements that are asked with every request: they go to the driver itself, whose cursors have
    `fetchone` and `fetchall`. What lies between takes as long as the answer.
    """
    reader = None if in_practice() else _reader(engine(), role)
    if reader is None or reader.dispatch.before_cursor_execute:
        with reading_as(role) as connection:
            yield connection
        return
    with _driver(reader) as written:
        yield Asked(written)


def read_for(
    role: Role, tenant_id: str, statement: TextClause, named: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The rows of one statement that reads, under a role and, where it is bound to one, for a tenant: one exchange."""
    if in_practice():
        with acting_as(role, tenant_id) as connection:
            return [tuple(row) for row in connection.execute(statement, named)]
    with _driver(_reader(engine(), role)) as written:
        asked = Asked(written)
        with written.pipeline():
            asked.execute(_TENANT, {"m": tenant_id})  # it holds for this exchange alone
            found = asked.execute(statement, named)
        rows: list[tuple[Any, ...]] = found.fetchall()
    return rows


@contextmanager
def _driver(reader: Engine) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection of a pool. Errors are those of `Connection.execute`; one that ended is not given on."""
    held = reader.raw_connection()
    written = held.driver_connection
    assert isinstance(written, psycopg.Connection)
    try:
        yield written
    except psycopg.Error as error:
        if written.closed:
            held.invalidate(error)
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error
    finally:
        held.close()


def _reader(main: Engine, role: Role) -> Engine:
    with _making:
        made = _readers.setdefault(main, {})
        if role not in made:
            if not made:
                listen(main, "engine_disposed", _dispose)
            made[role] = _made(main, role)
        return made[role]


def _made(main: Engine, role: Role) -> Engine:
    reader = create_engine(
        main.url,
        pool_size=pools(settings().connections).of_a_role,  # a read is over in a millisecond: few serve many
        max_overflow=0,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )

    def become(connection: psycopg.Connection, _: object) -> None:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        # each of the few statements here is planned once: to plan it takes longer than to answer it
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"SET ROLE {role.value}")
        connection.commit()

    careful(reader)
    listen(reader, "connect", become)
    return reader


def _dispose(main: Engine) -> None:
    for reader in _readers.get(main, {}).values():
        reader.dispose()
