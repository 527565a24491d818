"""Partners who have nothing to do with a parcel or a warehouse: what bodies and queries name is theirs, or it is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_places, service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.api.conftest import Clock, Login, booked
from tests.api.test_storage import House
from tests.ledger.tills import mad, parcel, shop

HERE, ELSEWHERE = "CAS-DS", "PAR"
"""Where the stranger works, and a place that is not his."""


def _partner(api: TestClient, kind: TenantKind, *at: str) -> TestClient:
    """Somebody with every scope of his kind, who works at some places."""
    with administrator() as db:
        made = service.create(db, f"A {kind}", kind)
        _, key = service.issue_key(db, RIGHTS, made.id, RIGHTS.of_kind(kind))
        for place in at:
            accounts_places.give(db, made.id, place, "hub", datetime.now(UTC), {place})
    client = TestClient(api.app, base_url="http://test/api/v1/", raise_server_exceptions=False)
    client.headers["Authorization"] = f"Bearer {key}"
    return client


@pytest.fixture
def station(api: TestClient) -> TestClient:
    return _partner(api, TenantKind.STATION, HERE)


def _post(client: TestClient, path: str, told: dict[str, Any]) -> Any:
    return client.post(path, json=told, headers={"Idempotency-Key": new_id("k")})


def test_cash_is_taken_by_who_has_the_parcel(api: TestClient, login: Login, station: TestClient) -> None:
    number = parcel(shop(), mad(120))
    told = {"parcel": number, "driver": "d", "station": HERE, "territory": "MA"}
    assert station.get(f"cash/due/{number}").status_code == 403  # nor is he told what is due
    assert _post(station, "cash/collections", told).status_code == 403
    assert _post(station, "cash/collections", told | {"refused": "nobody paid"}).status_code == 403
    assert _post(station, "cash/collections", told | {"parcel": f" {number.lower()} "}).status_code == 403
    with administrator() as db:
        assert (
            db.execute(
                text("SELECT count(*) FROM cash_collections WHERE parcel = :n"), {"n": number}
            ).scalar()
            == 0
        )
    comes_here = _partner(api, TenantKind.STATION, "A")
    assert comes_here.get(f"cash/due/{number}").json()["due"]["amount"] == "120.00"
    assert _post(comes_here, "cash/collections", told).status_code == 403  # the cash goes to another's safe
    assert _post(comes_here, "cash/collections", told | {"station": "A"}).status_code == 201


def test_that_the_merchant_agreed_to_less_only_the_hub_says(api: TestClient, login: Login) -> None:
    number = parcel(shop(), mad(120))
    told = {
        "parcel": number,
        "driver": "d",
        "station": "A",
        "territory": "MA",
        "agreed": True,
        "tendered": {"amount": "1", "currency": "MAD"},
    }
    partner = _partner(api, TenantKind.STATION, "A")
    assert _post(partner, "cash/collections", told).status_code == 403
    hub = login("ledger:cash", kind=TenantKind.HUB)
    assert _post(hub, "cash/collections", told).status_code == 201


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("cash/bags", {"driver": "d", "change": {"amount": "0", "currency": "MAD"}}),
        ("cash/deposits", {"money": {"amount": "1", "currency": "MAD"}, "slip": "s"}),
        ("cash/suspects", {"money": {"amount": "1", "currency": "MAD"}, "genuine": True, "receipt": "r"}),
    ],
)
def test_a_station_has_its_safe_at_its_own_place(
    station: TestClient, path: str, more: dict[str, Any]
) -> None:
    assert _post(station, path, more | {"station": ELSEWHERE}).status_code == 403
    assert _post(station, path, more | {"station": HERE}).status_code != 403


def test_a_station_holds_up_and_weighs_what_comes_to_it(
    api: TestClient, login: Login, station: TestClient, moment: Clock
) -> None:
    number = booked(login())["parcels"][0]
    measure = {
        "parcel": number,
        "grams": 9000,
        "size_mm": [500, 500, 500],
        "machine": "m",
        "certificate": "c",
        "picture_sha256": "0" * 64,
    }
    before = _history(number)
    assert _post(station, "sorting/recalls", {"parcels": [number], "because": "x"}).status_code == 403
    assert _post(station, f"sorting/centres/{HERE}/relabels", {"number": number}).status_code == 403
    assert _post(station, f"sorting/centres/{HERE}/measures", measure).status_code == 403
    assert _history(number) == before
    theirs = _partner(api, TenantKind.STATION, "STA")
    assert _post(theirs, "sorting/recalls", {"parcels": [number], "because": "x"}).status_code == 200
    carrier = _partner(api, TenantKind.CARRIER)
    assert _post(carrier, f"sorting/centres/{HERE}/measures", measure).status_code in (200, 403)


def test_a_station_sees_and_moves_the_goods_of_its_own_warehouse(
    api: TestClient, station: TestClient
) -> None:
    house = House(api)
    f, owner = house.facility, house.owner
    house.post(
        "/storage/advices",
        house.merchant,
        {"id": "Zineb-A", "facility": f, "lines": [{"sku": "LAMP", "pieces": 1}]},
        status=201,
    )
    house.post(
        "/storage/orders",
        house.merchant,
        {"id": "Zineb-O", "facility": f, "lines": [{"sku": "LAMP", "pieces": 1}]},
        status=201,
    )
    wave = house.post("/storage/waves", house.hub, {"facility": f}, status=201)
    tour = wave["tours"][0]["tour"] if wave.get("tours") else "none"
    looks = [
        f"storage/stock?facility={f}",
        f"storage/stock?owner={owner}",
        f"storage/products?owner={owner}",
        f"storage/changes?facility={f}",
        f"storage/epcis?facility={f}",
        f"storage/advices/Zineb-A?owner={owner}",
        f"storage/orders/Zineb-O?owner={owner}",
        f"storage/orders/Zineb-O/packing?owner={owner}",
        f"storage/orders/Zineb-O/labels?owner={owner}",
        f"storage/counts?facility={f}",
        f"storage/replenishments?facility={f}",
        f"storage/tours/{tour}",
        f"storage/warehouses/{f}",
        f"storage/bill?since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z&owner={owner}",
        f"storage/shops/x.csv?owner={owner}",
    ]
    for look in looks:
        answer = station.get(look)
        assert answer.status_code < 500, (look, answer.text)
        if answer.status_code == 200:
            assert not {"LAMP", "Lamp", "Zineb-O", "Zineb-A", owner} & set(_texts(answer)), (
                look,
                answer.text,
            )
    lot = station.get(f"storage/lots/LAMP/?owner={owner}")
    assert lot.status_code != 200 or not any(lot.json()[way] for way in ("came", "lies", "promised", "went"))
    before = _rows(f, owner)
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"storage/lots/LAMP/x/hold?owner={owner}", {"because": "x"}),
        (f"storage/advices/Zineb-A/close?owner={owner}", {}),
        ("storage/acts", {"facility": f, "kind": "receive", "owner": owner, "code": "LAMP", "place": "DOCK-1", "pieces": 9}),
        ("storage/acts", {"facility": HERE, "kind": "pick", "owner": owner, "tour": tour, "code": "LAMP", "pieces": 1}),
        ("storage/acts", {"facility": HERE, "kind": "pack", "owner": owner, "order": "Zineb-O", "code": "LAMP"}),
        ("storage/acts", {"facility": HERE, "kind": "hand_over", "owner": owner, "order": "Zineb-O"}),
        ("storage/acts", {"facility": HERE, "kind": "begin", "owner": owner, "tour": tour}),
        (f"storage/counts?facility={f}", {}), (f"storage/reservations?facility={f}", {}),
        ("storage/excursions", {"facility": f, "zone": "cold", "since": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z", "coldest": "1", "warmest": "30"}),
    ]  # fmt: skip
    for path, told in acts:
        assert _post(station, path, told).status_code in (403, 404, 409, 422), path
    assert _rows(f, owner) == before
    with administrator() as db:  # at its own place it does all of it
        mine = db.execute(
            text("SELECT tenant_id FROM tenant_places WHERE facility = :f LIMIT 1"), {"f": HERE}
        ).scalar_one()
        accounts_places.give(db, _tenant(station) or mine, f, "hub", datetime.now(UTC), {f})
    assert [row["sku"] for row in station.get(f"storage/stock?facility={f}").json()["items"]] == ["LAMP"]
    assert station.get(f"storage/orders/Zineb-O?owner={owner}").json()["order"] == "Zineb-O"
    scan = {"facility": f, "owner": owner}
    begun = _post(station, "storage/acts", {**scan, "kind": "begin"}).json()
    stop = begun["stops"][0]
    told = {**scan, "kind": "pick", "tour": begun["tour"], "pick": stop["pick"], "pieces": stop["pieces"]}
    picked = _post(station, "storage/acts", told)
    assert picked.status_code == 200, picked.text
    key = {"Idempotency-Key": new_id("k")}
    packed = {**scan, "kind": "pack", "order": "Zineb-O", "code": "LAMP"}
    answers = [
        station.post("storage/acts", json=packed, headers=key) for _ in range(2)
    ]  # the answer was lost once
    assert [a.status_code for a in answers] == [200, 200], answers[0].text


def _history(number: str) -> list[str]:
    with administrator() as db:
        told = text("SELECT type FROM events WHERE subject_id = :n ORDER BY seq")
        return list(db.execute(told, {"n": number}).scalars())


def _tenant(client: TestClient) -> str:
    return str(client.get("account").json()["tenant"])


def _texts(answer: Any) -> list[str]:
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            found.append(str(value))

    walk(answer.json() if "json" in answer.headers["content-type"] else answer.text.split())
    return found


def _rows(facility: str, owner: str) -> list[str]:
    with administrator() as db:
        found: list[str] = []
        for table in (
            "stock",
            "outbound",
            "outbound_lines",
            "advices",
            "advice_lines",
            "picks",
            "lots",
            "counts",
            "products",
        ):
            found += db.execute(
                text(f"SELECT t::text FROM {table} t WHERE merchant_id = :o ORDER BY 1"), {"o": owner}
            ).scalars()
        found += db.execute(
            text("SELECT t::text FROM tours t WHERE facility = :f ORDER BY 1"), {"f": facility}
        ).scalars()
    return found
