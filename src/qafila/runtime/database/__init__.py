"""The one store: PostgreSQL, embedded by default; connection, roles and migrations."""

from qafila.runtime.database.connection import (
    Role,
    acting_as,
    administrator,
    connect,
    engine,
    exists,
    merchant_transaction,
)

__all__ = ["Role", "acting_as", "administrator", "connect", "engine", "exists", "merchant_transaction"]
