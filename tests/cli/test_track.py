from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.cli.tracking import track_view
from qafila.network import installed
from qafila.network.model import Facility, Feed, Kind
from qafila.network.timetable import Mode
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.tracking.event import ParcelEvent
from qafila.tracking.status import status
from tests.shipping.bookables import EPOCH, Run, legs, offer, order, timetable
from tests.tracking.test_epcis import PLACES
from tests.tracking.test_status import PLAN, WAY, at, event

run = CliRunner()


@pytest.fixture
def number(monkeypatch: pytest.MonkeyPatch) -> str:
    """A parcel that flies from A to B, in a network of these two."""
    places = tuple(
        Facility(f, f, Kind.AIRPORT, 33.0, -7.0, "MA", f, "Africa/Casablanca", "MA") for f in ("A", "B")
    )
    monkeypatch.setattr(installed, "feed", lambda: Feed("two", "1", "EUR", 100, "a test", facilities=places))
    with administrator() as connection:
        merchant = merchants.local(connection).id
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order(new_id("A"))
    made = booking.book(
        merchant,
        Request(asked, offer(asked, legs(table, 0)), asked.id),
        table,
        datetime.now(UTC) - timedelta(hours=1),
    )
    assert isinstance(made, Booked)
    return made.parcel


def test_a_number_alone_shows_where_the_parcel_is(number: str) -> None:
    shown = run.invoke(app, ["track", number])
    assert shown.exit_code == 0
    assert number in shown.output
    assert "booked" in shown.output
    # minute 60 of 1 March 2027; in Ramadan, Morocco's clock shows UTC
    assert "2027-03-01 01:00 +00  planned  departed" in shown.output
    told = json.loads(run.invoke(app, ["track", number, "--json"]).stdout)
    assert (told["status"]["state"], told["status"]["eta"]) == (
        "booked",
        (EPOCH + timedelta(minutes=120)).isoformat(),
    )
    assert [e["type"] for e in told["events"]] == ["booked", "departed", "arrived", "awaiting_pickup"]


def test_what_is_recorded_is_shown(number: str) -> None:
    when = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    done = run.invoke(app, ["track", "record", number, "EMC", "--facility", "A", "--at", when, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["recorded"]) == (0, 1)
    told = json.loads(run.invoke(app, ["track", number, "--json"]).stdout)
    assert (told["status"]["state"], told["status"]["facility"]) == ("in_transit", "A")


def test_a_file_of_events_names_the_rows_it_refuses(number: str, tmp_path: Path) -> None:
    when = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    file = tmp_path / "events.csv"
    file.write_text(f"parcel,type,time,facility\n{number},departed,{when},A\n{number},departed,{when},Z\n")
    done = run.invoke(app, ["track", "record", "--file", str(file), "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["recorded"]) == (1, 1)
    assert [(f["row"], f["field"], f["value"]) for f in told["refused"]] == [(2, "facility", "Z")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["HA000000013MA"], 2),
        (["HA999999995MA"], 3),
        (["record"], 2),
        (["record", "x", "y", "--at", "noon"], 2),
    ],
)
def test_wrong_usage_and_unknown_parcels_have_their_exit_codes(arguments: list[str], code: int) -> None:
    assert run.invoke(app, ["track", *arguments]).exit_code == code


def test_overdue_lists_nothing_that_lies_ahead(number: str) -> None:
    listed = json.loads(run.invoke(app, ["track", "overdue", "--json"]).stdout)
    assert number not in [s["parcel"] for s in listed]


def test_a_merchant_gets_a_key_and_loses_it() -> None:
    made = json.loads(run.invoke(app, ["merchant", "create", "Souk", "--json"]).stdout)
    key = json.loads(
        run.invoke(app, ["merchant", "key", made["id"], "--scope", "events:read", "--json"]).stdout
    )
    with administrator() as connection:
        assert merchants.authenticate(connection, key["key"]) is not None
    assert run.invoke(app, ["merchant", "revoke", key["id"]]).exit_code == 0
    assert run.invoke(app, ["merchant", "revoke", key["id"]]).exit_code == 3
    assert run.invoke(app, ["merchant", "key", "nobody"]).exit_code == 2
    assert made["id"] in run.invoke(app, ["merchant", "list"]).stdout


def test_what_is_done_is_not_expected(capsys: pytest.CaptureFixture[str]) -> None:
    done = [*PLAN, *WAY, event(ParcelEvent.DELIVERED, 700, None)]
    track_view.show(status(done, at(900)), done, PLACES)
    said = capsys.readouterr().out
    assert "Delivered 2027-03-01 12:40 +01" in said  # minute 700 in Paris
    assert said.splitlines()[0].split() == [done[0].subject_id, "delivered"]  # at a door: at no facility
    assert "Expected" not in said


def test_what_went_wrong_is_said_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    late = [*PLAN, *WAY[:2], event(ParcelEvent.DEPARTED, 275, "CAS2")]
    seen = status(late, at(4000))
    track_view.show(seen, late, PLACES)
    track_view.overdue([seen], PLACES)
    said = capsys.readouterr().out
    # late by 75 minutes: ready in Paris at minute 505 (08:25 UTC), five minutes after the truck's cut-off
    assert "in transit, last seen at CAS2 (Casablanca)" in said
    assert "Missed connection: ROAD-1 from CDG (Paris); cut-off 2027-03-01 09:20 +01" in said
    assert "the goods are ready at 2027-03-01 09:25 +01" in said
    # expected in Paris at minute 475; silent until minute 4000: 3,525 minutes are 2 days and 10.75 hours
    assert "Overdue: arrived CDG (Paris) was expected 2027-03-01 08:55 +01; silent for 2 d 10 h" in said
    assert "scanner 7" in said
