"""Merchants: tenants that send goods. Tenants, people and keys are `qafila.runtime.accounts`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from qafila.floors import RIGHTS
from qafila.runtime.accounts import service, store
from qafila.runtime.accounts.accounts_faults import UnknownTenant as UnknownMerchant
from qafila.runtime.accounts.model import Actor, ApiKey
from qafila.runtime.accounts.tenants import LOCAL, TenantKind
from qafila.runtime.accounts.tenants import Tenant as Merchant

__all__ = ["LOCAL", "OF_A_MERCHANT", "SCOPES", "ApiKey", "Merchant", "UnknownMerchant"]

OF_A_MERCHANT = RIGHTS.unasked(TenantKind.MERCHANT)
"""What a merchant's key opens unless it is said."""

SCOPES = {name: str(scope.meaning()) for name, scope in RIGHTS.scopes.items()}
"""Every scope of an API key, and what it lets its holder do."""

create, get, local, suspend, revoke_key, keys = (
    service.create, service.get, service.local, service.suspend, service.revoke_key, store.keys,
)  # fmt: skip


def every(connection: Connection) -> list[Merchant]:
    """All that send goods, by name. Runs as the operator."""
    return [t for t in store.tenants(connection) if t.kind in (TenantKind.MERCHANT, TenantKind.HUB)]


def issue_key(
    connection: Connection,
    merchant_id: str,
    scopes: Iterable[str],
    name: str = "",
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """As `service.issue_key`, with the scopes of this house."""
    return service.issue_key(connection, RIGHTS, merchant_id, scopes, name, expires_at)


def authenticate(connection: Connection, presented: str) -> Actor | None:
    """As `service.authenticate`."""
    return service.authenticate(connection, presented)
