"""Drivers of carriers: they see the rounds of their own carrier, and act on the parcels of these alone; a table of who may what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.core.fault import Fault, NotFound
from qafila.delivery import hauling, store
from qafila.delivery.model import State
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.web.chassis import assets
from tests.delivery.stations import Station
from tests.delivery.test_delivery_doing import JPEG
from tests.web.visitors import HERE, member, signed_in, tenant

_keys = itertools.count()


class Hauled(Station):
    """A station whose vehicles are two carriers' and the hub's own, each with a parcel on its round."""

    def __init__(self) -> None:
        super().__init__(vehicles=3)
        self.ours, self.others = (tenant(TenantKind.CARRIER, name).id for name in ("Atlas", "Rif"))
        owners = {"V1": self.ours, "V2": self.others, "V3": ""}
        with administrator() as connection:
            for one in store.vehicles(connection, self.id):
                store.put_vehicle(connection, replace(one, carrier=owners[one.id], max_pieces=1))
        for _ in owners:
            self.parcel()
        self.by: dict[str, tuple[str, str]] = {}
        for round in self.plan()["rounds"]:
            self.do("start", round=round)
            with administrator() as connection:
                row = store.round_row(connection, round)
                (delivery,) = store.deliveries(connection, "d.round_id = :r", r=round)
            assert row.carrier == owners[row.vehicle]
            self.by[row.carrier] = (round, delivery.parcel)


@pytest.fixture(scope="module")
def station() -> Hauled:
    return Hauled()


def driver(tenant: str) -> Actor:
    """A driver of a carrier."""
    return Actor(tenant=tenant, kind=TenantKind.CARRIER, id="per_1", name="Yassine")


def does(station: Hauled, of: str, key: str = "", **told: str) -> dict[str, object]:
    """An act of a carrier's driver."""
    return hauling.act(
        station.context, driver(of), key or f"{station.id}:{next(_keys)}", station.now, "phone", told, False
    )


def test_each_carrier_sees_its_own_rounds_and_no_others(station: Hauled) -> None:
    for owner in (station.ours, station.others):
        assert [r.round_id for r in hauling.rounds(owner, station.now.date())] == [station.by[owner][0]]
        for whose, (round, number) in station.by.items():
            if whose == owner:
                assert [d.parcel for d in hauling.round_of(owner, round)[1]] == [number]
                continue
            with pytest.raises(NotFound):
                hauling.round_of(owner, round)
    with pytest.raises(NotFound):
        hauling.round_of("", station.by[""][0])


@pytest.mark.parametrize("kind", ["deliver", "fail", "leave", "call", "gone", "end", "start"])
def test_no_act_on_what_is_anothers(station: Hauled, kind: str) -> None:
    told = {
        "deliver": {"photo": JPEG},
        "fail": {"reason": "nobody_home"},
        "leave": {"left": "neighbour", "detail": "Ali", "photo": JPEG},
        "call": {"answer": "confirmed"},
        "gone": {"reason": "lost"},
    }.get(kind, {})
    own = station.by[station.ours][0]
    for whose in (station.others, ""):
        round, number = station.by[whose]
        with pytest.raises(NotFound):
            does(station, station.ours, kind=kind, round=round, **told)
        if kind not in ("start", "end"):
            with pytest.raises(NotFound):
                does(station, station.ours, kind=kind, parcel=number, **told)
            with pytest.raises(NotFound):  # one's own round opens nobody's parcel
                does(station, station.ours, kind=kind, parcel=number, round=own, **told)
        assert station.delivery(number).state is State.OUT


def test_what_is_its_own_is_done_once_in_its_name() -> None:
    station = Hauled()
    round, number = station.by[station.ours]
    does(station, station.ours, kind="call", parcel=number, answer="confirmed")
    key = f"{station.id}:once"
    first = does(station, station.ours, key, kind="fail", parcel=number, reason="nobody_home")
    again = does(
        station, station.ours, key, kind="fail", parcel=number, reason="nobody_home"
    )  # it left the round by the first
    assert (first["state"], again["repeated"], station.delivery(number).attempts) == ("failed", True, 1)
    does(station, station.ours, kind="end", round=round)
    with administrator() as connection:
        told = [e for e in history.histories(connection, [number])[number] if e.type == "delivery_failed"]
    assert [(e.source.role, e.source.tenant) for e in told] == [("carrier", station.ours)]


def test_a_vehicle_is_a_carriers_or_the_hubs() -> None:
    assert hauling.checked("") == ""
    with pytest.raises(Fault, match="no carrier"):
        hauling.checked("nobody")


@pytest.fixture(scope="module")
def app(station: Hauled) -> FastAPI:
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    from qafila.web.portal import create_app

    return create_app(lambda: station.context)


@pytest.fixture
def phone(app: FastAPI, station: Hauled) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as visitor:
        yield signed_in(visitor, member(station.ours, "driver"))


def test_a_driver_signs_in_and_works_on_the_page(phone: TestClient, station: Hauled) -> None:
    round, number = station.by[station.ours]
    listed = phone.get("/en/hauled")
    assert round in listed.text
    assert not any(station.by[w][0] in listed.text for w in (station.others, ""))
    page = phone.get(f"/en/hauled/{round}")
    assert number in page.text
    assert "/hauled/act" in page.text
    for whose in (station.others, ""):
        assert phone.get(f"/en/hauled/{station.by[whose][0]}").status_code == 404
        told = {
            "key": f"{round}:{whose}",
            "at": "2027-03-01T06:00:00Z",
            "kind": "deliver",
            "parcel": station.by[whose][1],
            "photo": JPEG,
        }
        assert phone.post("/en/hauled/act", json=told, headers=HERE).json()["state"] == "refused"
    for closed in (f"/en/rounds/{station.id}", f"/en/rounds/{station.id}/drive/{round}", "/en/points"):
        assert phone.get(closed).status_code == 403
    told = {
        "key": f"{round}:d",
        "at": "2027-03-01T06:00:00Z",
        "kind": "deliver",
        "parcel": number,
        "photo": JPEG,
    }
    done = phone.post("/en/hauled/act", json=told, headers=HERE)
    assert done.json()["state"] == "done", done.text
    assert station.delivery(number).state is State.DELIVERED


def test_what_left_a_round_in_the_van_is_still_its_drivers() -> None:
    station = Hauled()
    number = station.by[station.ours][1]
    does(station, station.ours, kind="fail", parcel=number, reason="nobody_home")
    assert station.delivery(number).round_id == ""
    with pytest.raises(NotFound):  # another carrier never had it
        does(station, station.others, kind="deliver", parcel=number, photo=JPEG)
    does(station, station.ours, kind="deliver", parcel=number, photo=JPEG)  # the buyer came to the van
    assert station.delivery(number).state is State.DELIVERED
