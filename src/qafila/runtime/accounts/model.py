"""People, keys, and the actor: who acts, for whom, and with which rights. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from qafila.core.message import Template
from qafila.runtime.accounts import accounts_messages
from qafila.runtime.accounts.accounts_faults import UnknownRole, UnknownScope
from qafila.runtime.accounts.roles import ADMINISTRATOR, ROLES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.envelope import Reporter, Source
from qafila.runtime.floor import Floor, Scope


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `email` is in small letters; None for the operator of a machine who has set none."""

    id: str
    name: str
    email: str | None
    created_at: datetime
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is in one tenant; `firm` is the firm of brokers by whose mandate alone."""

    tenant_id: str
    tenant_name: str
    kind: TenantKind
    person_id: str
    roles: frozenset[str]
    firm: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: str
    tenant_id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person in a role or a key, for a tenant, with the scopes that this gives.

    Attributes:
        tenant: id of the tenant acted for.
        kind: the tenant's kind.
        id: id of the person or the key.
        name: what stands in records beside the id.
        roles: a person's roles in the tenant; none for a key.
        scopes: what may be done.
        person: whether it is a person.
    """

    tenant: str
    kind: TenantKind
    id: str
    name: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    person: bool = False

    def may(self, scope: str) -> bool:
        """Whether a scope is held."""
        return scope in self.scopes

    @property
    def reporter(self) -> Reporter | None:
        """As what it reports events; None where its kind reports none."""
        return _REPORTERS.get(self.kind)

    def source(self, device: str = "") -> Source:
        """Who says so, of an event that this actor reports: `device` is its own word for a scanner or a dock."""
        return Source(self.reporter.value if self.reporter else "", self.tenant, device)

    @property
    def signature(self) -> str:
        """Who did it, as records keep it: a name that can change, and an id that cannot."""
        return f"{self.name} ({self.id})" if self.name else self.id


_REPORTERS = {
    TenantKind.HUB: Reporter.OPERATOR,
    TenantKind.MERCHANT: Reporter.MERCHANT,
    TenantKind.CARRIER: Reporter.CARRIER,
    TenantKind.STATION: Reporter.STATION,
    TenantKind.AUTHORITY: Reporter.AUTHORITY,
}


@dataclass(frozen=True, slots=True)
class Rights:
    """All scopes of the house, and what each role has by them.

    Attributes:
        scopes: every scope, by name, in the order of the floors.
    """

    scopes: dict[str, Scope] = field(default_factory=dict)

    @classmethod
    def of(cls, floors: Iterable[Floor]) -> Rights:
        """Those that floors declare. Raises ValueError where two declare one name, or a role there is not."""
        found: dict[str, Scope] = {}
        for floor in floors:
            for scope in floor.scopes:
                if scope.name in found:
                    raise ValueError(f"two floors declare the scope {scope.name}")
                if unknown := set(scope.roles) - ROLES.keys():
                    raise ValueError(f"{scope.name} is given to roles that there are not: {sorted(unknown)}")
                found[scope.name] = scope
        return cls(found)

    def meaning(self, scope: str) -> Template:
        """What a scope lets its holder do."""
        return self.scopes[scope].meaning

    def of_kind(self, kind: TenantKind) -> frozenset[str]:
        """The scopes that a tenant of a kind may hold."""
        return frozenset(name for name, scope in self.scopes.items() if kind in scope.kinds)

    def unasked(self, kind: TenantKind) -> frozenset[str]:
        """What a new key of such a tenant opens where nothing is said of its scopes."""
        return frozenset(name for name in self.of_kind(kind) if self.scopes[name].unasked)

    def of_roles(self, kind: TenantKind, roles: Iterable[str]) -> frozenset[str]:
        """The scopes that roles carry in a tenant of a kind."""
        held = set(roles)
        allowed = self.of_kind(kind)
        if ADMINISTRATOR in held:
            return allowed
        return frozenset(name for name in allowed if held & set(self.scopes[name].roles))

    def checked_scopes(self, kind: TenantKind, wanted: Iterable[str]) -> frozenset[str]:
        """Scopes for a key of a tenant. Raises UnknownScope where one does not exist or is none for its kind."""
        asked, allowed = frozenset(wanted), self.of_kind(kind)
        if strange := sorted(asked - allowed):
            there = ", ".join(n for n in self.scopes if n in allowed)
            raise UnknownScope(
                accounts_messages.NO_SUCH_SCOPE(scopes=", ".join(strange), known=there),
                field="scopes",
                value=strange[0],
            )
        return asked

    def checked_roles(self, kind: TenantKind, wanted: Iterable[str]) -> frozenset[str]:
        """Roles for a member of a tenant. Raises UnknownRole where one does not exist or is none of its kind."""
        asked = frozenset(wanted)
        allowed = [role.name for role in ROLES.values() if kind in role.kinds]
        strange = sorted(asked - set(allowed))
        if strange or not asked:
            raise UnknownRole(
                accounts_messages.NO_SUCH_ROLE(roles=", ".join(strange) or "–", known=", ".join(allowed)),
                field="roles",
                value=", ".join(strange),
            )
        return asked
