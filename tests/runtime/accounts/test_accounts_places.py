"""A station speaks of its own places, whatever door it tries, and the database holds it to that."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import ProgrammingError

import qafila.floors  # noqa: F401  # lists every event type
from qafila.context import Context
from qafila.core.fault import Conflict, NotFound
from qafila.floors import RIGHTS
from qafila.network.timetable import Mode
from qafila.runtime.accounts import accounts_places, service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.applications import api_on
from tests.shipping.bookables import EPOCH, NOW, Run, legs, offer, order, timetable
from tests.web.visitors import tenant


def at(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def station(*facilities: str) -> str:
    made = tenant(TenantKind.STATION, "Relais").id
    with acting_as(Role.OPERATOR) as connection:
        for one in facilities:
            accounts_places.give(connection, made, one, "hub", NOW, {"A", "B", "C", "WH", "STA"})
    return made


@pytest.fixture
def parcel() -> str:
    """It flies from A to B."""
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order()
    made = booking.book(tenant().id, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(made, Booked)
    return made.parcel


def told(by: str, number: str, facility: str | None, type: str = "arrived") -> str:
    """What is wrong with a report, or nothing."""
    with acting_as(Role.PARTNER, by) as connection:
        source = Source(Reporter.STATION.value, by, "scanner")
        (one,) = record(connection, [Report(number, type, at(95), source, facility=facility)], at(96))
    return "; ".join(f"{flaw.field}: {flaw.reason}" for flaw in one.flaws)


def test_it_reports_what_happens_at_its_own_places(parcel: str) -> None:
    mine = station("B")
    assert told(mine, parcel, "B") == ""
    assert "does not work at this place" in told(mine, parcel, "A")
    assert told(mine, parcel, None, "awaiting_pickup") == ""  # the parcel comes through B
    assert "does not come to a place of yours" in told(station("C"), parcel, None, "awaiting_pickup")
    assert told(station("C"), parcel, "C") == ""  # it was led astray, and somebody must be able to say so
    assert "bound to no place" in told(station(), parcel, "B")


def test_what_ended_is_over(parcel: str) -> None:
    mine = station("B", "C")
    with acting_as(Role.OPERATOR) as connection:
        assert accounts_places.end(connection, mine, "B", "hub")
        assert not accounts_places.end(connection, mine, "B", "hub")
        assert accounts_places.of(connection, mine) == ["C"]
    assert "does not work" in told(mine, parcel, "B")


def test_the_database_takes_no_word_of_it_about_elsewhere(parcel: str) -> None:
    """Even where no code of ours looks: a transaction of a station writes no event of another place."""
    mine = station("B")
    source = Source(Reporter.STATION.value, mine, "scanner")
    with acting_as(Role.OPERATOR) as connection:
        owner = record(connection, [Report(parcel, "seen", at(95), Source("operator", "local", "x"))], at(96))
    assert owner[0].event is not None
    for subject, facility in (
        (Subject("parcel", parcel), "A"),
        (Subject("facility", "A"), None),
        (Subject("stock", "S-1"), "A"),
    ):
        kind = next(
            t for t in EVENT_TYPES.values() if subject.kind in t.subjects and Reporter.STATION in t.reporters
        )
        made = event(kind, subject, at(95), source, facility=facility)
        refused = pytest.raises(ProgrammingError, match="stations_speak_of_their_places")
        with refused, acting_as(Role.PARTNER, mine) as connection:
            history.append(connection, mine, [made])


def test_places_are_given_to_stations_by_the_hub_and_nobody_else() -> None:
    mine, carrier = station("B"), tenant(TenantKind.CARRIER, "Rif").id
    with acting_as(Role.OPERATOR) as connection:
        with pytest.raises(Conflict, match="no station"):
            accounts_places.give(connection, carrier, "B", "hub", NOW, {"B"})
        with pytest.raises(NotFound, match="no facility"):
            accounts_places.give(connection, mine, "Z", "hub", NOW, {"B"})
    for role in (Role.PARTNER, Role.ACCOUNTS, Role.MERCHANT):
        with pytest.raises(ProgrammingError, match="permission denied"), acting_as(role, mine) as connection:
            accounts_places.give(connection, mine, "A", "itself", NOW, {"A"})


def test_a_key_opens_no_door_of_another_house() -> None:
    with administrator() as connection:
        _, secret = service.issue_key(connection, RIGHTS, station("WH"), RIGHTS.of_kind(TenantKind.STATION))
    client = TestClient(api_on(lambda: Context(NETWORK, RULES).at(MONDAY)))
    client.headers["authorization"] = f"Bearer {secret}"
    act = {"kind": "move", "facility": "STA", "from": "A-1", "to": "A-2", "sku": "X", "pieces": 1}
    tried = [
        client.post("/sorting/centres/STA/scans", json={"scans": []}),
        client.put("/storage/warehouses/STA/layout", json={}),
        client.post("/storage/reservations?facility=STA", headers={"idempotency-key": "k-1"}),
        client.post("/storage/waves", json={"facility": "STA"}, headers={"idempotency-key": "k-2"}),
        client.post("/storage/acts", json=act, headers={"idempotency-key": "k-3"}),
    ]
    for answer in tried:
        assert answer.status_code in (403, 422), answer.text
        assert answer.status_code == 403 or "acts" in str(answer.url), answer.text
    assert client.get("/storage/warehouses/STA").status_code in (200, 404)  # reading is free
