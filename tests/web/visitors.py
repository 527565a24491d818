"""People for tests of pages: a member of a new tenant, and whoever signs in."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.testclient import TestClient

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts import service, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.runtime.database import administrator

HERE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form of this site."""


def tenant(kind: TenantKind = TenantKind.MERCHANT, name: str = "Souk") -> Tenant:
    """A new tenant."""
    with administrator() as connection:
        return service.create(connection, name, kind)


def member(of: str, *roles: str, name: str = "Amina") -> str:
    """A new person with roles in a tenant; the person's id."""
    id = new_id("per")
    with administrator() as connection:
        store.insert_person(connection, id, name, None, None)
        store.put_membership(connection, of, id, roles or ("administrator",))
    return id


def signed_in(client: TestClient, person_id: str) -> TestClient:
    """The client, with a session of a person."""
    with doorkeeping() as connection:
        token = sessions.link_for(connection, person_id, datetime.now(UTC))
    assert client.get(f"/enter/{token}", follow_redirects=False).status_code == 303
    return client
