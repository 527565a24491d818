from sqlalchemy import text

from qafila.database import administrator, merchant_transaction


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
