"""Parties, remittances, invoices, wallet and claims over HTTP."""

from __future__ import annotations

from datetime import timedelta

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts.tenants import TenantKind
from tests.api.conftest import MONDAY, Login, booked
from tests.api.test_cash import sent

ALL = (
    "ledger:read",
    "ledger:write",
    "ledger:cash",
    "ledger:manage",
    "offers:read",
    "bookings:read",
    "bookings:write",
)
SHOP = ("ledger:read", "ledger:write", "offers:read", "bookings:read", "bookings:write")


def test_from_a_booking_to_invoice_claim_and_remittance(login: Login) -> None:
    hub, souk, other = login(*ALL, kind=TenantKind.HUB), login(*SHOP), login(*SHOP)
    number = booked(souk)["parcels"][0]
    me = {"name": "Souk SARL", "country": "MA", "ice": "001561191000066", "iban": "007780000112345678901248"}
    assert souk.get("ledger/party").status_code == 404
    assert souk.put("ledger/party", json=me | {"ice": "123"}).status_code == 422
    assert souk.put("ledger/party", json=me).json()["ice"] == me["ice"]
    assert (
        hub.put("ledger/party", json={"name": "Hub SA", "country": "MA", "vat": "MA40303265"}).status_code
        == 200
    )
    merchant = _tenant(number)
    period = {
        "merchant": merchant,
        "since": (MONDAY - timedelta(days=9)).isoformat(),
        "until": (MONDAY + timedelta(days=9)).isoformat(),
    }
    key = new_id("k")
    made = sent(hub, "ledger/invoices", period, key)
    assert made.status_code == 201, made.text
    (invoice,) = made.json()
    assert sent(hub, "ledger/invoices", period).json() == []
    assert [x["number"] for x in souk.get("ledger/invoices").json()] == [invoice["number"]]
    assert other.get("ledger/invoices").json() == []
    for ending, start in ((".xml", b"<?xml"), (".pdf", b"%PDF")):
        assert souk.get(f"ledger/invoices/{invoice['number']}{ending}").content.startswith(start)
        assert other.get(f"ledger/invoices/{invoice['number']}{ending}").status_code == 404
    claim = sent(
        souk,
        "ledger/claims",
        {"parcel": number, "kind": "lost", "asked": {"amount": "10", "currency": "EUR"}},
    )
    assert claim.status_code == 201, claim.text
    assert claim.json()["proposed"]["amount"] == "0.00"
    assert (
        sent(
            other,
            "ledger/claims",
            {"parcel": number, "kind": "late", "asked": {"amount": "1", "currency": "EUR"}},
        ).status_code
        == 404
    )
    french = souk.get("ledger/claims", headers={"accept-language": "fr"}).json()[0]["proposed"]["reasons"][0]
    assert "conditions" in french
    id = claim.json()["id"]
    assert sent(souk, f"ledger/claims/{id}/decide", {"amount": "10"}).status_code == 403
    assert (
        sent(hub, f"ledger/claims/{id}/decide", {"amount": "10"}).status_code == 422
    )  # other than proposed, no reason
    done = sent(hub, f"ledger/claims/{id}/decide", {"amount": "10", "why": "crushed by our own conveyor"})
    assert done.json()["state"] == "granted", done.text
    (draft,) = sent(hub, "ledger/remittances", {"merchant": merchant}).json()
    assert (draft["net"], draft["brought"]) == ("10.00", "10.00")
    assert sent(hub, f"ledger/remittances/{draft['id']}/send", {}).json()["state"] == "sent"
    assert (
        sent(hub, f"ledger/remittances/{draft['id']}/paid", {"reference": "VIR 8"}).json()["state"] == "paid"
    )
    assert souk.get(f"ledger/remittances/{draft['id']}/statement.pdf?language=zh").content.startswith(b"%PDF")
    assert "net" in souk.get(f"ledger/remittances/{draft['id']}/statement.csv").text
    assert other.get(f"ledger/remittances/{draft['id']}/statement.csv").status_code == 404
    paying = sent(
        hub, f"ledger/invoices/{invoice['number']}/payments", {"money": invoice["gross"], "how": "bank"}
    )
    assert paying.status_code == 201, paying.text
    wallet = sent(hub, "ledger/wallets", {"merchant": merchant, "money": {"amount": "5", "currency": "EUR"}})
    assert wallet.status_code in (201, 409)  # by whether the hub has stated a licence for Morocco
    advance = {
        "merchant": merchant,
        "parcel": number,
        "territory": "FR",
        "money": {"amount": "3", "currency": "EUR"},
    }
    assert sent(hub, "ledger/advances", advance).status_code == 201
    (second,) = sent(hub, "ledger/invoices", period).json()
    note = sent(hub, f"ledger/invoices/{second['number']}/credit", {"why": "customs gave it back"})
    assert note.json()["kind"] == "credit_note"
    assert hub.get("ledger/audit").json() == {"flaws": []}


def _tenant(number: str) -> str:
    from sqlalchemy import text

    from qafila.runtime.database import administrator

    with administrator() as connection:
        return str(
            connection.execute(
                text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": number}
            ).scalar_one()
        )
