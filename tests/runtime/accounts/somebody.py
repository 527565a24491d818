"""Tenants and people for tests of accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, service, store
from qafila.runtime.accounts.accounts_people import SignIn
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.runtime.database import administrator

NOW = datetime.now(UTC)
PASSWORD = "four camels at the well"


def tenant(kind: TenantKind = TenantKind.MERCHANT, name: str = "Souk") -> Tenant:
    """A new tenant."""
    with administrator() as connection:
        return service.create(connection, name, kind)


def somebody(of: Tenant, *roles: str, email: str = "", name: str = "Amina") -> Actor:
    """A new person with roles in a tenant; with an e-mail, the password is PASSWORD."""
    id = new_id("per")
    with administrator() as connection:
        store.insert_person(connection, id, name, None, None)
        store.put_membership(connection, of.id, id, roles)
    if email:
        accounts_people.set_sign_in(id, SignIn(email, PASSWORD), NOW)
    return Actor(
        tenant=of.id,
        kind=of.kind,
        id=id,
        name=name,
        roles=frozenset(roles),
        scopes=RIGHTS.of_roles(of.kind, roles),
        person=True,
    )


def address() -> str:
    """An e-mail that nobody has."""
    return f"{new_id('a')}@example.org"
