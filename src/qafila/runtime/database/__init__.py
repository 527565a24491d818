"""The one store: PostgreSQL, embedded by default; connection, roles and migrations."""

from qafila.runtime.database.connection import administrator, connect, engine, exists, merchant_transaction

__all__ = ["administrator", "connect", "engine", "exists", "merchant_transaction"]
