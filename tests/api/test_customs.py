from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qafila.clearance import desk
from qafila.database import administrator
from qafila.shipping import merchants
from tests.clearance.test_desk import AT, opened

CONSIGNMENT: dict[str, Any] = {
    "from": "CN", "to": "MA", "currency": "MAD", "date": "2026-11-23", "freight": "0", "insurance": "0", "trade": "b2b",
    "goods": [{"description": "shoes", "hs": "640411", "quantity": 1, "value": "1000.00"}],
}  # fmt: skip


def test_anyone_may_calculate_without_a_key(api: TestClient) -> None:
    answer = api.post("/customs/duty", json=CONSIGNMENT)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {line["code"] for line in told["charges"]} >= {"DI", "TPI", "TVA"}
    assert all(line["rule"]["source"] for line in told["charges"])


def test_a_wrong_field_is_pointed_at(api: TestClient) -> None:
    wrong = {**CONSIGNMENT, "goods": [{**CONSIGNMENT["goods"][0], "value": "much"}]}
    answer = api.post("/customs/duty", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("#/goods/0")
    assert answer.json()["remedy"]


def test_classify_proposes(api: TestClient) -> None:
    told = api.post("/customs/classify", json={"title": "women's cotton T-shirt"}).json()
    assert told["candidates"][0]["hs6"].startswith("6109")


@pytest.fixture
def holder(api: TestClient) -> Callable[[], tuple[str, dict[str, str]]]:
    def make() -> tuple[str, dict[str, str]]:
        with administrator() as connection:
            merchant = merchants.create(connection, "Broker's client").id
            _, secret = merchants.issue_key(connection, merchant, ["customs:read", "customs:write"])
        return merchant, {"Authorization": f"Bearer {secret}"}

    return make


def test_a_declaration_is_amended_and_brought_to_its_release(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    merchant, key = holder()
    with administrator() as connection:
        id = opened(connection, merchant)
        desk.amend(connection, id, {"importer.city": ""}, "t", AT)
    at = f"/declarations/{id}"
    told = api.get(at, headers=key).json()
    assert [t["subject"] for t in told["todos"]] == ["importer.city"]
    refused = api.post(f"{at}/advance", headers=key)
    assert (refused.status_code, refused.json()["type"].split("/")[-1]) == (409, "not-possible")
    assert api.patch(at, headers=key, json={"importer.city": "Fès"}).json()["todos"] == []
    assert api.post(f"{at}/advance", headers=key).json()["state"] == "released"
    assert api.get(f"{at}/datasets/h7", headers=key).json()["Importer"]["City"] == "Fès"
    assert api.get("/declarations", headers=key, params={"state": "released"}).json()[0]["id"] == id


def test_it_is_nobody_elses_business(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    merchant, _ = holder()
    _, other = holder()
    with administrator() as connection:
        id = opened(connection, merchant)
    assert api.get(f"/declarations/{id}").status_code == 401
    assert api.get(f"/declarations/{id}", headers=other).status_code == 404
    assert api.post(f"/declarations/{id}/advance", headers=other).status_code == 404
