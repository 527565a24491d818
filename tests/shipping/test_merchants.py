from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.runtime.database import administrator
from qafila.shipping import merchants


def test_a_key_opens_until_it_is_revoked() -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk")
        key, shown = merchants.issue_key(connection, souk.id, ["offers:read", "bookings:write"], "till")
        opened = merchants.authenticate(connection, shown)
        assert opened is not None
        assert (opened.merchant_id, opened.scopes) == (souk.id, {"offers:read", "bookings:write"})
        assert merchants.revoke_key(connection, key.id)
        assert not merchants.revoke_key(connection, key.id)
        assert merchants.authenticate(connection, shown) is None


def test_the_secret_is_nowhere_in_the_database() -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk")
        _, shown = merchants.issue_key(connection, souk.id, [])
        rows = connection.execute(text("SELECT k::text FROM api_keys k")).scalars().all()
    secret = shown.split(".")[1]
    assert len(secret) >= 43  # 256 bits in base 64
    assert not any(secret in row for row in rows)


@pytest.mark.parametrize("presented", ["", ".", "key_x.y", "key_x", "  "])
def test_other_texts_open_nothing(presented: str) -> None:
    with administrator() as connection:
        assert merchants.authenticate(connection, presented) is None


def test_a_wrong_secret_an_expired_key_and_a_suspended_merchant_open_nothing() -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk")
        key, shown = merchants.issue_key(connection, souk.id, ["offers:read"])
        assert merchants.authenticate(connection, f"{key.id}.wrong") is None
        past = datetime.now(UTC) - timedelta(seconds=1)
        _, expired = merchants.issue_key(connection, souk.id, ["offers:read"], expires_at=past)
        assert merchants.authenticate(connection, expired) is None
        merchants.suspend(connection, souk.id)
        assert merchants.authenticate(connection, shown) is None
        merchants.suspend(connection, souk.id, suspended=False)
        assert merchants.authenticate(connection, shown) is not None


def test_an_unknown_scope_is_named_with_those_that_exist() -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk")
        with pytest.raises(ValueError, match=r"no such scope: offers:eat; there are offers:read"):
            merchants.issue_key(connection, souk.id, ["offers:eat"])


def test_this_machines_merchant_is_made_once() -> None:
    with administrator() as connection:
        assert merchants.local(connection) == merchants.local(connection)
        assert [m.id for m in merchants.every(connection)].count(merchants.LOCAL) == 1
