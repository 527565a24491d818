from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from qafila.runtime.accounts.tenants import LOCAL
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.runtime.webhooks import service


def test_a_webhook_is_made_changed_and_ended_on_its_page(client: TestClient) -> None:
    assert "There is no webhook yet." in client.get("/webhooks").text
    typed = {"url": "http://127.0.0.1:9/hook", "types": ["delivered", "exploded"], "description": "the shop"}
    wrong = client.post("/webhooks", data=typed)
    assert wrong.status_code == 422
    assert "There is no event type exploded." in wrong.text
    assert 'value="http://127.0.0.1:9/hook"' in wrong.text  # what was typed is kept
    assert 'value="delivered" checked' in wrong.text
    assert wrong.text.count('name="types"') == len(EVENT_TYPES)  # each is offered once
    made = client.post("/webhooks", data={**typed, "types": "delivered"})
    assert re.search(r"whsec_[A-Za-z0-9+/=]{44}", made.text)
    assert "no-store" in made.headers["cache-control"]
    assert "whsec_" not in client.get("/webhooks").text
    (endpoint,) = service.every(LOCAL)
    place = f"/webhooks/{endpoint.id}"
    assert "Nothing was sent yet." in client.get(place).text
    assert client.post(f"{place}/disable").status_code == 303
    assert "Off: nothing is sent." in client.get(place).text
    assert client.post(f"{place}/explode").status_code == 404
    assert "whsec_" in client.post(f"{place}/secret").text
    assert client.post(f"{place}/remove").status_code == 303
    assert client.get(place).status_code == 404


@pytest.mark.parametrize("code", ["fr", "ar", "zh"])
def test_the_page_is_in_every_language(client: TestClient, code: str) -> None:
    said = client.get(f"/{code}/webhooks").text
    assert "There is no webhook yet" not in said
    assert "Send events there" not in said


def test_who_is_not_signed_in_sees_no_webhooks(stranger: TestClient) -> None:
    assert stranger.get("/webhooks").status_code == 303
    assert stranger.post("/webhooks", data={"url": "https://a.example/"}).status_code in (303, 403)
