"""A person's data over the API, and who read what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from qafila.api.app import create_app
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.openness.privacy import reads
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.api.conftest import MONDAY, NETWORK, RULES, order
from tests.applications import api_on
from tests.openness.logs import fresh_log
from tests.web.visitors import tenant


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with fresh_log(tmp_path, monkeypatch):
        yield TestClient(api_on(lambda: Context(NETWORK, RULES).at(MONDAY)))


def key(kind: TenantKind, of: str = "") -> dict[str, str]:
    of = of or tenant(kind).id
    with administrator() as connection:
        _, shown = service.issue_key(connection, RIGHTS, of, RIGHTS.of_kind(kind))
    return {"authorization": f"Bearer {shown}"}


def test_given_erased_and_who_read_it(client: TestClient) -> None:
    of = tenant().id
    souk, hub, regulator, rif = (
        key(TenantKind.MERCHANT, of),
        key(TenantKind.HUB),
        key(TenantKind.REGULATOR),
        key(TenantKind.MERCHANT),
    )
    said = order(id="A-1")
    said["receiver"] |= {"name": "Claire Beaumont", "email": "claire@example.org"}
    quote = client.post("/offers", json=said, headers=souk).json()
    booked = client.post("/bookings", json={"offer_id": quote["offers"][0]["id"]}, headers=souk).json()
    booking = booked["booking_id"] if "booking_id" in booked else booked["id"]
    assert client.get(f"/bookings/{booking}", headers=souk).status_code == 200
    who = {"who": "claire@example.org"}
    given = client.post("/privacy/persons", json=who, headers=souk)
    assert given.status_code == 200, given.text
    assert given.json()["orders"] == ["A-1"]
    assert "Claire Beaumont" in given.text
    assert [one["subject"] for one in given.json()["data"]["read_by"]] == [booking]
    for other in (rif, hub):
        assert client.post("/privacy/persons", json=who, headers=other).status_code == 404
    assert client.post("/privacy/erasures", json=who, headers=regulator).status_code == 403
    assert client.post("/privacy/erasures", json=who, headers=souk).status_code == 409  # it is under way
    late = TestClient(create_app(lambda: Context(NETWORK, RULES).at(MONDAY + timedelta(days=60))))
    done = late.post("/privacy/erasures", json=who, headers=souk)
    assert done.status_code == 201, done.text
    assert done.json()["locked"][0]["law"]
    assert client.post("/privacy/persons", json=who, headers=souk).status_code == 404
    assert "Claire" not in client.get(f"/bookings/{booking}", headers=souk).text


def test_looks_of_the_regulator_are_shown_to_the_merchant_and_to_no_other(client: TestClient) -> None:
    of = tenant().id
    souk, regulator, rif = key(TenantKind.MERCHANT, of), key(TenantKind.REGULATOR), key(TenantKind.MERCHANT)
    made = client.post("/complaints", json={"topic": "other", "words": "x"}, headers=souk).json()["id"]
    client.get(f"/complaints/{made}", headers=regulator)
    reads.flush()
    seen = client.get("/privacy/reads", params={"others": True, "subject": made}, headers=souk).json()
    assert [one["what"] for one in seen] == ["GET /complaints/{id}"]
    assert client.get("/privacy/reads", params={"subject": made}, headers=rif).json() == []
    assert len(client.get("/privacy/reads", params={"subject": made}, headers=regulator).json()) == 1


def test_how_long_what_is_kept_is_for_anybody(client: TestClient) -> None:
    kinds = {(one["kind"], one["territory"]) for one in client.get("/privacy/retention").json()}
    assert {("persons", "EU"), ("persons", "MA"), ("persons", "CN"), ("unbooked_offers", "*")} <= kinds
