"""Complaints, terms and statements over the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from qafila.floors import RIGHTS
from qafila.openness import suspending
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator
from tests.applications import api_on
from tests.openness.logs import AT, fresh_log
from tests.web.visitors import tenant


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with fresh_log(tmp_path, monkeypatch):
        yield TestClient(api_on())


def key(kind: TenantKind, of: str = "") -> dict[str, str]:
    with administrator() as connection:
        _, shown = service.issue_key(connection, RIGHTS, of or tenant(kind).id)
    return {"authorization": f"Bearer {shown}"}


def test_from_the_filing_to_the_answer(client: TestClient) -> None:
    souk, hub, regulator = key(TenantKind.MERCHANT), key(TenantKind.HUB), key(TenantKind.REGULATOR)
    made = client.post("/complaints", json={"topic": "price", "words": "Twice as dear."}, headers=souk)
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    assert made.json()["state"] == "filed"
    assert (
        client.post(f"/complaints/{id}/answers", json={"step": "acknowledged"}, headers=souk).status_code
        == 403
    )
    assert (
        client.post(f"/complaints/{id}/answers", json={"step": "acknowledged"}, headers=hub).status_code
        == 201
    )
    bad = client.post(f"/complaints/{id}/answers", json={"step": "answered", "words": "No."}, headers=hub)
    assert bad.status_code == 422
    said = {"step": "answered", "outcome": "rejected", "words": "It flew."}
    assert client.post(f"/complaints/{id}/answers", json=said, headers=hub).json()["state"] == "answered"
    assert client.post(f"/complaints/{id}/answers", json=said, headers=hub).status_code == 409
    assert client.get(f"/complaints/{id}", headers=regulator).json()["steps"][-1]["words"] == "It flew."
    assert client.get(f"/complaints/{id}", headers=key(TenantKind.MERCHANT)).status_code == 404
    assert client.get(f"/complaints/{id}", headers=key(TenantKind.CARRIER)).status_code == 404
    assert [one["id"] for one in client.get("/complaints", headers=souk).json()["items"]] == [id]


def test_a_carrier_files_one_and_sees_no_others(client: TestClient) -> None:
    carrier = key(TenantKind.CARRIER)
    client.post("/complaints", json={"topic": "price", "words": "x"}, headers=key(TenantKind.MERCHANT))
    made = client.post("/complaints", json={"topic": "ranking", "words": "We stand last."}, headers=carrier)
    assert made.status_code == 201, made.text
    assert [one["id"] for one in client.get("/complaints", headers=carrier).json()["items"]] == [
        made.json()["id"]
    ]


def test_pages_follow_one_another(client: TestClient) -> None:
    souk = key(TenantKind.MERCHANT)
    for n in range(5):
        client.post("/complaints", json={"topic": "other", "words": str(n)}, headers=souk)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get(
            "/complaints", params={"limit": 2, **({"cursor": cursor} if cursor else {})}, headers=souk
        ).json()
        seen += [one["words"] for one in page["items"]]
        cursor = page["next"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_terms_are_for_anybody_and_statements_for_whom_they_concern(client: TestClient) -> None:
    told = client.get("/terms").json()
    assert told["terms"]["terms"][0]["en"]
    assert told["coming"] == []
    of = tenant().id
    souk = key(TenantKind.MERCHANT, of)
    with acting_as(Role.OPERATOR) as connection:
        suspending.suspend(connection, of, True, "hub", AT, "Two bills are open.", "unpaid", 30)
    (one,) = client.get("/suspensions", headers=souk).json()
    assert (one["because"], one["ground"], one["begun_at"]) == ("Two bills are open.", "unpaid", None)
    assert client.get("/suspensions", headers=key(TenantKind.MERCHANT)).json() == []


def test_sales_are_stated(client: TestClient) -> None:
    souk = key(TenantKind.MERCHANT)
    good = {"year": 2025, "amount": "1250000.00", "currency": "MAD"}
    assert client.post("/sales", json=good, headers=souk).status_code == 204
    for bad in (
        {**good, "amount": "-1"},
        {**good, "amount": "NaN"},
        {**good, "amount": "1e99"},
        {**good, "year": 2099},
    ):
        assert client.post("/sales", json=bad, headers=souk).status_code == 422, bad
