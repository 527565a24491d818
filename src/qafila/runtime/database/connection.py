"""Engines and transactions.

Everything that acts for somebody does so under a role of the database (`Role`), which row-level security binds:
a merchant to his own rows, a regulator to reading. Docs/accounts.md lists what each may do. The owner of the
tables is bound by nothing: migrations, what the house does by itself, and `copied`. Each use of it says why.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from typing import Any

import orjson
import psycopg
from psycopg.adapt import Loader
from sqlalchemy import Connection, Dialect, Engine, create_engine, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from qafila.core.fault import Fault
from qafila.runtime.database import database_messages, embedded
from qafila.runtime.database.migrate import upgrade
from qafila.runtime.database.pools import pools
from qafila.runtime.database.rights_check import unbound
from qafila.runtime.database.together import Speaks
from qafila.runtime.settings import settings

_making = threading.RLock()


_elsewhere: ContextVar[Engine | None] = ContextVar("database of another place", default=None)


def engine() -> Engine:
    """The engine of the place that is being worked in: of this process's hub, or of a place of practice."""
    return _elsewhere.get() or own_engine()


@contextmanager
def elsewhere(other: Engine) -> Iterator[None]:
    """Works on another database for a while, in this thread or task and in what it calls."""
    token = _elsewhere.set(other)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def beside(database: str, pool: int = 2) -> Engine:
    """An engine on another database of the same server, nothing migrated; the caller keeps and disposes of it."""
    made = create_engine(
        own_engine().url.set(database=database), pool_size=pool, max_overflow=8, pool_pre_ping=True
    )
    listen(made, "connect", _read_in_utc)
    return made


@cache
def own_engine() -> Engine:
    """The engine of this process, on a database brought up to date by the migrations, whose rows are bound to roles.

    Raises:
        Fault: the policies that keep merchants apart are missing, as after a plain dump restored.
    """
    with _making:  # many threads may ask first, and one makes it
        return _made()


engine.cache_info = own_engine.cache_info  # type: ignore[attr-defined]  # tests clear it by the name that all use
engine.cache_clear = own_engine.cache_clear  # type: ignore[attr-defined]  # tests clear it by the name that all use


@cache
def _made() -> Engine:
    made = bare_engine()
    upgrade(made)
    with made.connect() as connection:
        if tables := unbound(connection):
            made.dispose()
            raise Fault(
                database_messages.UNBOUND(tables=", ".join(tables[:5])), database_messages.RESTORE_WELL()
            )
    return made


def bare_engine() -> Engine:
    """An engine on the database as it is, nothing migrated: for a restore alone."""
    url = settings().database_url
    if url is None:
        url = embedded.start(settings().home, durable=settings().durable)
    else:
        url = re.sub(r"^postgres(?:ql)?://", "postgresql+psycopg://", url)
    for type in ("json", "jsonb"):
        psycopg.adapters.register_loader(type, _JsonLoader)
    mine = pools(settings().connections)
    made = create_engine(url, pool_size=mine.kept, max_overflow=mine.more, hide_parameters=True)
    careful(made)
    return made


def careful(made: Engine) -> None:
    """Makes an engine's connections speak UTC, be asked whether they live, and be made anew where the server died."""
    listen(made, "connect", _read_in_utc)
    listen(made, "checkin", _laid_down)
    listen(made, "checkout", _taken_up)
    if settings().database_url is None:
        listen(made, "do_connect", _revived)


def in_practice() -> bool:
    """Whether a place of practice is being worked in, and not the hub of this process."""
    return _elsewhere.get() is not None


def _revived(
    dialect: Dialect, record: object, arguments: list[Any], named: dict[str, Any]
) -> DBAPIConnection:
    """A connection to the embedded server, which is started again where it died, and waited for while it comes up."""
    given_up = time.monotonic() + embedded.PATIENCE
    while True:
        try:
            return dialect.connect(*arguments, **named)
        except psycopg.OperationalError as error:
            if not embedded.is_running(settings().home):
                place = make_url(embedded.revive(settings().home))
                named = {**named, **dialect.create_connect_args(place)[1]}
            elif not any(word in str(error) for word in _COMING_UP) or time.monotonic() > given_up:
                raise  # it is there and says no: too many connections, say
            else:
                time.sleep(0.1)


_COMING_UP = (
    "starting up", "not yet accepting", "recovery mode", "Connection refused", "No such file", "shutting down",
    "closed the connection", "Connection reset",
)  # fmt: skip
"""What a server that replays its log or ends says, or its socket where it is not there yet."""


