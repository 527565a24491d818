"""The day that did not happen: nothing is lost in it, and told twice it is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from qafila.core.identifiers.own import new_id
from qafila.ledger import posting, sandbox, store
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.model import Draft, Posted, Purpose, merchant
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
        station=new_id("ST"),
        territory="MA",
        tenant=tenant(TenantKind.CARRIER).id,
        at=AT,
        seed=7,
        refused=0.4,
        short=0.3,
        twice=0.5,
        miscounted=0.5,
        suspect=0.5,
        stolen=0.3,
    )
    told = sandbox.simulate(parcels, day, RATES)
    assert sum(told.doors.values()) == 16
    assert "collected" in told.doors
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


_KILLED = """
import sys
from tests.ledger.test_sandbox import told_until_killed
told_until_killed(sys.argv[1], sys.argv[2:])
"""


def told_until_killed(station: str, parcels: list[str]) -> None:
    """Run in a process of its own: tells the day, and says so before each entry is committed."""
    book = posting.post

    def loud(connection: Connection, draft: Draft) -> Posted:
        done = book(connection, draft)
        print(draft.kind, flush=True)
        return done

    posting.post = loud
    sandbox.simulate(parcels, _killed_day(station), RATES)


def _killed_day(station: str) -> sandbox.Day:
    return sandbox.Day(
        station=station,
        territory="MA",
        tenant=station,
        at=AT,
        seed=11,
        refused=0.1,
        short=0.2,
        twice=0.5,
        miscounted=1.0,
        suspect=0.5,
        stolen=0.0,
    )


def test_killed_anywhere_between_door_and_bank_and_told_again_not_a_coin_is_lost() -> None:
    with administrator() as connection:
        licences.state(
            connection, Licence("MA", "payment_institution", "BAM", "EP-7", date(2026, 1, 1)), "test"
        )
        connection.execute(text("UPDATE ledger_licences SET valid_to = NULL"))
    souk, station = shop(), new_id("ST")
    parcels = [parcel(souk, mad(40 + 13 * n)) for n in range(9)]
    for stop in (5, 7):  # entries until the kill, from a fresh start each time
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, station, *parcels],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        assert process.stdout is not None
        for n, _ in enumerate(process.stdout, 1):
            if n == stop:
                process.kill()
                break
        process.wait()
        process.stdout.close()
        with administrator() as connection:
            assert posting.audit(connection) == []
    told = sandbox.simulate(parcels, _killed_day(station), RATES)
    with administrator() as connection:
        rows = connection.execute(
            text(
                "SELECT sum(kept) AS kept, sum(CASE short_by WHEN 'driver' THEN due - kept ELSE 0 END) AS short, count(*) AS n "
                "FROM cash_collections WHERE tenant_id = :t AND outcome <> 'refused'"
            ),
            {"t": souk},
        ).one()
        owed = -store.balance(connection, merchant(souk, Purpose.OWED, "MAD"))
        mine = {(b.account.kind, b.account.purpose): b.amount for b in store.balances(connection, station)}
    assert told.collected["MAD"] == rows.kept
    assert owed == rows.kept + rows.short
    # what was collected lies at the bank, among suspect notes, or is owed by a driver; surplus is on the other side
    assert all(
        amount == 0 for (kind, purpose), amount in mine.items() if purpose in ("bag", "safe", "transit")
    )
    with administrator() as connection:
        banked = connection.execute(
            text("SELECT coalesce(sum(credited), 0) FROM cash_deposits WHERE station = :s"), {"s": station}
        ).scalar_one()
        rest = sum(
            (
                b.amount
                for b in store.balances(connection, station)
                if b.account.purpose in ("suspect", "short", "surplus")
            ),
            Decimal(0),
        )
    assert banked + rest == owed
