"""Tenants: the organisations that use the house, each of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qafila.core.message import Template, template


class TenantKind(StrEnum):
    """What an organisation is to the network. It decides which rows it sees and which events it may report."""

    HUB = "hub"  # the operator of this house; it may send goods of its own, too
    MERCHANT = "merchant"
    CARRIER = "carrier"
    STATION = "station"  # delivery stations, lockers, pick-up points
    BROKER = "broker"
    AUTHORITY = "authority"  # customs and other border agencies
    REGULATOR = "regulator"  # reads, and changes nothing


KIND_NAMES: dict[TenantKind, Template] = {
    TenantKind.HUB: template("accounts.kind.hub", "Hub operator"),
    TenantKind.MERCHANT: template("accounts.kind.merchant", "Merchant"),
    TenantKind.CARRIER: template("accounts.kind.carrier", "Carrier"),
    TenantKind.STATION: template("accounts.kind.station", "Delivery station"),
    TenantKind.BROKER: template("accounts.kind.broker", "Customs broker"),
    TenantKind.AUTHORITY: template("accounts.kind.authority", "Authority"),
    TenantKind.REGULATOR: template("accounts.kind.regulator", "Regulator"),
}

LOCAL = "local"
"""The tenant of this machine's own commands and of its first operator: a hub that may send goods, too."""

LOCAL_NAME = "This machine"


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation with people and keys."""

    id: str
    name: str
    created_at: datetime
    suspended: bool = False
    kind: TenantKind = TenantKind.MERCHANT
