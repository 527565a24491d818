"""Engines and transactions.

Two roles reach the tables. The administrator owns them and sees every row: the commands of the hub's own
operator, migrations, the network. `qafila_merchant` is bound by row-level security to the one merchant
whose id the transaction carries: everything that acts for a merchant goes through it, but for `copied`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import orjson
import psycopg
from psycopg.adapt import Loader
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.event import listen

from qafila.runtime.database import embedded
from qafila.runtime.database.migrate import upgrade
from qafila.runtime.settings import settings


@cache
def engine() -> Engine:
    """The engine of this process, on a database brought up to date by the migrations."""
    url = settings().database_url
    if url is None:
        url = embedded.start(settings().home)
    elif url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    for type in ("json", "jsonb"):
        psycopg.adapters.register_loader(type, _JsonLoader)
    made = create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)
    listen(made, "connect", _read_in_utc)
    upgrade(made)
    return made


class _JsonLoader(Loader):
    """JSON of the database, by orjson alone: histories are read by the ten thousand."""

    load = staticmethod(orjson.loads)  # type: ignore[assignment]  # it takes text too


def _read_in_utc(connection: psycopg.Connection, _: object) -> None:
    """Instants come from the database in UTC, as all the code has them, whatever zone the server keeps."""
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def exists() -> bool:
    """Whether there is a database already: a question need not make one to find it empty."""
    return settings().database_url is not None or (settings().home / "postgresql" / "PG_VERSION").exists()


@contextmanager
def administrator() -> Iterator[Connection]:
    """A transaction as the operator, who sees every merchant's rows."""
    with engine().begin() as connection:
        yield connection


@contextmanager
def merchant_transaction(merchant_id: str) -> Iterator[Connection]:
    """A transaction that sees and writes one merchant's rows only."""
    with engine().begin() as connection:
        act_for(connection, merchant_id)
        yield connection


def act_for(connection: Connection, merchant_id: str) -> None:
    """Binds the rest of the transaction to one merchant."""
    connection.execute(text("SET LOCAL ROLE qafila_merchant"))
    connection.execute(text("SELECT set_config('qafila.merchant', :m, true)"), {"m": merchant_id})


def act_for_operator(connection: Connection) -> None:
    """Ends `act_for` within a transaction: what follows is the hub's own doing, like moving capacity."""
    connection.execute(text("SET LOCAL ROLE NONE"))


def copied(connection: Connection, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Adds rows by COPY, within the connection's transaction: for many rows, which it takes in half the time.

    As the operator only: PostgreSQL has no COPY into tables that row-level security binds the role to. Errors are
    psycopg's.
    """
    written = connection.connection.driver_connection
    assert isinstance(written, psycopg.Connection)
    with written.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def connect() -> Connection:
    """A bare connection, for LISTEN and COPY."""
    return engine().connect()
