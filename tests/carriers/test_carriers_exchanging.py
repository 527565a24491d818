"""A carrier's system gets its parcels, gives labels, and tells what happens: over HTTP with a server, and by files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  # lists every event type
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.carriers import carriers_connecting, carriers_exchanging, store
from qafila.context import Context
from qafila.core.fault import Fault
from qafila.network.installed import Network
from qafila.network.network_joining import join
from qafila.openness.privacy import reads
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Subject
from qafila.shipping import counter
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.counter import Quote
from tests.api.conftest import MONDAY, RULES, order
from tests.carriers.a_carrier import LABEL, Atlas, serving
from tests.network.small import small_feed
from tests.network.test_network_joining import brought
from tests.openness.logs import fresh_log
from tests.web.visitors import tenant

LATER = MONDAY + timedelta(days=1)


class House:
    """A hub with a carrier in its network, and a merchant who books on it."""

    def __init__(self, folder: Path) -> None:
        self.carrier, self.souk = tenant(TenantKind.CARRIER, "Atlas Air").id, tenant().id
        feed = join(small_feed(), brought(folder, per_kg="0.01"), self.carrier).feed
        self.here = Context(Network.of(feed), RULES, self.souk).at(MONDAY)

    def booked(self, which: str = "AT-FLY") -> Booked:
        quote = counter.quote(self.here, partial(command_of, OrderIn.model_validate(order())))
        assert isinstance(quote, Quote)
        (offer,) = [o for o in quote.offers if which in {leg.service_id for leg in o.itinerary.legs}][:1]
        made = counter.book(self.here, offer.id)
        assert isinstance(made, Booked), made
        return made

    def turn(self) -> carriers_exchanging.Turn:
        return carriers_exchanging.exchange(self.here.of("").at(LATER))

    def state(self) -> store.State:
        with acting_as(Role.PARTNER, self.carrier) as db:
            (one,) = store.states(db)
        return one

    def of(self, parcel: str) -> store.Consigned:
        with merchant_transaction(self.souk) as db:
            (one,) = store.consigned(db, parcel)
        return one

    def types(self, parcel: str) -> list[str]:
        with merchant_transaction(self.souk) as db:
            found = history.history(db, Subject("parcel", parcel))
        return [e.type for e in found if e.source.tenant == self.carrier]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with administrator() as db:
        db.execute(text("DELETE FROM carrier_lines"))
    with fresh_log(tmp_path, monkeypatch):
        yield House(tmp_path / "feed")


def test_parcels_go_there_and_labels_and_events_come_back(house: House) -> None:
    atlas = Atlas()
    with serving(atlas) as address:
        before = house.booked().parcel
        carriers_connecting.connect(house.carrier, "http", address, atlas.secret, by_hub=True)
        flown, sailed = house.booked().parcel, house.booked("SAIL").parcel
        assert house.turn().given == 1
        assert set(atlas.taken) == {flown}  # neither what was booked before, nor what others carry
        told = atlas.taken[flown]
        assert (told["service"], told["receiver"]) == (
            "AT-FLY",
            None,
        )  # it does not go to the door: no address
        assert house.of(flown).reference == f"ATL-{flown}"
        with merchant_transaction(house.souk) as db:
            label = store.label_of(db, flown)
            assert store.label_of(db, sailed) is None
        assert label is not None
        assert (label.kind, label.content) == ("application/zpl", LABEL)
        with merchant_transaction(tenant().id) as db:
            assert store.label_of(db, flown) is None  # another merchant sees nothing of it
            assert store.consigned(db, flown) == []

        at = (MONDAY + timedelta(hours=20)).isoformat()
        atlas.tell(parcel=f"ATL-{flown}", type="departed", time=at, facility="CDG")
        atlas.tell(parcel=flown, type="seen", time=at)
        atlas.tell(parcel=sailed, type="delivered", time=at)  # none of its own
        atlas.tell(parcel="ATL-who", type="seen", time=at)
        done = house.turn()
        assert (done.given, done.recorded, done.refused) == (0, 2, 2)
        assert sorted(house.types(flown)) == ["departed", "seen"]
        assert house.types(sailed) == house.types(before) == []
        assert house.state().refused == 2
        assert house.turn() == carriers_exchanging.Turn(1, 0, 0, 0)  # nothing twice
    reads.flush()
    with administrator() as db:
        seen = db.execute(
            text("SELECT what FROM access_records WHERE subject = :p AND by_tenant = :c"),
            {"p": flown, "c": house.carrier},
        ).scalars()
        assert list(seen) == ["adapter http"]


def test_what_is_cancelled_is_taken_back_and_a_late_label_comes(house: House) -> None:
    atlas = Atlas()
    atlas.late = True
    with serving(atlas) as address:
        carriers_connecting.connect(house.carrier, "http", address, atlas.secret, by_hub=True)
        first, second = house.booked(), house.booked()
        house.turn()
        atlas.late = False
        house.turn()
        with merchant_transaction(house.souk) as db:
            assert store.label_of(db, first.parcel) is not None
        booking.cancel(house.souk, second.booking_id, MONDAY)
        house.turn()
        assert atlas.gone == [second.parcel]
        assert house.of(second.parcel).state == "withdrawn"


def test_a_system_that_is_away_wrong_or_refuses_loses_nothing(house: House) -> None:
    atlas = Atlas()
    with serving(atlas) as address:
        carriers_connecting.connect(house.carrier, "http", address, "wrong", by_hub=True)
        number = house.booked().parcel
        house.turn()
        assert "401" in house.state().trouble
        carriers_connecting.connect(house.carrier, "http", address, atlas.secret, by_hub=True)
        for nonsense in (
            b"<html>",
            b"[]",
            b'{"reference": 7}',
            b'{"reference": "x", "label": {"kind": "text/html"}}',
        ):
            atlas.nonsense = nonsense
            house.turn()
            assert house.state().trouble
            assert house.of(number).state == "waits"
        atlas.nonsense, atlas.refuses = None, True
        house.turn()
        assert (house.of(number).state, house.of(number).why) == ("refused", "too heavy for us")
        assert house.state().trouble == ""
    house.turn()
    assert house.state().trouble  # nobody answers


def test_by_files_it_is_the_same(house: House, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    carriers_connecting.connect(house.carrier, "files", str(share), by_hub=True)
    number = house.booked().parcel
    assert house.turn().given == 1
    asked = json.loads((share / "asked" / f"{number}.json").read_text())
    assert (asked["parcel"], asked["service"]) == (number, "AT-FLY")
    (share / "labels" / f"{number}.pdf").write_bytes(b"%PDF-1.7")
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": LATER.isoformat(),
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "action": "OBSERVE",
                    "eventTime": (MONDAY + timedelta(hours=20)).isoformat(),
                    "eventTimeZoneOffset": "+00:00",
                    "epcList": [f"urn:x-qafila:parcel:{number}"],
                    "bizStep": "departing",
                    "disposition": "in_transit",
                },
            ]
        },
    }
    (share / "events" / "0001.jsonld").write_text(json.dumps(document))
    assert house.turn().recorded == 1
    assert house.types(number) == ["departed"]
    assert house.turn().recorded == 0
    with merchant_transaction(house.souk) as db:
        label = store.label_of(db, number)
    assert label is not None
    assert label.content == b"%PDF-1.7"
    (share / "events" / "0002.jsonld").write_text("{")
    house.turn()
    assert "0002.jsonld" in house.state().trouble


@pytest.mark.parametrize(
    ("adapter", "address"),
    [
        ("http", "http://127.0.0.1:1/x"),
        ("http", "ftp://x"),
        ("http", "https://"),
        ("http", "https://a:b@c/"),
        ("files", "/etc"),
        ("none", "https://x.example"),
        ("http", "https://[::1"),
    ],
)
def test_a_carrier_names_neither_folders_nor_what_is_behind_the_walls(adapter: str, address: str) -> None:
    with pytest.raises(Fault):
        carriers_connecting.connect(tenant(TenantKind.CARRIER, "Rif").id, adapter, address)


def test_the_secret_is_for_nobody_to_read(house: House) -> None:
    carriers_connecting.connect(house.carrier, "http", "https://x.example", "very-secret", by_hub=True)
    for role in (Role.PARTNER, Role.OPERATOR):
        with acting_as(role, house.carrier) as db:
            with pytest.raises(Exception, match="permission denied"):
                db.execute(text("SELECT secret FROM carrier_lines"))
            db.rollback()
    assert "very-secret" not in repr(house.state())
