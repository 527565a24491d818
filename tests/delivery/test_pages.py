"""The pages of the last mile: a stranger with a link sees one parcel, a stranger without one sees nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.delivery import notices
from qafila.delivery.model import State
from qafila.openness.privacy import reads
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator, merchant_transaction
from qafila.web.chassis import assets
from tests.delivery.stations import Station
from tests.delivery.test_delivery_points import in_locker, stay_of
from tests.web.visitors import HERE

JPEG = base64.b64encode(b"\xff\xd8\xff" + b"0" * 100).decode()


@pytest.fixture(scope="module")
def station() -> Station:
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    made = Station(vehicles=12)
    made.compartments((400, 300, 200), (100, 100, 100))
    return made


@pytest.fixture(scope="module")
def app(station: Station) -> FastAPI:
    from qafila.web.portal import create_app

    return create_app(lambda: station.context)


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        app, base_url="http://portal.test", client=("203.0.113.9", 50000), follow_redirects=False
    ) as made:
        yield made


@pytest.fixture
def hub(app: FastAPI) -> TestClient:
    made = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), follow_redirects=False)
    assert made.get(f"/enter/{first_link(datetime.now(UTC), anyway=True)}").status_code == 303
    return made


def test_whoever_looks_at_a_delivery_is_noted(
    station: Station, stranger: TestClient, hub: TestClient
) -> None:
    """By a buyer's link, whose secret is not kept, and by a scope of delivery; the merchant sees both."""
    number = station.out()
    delivery = station.delivery(number)
    reads.flush()
    assert stranger.get(f"/d/{delivery.token}").status_code == 200
    assert hub.get("/rounds").status_code in (200, 303)  # or straight to the only station
    reads.flush()
    with merchant_transaction(delivery.merchant_id) as connection:
        seen = [
            read for read in reads.newest(connection, number, others=True) if read.what == "GET /d/{token}"
        ]
    assert [(read.by_tenant, read.by_name, read.subject) for read in seen] == [("", "", number)]
    with administrator() as connection:
        rows = connection.execute(text("SELECT by_id, what FROM access_records")).all()
    assert any(what == "GET /rounds" and by and not by.startswith("link:") for by, what in rows)
    assert not any(delivery.token in part for row in rows for part in row)


def test_a_link_opens_one_parcel_and_a_number_opens_no_person(station: Station, stranger: TestClient) -> None:
    number = station.out()
    token = station.delivery(number).token
    seen = stranger.get(f"/d/{token}")
    assert seen.status_code == 200
    assert "no-store" in seen.headers["cache-control"]
    assert seen.headers["referrer-policy"] == "no-referrer"
    assert station.delivery(number).code in seen.text
    public = stranger.get(f"/t/{number}")
    assert public.status_code == 200
    for secret in (token, station.delivery(number).code, "Roux", "rue Mercière", "+33600000000"):
        assert secret not in public.text
    for guess in (token[:-1] + ("A" if token[-1] != "A" else "B"), number, "x" * 32, "é" * 32, "a/../../b"):
        assert stranger.get(f"/d/{guess}").status_code == 404
        assert stranger.post(f"/d/{guess}/wish", data={"wish": "door"}, headers=HERE).status_code == 404
        assert stranger.post(f"/d/{guess}/stop", headers=HERE).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh"])
def test_the_buyers_page_speaks_four_languages(station: Station, stranger: TestClient, language: str) -> None:
    number = station.out(cash="30")
    seen = stranger.get(f"/{language}/d/{station.delivery(number).token}")
    assert f'lang="{language}"' in seen.text
    assert "30.00" in seen.text or "30,00" in seen.text or "٣٠" in seen.text


def test_a_buyer_chooses_and_is_heard(station: Station, stranger: TestClient) -> None:
    number = station.parcel()
    station.plan()
    token = station.delivery(number).token
    done = stranger.post(
        f"/d/{token}/door",
        data={"landmark": "blue door", "where": "https://maps.example/?q=45.7600,4.8400"},
        headers=HERE,
    )
    assert done.status_code == 303, done.text
    assert station.delivery(number).pin == (45.76, 4.84)
    assert station.delivery(number).confirmed_at is not None
    far = stranger.post(f"/d/{token}/door", data={"where": "48.85, 2.35"}, headers=HERE)
    assert far.status_code == 422
    assert "km" in far.text
    assert station.delivery(number).pin == (45.76, 4.84)
    sunday = stranger.post(f"/d/{token}/wish", data={"wish": "day", "day": "2027-03-07"}, headers=HERE)
    assert sunday.status_code == 422
    assert (
        stranger.post(f"/d/{token}/wish", data={"wish": "day", "day": "2027-03-03"}, headers=HERE).status_code
        == 303
    )
    assert station.delivery(number).state is State.OPEN
    assert str(station.delivery(number).day) == "2027-03-03"
    assert (
        stranger.post(
            f"/d/{token}/wish", data={"wish": "point", "point": station.point}, headers=HERE
        ).status_code
        == 303
    )
    assert station.delivery(number).point == station.point
    assert (
        stranger.post(
            f"/d/{token}/wish", data={"wish": "point", "point": "NOWHERE"}, headers=HERE
        ).status_code
        == 404
    )
    assert (
        stranger.post(
            f"/d/{token}/wish", data={"wish": "safe_place", "detail": "  "}, headers=HERE
        ).status_code
        == 422
    )