class _JsonLoader(Loader):
    """JSON of the database, by orjson alone: histories are read by the ten thousand."""

    load = staticmethod(orjson.loads)  # type: ignore[assignment]  # it takes text too


_TRUSTED_SECONDS = 1.0


def _laid_down(_: object, record: ConnectionPoolEntry) -> None:
    record.info["laid down"] = time.monotonic()


def _taken_up(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
    """Asks a connection whether it is alive, unless it was just used: a question each time is a fifth of a request."""
    if time.monotonic() - record.info.get("laid down", time.monotonic()) < _TRUSTED_SECONDS:
        return
    try:
        connection.cursor().execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error  # the pool takes another one


def _read_in_utc(connection: psycopg.Connection, _: object) -> None:
    """Instants come from the database in UTC, as all the code has them, whatever zone the server keeps."""
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def exists() -> bool:
    """Whether there is a database already: a question need not make one to find it empty."""
    return settings().database_url is not None or (settings().home / "postgresql" / "PG_VERSION").exists()


class Role(StrEnum):
    """As whom a transaction acts, for the database."""

    MERCHANT = "qafila_merchant"  # one tenant's own goods
    OPERATOR = "qafila_operator"  # everybody's goods, as the people of the hub see them
    REGULATOR = "qafila_regulator"  # reads everybody's goods
    PARTNER = "qafila_partner"  # carriers, stations, authorities: report on parcels that they are told of
    PUBLIC = "qafila_public"  # whoever has a parcel's number
    ACCOUNTS = "qafila_accounts"  # one tenant's people, roles and keys
    DOORKEEPER = "qafila_doorkeeper"  # finds out who asks, before anything is known of him


@contextmanager
def administrator(because: str = "") -> Iterator[Connection]:
    """A transaction as the owner of the tables, whom nothing binds.

    Args:
        because: why no role of whoever asks will do. All code but tests says it (tests/runtime/test_reasons.py).
    """
    with engine().begin() as connection:
        yield connection


@contextmanager
def acting_as(role: Role, tenant_id: str = "") -> Iterator[Connection]:
    """A transaction under a role; those bound to one tenant see the rows of `tenant_id` only."""
    with engine().begin() as connection:
        become(connection, role, tenant_id)
        yield connection


@contextmanager
def merchant_transaction(merchant_id: str) -> Iterator[Connection]:
    """A transaction that sees and writes one merchant's rows only."""
    with acting_as(Role.MERCHANT, merchant_id) as connection:
        yield connection


_BECOME = {
    role: text(f"SELECT set_config('role', '{role.value}', true), set_config('qafila.merchant', :m, true)")
    for role in Role
}
_NOBODY = text("SET LOCAL ROLE NONE")


def become(connection: Speaks, role: Role, tenant_id: str = "") -> None:
    """Binds the rest of a transaction to a role and, where the role is bound to one, to a tenant."""
    connection.execute(_BECOME[role], {"m": tenant_id})


_OFTEN = text(
    f"SELECT set_config('role', '{Role.MERCHANT.value}', true), set_config('qafila.merchant', :m, true), "
    "set_config('plan_cache_mode', 'force_generic_plan', true)"
)


def act_for(connection: Speaks, merchant_id: str, often: bool = False) -> None:
    """Binds the rest of the transaction to one merchant.

    Args:
        connection: that of the transaction.
        merchant_id: the merchant.
        often: whether the transaction's statements are so small, and asked so often, that working out how to do each anew
            would take longer than doing it: they are done as they were the last time.
    """
    if often:
        connection.execute(_OFTEN, {"m": merchant_id})
    else:
        become(connection, Role.MERCHANT, merchant_id)


def act_for_operator(connection: Speaks) -> None:
    """Ends `act_for` within a transaction: what follows is the hub's own doing, like moving capacity."""
    connection.execute(_NOBODY)


@contextmanager
def as_the_house(connection: Connection) -> Iterator[None]:
    """What follows is done as the operator, within the caller's transaction and whoever acts in it: an entry of the ledger has sides
    of several people, and the log is written by none of those whom a decision concerns.
    """
    before = connection.execute(
        text("SELECT current_setting('role'), coalesce(current_setting('qafila.merchant', true), '')")
    ).one()
    become(connection, Role.OPERATOR)
    try:
        yield
    except DBAPIError:  # the transaction is over, and its role with it
        raise
    except BaseException:
        _back(connection, before)
        raise
    _back(connection, before)


def _back(connection: Connection, before: Any) -> None:
    connection.execute(
        text("SELECT set_config('role', :r, true), set_config('qafila.merchant', :m, true)"),
        {"r": before[0], "m": before[1]},
    )


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
