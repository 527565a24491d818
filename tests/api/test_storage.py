"""Storage by HTTP: a merchant announces and orders, a picker scans, the hub releases; each act once."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from qafila.floors import RIGHTS
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.api.conftest import Login, booked
from tests.storage.houses import name, told


def _key(kind: TenantKind) -> tuple[str, dict[str, str]]:
    """A new tenant's id, and the header with a key of it."""
    with administrator() as connection:
        tenant = accounts.create(connection, name("Tenant "), kind)
        _, presented = accounts.issue_key(connection, RIGHTS, tenant.id)
    return tenant.id, {"Authorization": f"Bearer {presented}"}


class House:
    """A warehouse behind the API, a hub that runs it and a merchant who stores in it."""

    def __init__(self, api: TestClient) -> None:
        self.api, self.facility = api, name("WH-API-")
        _, self.hub = _key(TenantKind.HUB)
        self.owner, self.merchant = _key(TenantKind.MERCHANT)
        put = api.put(
            f"/storage/warehouses/{self.facility}/layout", json=told(self.facility), headers=self.hub
        )
        assert put.status_code == 200, put.text
        for sku, more in (
            ("TEA", {"by_lot": True, "expires": True, "barcodes": [{"code": "6111234567895"}]}),
            ("LAMP", {"grams": 1800, "size_mm": [300, 200, 200], "value": "60"}),
        ):
            made = api.put(
                f"/storage/products/{sku}", json={"title": sku.title(), **more}, headers=self.merchant
            )
            assert made.status_code == 200, made.text
        self.do("receive", code="LAMP", place="DOCK-1", pieces=5)

    def do(self, kind: str, key: str = "", status: int = 200, **more: Any) -> dict[str, Any]:
        """An act of a picker."""
        answer = self.api.post(
            "/storage/acts",
            headers=self.hub | {"Idempotency-Key": key or name("scan-")},
            json={"facility": self.facility, "kind": kind, "owner": self.owner, **more},
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, who: dict[str, str], body: Any = None, key: str = "", status: int = 200) -> Any:
        """A request with a key of its own."""
        answer = self.api.post(path, json=body, headers=who | {"Idempotency-Key": key or name("post-")})
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def house(api: TestClient) -> House:
    return House(api)


def test_a_day_by_http(house: House, api: TestClient) -> None:
    f, merchant = house.facility, house.merchant
    advice = {
        "id": "A1",
        "facility": f,
        "lines": [{"sku": "TEA", "pieces": 12, "lot": "T1", "expires_on": "2027-11-30"}],
    }
    house.post("/storage/advices", merchant, advice, status=201)
    house.post(
        "/storage/advices/A1/appointment",
        merchant,
        {"dock": "DOCK-1", "since": "2026-11-30T08:00:00+01:00", "minutes": 60},
    )
    got = house.do(
        "receive", code="(01)06111234567895(17)271130(10)T1", place="DOCK-1", pieces=10, advice="A1"
    )
    assert (got["sku"], got["pieces"], got["unexpected"]) == ("TEA", 10, False)
    house.do(
        "put-away", code="6111234567895", source="DOCK-1", place="A-02-L-1", pieces=10, proposed=got["put_at"]
    )
    house.do("put-away", code="LAMP", source="DOCK-1", place="B-01-L-1", pieces=5)
    closed = house.post(f"/storage/advices/A1/close?owner={house.owner}", house.hub)
    assert closed["differences"][0]["received"] == 10
    order = {"id": "O1", "facility": f, "lines": [{"sku": "TEA", "pieces": 2}, {"sku": "LAMP", "pieces": 1}]}
    placed = house.post("/storage/orders", merchant, order, key="order-1", status=201)
    assert placed["state"] == "reserved"
    again = house.post("/storage/orders", merchant, order, key="order-1", status=201)
    assert again == {**placed, "repeated": True}
    wave = house.post("/storage/waves", house.hub, {"facility": f}, status=201)
    assert wave["tours"][0]["metres"] > 0
    seen = house.do("begin")
    while seen["next"]:
        pick = seen["next"]
        seen = house.do(
            "pick",
            tour=seen["tour"],
            pick=pick["pick"],
            pieces=pick["pieces"],
            place=pick["place"],
            code=pick["sku"],
        )
    packing = api.get(f"/storage/orders/O1/packing?owner={house.owner}", headers=house.hub).json()
    assert packing["carton"]
    house.do("pack", order="O1")
    house.do("hand-over", orders=[[house.owner, "O1", 0]], to="truck 7")
    assert api.get("/storage/orders/O1", headers=merchant).json()["state"] == "handed_over"
    lot = api.get("/storage/lots/TEA/T1", headers=merchant).json()
    assert [w["order_id"] for w in lot["went"]] == ["O1"]
    seen_stock = {s["sku"]: s["pieces"] for s in api.get("/storage/stock", headers=merchant).json()["items"]}
    assert seen_stock == {"TEA": 8, "LAMP": 4}
    today = api.get(f"/storage/warehouses/{f}", headers=house.hub).json()
    assert today["orders"]["handed_over"]["orders"] == 1
    assert today["lines_by_hour"][0]["lines"] == 2
    plan = api.get(f"/storage/warehouses/{f}/plan.svg", headers=house.hub)
    assert plan.headers["content-type"].startswith("image/svg+xml")
    assert ">A L 2 m: 1<" in plan.text.replace("\n", "")


