"""Two networks hand a parcel over: two installations with databases, homes and logs of their own, in one process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

import qafila.floors  # noqa: F401  # lists every event type
from qafila.api.app import create_app
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.floors import RIGHTS
from qafila.openness import auditing, openness_recording, sequencing
from qafila.openness import store as log
from qafila.openness.verifier import read_key
from qafila.runtime.accounts import service
from qafila.runtime.database import Role, acting_as, administrator, connection, engine, merchant_transaction
from qafila.runtime.database.migrate import upgrade
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.store import history
from qafila.runtime.settings import Settings, elsewhere
from qafila.shipping import counter, handing, merchants
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.counter import Quote
from qafila.tracking.status import status
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, NETWORK, RULES, order

LATER = MONDAY + timedelta(hours=30)


@dataclass(frozen=True)
class Installation:
    """A network's database, home and name."""

    made: Engine
    home: Path
    origin: str

    @contextmanager
    def here(self, *partners: str) -> Iterator[None]:
        """This thread, and what it calls, is that installation; threads of other tests go on where they are."""
        own = Settings(home=self.home, log_origin=self.origin, partner_networks=list(partners))
        sequencing.witnesses.cache_clear()
        with elsewhere(own), connection.elsewhere(self.made):
            yield


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    with installations(tmp_path, "handing") as made:
        yield made


@contextmanager
def installations(folder: Path, called: str) -> Iterator[tuple[Installation, Installation]]:
    """Two networks with databases and homes of their own."""
    plain = engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    made = []
    for name in ("atlas", "rif"):
        database = f"{called}_{name}_{os.getpid()}"
        with psycopg.connect(plain, autocommit=True) as maker:
            maker.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            maker.execute(f"CREATE DATABASE {database}")
        one = connection.beside(database, 10)
        upgrade(one)
        (folder / name).mkdir()
        made.append(Installation(one, folder / name, f"{name}.example/log"))
    yield made[0], made[1]
    for one in (installation.made for installation in made):
        one.dispose()
        with psycopg.connect(plain, autocommit=True) as maker:
            maker.execute(f"DROP DATABASE IF EXISTS {one.url.database} WITH (FORCE)")


def booked(here: Context, **more: Any) -> str:
    return several(here, **more)[0]


def several(here: Context, **more: Any) -> tuple[str, ...]:
    said = order(
        **more,
        receiver={
            "country": "FR",
            "city": "Lyon",
            "line1": "3 rue Mercière",
            "postcode": "69002",
            "name": "Amélie Roux",
            "email": "amelie@example.org",
        },
    )
    quote = counter.quote(here, partial(command_of, OrderIn.model_validate(said)))
    assert isinstance(quote, Quote), quote
    made = counter.book(here, quote.offers[0].id)
    assert isinstance(made, Booked), made
    return made.parcels


def taken() -> int:
    with administrator() as db:
        return int(db.execute(text("SELECT coalesce(sum(taken_g), 0) FROM capacity")).scalar_one())


def arrived(number: str, facility: str) -> None:
    with acting_as(Role.OPERATOR) as db:
        source = Source(Reporter.OPERATOR.value, "local", "desk")
        (one,) = record(db, [Report(number, "arrived", LATER, source, facility=facility)], LATER)
    assert one.event is not None


def test_a_parcel_goes_on_in_another_network_and_each_log_has_it(
    networks: tuple[Installation, Installation],
) -> None:
    atlas, rif = networks
    with atlas.here():
        key = str(openness_recording.keys().first)
        with administrator() as db:
            souk = merchants.create(db, "Souk").id
        here = Context(NETWORK, RULES, souk).at(MONDAY)
        number = booked(here)
        before = taken()
        with pytest.raises(Conflict, match="not at LYS"):
            handing.hand_on(here.at(LATER), [number], "LYS", "Rif")
        arrived(number, "LYS")
        done = handing.hand_on(here.at(LATER), [number], "LYS", "Rif")
        assert handing.hand_on(here.at(LATER), [number], "LYS", "Rif") == done
        assert 0 < taken() < before  # what it had not ridden is free again
        with merchant_transaction(souk) as db:
            seen = status(history(db, Subject("parcel", number)), LATER)
            (entry,) = [one for one in log.about(db, number) if one.kind == handing.KIND]
        assert seen.state == "handed_on"
        assert json.loads(entry.entry)["said"]["direction"] == "out"
        assert b"Am\xc3\xa9lie" not in entry.entry
        with pytest.raises(NotFound):
            handing.hand_on(here.of("mer_other").at(LATER), [number], "LYS", "Rif")
        sequencing.integrate(LATER)
        with acting_as(Role.OPERATOR) as db:
            assert auditing.audit(db, sequencing.folder(), openness_recording.keys().keys) == []

    with rif.here(key):
        with administrator() as db:
            partner = merchants.create(db, "Atlas network").id
            _, secret = service.issue_key(db, RIGHTS, partner)
        client = TestClient(create_app(lambda: Context(NETWORK, RULES).at(LATER)))
        client.headers["authorization"] = f"Bearer {secret}"
        sent = {"document": done.document.decode(), "note": done.note.decode(), "facility": "LYS"}
        answer = client.post("/handovers/received", json=sent)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert told["there"] == number
        assert client.post("/handovers/received", json=sent).json()["parcel"] == told["parcel"]
        with merchant_transaction(partner) as db:
            kinds = [one.kind for one in log.entries(db)]
        assert kinds.count("shipping.booking") == 1
        assert kinds.count(handing.KIND) == 1
        forged = {**sent, "document": sent["document"].replace("Amélie", "Amelia")}
        assert client.post("/handovers/received", json=forged).status_code == 422
        sequencing.integrate(LATER)
        with acting_as(Role.OPERATOR) as db:
            assert auditing.audit(db, sequencing.folder(), openness_recording.keys().keys) == []

    with atlas.here():
        assert handing.refer(souk, number, told["parcel"])
        assert not handing.refer(souk, "HA999999999MA", "x")


