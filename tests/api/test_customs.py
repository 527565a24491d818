from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qafila.clearance import desk
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from tests.clearance.test_desk import AT, opened
from tests.clearance.test_written import lacking, whole

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


def test_a_code_that_there_is_not_is_pointed_at_with_those_near(api: TestClient) -> None:
    wrong = {**CONSIGNMENT, "goods": [{**CONSIGNMENT["goods"][0], "hs": "851770"}]}
    answer = api.post("/customs/duty", json=[CONSIGNMENT, wrong])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "#/1/goods/0/hs"
    assert error["remedy"] == "Codes near it are 851771 or 851779."


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


def test_a_code_that_there_is_not_is_refused_by_its_field(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    merchant, key = holder()
    with administrator() as connection:
        id = opened(connection, merchant)
    refused = api.patch(f"/declarations/{id}", headers=key, json={"lines[0].hs": "851770"})
    assert refused.status_code == 422, refused.text
    said = {
        "pointer": "#/lines/0/hs",
        "detail": "HS 2022 has no subheading 851770.",
        "remedy": "Codes near it are 851771 or 851779.",
    }
    assert refused.json()["errors"] == [said]
    made = {**BONDED, "lines": [{**BONDED["lines"][0], "hs": "851770"}]}
    assert api.post("/declarations", headers=key, json=made).json()["errors"] == [said]


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


BONDED: dict[str, Any] = {
    **whole("dum", "bonded", "MA"),
    "lines": [
        {
            "description": "wrist watch",
            "hs": "910211",
            "origin": "CN",
            "quantity": "10",
            "net_kg": "1",
            "value": {"amount": "200.00", "currency": "EUR"},
        }
    ],
}


def test_goods_are_declared_into_bond_by_hand_and_released_with_their_duty(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    _, key = holder()
    made = api.post("/declarations", headers=key, json={**BONDED, "warehouse": ""})
    assert made.status_code == 201, made.text
    assert [(t["subject"], t["remedy"]) for t in made.json()["todos"]] == [
        ("warehouse", "Give the bonded warehouse's authorisation.")
    ]
    id = made.json()["declaration"]["id"]
    at = f"/declarations/{id}"
    assert api.post(f"{at}/advance", headers=key).status_code == 409
    assert api.get(at, headers=key).json()["state"] == "draft"
    assert api.patch(at, headers=key, json={"warehouse": "MA-BW-7"}).json()["todos"] == []
    state = ""
    for _ in range(4):  # the draw may send it to inspection
        state = api.post(f"{at}/advance", headers=key).json()["state"]
        if state == "bonded":
            break
    assert state == "bonded"
    asleep = api.get(f"{at}/duty", headers=key).json()
    assert asleep["due"]["amount"] in ("0", "0.00")
    assert api.post(f"{at}/release", headers=key, json={"quantities": {"0": "11"}}).status_code == 422
    released = api.post(f"{at}/release", headers=key, json={"quantities": {"0": "4"}})
    assert released.status_code == 201, released.text
    told = released.json()
    assert told["declaration"]["declaration"]["previous_document"] == id
    whole_duty = sum(float(c["amount"]) for c in asleep["assessment"]["charges"])
    assert abs(float(told["duty"]["due"]["amount"]) - 0.4 * whole_duty) < 0.1  # four of ten


def test_a_wrong_declaration_is_pointed_at(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    _, key = holder()
    wrong = {**BONDED, "lines": [{**BONDED["lines"][0], "quantity": "many", "colour": "red"}]}
    answer = api.post("/declarations", headers=key, json=wrong)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/lines/0/colour"]
    assert api.post("/declarations", headers=key, json=[]).status_code == 422
    twice = {**BONDED, "parcel": "TWICE"}
    assert api.post("/declarations", headers=key, json=twice).status_code == 201
    again = api.post("/declarations", headers=key, json=twice)
    assert (again.status_code, "is declared already" in again.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("dataset", "procedure", "territory"), [("h7", "import", "EU"), ("cn23", "transit", "MA")]
)
def test_each_field_missing_in_turn_over_the_api(
    api: TestClient,
    holder: Callable[[], tuple[str, dict[str, str]]],
    dataset: str,
    procedure: str,
    territory: str,
) -> None:
    _, key = holder()
    for path, short in lacking(dataset, procedure, territory):
        made = api.post("/declarations", headers=key, json=short).json()
        assert [t["remedy"] != "" for t in made["todos"] if t["subject"] == path] == [True], path
        refused = api.post(f"/declarations/{made['declaration']['id']}/advance", headers=key)
        assert (refused.status_code, path in refused.json()["detail"]) == (409, True)


def test_a_key_brings_what_its_merchant_confirmed(
    api: TestClient, holder: Callable[[], tuple[str, dict[str, str]]]
) -> None:
    _, key = holder()
    goods = {"title": "some thing", "sku": "S-1"}
    confirmed = {**goods, "hs6": "442019", "by": "Amal"}
    assert api.post("/customs/decisions", headers=key, json=confirmed).status_code == 201
    assert api.post("/customs/classify", headers=key, json=goods).json()["remembered"] is True
    assert api.post("/customs/classify", json=goods).json()["remembered"] is False
    wrong = api.post("/customs/decisions", headers=key, json={**confirmed, "hs6": "999999"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/hs6")
    assert (
        api.post("/customs/classify", headers={"Authorization": "Bearer no"}, json=goods).status_code == 401
    )
