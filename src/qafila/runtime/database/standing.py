"""Connections that are always of one role, for single reads that are asked very often.

A transaction under a role takes four exchanges with the server: its beginning, its role, the question, its end. Here the
role stands from the time the connection is made and each statement is a transaction of its own: one exchange.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen

from qafila.runtime.database.connection import Role, acting_as, careful, engine, in_practice

_POOL = 4
"""Connections a role: a read is over in a millisecond, so that few serve many."""

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
        pool_size=_POOL,
        max_overflow=0,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )

    def become(connection: psycopg.Connection, _: object) -> None:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.execute(f"SET ROLE {role.value}")
        connection.commit()

    careful(reader)
    listen(reader, "connect", become)
    return reader


def _dispose(main: Engine) -> None:
    for reader in _readers.get(main, {}).values():
        reader.dispose()
