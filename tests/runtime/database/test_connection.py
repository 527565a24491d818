from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.runtime.database import administrator, connection, merchant_transaction
from qafila.runtime.database.connection import copied


def test_a_merchant_transaction_runs_as_the_merchant_role_and_carries_the_merchant() -> None:
    with merchant_transaction("m-1") as connection:
        role, merchant = connection.execute(
            text("SELECT current_user, current_setting('qafila.merchant')")
        ).one()
    assert (role, merchant) == ("qafila_merchant", "m-1")


def test_the_merchant_ends_with_the_transaction() -> None:
    with merchant_transaction("m-1"):
        pass
    with administrator() as connection:
        role, merchant = connection.execute(
            text("SELECT current_user, coalesce(current_setting('qafila.merchant', true), '')")
        ).one()
    assert role != "qafila_merchant"
    assert merchant == ""


def test_instants_are_read_in_utc_whatever_zone_the_client_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Shanghai")  # libpq asks for it in each new connection
    connection.engine().dispose()
    with administrator() as there:
        read = there.execute(text("SELECT CAST('2027-03-01 08:00+08' AS timestamptz)")).scalar_one()
    connection.engine().dispose()
    assert read == datetime(2027, 3, 1, tzinfo=UTC)
    assert read.utcoffset() == timedelta()


def test_rows_are_copied_as_they_are_within_the_transaction() -> None:
    rows = [(1, "a\tb\\n\nc", ["x", 'y"{,'], None), (2, "", [], '{"a": "\\"\\\\"}')]
    with administrator() as there:
        there.execute(
            text(
                "CREATE TEMPORARY TABLE copy_of (n integer, t text, many text[], document json) ON COMMIT DROP"
            )
        )
        copied(there, "copy_of", "n, t, many, document", rows)
        read = there.execute(text("SELECT n, t, many, CAST(document AS text) FROM copy_of ORDER BY n")).all()
    assert [tuple(row) for row in read] == rows


def test_json_is_read_as_values() -> None:
    with administrator() as there:
        for type in ("json", "jsonb"):
            found = there.execute(text(f"""SELECT CAST('{{"a": [1, null, "é"]}}' AS {type})""")).scalar_one()
            assert found == {"a": [1, None, "é"]}
