"""A person's data given, erased and locked, over a real booking with all that follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  # lists every event type
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.context import Context
from qafila.core.fault import Conflict, NotFound
from qafila.openness import auditing, openness_recording, sequencing
from qafila.openness.privacy import privacy_people, privacy_sweeping
from qafila.openness.privacy.sealing_old import seal_old
from qafila.runtime.database import Role, acting_as, administrator, engine, merchant_transaction
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.store import history
from qafila.runtime.privacy import sealing
from qafila.shipping import counter, merchants
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.counter import Quote
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, NETWORK, RULES, order
from tests.openness.logs import fresh_log

CLAIRE = {
    "name": "Claire Beaumont",
    "line1": "3 rue Victor Hugo",
    "email": "claire@example.org",
    "phone": "+33612345678",
}
FEED = NETWORK.feed
LATER = MONDAY + timedelta(days=60)
CARRIER = Source(Reporter.CARRIER.value, "car_x", "scanner")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        with administrator() as connection:
            merchant = merchants.create(connection, "Souk").id
        yield Context(NETWORK, RULES, merchant).at(MONDAY)


def booked(here: Context, id: str = "A-1", **who: str) -> str:
    said = order(id=id)
    said["receiver"] = {**said["receiver"], **CLAIRE, **who}
    quote = counter.quote(here, partial(command_of, OrderIn.model_validate(said)))
    assert isinstance(quote, Quote), quote
    made = counter.book(here, quote.offers[0].id)
    assert isinstance(made, Booked)
    return made.parcel


def told(parcel: str, type: str = "seen", **details: Any) -> None:
    with acting_as(Role.PARTNER) as connection:
        (receipt,) = record(
            connection, [Report(parcel, type, MONDAY + timedelta(hours=1), CARRIER, details=details)], LATER
        )
    assert receipt.event is not None, receipt.flaws


def everywhere(here: Context, needle: str) -> set[str]:
    """The tables in which a text stands, in any column of any row of the merchant."""
    found = set()
    with administrator() as connection:
        for table in (
            connection.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
            )
            .scalars()
            .all()
        ):
            if connection.execute(
                text(
                    f"SELECT EXISTS (SELECT FROM {table} t WHERE to_json(t)::text LIKE :t AND (to_json(t)::text LIKE :a OR to_json(t)::text LIKE :b))"
                ),
                {"t": f"%{here.tenant}%", "a": f"%{needle}%", "b": f"%{needle.encode().hex()}%"},
            ).scalar():
                found.add(table)
    return found


def erased(here: Context, who: str) -> privacy_people.Erased:
    with administrator() as connection:
        return privacy_people.erase(
            connection, privacy_people.find(connection, here.tenant, who), "Nadia", FEED, LATER
        )


def test_details_of_reports_lie_sealed_and_are_read_by_whom_they_concern(here: Context) -> None:
    parcel = booked(here)
    told(parcel, note="left with Paul Durand", reason="absent")
    assert everywhere(here, "Paul Durand") == set()
    with merchant_transaction(here.tenant) as connection:
        seen = {e.type: e.details for e in history(connection, Subject("parcel", parcel))}["seen"]
    assert seen == {"note": "left with Paul Durand", "reason": "absent"}
    with acting_as(Role.PUBLIC) as connection:
        seen = {e.type: e.details for e in history(connection, Subject("parcel", parcel))}["seen"]
    assert seen == {"reason": "absent"}


def test_everything_is_found_and_given(here: Context) -> None:
    parcel = booked(here)
    told(parcel, note="left with Paul Durand")
    for who in (
        "A-1",
        parcel,
        "claire@example.org",
        "+33 6 12 34 56 78",
        "claire beaumont",
        CLAIRE["email"].upper(),
    ):
        with administrator() as connection:
            person = privacy_people.find(connection, here.tenant, who)
            assert (person.orders, person.parcels) == (("A-1",), (parcel,))
            given = privacy_people.give(connection, person)
    assert given["orders"][0]["document"]["receiver"]["name"] == "Claire Beaumont"
    assert [one["details"]["note"] for one in given["events"] if "note" in one["details"]] == [
        "left with Paul Durand"
    ]
    assert {one["kind"] for one in given["log"]} == {"shipping.offers"}
    for nobody in ("", " ", "nobody@example.org", "A", "%", "12"):
        with administrator() as connection, pytest.raises(NotFound):
            privacy_people.find(connection, here.tenant, nobody)
    with administrator() as connection, pytest.raises(NotFound):
        privacy_people.find(connection, merchants.create(connection, "Rif").id, "claire@example.org")


def test_erasing_takes_it_from_every_table_and_the_log_stays_valid(here: Context) -> None:
    parcel = booked(here)
    other = booked(
        here,
        "A-11",
        name="Amina Alaoui",
        email="amina@example.org",
        phone="+33698765432",
        line1="9 rue de Paris",
    )
    told(parcel, note="left with Paul Durand")
    told(other, note="left with Zoe")
    sequencing.integrate(MONDAY)
    done = erased(here, "claire@example.org")
    for value in (*CLAIRE.values(), "Paul Durand"):
        assert everywhere(here, value) == set(), value
    assert done.rows["orders"] == 1
    assert (done.keys, done.log_values) == (1, 1)
    assert {one["table"] for one in done.locked} == {"orders"}
    assert done.locked[0]["until"] >= f"{MONDAY.year + 10}-12-31"
    assert done.locked[0]["law"]
    sequencing.integrate(LATER)
    with acting_as(Role.OPERATOR) as connection:
        assert auditing.audit(connection, sequencing.folder(), openness_recording.keys().keys) == []
    with merchant_transaction(here.tenant) as connection:
        assert {e.type: e.details for e in history(connection, Subject("parcel", parcel))}["seen"] == {}
        kept = {e.type: e.details for e in history(connection, Subject("parcel", other))}["seen"]
    assert kept == {"note": "left with Zoe"}  # A-1 is no part of A-11
    assert everywhere(here, "amina@example.org") >= {"orders"}
    told(parcel, "noted", note="Claire Beaumont was out")  # what comes later is not kept either
    assert everywhere(here, "was out") == set()


def test_what_is_locked_is_there_for_the_law_until_its_day(here: Context) -> None:
    booked(here)
    erased(here, "A-1")
    with merchant_transaction(here.tenant) as connection:
        (lock,) = connection.execute(text("SELECT lock_id, law, keep_until FROM locked_values")).all()
        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("SELECT sealed FROM locked_values"))
    with administrator() as connection:
        (row,) = privacy_people.locked(connection, here.tenant, lock.lock_id)
    assert row["document"]["receiver"]["name"] == "Claire Beaumont"
    with administrator() as connection:
        gone = privacy_sweeping._locks(connection, LATER.replace(year=lock.keep_until.year + 1))
    assert gone >= 1
    with administrator() as connection, pytest.raises(NotFound):
        privacy_people.locked(connection, here.tenant, lock.lock_id)


def test_a_parcel_under_way_keeps_its_address(here: Context) -> None:
    booked(here)
    with administrator() as connection:
        person = privacy_people.find(connection, here.tenant, "A-1")
        with pytest.raises(Conflict, match="under way"):
            privacy_people.erase(connection, person, "Nadia", FEED, MONDAY + timedelta(days=1))
    assert everywhere(here, "claire@example.org") >= {"orders"}


def test_twice_is_once(here: Context) -> None:
    booked(here)
    erased(here, "A-1")
    again = erased(here, "A-1")
    assert (again.keys, again.rows, again.locked, again.log_values) == (0, {}, [], 0)
    with administrator() as connection, pytest.raises(NotFound):
        privacy_people.find(connection, here.tenant, "claire@example.org")


def test_half_an_erasure_is_none(here: Context) -> None:
    booked(here)
    connection = engine().connect()
    privacy_people.erase(
        connection, privacy_people.find(connection, here.tenant, "A-1"), "Nadia", FEED, LATER
    )
    connection.close()  # a power cut: nothing was committed
    assert everywhere(here, "claire@example.org") >= {"orders"}
    erased(here, "A-1")
    assert everywhere(here, "claire@example.org") == set()


def test_rows_of_before_there_were_keys_are_sealed_in_place(here: Context) -> None:
    parcel = booked(here)
    told(parcel, note="left with Paul Durand", reason="absent")
    with administrator() as connection:
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER append_only"))
        connection.execute(
            text(
                'UPDATE events SET details = \'{"note": "left with Paul Durand", "reason": "absent"}\' WHERE type = \'seen\''
            )
        )
        connection.execute(text("ALTER TABLE events ENABLE TRIGGER append_only"))
    assert everywhere(here, "Paul Durand") == {"events"}
    with administrator() as connection:
        assert seal_old(connection) >= 1
        assert seal_old(connection) == 0
    assert everywhere(here, "Paul Durand") == set()
    with merchant_transaction(here.tenant) as connection:
        seen = {e.type: e.details for e in history(connection, Subject("parcel", parcel))}["seen"]
    assert seen == {"note": "left with Paul Durand", "reason": "absent"}


def test_a_sweep_takes_what_has_had_its_time_and_no_more(here: Context) -> None:
    booked(here)
    said = order(id="B-1")
    said["receiver"] = {**said["receiver"], "name": "Zineb Idrissi", "email": "zineb@example.org"}
    counter.quote(here, partial(command_of, OrderIn.model_validate(said)))
    first = privacy_sweeping.sweep(FEED, MONDAY + timedelta(days=100))
    assert (first["unbooked_offers"], first["persons"]) == (0, 0)
    second = privacy_sweeping.sweep(FEED, MONDAY + timedelta(days=190))
    assert second["unbooked_offers"] >= 1
    assert second["log_values"] >= 1
    assert not everywhere(here, "zineb@example.org") - {"orders"}
    with (
        administrator() as connection
    ):  # the order itself was recorded by the clock of the database, not of the test
        connection.execute(text("UPDATE orders SET recorded_at = :at"), {"at": MONDAY})
    privacy_sweeping.sweep(FEED, MONDAY + timedelta(days=190))
    assert everywhere(here, "zineb@example.org") == set()
    assert everywhere(here, "claire@example.org") >= {"orders"}
    with administrator() as connection:
        connection.execute(text("UPDATE bookings SET booked_at = :at"), {"at": MONDAY})
    third = privacy_sweeping.sweep(FEED, MONDAY + timedelta(days=1100))
    assert third["persons"] >= 1
    assert everywhere(here, "claire@example.org") == set()
    assert privacy_sweeping.sweep(FEED, MONDAY + timedelta(days=1100))["persons"] == 0


def test_the_master_key_is_its_owners_alone_and_another_opens_nothing(
    here: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = booked(here)
    told(parcel, note="left with Paul Durand")
    assert sealing.master_file().stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(sealing, "master_file", lambda: tmp_path / "person-keys" / "master.key")
    with merchant_transaction(here.tenant) as connection, pytest.raises(sealing.NoMasterKey):
        history(connection, Subject("parcel", parcel))
