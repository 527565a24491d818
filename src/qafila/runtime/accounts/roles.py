"""Roles of people. What a role may do is said by the scopes of the floors (`Scope.roles`), not here."""

from __future__ import annotations

from dataclasses import dataclass

from qafila.core.message import Template, template
from qafila.runtime.accounts.tenants import TenantKind

_ALL = frozenset(TenantKind)
_HUB, _MERCHANT = TenantKind.HUB, TenantKind.MERCHANT
_CARRIER, _STATION = TenantKind.CARRIER, TenantKind.STATION


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is in a tenant.

    Attributes:
        name: how programs and the database call it.
        title: how people call it.
        meaning: what its holder does all day.
        kinds: the kinds of tenants that have it.
    """

    name: str
    title: Template
    meaning: Template
    kinds: frozenset[TenantKind]


def _role(name: str, title: str, meaning: str, *kinds: TenantKind) -> Role:
    return Role(
        name,
        template(f"accounts.role.{name}", title),
        template(f"accounts.role.{name}.meaning", meaning),
        frozenset(kinds) or _ALL,
    )


ADMINISTRATOR = "administrator"

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        _role(
            ADMINISTRATOR,
            "Administrator",
            "Invites people, gives roles and keys, and may do all that the organisation may.",
        ),
        _role("clerk", "Clerk", "Asks for offers, books and cancels, prints labels.", _HUB, _MERCHANT),
        _role(
            "dispatcher",
            "Dispatcher",
            "Watches what moves, records events, books on what missed its connection.",
            _HUB,
            _MERCHANT,
            _CARRIER,
            _STATION,
        ),
        _role(
            "picker",
            "Picker",
            "Puts away, picks and packs, and hands parcels over.",
            _HUB,
            _MERCHANT,
            _STATION,
        ),
        _role(
            "driver",
            "Driver",
            "Collects and delivers, and records what happened at the door.",
            _CARRIER,
            _STATION,
            _HUB,
        ),
        _role(
            "broker",
            "Broker",
            "Completes declarations and sends them to customs.",
            _HUB,
            _MERCHANT,
            TenantKind.BROKER,
        ),
        _role(
            "compliance",
            "Compliance officer",
            "Decides whether a party is the one on a sanctions list.",
            _HUB,
        ),
        _role("planner", "Planner", "Plans the network and puts plans in place.", _HUB),
        _role(
            "accountant", "Accountant", "Keeps the ledger: remits, invoices, decides claims.", _HUB, _MERCHANT
        ),
        _role("officer", "Officer", "Records what an authority decided about goods.", TenantKind.AUTHORITY),
        _role(
            "regulator",
            "Regulator",
            "Reads what the network does, and changes nothing.",
            TenantKind.REGULATOR,
        ),
    )
}
"""Every role, by name."""
