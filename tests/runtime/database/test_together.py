"""Statements that travel together do what they do one after the other."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, IntegrityError

from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import Role, administrator, engine
from qafila.runtime.database.database_standing import read_for, reading_as
from qafila.runtime.database.together import together
from qafila.shipping.bookings import archive

COUNT = text("SELECT count(*) FROM tenants WHERE name = :n")
ORDERS = text("SELECT order_id FROM orders ORDER BY order_id")


def test_each_sees_what_those_before_it_did_and_all_are_one_transaction() -> None:
    name = uuid.uuid4().hex
    with engine().connect() as connection:
        with connection.begin() as transaction:
            accounts.create(connection, name)
            with together(connection) as asked:
                before = asked.execute(COUNT, {"n": name})
                changed = asked.execute(
                    text("UPDATE tenants SET name = :m WHERE name = :n"), {"m": name[::-1], "n": name}
                )
                after = asked.execute(COUNT, {"n": name})
            assert (before.fetchone(), changed.rowcount, after.fetchone()) == ((1,), 1, (0,))
            transaction.rollback()
        assert connection.execute(COUNT, {"n": name[::-1]}).scalar_one() == 0


def test_after_one_that_fails_nothing_is_done_and_the_error_is_the_usual_one() -> None:
    name = uuid.uuid4().hex

    def twice() -> None:
        with administrator() as connection:
            made = accounts.create(connection, name)
            with together(connection) as asked:
                asked.execute(
                    text("INSERT INTO tenants SELECT * FROM tenants WHERE tenant_id = :t"), {"t": made.id}
                )
                asked.execute(text("UPDATE tenants SET name = 'other' WHERE tenant_id = :t"), {"t": made.id})

    with pytest.raises(IntegrityError) as told:
        twice()
    assert getattr(told.value.orig, "sqlstate", "") == "23505"
    with administrator() as connection:
        assert connection.execute(COUNT, {"n": name}).scalar_one() == 0


def test_a_read_for_a_tenant_sees_its_rows_alone_and_leaves_nothing_behind() -> None:
    with administrator() as connection:
        one, other = (accounts.create(connection, "Souk").id for _ in range(2))
        for merchant in (one, other):
            archive.insert_orders(connection, merchant, {f"of-{merchant}": b"{}"})
    for merchant in (one, other, one):
        assert read_for(Role.MERCHANT, merchant, ORDERS, {}) == [(f"of-{merchant}",)]
    with reading_as(Role.MERCHANT) as connection:
        assert connection.execute(text("SELECT current_setting('qafila.merchant', true)")).scalar_one() in (
            "",
            None,
        )
    with pytest.raises(DBAPIError, match="read-only"):
        read_for(Role.MERCHANT, one, text("DELETE FROM orders"), {})


def test_a_transaction_that_ends_together_is_kept_whole_or_not_at_all() -> None:
    name = uuid.uuid4().hex

    def made(*more: str) -> None:
        with administrator() as connection:
            of = accounts.create(connection, name).id
            with together(connection) as asked:
                asked.execute(COUNT, {"n": name})
                for one in more:
                    asked.execute(text(one), {"t": of})
                asked.end()

    with pytest.raises(IntegrityError):
        made("INSERT INTO tenants SELECT * FROM tenants WHERE tenant_id = :t")
    for kept in (0, 1):  # the connection is as good as before
        with administrator() as connection:
            assert connection.execute(COUNT, {"n": name}).scalar_one() == kept
        if not kept:
            made()


def test_a_connection_that_was_ended_under_it_is_not_given_to_the_next() -> None:
    def ended() -> None:
        with administrator() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with administrator() as other:
                other.execute(text("SELECT pg_terminate_backend(:p, 5000)"), {"p": pid})
            with together(connection) as asked:
                asked.execute(COUNT, {"n": "a"})
                asked.execute(COUNT, {"n": "b"})

    for _ in range(3):
        with pytest.raises(DBAPIError):
            ended()
        with administrator() as connection, together(connection) as asked:
            found = asked.execute(COUNT, {"n": "a"})
        assert found.fetchone() == (0,)


def test_where_somebody_listens_each_statement_is_heard_and_the_answers_are_the_same() -> None:
    heard: list[str] = []

    def listener(*told: object) -> None:
        heard.append(str(told[2]))

    with administrator() as connection:
        listen(connection, "before_cursor_execute", listener)
        with together(connection) as asked:
            one = asked.execute(COUNT, {"n": "a"})
            asked.execute(text("UPDATE tenants SET name = 'x' WHERE name = :n"), {"n": "nobody"})
            asked.end()
        assert one.fetchone() == (0,)
    assert [said.split()[0] for said in heard] == ["SELECT", "UPDATE"]