def test_who_wants_no_more_messages_gets_none(station: Station, stranger: TestClient) -> None:
    number = station.parcel(email="quiet@example.org", phone="")
    station.plan()
    token = station.delivery(number).token
    assert stranger.get(f"/d/{token}/stop").status_code == 200
    assert stranger.post(f"/d/{token}/stop", data={"List-Unsubscribe": "One-Click"}).status_code == 204
    with administrator() as connection:
        assert {n["state"] for n in notices.of_parcel(connection, number)} == {"stopped"}
    other = station.parcel(email="Quiet@example.org", phone="")
    station.plan()
    with administrator() as connection:
        assert notices.of_parcel(connection, other) == []


def test_dispatcher_and_driver_have_their_pages(
    station: Station, hub: TestClient, stranger: TestClient
) -> None:
    number = station.parcel()
    page = hub.get(f"/rounds/{station.id}?on=2027-03-01")
    assert page.status_code == 200, page.text
    planned = hub.post(
        f"/rounds/{station.id}/plan", data={"day": "2027-03-01", "key": f"p:{number}"}, headers=HERE
    )
    assert planned.status_code == 303, planned.text
    round = station.delivery(number).round_id
    drive = hub.get(f"/rounds/{station.id}/drive/{round}")
    assert drive.status_code == 200
    assert number in drive.text
    acts = [{"kind": "start", "round": round}, {"kind": "deliver", "parcel": number, "photo": JPEG}]
    for n, told in enumerate(acts):
        for _ in range(2):
            done = hub.post(
                f"/rounds/{station.id}/act",
                json={"key": f"{number}:{n}", "at": "2027-03-01T06:00:00Z", "late": True, **told},
                headers=HERE,
            )
            assert done.json()["state"] == "done", done.text
    assert station.delivery(number).state is State.DELIVERED
    refused = hub.post(
        f"/rounds/{station.id}/act",
        json={
            "key": f"{number}:x",
            "at": "2027-03-01T06:00:00Z",
            "kind": "fail",
            "parcel": number,
            "reason": "closed",
        },
        headers=HERE,
    )
    assert refused.json()["state"] == "refused"
    assert stranger.get(f"/rounds/{station.id}").status_code == 303
    assert stranger.post(f"/rounds/{station.id}/act", json={}, headers=HERE).status_code == 303


def test_a_counter_looks_a_code_up_takes_what_is_due_and_hands_out_once(
    station: Station, hub: TestClient
) -> None:
    number = in_locker(station, cash="12.50")
    stay = stay_of(number)
    assert stay is not None
    here = f"/points/{station.point}"
    shown = hub.get(here)
    assert shown.status_code == 200
    assert number in shown.text
    assert stay.code not in shown.text
    wrong = hub.post(f"{here}/find", data={"code": "000000" if stay.code != "000000" else "111111"})
    assert wrong.status_code == 422
    found = hub.post(f"{here}/find", data={"code": stay.code})
    assert found.status_code == 200
    assert stay.compartment in found.text
    assert "12.50" in found.text
    unpaid = hub.post(f"{here}/hand-out", data={"code": stay.code, "key": "a"})
    assert unpaid.status_code == 422
    assert station.delivery(number).state is State.AT_POINT
    for _ in range(2):  # the button pressed twice
        given = hub.post(
            f"{here}/hand-out", data={"code": stay.code, "collected": "12,50", "name": "Amélie", "key": "b"}
        )
        assert given.status_code == 303, given.text
    assert station.delivery(number).state is State.DELIVERED
    assert number in hub.get(given.headers["location"]).text
    assert hub.get("/points/NOWHERE").status_code == 404
    assert hub.post(f"{here}/find", data={"code": stay.code}).status_code == 422  # it opens once
