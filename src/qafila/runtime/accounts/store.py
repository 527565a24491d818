"""The SQL of accounts: tenants, people, memberships, keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, text

from qafila.runtime.accounts.model import ApiKey, Membership, Person
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.runtime.database.together import Speaks

# -- tenants


def insert_tenant(connection: Connection, id: str, name: str, kind: TenantKind) -> bool:
    """Adds a tenant; False where the id is taken."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO tenants (tenant_id, name, kind) VALUES (:id, :name, :kind) ON CONFLICT DO NOTHING"
            ),
            {"id": id, "name": name, "kind": kind.value},
        ).rowcount
    )


def tenant(connection: Connection, tenant_id: str) -> Tenant | None:
    """The tenant with this id."""
    return next(iter(_tenants(connection, "WHERE tenant_id = :id", id=tenant_id)), None)


def tenants(connection: Connection) -> list[Tenant]:
    """All that the connection's role sees, by name."""
    return _tenants(connection, "ORDER BY name, tenant_id")


def _tenants(connection: Connection, where: str, **values: str) -> list[Tenant]:
    rows = connection.execute(
        text(f"SELECT tenant_id, name, created_at, suspended_at, kind FROM tenants {where}"), values
    )
    return [
        Tenant(r.tenant_id, r.name, r.created_at, r.suspended_at is not None, TenantKind(r.kind))
        for r in rows
    ]


def set_suspended(connection: Connection, tenant_id: str, suspended: bool) -> bool:
    """Bars a tenant, or lets it in again; False where there is none."""
    return bool(
        connection.execute(
            text(
                "UPDATE tenants SET suspended_at = CASE WHEN :s THEN coalesce(suspended_at, now()) END "
                "WHERE tenant_id = :id"
            ),
            {"s": suspended, "id": tenant_id},
        ).rowcount
    )


# -- people


def insert_person(
    connection: Connection, id: str, name: str, email: str | None, password_hash: str | None
) -> bool:
    """Adds a person; False where the e-mail is taken."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO people (person_id, name, email, password_hash) VALUES (:id, :name, :email, :hash) "
                "ON CONFLICT DO NOTHING"
            ),
            {"id": id, "name": name, "email": email, "hash": password_hash},
        ).rowcount
    )


def person(connection: Connection, person_id: str) -> tuple[Person, str | None] | None:
    """A person and the hash of the password. As the doorkeeper."""
    return _person(connection, "person_id = :value", person_id)


def person_by_email(connection: Connection, email: str) -> tuple[Person, str | None] | None:
    """Whoever signs in with an e-mail, and the hash of the password. As the doorkeeper."""
    return _person(connection, "email = :value", email)


def _person(connection: Connection, where: str, value: str) -> tuple[Person, str | None] | None:
    row = connection.execute(
        text(
            f"SELECT person_id, name, email, created_at, disabled_at, password_hash FROM people WHERE {where}"
        ),
        {"value": value},
    ).one_or_none()
    if row is None:
        return None
    found = Person(row.person_id, row.name, row.email, row.created_at, row.disabled_at is not None)
    return found, row.password_hash


def set_sign_in(connection: Connection, person_id: str, email: str | None, password_hash: str) -> None:
    """Sets what a person signs in with; without an e-mail that stays as it is. As the doorkeeper."""
    connection.execute(
        text(
            "UPDATE people SET email = coalesce(:email, email), password_hash = :hash WHERE person_id = :id"
        ),
        {"email": email, "hash": password_hash, "id": person_id},
    )


def set_name(connection: Connection, person_id: str, name: str) -> None:
    """Renames a person. As the doorkeeper."""
    connection.execute(
        text("UPDATE people SET name = :name WHERE person_id = :id"), {"name": name, "id": person_id}
    )


def set_disabled(connection: Connection, person_id: str, disabled: bool) -> bool:
    """Closes a person's account everywhere, or opens it again. As the doorkeeper."""
    return bool(
        connection.execute(
            text("UPDATE people SET disabled_at = CASE WHEN :d THEN now() END WHERE person_id = :id"),
            {"d": disabled, "id": person_id},
        ).rowcount
    )


def hub_has_a_password(connection: Connection) -> bool:
    """Whether an administrator of a hub can sign in by e-mail and password. As the owner."""
    return bool(
        connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM memberships m JOIN people p USING (person_id) JOIN tenants t USING (tenant_id) "
                "WHERE t.kind = 'hub' AND t.suspended_at IS NULL AND 'administrator' = ANY(m.roles) "
                "AND p.password_hash IS NOT NULL AND p.email IS NOT NULL AND p.disabled_at IS NULL)"
            )
        ).scalar_one()
    )


# -- memberships


def put_membership(connection: Connection, tenant_id: str, person_id: str, roles: Collection[str]) -> None:
    """Makes a person a member of a tenant, or gives a member other roles."""
    connection.execute(
        text(
            "INSERT INTO memberships (tenant_id, person_id, roles) VALUES (:t, :p, :roles) "
            "ON CONFLICT (tenant_id, person_id) DO UPDATE SET roles = :roles"
        ),
        {"t": tenant_id, "p": person_id, "roles": sorted(roles)},
    )


