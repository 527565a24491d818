"""The fleet board: by tail and by station, a flight, a change that is looked at first, outages, repairs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.fleet import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.web.visitors import HERE, member, signed_in, tenant

SINCE = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()


@pytest.fixture
def hub(client: TestClient) -> TestClient:
    with administrator() as connection:
        connection.execute(text("DELETE FROM fleet_changes"))
        connection.execute(text("UPDATE fleet_outages SET lifted = now()"))
    return signed_in(client, member(tenant(TenantKind.HUB, "Hub").id))


def flight() -> tuple[str, int, int]:
    """A sector of the days that are shown, as part of an address."""
    begins = datetime.fromisoformat(SINCE).replace(tzinfo=UTC)
    with administrator() as connection:
        board = service.window(connection, of_this_home(), begins, begins + timedelta(days=1)).board
    return next(f.sector.key for f in board.flown if f.depart > 0)


@pytest.mark.parametrize("language", ["", "/fr", "/ar", "/zh"])
@pytest.mark.parametrize("view", ["tail", "station"])
def test_the_board_is_drawn_and_told(hub: TestClient, language: str, view: str) -> None:
    told = hub.get(f"{language}/fleet", params={"since": SINCE, "view": view})
    assert told.status_code == 200
    assert 'class="gantt"' in told.text
    assert told.text.count("CN-QAA") > 1


def test_a_change_is_looked_at_before_it_is_put_in_place(hub: TestClient) -> None:
    service_id, day, call = flight()
    address = f"/fleet/{service_id}/{day}/{call}"
    seen = hub.post(address, data={"delay": "35", "do": "see"}, headers=HERE)
    assert seen.status_code == 200
    assert "What this would do" in seen.text
    assert "35 minutes later" not in hub.get(address).text
    assert hub.post(address, data={"delay": "35", "do": "do"}, headers=HERE).status_code == 303
    assert "35 minutes later" in hub.get(address).text
    assert "35 minutes plus tard" in hub.get(f"/fr{address}").text
    assert hub.post(address, data={"delay": "99999", "do": "do"}, headers=HERE).status_code == 422
    assert hub.get("/fleet/NONE/1/0").status_code == 404


def test_an_outage_is_told_and_repaired_by_hand(hub: TestClient) -> None:
    form = {
        "kind": "tail",
        "subject": "CN-QAB",
        "begins": f"{SINCE}T00:00",
        "ends": f"{SINCE}T20:00",
        "because": "bird",
    }
    assert hub.post("/fleet/outages", data=form, headers=HERE).status_code == 303
    told = hub.get("/fleet", params={"since": SINCE}).text
    assert "bird" in told
    assert 'class="out"' in told
    wrong = hub.post("/fleet/outages", data=form | {"subject": "CN-XXX"}, headers=HERE)
    assert wrong.status_code == 422
    assert "CN-XXX is not in the fleet." in wrong.text
    outage = re.search(r"/fleet/outages/(out[\w-]+)", told)
    assert outage
    proposed = hub.post("/fleet/repairs", data={"since": SINCE}, headers=HERE)
    assert proposed.status_code == 200
    assert "The cheapest repair" in proposed.text
    packed = re.search(r'name="changes" value="([^"]*)"', proposed.text)
    version = re.search(r'name="version" value="([^"]*)"', proposed.text)
    if packed and version:
        changes = packed[1].replace("&#34;", '"')
        put = hub.post(
            "/fleet/repairs", data={"since": SINCE, "changes": changes, "version": version[1]}, headers=HERE
        )
        assert put.status_code == 303
        again = hub.post(
            "/fleet/repairs", data={"since": SINCE, "changes": changes, "version": version[1]}, headers=HERE
        )
        assert again.status_code == 422
    assert hub.post(f"/fleet/outages/{outage[1]}", headers=HERE).status_code == 303
    assert (
        hub.post("/fleet/repairs", data={"since": SINCE, "changes": "[[1"}, headers=HERE).status_code == 422
    )


def test_a_merchant_sees_no_fleet(client: TestClient) -> None:
    souk = signed_in(client, member(tenant().id))
    assert souk.get("/fleet").status_code == 403


def test_a_flight_of_the_fleet_is_planned_from_what_is_booked(hub: TestClient) -> None:
    service_id, day, call = flight()
    board = hub.get(f"/fleet/{service_id}/{day}/{call}")
    assert f'action="/air/{service_id}/{day}"' in board.text
    made = hub.post(f"/air/{service_id}/{day}", data={"ahead": "true"}, headers=HERE)
    assert made.status_code == 200, made.text
    assert f"Load plan <bdi>{service_id}" in made.text
    gone = hub.post("/fr/air/NONE/20000", headers=HERE)
    assert gone.status_code == 404
    assert "Aucun vol NONE" in gone.text
