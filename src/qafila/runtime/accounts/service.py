"""Tenants and keys: what the operator and an administrator do with them. Each runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts import accounts_messages, secrets, store
from qafila.runtime.accounts.accounts_faults import BadName, Suspended, UnknownTenant
from qafila.runtime.accounts.model import Actor, ApiKey, Rights
from qafila.runtime.accounts.tenants import LOCAL, LOCAL_NAME, Tenant, TenantKind
from qafila.runtime.database.together import Speaks

_PREFIX = {TenantKind.MERCHANT: "mer", TenantKind.HUB: "hub", TenantKind.CARRIER: "car", TenantKind.STATION: "sta",
           TenantKind.BROKER: "bro", TenantKind.AUTHORITY: "aut", TenantKind.REGULATOR: "reg"}  # fmt: skip
LONGEST_NAME = 200


def create(
    connection: Connection, name: str, kind: TenantKind = TenantKind.MERCHANT, by: str = "operator"
) -> Tenant:
    """A new tenant. Runs as the operator. Raises BadName where the name is empty or too long."""
    id = new_id(_PREFIX[kind])
    store.insert_tenant(connection, id, named(name), kind)
    store.log(connection, id, by, "tenant-created", id, kind=kind.value)
    return get(connection, id)


def named(name: str) -> str:
    """A name without spaces around it. Raises BadName where it is empty or too long."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or "\0" in plain:
        raise BadName(
            accounts_messages.NAME_MISSING(),
            accounts_messages.WRITE_A_NAME(most=LONGEST_NAME),
            field="name",
            value=name[:80],
        )
    return plain


def local(connection: Connection) -> Tenant:
    """The tenant of this machine's own commands, made when first asked for. Runs as the owner."""
    known = store.tenant(connection, LOCAL)
    if known is None:
        store.insert_tenant(connection, LOCAL, LOCAL_NAME, TenantKind.HUB)
        known = get(connection, LOCAL)
    return known


def get(connection: Connection, tenant_id: str) -> Tenant:
    """The tenant with this id; raises UnknownTenant."""
    found = store.tenant(connection, tenant_id)
    if found is None:
        raise UnknownTenant(tenant_id)
    return found


def active(connection: Connection, tenant_id: str) -> Tenant:
    """The tenant with this id. Raises UnknownTenant, and Suspended where it may do nothing at present."""
    found = get(connection, tenant_id)
    if found.suspended:
        raise Suspended(
            accounts_messages.SUSPENDED(name=found.name),
            accounts_messages.ASK_THE_OPERATOR(),
            field="tenant",
            value=tenant_id,
        )
    return found


def suspend(connection: Connection, tenant_id: str, suspended: bool = True, by: str = "operator") -> None:
    """Bars a tenant: its keys and its people's sessions open nothing; or lets it in again. Runs as the operator.

    Raises UnknownTenant.
    """
    if not store.set_suspended(connection, tenant_id, suspended):
        raise UnknownTenant(tenant_id)
    store.log(connection, tenant_id, by, "suspended" if suspended else "let-in-again", tenant_id)


def issue_key(
    connection: Connection,
    rights: Rights,
    tenant_id: str,
    scopes: Iterable[str] | None = None,
    name: str = "",
    expires_at: datetime | None = None,
    by: str = "operator",
) -> tuple[ApiKey, str]:
    """A new key for a tenant, and the text to present; that text cannot be had again.

    Args:
        connection: as the operator, or as who looks after the tenant's accounts.
        rights: the scopes there are.
        tenant_id: whose key it is.
        scopes: what it opens; by default what a key of this kind of tenant opens unless it is said.
        name: what it is for.
        expires_at: when it ends by itself.
        by: who issues it.

    Raises:
        UnknownTenant: there is none of this id.
        UnknownScope: a scope does not exist, or is none for this kind of tenant.
    """
    holder = get(connection, tenant_id)
    wanted = rights.unasked(holder.kind) if scopes is None else rights.checked_scopes(holder.kind, scopes)
    secret = secrets.token()
    key = ApiKey(new_id("key"), holder.id, name, wanted, datetime.now(UTC), expires_at)
    store.insert_key(connection, key, secrets.digest(secret), by)
    store.log(connection, holder.id, by, "key-issued", key.id, scopes=wanted)
    return key, f"{key.id}.{secret}"


def revoke_key(
    connection: Connection, key_id: str, tenant_id: str | None = None, by: str = "operator"
) -> bool:
    """Ends a key at once; False where there is none, or it had ended."""
    ended = store.revoke_key(connection, key_id)
    if ended:
        store.log(connection, tenant_id, by, "key-ended", key_id)
    return ended


def authenticate(connection: Speaks, presented: str) -> Actor | None:
    """Who acts with the key that a text stands for, or None: unknown, ended, expired, or its tenant suspended.

    As the doorkeeper.
    """
    id, _, secret = presented.partition(".")
    if "\0" in id:
        return None
    found = store.live_key(connection, id)
    if found is None or not secrets.same(found[2], secret):
        return None
    return actor_of_key(found[0], found[1])


def actor_of_key(key: ApiKey, holder: Tenant) -> Actor:
    """The actor that a key makes."""
    name = f"{holder.name}: {key.name}" if key.name else holder.name
    return Actor(tenant=holder.id, kind=holder.kind, id=key.id, name=name, scopes=key.scopes)
