"""The day that did not happen: nothing is lost in it, and told twice it is the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from qafila.core.identifiers.own import new_id
from qafila.ledger import posting, sandbox, store
from qafila.ledger.law import licences
from qafila.ledger.law.rules import Licence
from qafila.ledger.model import Purpose, merchant
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.ledger.tills import AT, RATES, mad, parcel, shop
from tests.web.visitors import tenant


@pytest.mark.parametrize("licensed", [True, False])
def test_a_day_of_cash_adds_up_and_is_told_once(licensed: bool) -> None:
    with administrator() as connection:
        licences.state(
            connection, Licence("MA", "payment_institution", "BAM", "EP-7", date(2026, 1, 1)), "test"
        )
        connection.execute(
            text("UPDATE ledger_licences SET valid_to = :d"), {"d": None if licensed else date(2026, 1, 2)}
        )
    shops = [shop(), shop()]
    parcels = [parcel(shops[n % 2], mad(40 + 13 * n) if n % 5 else None) for n in range(20)]
    day = sandbox.Day(
        station=new_id("ST"), territory="MA", tenant=tenant(TenantKind.CARRIER).id, at=AT, seed=7, refused=0.15, short=0.2,
        twice=0.5, miscounted=0.5, suspect=0.5, stolen=0.3,
    )  # fmt: skip
    told = sandbox.simulate(parcels, day, RATES)
    assert sum(told.doors.values()) == 16
    assert {"collected", "refused", "short"} <= set(told.doors)
    kept = told.collected["MAD"]

    def owed() -> Decimal:
        with administrator() as connection:
            assert posting.audit(connection) == []
            return -sum(
                (
                    store.balance(connection, merchant(s, p, "MAD"))
                    for s in shops
                    for p in (Purpose.OWED, Purpose.CUSTODY)
                ),
                Decimal(0),
            )

    with administrator() as connection:
        entries = connection.execute(text("SELECT count(*) FROM ledger_entries")).scalar_one()
        short = sum(
            (b.amount for b in store.balances(connection, day.tenant, Purpose.SHORT.value)), Decimal(0)
        )
    if licensed:
        assert (
            kept <= owed() <= kept + short
        )  # what drivers took too little of on their own account is owed, too
    else:
        assert owed() <= kept + short  # the rest lies in the merchants' own banks
    again = sandbox.simulate(parcels, day, RATES)
    assert (again.doors, again.collected) == (told.doors, told.collected)
    with administrator() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_entries")).scalar_one() == entries
