"""Several statements in one exchange with the server, where none of them waits for what another says.

An exchange costs both sides more than most of our statements do: a message, a change of process, and the turn of a thread.

    with together(connection) as asked:
        asked.execute(ADD, {"id": id})
        found = asked.execute(LOOK, {"id": id})
    rows = found.fetchall()

They are worked on in their order, each seeing what those before it did; after one that fails none is worked on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError

_DIALECT = dialect()  # type: ignore[no-untyped-call]  # theirs has no types


class Speaks(Protocol):
    """What statements are told to whose answers nobody waits for: a connection, or what travels together."""

    def execute(self, statement: TextClause, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Sends a statement."""


class Asked:
    """Statements on their way; what they answer is there when the block of `together` has ended."""

    def __init__(self, written: psycopg.Connection[Any]) -> None:
        self._written = written

    def execute(self, statement: TextClause, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Sends a statement.

        Returns:
            A cursor, whose rows (`fetchone`, `fetchall`) and, of what changed some, their `rowcount` may be asked for after
            the block.
        """
        cursor = self._written.cursor()
        cursor.execute(_said(statement), parameters)
        return cursor

    def end(self) -> None:
        """Ends the transaction well with what was asked so far: the last of what is asked. Whoever began it finds it ended."""
        self._written.commit()


class Singly(Asked):
    """The same statements one by one, where somebody listens to each: the simulation stops and kills its actors between them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: TextClause, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Asks it, and waits."""
        return self._connection.execute(statement, parameters)

    def end(self) -> None:
        """Leaves it to whoever began it."""


@contextmanager
def together(connection: Connection) -> Iterator[Asked]:
    """Lets what is asked within travel at once, in the connection's transaction; one that commits by itself has one for all.

    Raises:
        sqlalchemy.exc.DBAPIError: what `Connection.execute` raises.
    """
    if connection.dispatch.before_cursor_execute:
        yield Singly(connection)
        return
    written = connection.connection.driver_connection
    assert isinstance(written, psycopg.Connection)
    try:
        with written.pipeline():
            yield Asked(written)
    except psycopg.Error as error:
        if written.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error


@lru_cache(maxsize=256)
def _said(statement: TextClause) -> str:
    """A statement in psycopg's form, put into it once."""
    return str(statement.compile(dialect=_DIALECT))