def test_movements_as_epcis_are_valid(house: House, api: TestClient, shared_data: Any) -> None:
    house.do("receive", code="6111234567895", place="DOCK-1", pieces=4, lot="T/1", expires_on="2027-11-30")
    house.do("put-away", code="6111234567895", source="DOCK-1", place="A-02-L-1", pieces=4)
    house.do("condition", code="6111234567895", place="A-02-L-1", pieces=1, to="damaged", why="wet")
    house.do("correct", code="LAMP", place="DOCK-1", pieces=4, why="one fell")
    document = api.get(f"/storage/epcis?facility={house.facility}", headers=house.hub).json()
    schema = json.loads((shared_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document)
    events = document["epcisBody"]["eventList"]
    assert [e["bizStep"] for e in events] == [
        "receiving",
        "receiving",
        "storing",
        "inspecting",
        "cycle_counting",
    ]
    assert events[1]["quantityList"][0]["epcClass"] == "https://id.gs1.org/01/06111234567895/10/T%2F1"
    assert events[3]["disposition"] == "damaged"


def test_a_merchant_sees_and_moves_only_his_own(house: House, api: TestClient) -> None:
    _, other = _key(TenantKind.MERCHANT)
    assert api.get("/storage/stock", headers=other).json()["items"] == []
    answer = api.post(
        "/storage/orders",
        headers=other | {"Idempotency-Key": "x"},
        json={"id": "O9", "facility": house.facility, "lines": [{"sku": "LAMP", "pieces": 1}]},
    )
    assert answer.status_code == 404  # no product of his own has this SKU
    assert answer.json()["errors"][0]["pointer"] == "#/sku"
    refused = api.post(
        "/storage/acts",
        headers=other | {"Idempotency-Key": "y"},
        json={"facility": house.facility, "kind": "begin"},
    )
    assert refused.status_code == 403
    # the owner that a merchant names is not asked: he orders for himself
    mine = api.post(
        f"/storage/orders?owner={house.owner}",
        headers=other | {"Idempotency-Key": "z"},
        json={"id": "O9", "facility": house.facility, "lines": [{"sku": "LAMP", "pieces": 1}]},
    )
    assert mine.status_code == 404


def test_what_cannot_be_done_says_why_and_a_late_scan_is_counted(house: House, api: TestClient) -> None:
    house.do("put-away", code="LAMP", source="DOCK-1", place="B-01-L-1", pieces=3)
    wrong = house.do("move", code="LAMP", source="B-01-L-1", place="C-01-L-1", pieces=9, status=409)
    assert "not 9 free pieces of LAMP at B-01-L-1" in wrong["detail"]
    late = house.do(
        "move", key="late-1", code="LAMP", source="B-01-L-1", place="C-01-L-1", pieces=9, late=True
    )
    assert late["state"] == "difference"
    assert (
        house.do("move", key="late-1", code="LAMP", source="B-01-L-1", place="C-01-L-1", pieces=9, late=True)[
            "count"
        ]
        == late["count"]
    )
    nonsense = house.do("count", code="no such code", place="nowhere", pieces=1, late=True)
    assert nonsense["state"] == "difference"
    counts = api.get(f"/storage/counts?facility={house.facility}", headers=house.hub).json()
    assert [(c["place"], c["sku"], c["because"]) for c in counts] == [
        ("B-01-L-1", "LAMP", "conflict"),
        ("nowhere", "no such code", "conflict"),
    ]
    assert counts[0]["details"]["pieces"] == 9
    no_key = api.post("/storage/acts", headers=house.hub, json={"facility": house.facility, "kind": "begin"})
    assert no_key.status_code == 422
    unknown = house.do("dance", status=422)
    assert "there are receive" in unknown["detail"]


def test_changes_are_read_in_order_each_once(house: House, api: TestClient) -> None:
    for n in range(3):
        house.do("receive", code="LAMP", place="DOCK-1", pieces=n + 1)
    seen, cursor = [], None
    while True:
        query = f"/storage/changes?facility={house.facility}&limit=2" + (
            f"&cursor={cursor}" if cursor else ""
        )
        page = api.get(query, headers=house.hub).json()
        seen += [m["pieces"] for m in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [5, 1, 2, 3]


def test_an_order_with_a_booking_ends_in_its_parcel_s_history(api: TestClient, login: Login) -> None:
    client = login()
    booking = booked(client)
    parcel = (
        booking["parcel"]
        if "parcel" in booking
        else client.get(f"shipments/{booking['shipment_id']}").json()["contents"][0]["number"]
    )
    with administrator() as connection:
        owner = connection.execute(
            text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": parcel}
        ).scalar_one()
    _, hub = _key(TenantKind.HUB)

    def post(path: str, body: Any, who: dict[str, str] = hub) -> Any:
        answer = api.post(path, json=body, headers={**who, "Idempotency-Key": name("close-")})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    assert api.put("/storage/warehouses/WH/layout", json=told("WH"), headers=hub).status_code == 200
    client.put("storage/products/OIL", json={"title": "Argan oil", "grams": 500})
    scan = {"facility": "WH", "owner": owner}
    post("/storage/acts", {**scan, "kind": "receive", "code": "OIL", "place": "DOCK-1", "pieces": 5})
    post(
        "/storage/acts",
        {**scan, "kind": "put-away", "code": "OIL", "source": "DOCK-1", "place": "A-01-L-1", "pieces": 5},
    )
    mine = {"Authorization": client.headers["Authorization"]}
    order = {"id": "B1", "facility": "WH", "lines": [{"sku": "OIL", "pieces": 2}], "booking": booking["id"]}
    placed = post("/storage/orders", order, mine)
    assert placed["parcel"] == parcel
    assert placed["cut_off"] is not None
    elsewhere = api.post(
        "/storage/orders",
        json={**order, "id": "B2", "booking": "bkg_none"},
        headers={**mine, "Idempotency-Key": "none"},
    )
    assert elsewhere.status_code == 404
    post("/storage/waves", {"facility": "WH", "until": placed["cut_off"]})
    seen = post("/storage/acts", {**scan, "kind": "begin"})
    while seen["next"]:
        pick = seen["next"]
        seen = post(
            "/storage/acts",
            {**scan, "kind": "pick", "tour": seen["tour"], "pick": pick["pick"], "pieces": pick["pieces"]},
        )
    post("/storage/acts", {**scan, "kind": "pack", "order": "B1"})
    handed = post("/storage/acts", {**scan, "kind": "hand-over", "orders": [[owner, "B1", 0]], "to": "van 3"})
    assert handed["histories"] == 1
    with administrator() as connection:
        seen_types = connection.execute(
            text(
                "SELECT subject_kind, type FROM events WHERE merchant_id = :m AND time_kind = 'actual' ORDER BY seq"
            ),
            {"m": owner},
        ).all()
    told_of = [(r.subject_kind, r.type) for r in seen_types]
    assert told_of == [
        ("parcel", "booked"),
        ("stock", "stock_received"),
        ("stock", "stock_put_away"),
        ("stock", "stock_picked"),
        ("stock", "stock_packed"),
        ("stock", "stock_shipped"),
        ("parcel", "collected"),
    ]
