"""Cash and the ledger over HTTP: who collects, who counts, who reads what."""

from __future__ import annotations

from typing import Any

from httpx import Response

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts.tenants import TenantKind
from tests.api.conftest import Login
from tests.ledger.tills import mad, parcel, shop

CASH = ("ledger:read", "ledger:cash")


def sent(client: Any, path: str, told: dict[str, Any], key: str = "") -> Response:
    answer: Response = client.post(path, json=told, headers={"Idempotency-Key": key or new_id("k")})
    return answer


def test_a_bag_from_the_door_to_the_safe(login: Login) -> None:
    souk = shop()
    number = parcel(souk, mad(120))
    carrier, other = login(*CASH, kind=TenantKind.CARRIER), login(*CASH, kind=TenantKind.CARRIER)
    merchant = login("ledger:read")
    hub = login(*CASH, "ledger:manage", kind=TenantKind.HUB)
    assert carrier.get(f"cash/due/{number}").json()["due"] == {"amount": "120.00", "currency": "MAD"}
    told = {
        "parcel": number,
        "driver": "d-1",
        "station": "CAS-DS",
        "territory": "MA",
        "tendered": {"amount": "200", "currency": "MAD"},
        "change": {"amount": "80", "currency": "MAD"},
    }
    made = sent(carrier, "cash/collections", told, "first")
    assert made.status_code == 201, made.text
    assert sent(carrier, "cash/collections", told, "first").json() == made.json()
    assert (
        sent(other, "cash/collections", told, "first").status_code == 409
    )  # collected already, and not by it
    assert carrier.get(f"cash/due/{number}").json()["due"] is None
    bag = made.json()["bag"]
    assert [b["inside"] for b in carrier.get("cash/bags").json()] == ["120.00"]
    assert other.get("cash/bags").json() == []
    count = {"currency": "MAD", "pieces": {"100": 1, "20": 1}}
    assert sent(other, f"cash/bags/{bag}/declare", count).status_code == 404
    assert sent(carrier, f"cash/bags/{bag}/declare", count).json()["state"] == "declared"
    assert sent(carrier, f"cash/bags/{bag}/receive", count).status_code == 409  # the same key signs twice
    done = sent(hub, f"cash/bags/{bag}/receive", count).json()
    assert (done["state"], done["difference"]["amount"]) == ("handed_over", "0.00")
    assert merchant.get("cash/collections").json() == []
    assert merchant.get("ledger/balances").json() == []
    assert sent(carrier, f"cash/collections/{made.json()['id']}/correct", {"why": "x"}).status_code == 409
    entry = made.json()["entry"]
    assert {x["purpose"] for x in carrier.get(f"ledger/entries/{entry}").json()["lines"]} == {"bag"}
    assert len(hub.get(f"ledger/entries/{entry}").json()["lines"]) == 2
    assert merchant.get(f"ledger/entries/{entry}").status_code == 404
    assert hub.get("ledger/audit").json() == {"flaws": []}
    assert sent(merchant, f"ledger/entries/{entry}/reverse", {"why": "mine"}).status_code == 403


def test_the_rules_say_whether_money_passes_through_us(login: Login) -> None:
    hub = login("ledger:read", "ledger:manage", kind=TenantKind.HUB)
    before = hub.get("ledger/rules", params={"territory": "TR"}).json()
    assert before["regime"]["through_us"] is False
    assert {r["rule"] for r in before["rules"]} == {"hold_money"}
    told = {"territory": "TR", "kind": "payment_institution", "authority": "TCMB", "number": "44",
            "valid_from": "2024-01-01"}  # fmt: skip
    assert sent(hub, "ledger/licences", told).status_code == 201
    assert hub.get("ledger/rules", params={"territory": "TR"}).json()["regime"]["through_us"] is True
    assert sent(hub, "ledger/licences", told | {"kind": "bakery"}).status_code == 422
    french = hub.get("ledger/rules", params={"territory": "CN"}, headers={"accept-language": "fr"}).json()
    assert "agrément" in french["regime"]["why"]