def delete_membership(connection: Connection, tenant_id: str, person_id: str) -> bool:
    """Ends a membership."""
    return bool(
        connection.execute(
            text("DELETE FROM memberships WHERE tenant_id = :t AND person_id = :p"),
            {"t": tenant_id, "p": person_id},
        ).rowcount
    )


_MEMBERSHIPS = "SELECT m.tenant_id, t.name, t.kind, m.person_id, m.roles, m.firm FROM acting_memberships m JOIN tenants t USING (tenant_id)"


def memberships_of(connection: Connection, person_id: str) -> list[Membership]:
    """Where a person may act, as a member or by a mandate: tenants that are not suspended, by name. As the doorkeeper."""
    rows = connection.execute(
        text(
            f"{_MEMBERSHIPS} WHERE m.person_id = :p AND t.suspended_at IS NULL ORDER BY t.name, m.tenant_id"
        ),
        {"p": person_id},
    )
    return [_membership(row) for row in rows]


def members(connection: Connection, tenant_id: str) -> list[tuple[Person, frozenset[str]]]:
    """The people of a tenant with their roles, by name."""
    rows = connection.execute(
        text(
            "SELECT p.person_id, p.name, p.email, p.created_at, p.disabled_at, m.roles FROM memberships m "
            "JOIN people p USING (person_id) WHERE m.tenant_id = :t ORDER BY p.name, p.person_id"
        ),
        {"t": tenant_id},
    )
    return [
        (Person(r.person_id, r.name, r.email, r.created_at, r.disabled_at is not None), frozenset(r.roles))
        for r in rows
    ]


def administrators(connection: Connection, tenant_id: str) -> list[str]:
    """Ids of a tenant's administrators; their rows are locked until the transaction ends."""
    rows = connection.execute(
        text(
            "SELECT person_id FROM memberships WHERE tenant_id = :t AND 'administrator' = ANY(roles) "
            "ORDER BY person_id FOR UPDATE"
        ),
        {"t": tenant_id},
    )
    return list(rows.scalars())


def _membership(row: Row[Any]) -> Membership:
    return Membership(
        row.tenant_id, row.name, TenantKind(row.kind), row.person_id, frozenset(row.roles), row.firm
    )


# -- keys


def insert_key(connection: Connection, key: ApiKey, secret_hash: bytes, by: str | None) -> None:
    """Adds a key."""
    connection.execute(
        text(
            "INSERT INTO api_keys (key_id, tenant_id, name, secret_hash, scopes, created_at, expires_at, issued_by) "
            "VALUES (:id, :tenant, :name, :hash, :scopes, :created, :expires, :by)"
        ),
        {
            "id": key.id,
            "tenant": key.tenant_id,
            "name": key.name,
            "hash": secret_hash,
            "scopes": sorted(key.scopes),
            "created": key.created_at,
            "expires": key.expires_at,
            "by": by,
        },
    )


_KEY = "k.key_id, k.tenant_id, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at"


def keys(connection: Connection, tenant_id: str) -> list[ApiKey]:
    """A tenant's keys, newest first."""
    rows = connection.execute(
        text(f"SELECT {_KEY} FROM api_keys k WHERE tenant_id = :t ORDER BY key_id DESC"), {"t": tenant_id}
    )
    return [_key(row) for row in rows]


_LIVE_KEY = text(
    f"SELECT {_KEY}, k.secret_hash, t.name, t.kind, t.created_at "
    "FROM api_keys k JOIN tenants t USING (tenant_id) WHERE k.key_id = :id AND k.revoked_at IS NULL "
    "AND (k.expires_at IS NULL OR k.expires_at > now()) AND t.suspended_at IS NULL"
)


def live_key(connection: Speaks, key_id: str) -> tuple[ApiKey, Tenant, bytes] | None:
    """A key that is in force, its tenant, which is not suspended, and its secret's hash. As the doorkeeper."""
    row = connection.execute(_LIVE_KEY, {"id": key_id}).fetchone()
    if row is None:
        return None
    secret, name, kind, since = row[7:]
    return _key(row), Tenant(row[1], name, since, False, TenantKind(kind)), bytes(secret)


def revoke_key(connection: Connection, key_id: str, at: datetime | None = None) -> bool:
    """Ends a key; False where there is none, or it had ended."""
    return bool(
        connection.execute(
            text(
                "UPDATE api_keys SET revoked_at = coalesce(:at, now()) WHERE key_id = :id AND revoked_at IS NULL"
            ),
            {"id": key_id, "at": at},
        ).rowcount
    )


def _key(row: Sequence[Any]) -> ApiKey:
    id, tenant, name, scopes, made, expires, ended = row[:7]
    return ApiKey(id, tenant, name, frozenset(scopes), made, expires, ended)


# -- the record


def log(
    connection: Connection, tenant_id: str | None, by: str, act: str, subject: str = "", **details: object
) -> None:
    """Writes down who changed what about people, roles and keys."""
    connection.execute(
        text(
            "INSERT INTO account_log (tenant_id, by, act, subject, details) "
            "VALUES (:t, :by, :act, :subject, CAST(:details AS jsonb))"
        ),
        {
            "t": tenant_id,
            "by": by,
            "act": act,
            "subject": subject,
            "details": orjson.dumps(details, default=sorted).decode() if details else None,
        },
    )
