"""Merchants and their API keys. A key's secret is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.shipping.bookings.numbering import new_id

SCOPES: dict[str, str] = {
    "offers:read": "ask for offers and read them",
    "bookings:read": "read bookings, shipments and parcels",
    "bookings:write": "book offers, cancel bookings, book on parcels that missed a connection",
    "events:read": "read the event history",
    "events:write": "record events",
    "customs:read": "read declarations",
    "customs:write": "amend declarations, send them to customs, confirm classifications",
    "plans:read": "read the plans of the network",
    "plans:write": "plan, re-plan and put a plan in place",
}
"""Every scope of an API key, and what it lets its holder do."""

OF_A_MERCHANT = frozenset(SCOPES) - {"plans:read", "plans:write"}
"""What a merchant's key opens unless it is said: plans show every merchant's flows and are the hub's own."""

LOCAL = "local"
"""The merchant for whom `qafila ship` works on one machine."""


class UnknownMerchant(LookupError):
    """No merchant has this id."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """Somebody who sends goods."""

    id: str
    name: str
    created_at: datetime
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: str
    merchant_id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


def create(connection: Connection, name: str, merchant_id: str | None = None) -> Merchant:
    """A new merchant. Runs as the operator."""
    id = merchant_id or new_id("mer")
    row = connection.execute(
        text("INSERT INTO merchants (merchant_id, name) VALUES (:id, :name) RETURNING created_at"),
        {"id": id, "name": name},
    ).one()
    return Merchant(id, name, row.created_at)


def local(connection: Connection) -> Merchant:
    """The merchant of this machine's own commands, made when first asked for. Runs as the operator."""
    connection.execute(
        text("INSERT INTO merchants (merchant_id, name) VALUES (:id, 'This machine') ON CONFLICT DO NOTHING"),
        {"id": LOCAL},
    )
    return get(connection, LOCAL)


def get(connection: Connection, merchant_id: str) -> Merchant:
    """The merchant with this id; raises UnknownMerchant."""
    for merchant in _read(connection, "WHERE merchant_id = :id", id=merchant_id):
        return merchant
    raise UnknownMerchant(f"no merchant has the id {merchant_id!r}; `qafila merchant list` shows them")


def every(connection: Connection) -> list[Merchant]:
    """All merchants, by name. Runs as the operator."""
    return _read(connection, "ORDER BY name, merchant_id")


def _read(connection: Connection, where: str, **values: str) -> list[Merchant]:
    rows = connection.execute(
        text(f"SELECT merchant_id, name, created_at, suspended_at FROM merchants {where}"), values
    )
    return [Merchant(r.merchant_id, r.name, r.created_at, r.suspended_at is not None) for r in rows]


def suspend(connection: Connection, merchant_id: str, suspended: bool = True) -> None:
    """Bars a merchant's keys, or lets them in again. Runs as the operator."""
    connection.execute(
        text("UPDATE merchants SET suspended_at = CASE WHEN :s THEN now() END WHERE merchant_id = :id"),
        {"s": suspended, "id": get(connection, merchant_id).id},
    )


def issue_key(
    connection: Connection,
    merchant_id: str,
    scopes: Iterable[str],
    name: str = "",
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key for a merchant, and the text to present; that text cannot be had again. As the operator."""
    wanted = frozenset(scopes)
    if unknown := wanted - SCOPES.keys():
        raise ValueError(f"no such scope: {', '.join(sorted(unknown))}; there are {', '.join(SCOPES)}")
    merchant = get(connection, merchant_id)
    id, secret = new_id("key"), secrets.token_urlsafe(32)
    row = connection.execute(
        text(
            "INSERT INTO api_keys (key_id, merchant_id, name, secret_hash, scopes, expires_at) "
            "VALUES (:id, :merchant, :name, :hash, :scopes, :expires) RETURNING created_at"
        ),
        {"id": id, "merchant": merchant.id, "name": name, "hash": _hash(secret), "scopes": sorted(wanted),
         "expires": expires_at},
    ).one()  # fmt: skip
    return ApiKey(id, merchant.id, name, wanted, row.created_at, expires_at), f"{id}.{secret}"


def keys(connection: Connection, merchant_id: str) -> list[ApiKey]:
    """A merchant's keys, newest first."""
    rows = connection.execute(
        text(
            "SELECT key_id, merchant_id, name, scopes, created_at, expires_at, revoked_at FROM api_keys "
            "WHERE merchant_id = :m ORDER BY key_id DESC"
        ),
        {"m": merchant_id},
    )
    return [
        ApiKey(r.key_id, r.merchant_id, r.name, frozenset(r.scopes), r.created_at, r.expires_at, r.revoked_at)
        for r in rows
    ]


def revoke_key(connection: Connection, key_id: str) -> bool:
    """Ends a key at once; False where there is none, or it had ended. As the operator."""
    return bool(
        connection.execute(
            text("UPDATE api_keys SET revoked_at = now() WHERE key_id = :id AND revoked_at IS NULL"),
            {"id": key_id},
        ).rowcount
    )


def authenticate(connection: Connection, presented: str) -> ApiKey | None:
    """The key that a text stands for, or None: unknown, ended, expired, or its merchant suspended."""
    id, _, secret = presented.partition(".")
    row = connection.execute(
        text(
            "SELECT k.key_id, k.merchant_id, k.name, k.secret_hash, k.scopes, k.created_at, k.expires_at "
            "FROM api_keys k JOIN merchants m USING (merchant_id) WHERE k.key_id = :id "
            "AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) "
            "AND m.suspended_at IS NULL"
        ),
        {"id": id},
    ).one_or_none()
    if row is None or not hmac.compare_digest(bytes(row.secret_hash), _hash(secret)):
        return None
    return ApiKey(
        row.key_id, row.merchant_id, row.name, frozenset(row.scopes), row.created_at, row.expires_at
    )


def _hash(secret: str) -> bytes:
    """A plain hash is enough: the secret is 256 random bits, not a password."""
    return hashlib.sha256(secret.encode()).digest()
