from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.floors import RIGHTS
from qafila.runtime.accounts import service, store
from qafila.runtime.accounts.accounts_faults import UnknownScope
from qafila.runtime.accounts.tenants import LOCAL, TenantKind
from qafila.runtime.database import administrator


def test_a_key_opens_until_it_is_revoked() -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        key, shown = service.issue_key(connection, RIGHTS, souk.id, ["offers:read", "bookings:write"], "till")
        opened = service.authenticate(connection, shown)
        assert opened is not None
        assert (opened.tenant, opened.scopes) == (souk.id, {"offers:read", "bookings:write"})
        assert service.revoke_key(connection, key.id)
        assert not service.revoke_key(connection, key.id)
        assert service.authenticate(connection, shown) is None


def test_the_secret_is_nowhere_in_the_database() -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        _, shown = service.issue_key(connection, RIGHTS, souk.id, [])
        rows = connection.execute(text("SELECT k::text FROM api_keys k")).scalars().all()
    secret = shown.split(".")[1]
    assert len(secret) >= 43  # 256 bits in base 64
    assert not any(secret in row for row in rows)


@pytest.mark.parametrize("presented", ["", ".", "key_x.y", "key_x", "  "])
def test_other_texts_open_nothing(presented: str) -> None:
    with administrator() as connection:
        assert service.authenticate(connection, presented) is None


def test_a_wrong_secret_an_expired_key_and_a_suspended_merchant_open_nothing() -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        key, shown = service.issue_key(connection, RIGHTS, souk.id, ["offers:read"])
        assert service.authenticate(connection, f"{key.id}.wrong") is None
        past = datetime.now(UTC) - timedelta(seconds=1)
        _, expired = service.issue_key(connection, RIGHTS, souk.id, ["offers:read"], expires_at=past)
        assert service.authenticate(connection, expired) is None
        service.suspend(connection, souk.id)
        assert service.authenticate(connection, shown) is None
        service.suspend(connection, souk.id, suspended=False)
        assert service.authenticate(connection, shown) is not None


def test_an_unknown_scope_is_named_with_those_that_exist() -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        with pytest.raises(UnknownScope, match=r"No such scope here: offers:eat. There are: offers:read"):
            service.issue_key(connection, RIGHTS, souk.id, ["offers:eat"])


def test_this_machines_tenant_is_made_once_and_is_the_hub() -> None:
    with administrator() as connection:
        assert service.local(connection) == service.local(connection)
        assert service.local(connection).kind is TenantKind.HUB
        assert [m.id for m in store.tenants(connection)].count(LOCAL) == 1


def test_a_key_opens_nothing_that_its_kind_of_tenant_may_not_hold() -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        for scope in ("plans:read", "screening:decide", "tenants:write"):
            with pytest.raises(UnknownScope, match=scope):
                service.issue_key(connection, RIGHTS, souk.id, [scope])
        unsaid, _ = service.issue_key(connection, RIGHTS, souk.id)
    assert not unsaid.scopes & {"plans:read", "screening:decide", "tenants:write", "accounts:write"}
    assert {"offers:read", "bookings:write", "customs:write", "events:write"} <= unsaid.scopes