def test_a_network_that_is_not_known_hands_nothing_over(networks: tuple[Installation, Installation]) -> None:
    atlas, rif = networks
    with atlas.here():
        with administrator() as db:
            souk = merchants.create(db, "Souk").id
        here = Context(NETWORK, RULES, souk).at(MONDAY)
        number = booked(here)
        done = handing.hand_on(here, [number], "WH", "Rif")  # it need not have moved
        own = openness_recording.keys().first
    with rif.here():
        stranger = openness_recording.keys().first
        with pytest.raises(Fault, match="known"):
            handing.received(done.document, done.note, [])
        with pytest.raises(Fault, match="known"):
            handing.received(done.document, done.note, [read_key(str(stranger))])
        assert handing.received(done.document, done.note, [own])["parcel"] == number
        for broken in (b"", b"[]", b"{}", b"\xff", done.document[:-1]):
            with pytest.raises(Fault):
                handing.received(broken, done.note, [own])
        with pytest.raises(Fault):
            handing.received(done.document, b"no note", [own])


ITEMS = {
    "items": [
        {
            "title": "Clay bowl",
            "quantity": 3,
            "unit_value": {"amount": "10", "currency": "EUR"},
            "weight_kg": "0.8",
            "hs": "691200",
            "origin": "MA",
        },
        {
            "title": "Wool scarf",
            "quantity": 2,
            "unit_value": {"amount": "15", "currency": "EUR"},
            "weight_kg": "0.3",
            "hs": "621420",
            "origin": "MA",
        },
    ],
    "parcels": [
        {
            "items": [{"item": 0, "quantity": 2}],
            "weight_kg": "2.1",
            "length_cm": "30",
            "width_cm": "20",
            "height_cm": "20",
        },
        {"items": [{"item": 0, "quantity": 1}, {"item": 1, "quantity": 1}], "weight_kg": "1.4"},
        {"items": [{"item": 1, "quantity": 1}], "weight_kg": "0.5"},
    ],
}


def test_of_three_parcels_two_leave_together_and_one_rides_on(
    networks: tuple[Installation, Installation],
) -> None:
    atlas, rif = networks
    with atlas.here():
        key = str(openness_recording.keys().first)
        with administrator() as db:
            souk = merchants.create(db, "Souk").id
        here = Context(NETWORK, RULES, souk).at(MONDAY)
        first, second, third = several(here, **ITEMS)
        other = booked(here)
        before = taken()
        for number in (first, second, third):
            arrived(number, "LYS")
        later = here.at(LATER)
        with pytest.raises(Conflict, match="another shipment"):
            handing.hand_on(later, [first, other], "LYS", "Rif")
        done = handing.hand_on(later, [second, first], "LYS", "Rif")
        assert done.parcels == (first, second)
        assert handing.hand_on(later, [first, second], "LYS", "Rif") == done
        assert handing.of_parcel(souk, second) == done
        with pytest.raises(Conflict, match="left already"):
            handing.hand_on(later, [first], "LYS", "Elsewhere")
        with pytest.raises(Conflict, match="left already"):
            handing.hand_on(later, [first, second, third], "LYS", "Elsewhere")
        back = before - taken()
        with merchant_transaction(souk) as db:
            seen = [status(history(db, Subject("parcel", n)), LATER).state for n in (first, second, third)]
        assert seen == ["handed_on", "handed_on", "at_facility"]
        assert back > 0
        last = handing.hand_on(later, handing.whole_shipment(souk, other)[:1], "WH", "Rif")
        asked = json.loads(done.document)["order"]
        assert [(i["title"], i["quantity"]) for i in asked["items"]] == [("Clay bowl", 3), ("Wool scarf", 1)]
        assert [p["weight_kg"] for p in asked["parcels"]] == ["2.100", "1.400"]
        assert asked["parcels"][1]["items"] == [{"item": 0, "quantity": 1}, {"item": 1, "quantity": 1}]
        assert len(handing.listed(souk)) == 3
        assert last.parcels == (other,)
        alone = handing.hand_on(later, [third], "LYS", "Rif")  # and the last by itself
        assert json.loads(alone.document)["order"]["items"][0]["title"] == "Wool scarf"

    with rif.here(key):
        with administrator() as db:
            partner = merchants.create(db, "Atlas network").id
            _, secret = service.issue_key(db, RIGHTS, partner)
        client = TestClient(create_app(lambda: Context(NETWORK, RULES).at(LATER)))
        client.headers["authorization"] = f"Bearer {secret}"
        sent = {"document": done.document.decode(), "note": done.note.decode(), "facility": "LYS"}
        told = client.post("/handovers/received", json=sent)
        assert told.status_code == 201, told.text
        assert told.json()["there_all"] == [first, second]
        assert len(set(told.json()["parcels"])) == 2
        assert client.post("/handovers/received", json=sent).json()["parcels"] == told.json()["parcels"]
        with merchant_transaction(partner) as db:
            kinds = [one.kind for one in log.entries(db)]
        assert (kinds.count("shipping.booking"), kinds.count(handing.KIND)) == (1, 2)
