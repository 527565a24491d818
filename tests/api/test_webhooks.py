from __future__ import annotations

import pytest

from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.advancing import advance
from qafila.runtime.webhooks import sending
from qafila.runtime.webhooks.fanning import WEBHOOKS
from tests.api.conftest import Login, booked
from tests.api.test_offers import problem
from tests.runtime.webhooks.receiver import receiving

SCOPES = ("webhooks:read", "webhooks:write", "offers:read", "bookings:read", "bookings:write")


def test_what_is_booked_is_told_to_the_merchants_own_address(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_WAITS", (0.0,) * 9)
    monkeypatch.setattr(sending, "_REST", 0.0)
    hub = login(*SCOPES, kind=TenantKind.HUB)
    with receiving() as receiver:
        made = hub.post("webhooks", json={"url": receiver.url, "event_types": ["booked"]})
        assert made.status_code == 201, made.text
        assert made.json()["secret"].startswith("whsec_")
        id = made.json()["id"]
        assert "secret" not in hub.get(f"webhooks/{id}").json()
        number = booked(hub)["parcels"][0]
        while advance(WEBHOOKS):
            pass
        receiver.answer = lambda got: 500
        while sending.send_some(10):
            pass
        (dead,) = hub.get(f"webhooks/{id}/messages", params={"state": "dead"}).json()["items"]
        assert (dead["subject"], dead["type"], dead["attempts"]) == (f"parcel:{number}", "booked", 10)
        receiver.answer = lambda got: 200
        assert hub.post(f"webhooks/{id}/messages/replay", json={}).json() == {"replayed": 1}
        while sending.send_some(10):
            pass
        assert {g.data["subject"]["id"] for g in receiver.got} == {number}
        assert (len({g.id for g in receiver.got}), receiver.got[-1].attempt) == (1, 11)
        assert hub.post(f"webhooks/{id}/secret").json()["secret"] != made.json()["secret"]
        assert hub.post(f"webhooks/{id}/disable").json()["disabled_why"] == "owner"
        assert hub.post(f"webhooks/{id}/enable").json()["disabled_at"] is None
        assert hub.delete(f"webhooks/{id}").status_code == 204
        problem(hub.get(f"webhooks/{id}"), 404, "not-found")


def test_a_merchant_names_no_address_of_the_hubs_own_network(login: Login) -> None:
    souk = login("webhooks:read", "webhooks:write", kind=TenantKind.MERCHANT)
    for url in ("http://127.0.0.1:5432/", "http://192.168.0.1/", "http://[::1]:80/", "file:///etc/passwd"):
        body = problem(souk.post("webhooks", json={"url": url}), 422, "invalid-request")
        assert [e["pointer"] for e in body["errors"]] == ["#/url"]
    body = problem(
        souk.post("webhooks", json={"url": "https://a.example/", "event_types": ["x"]}),
        422,
        "invalid-request",
    )
    assert [e["pointer"] for e in body["errors"]] == ["#/event_types"]


def test_keys_open_webhooks_by_their_scopes_and_only_ones_own(login: Login) -> None:
    hub = login(*SCOPES, kind=TenantKind.HUB)
    id = hub.post("webhooks", json={"url": "http://127.0.0.1:9/"}).json()["id"]
    rival = login("webhooks:read", "webhooks:write", kind=TenantKind.MERCHANT)
    reader = login("webhooks:read", kind=TenantKind.MERCHANT)
    assert rival.get("webhooks").json() == []
    for answer in (
        rival.get(f"webhooks/{id}"),
        rival.delete(f"webhooks/{id}"),
        rival.post(f"webhooks/{id}/secret"),
        rival.post(f"webhooks/{id}/disable"),
        rival.get(f"webhooks/{id}/messages"),
        rival.post(f"webhooks/{id}/messages/replay", json={}),
    ):
        problem(answer, 404, "not-found")
    problem(reader.post("webhooks", json={"url": "https://a.example/"}), 403, "insufficient-scope")
    problem(login("offers:read").get("webhooks"), 403, "insufficient-scope")
