"""Passkeys in a real Chromium with its virtual authenticator, and answers that are none."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from qafila.core.fault import Fault, NotFound
from qafila.runtime.accounts import passkeys, sessions
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import NotLetIn
from tests.web.browser import CHROMIUM, browser
from tests.web.visitors import member, tenant

HERE = passkeys.Site("http://localhost", "localhost")


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_passkey_is_made_signs_in_and_is_removed(address: str) -> None:
    person = member(tenant().id, name="Amina")
    with doorkeeping() as db:
        link = sessions.link_for(db, person, datetime.now(UTC))
    with browser() as chromium:
        context = chromium.new_context()
        page = context.new_page()
        page.set_default_timeout(120_000)
        line = context.new_cdp_session(page)
        line.send("WebAuthn.enable")
        keeper = line.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]
        page.goto(f"{address}/enter/{link}")
        page.goto(f"{address}/account")
        page.fill("#passkey-name", "Laptop")
        page.click("form[data-passkey=make] button")
        page.get_by_text("Laptop").wait_for()
        (kept,) = passkeys.of(person)
        assert (kept.name, kept.used_at) == ("Laptop", None)

        context.clear_cookies()
        page.goto(f"{address}/sign-in?next=/account")
        page.click("form[data-passkey=sign-in] button")
        page.wait_for_url(f"{address}/account")
        assert page.get_by_text("Amina").first.is_visible()
        assert passkeys.of(person)[0].used_at is not None

        # a device whose holder is not verified opens nothing
        context.clear_cookies()
        line.send("WebAuthn.setUserVerified", {"authenticatorId": keeper, "isUserVerified": False})
        page.goto(f"{address}/sign-in")
        page.click("form[data-passkey=sign-in] button")
        page.wait_for_timeout(1000)
        assert "/sign-in" in page.url

        line.send("WebAuthn.setUserVerified", {"authenticatorId": keeper, "isUserVerified": True})
        passkeys.remove(person, kept.id)
        page.goto(f"{address}/sign-in")
        page.click("form[data-passkey=sign-in] button")
        page.locator("form[data-passkey=sign-in] [role=alert]:visible").wait_for()
        assert "not known" in page.inner_text("form[data-passkey=sign-in] [role=alert]")


def _answer(challenge: str) -> dict[str, Any]:
    told = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": HERE.origin}).encode()
    plain = base64.urlsafe_b64encode(told).decode().rstrip("=")
    return {
        "id": "eA",
        "rawId": "eA",
        "type": "public-key",
        "response": {
            "clientDataJSON": plain,
            "authenticatorData": "eA",
            "signature": "eA",
            "attestationObject": "eA",
        },
    }


def test_answers_that_are_none_open_nothing() -> None:
    now = datetime.now(UTC)
    person = member(tenant().id)
    challenge = json.loads(passkeys.ask_to_sign_in(HERE, now))["challenge"]
    for wrong in ({}, {"rawId": 7}, {"response": {}}, _answer("eA"), _answer(challenge), _answer(challenge)):
        with pytest.raises(NotLetIn):
            passkeys.sign_in(wrong, HERE, "192.0.2.9", now)
    challenge = json.loads(passkeys.ask_to_make(person, HERE, now))["challenge"]
    for wrong in ({}, _answer("eA"), _answer(challenge)):
        with pytest.raises(Fault, match="could not be made"):
            passkeys.make(person, wrong, "x", HERE, now)
    assert passkeys.of(person) == []
    with pytest.raises(NotFound):
        passkeys.remove(person, "zz")


def test_a_challenge_is_for_one_person_and_five_minutes() -> None:
    now = datetime.now(UTC)
    one, other = member(tenant().id), member(tenant().id)
    challenge = json.loads(passkeys.ask_to_make(one, HERE, now))["challenge"]
    for who, at in ((other, now), (None, now), (one, now + timedelta(minutes=6))):
        with doorkeeping() as db, pytest.raises(passkeys._Unasked):
            passkeys._asked(db, _answer(challenge), who, at)
    with doorkeeping() as db:
        assert passkeys._asked(db, _answer(challenge), one, now)
    with doorkeeping() as db, pytest.raises(passkeys._Unasked):
        passkeys._asked(db, _answer(challenge), one, now)  # once


def test_they_are_for_the_address_of_the_hub_alone() -> None:
    assert passkeys.site("https://hub.example", "https://hub.example/").host == "hub.example"
    assert passkeys.site("http://localhost:8400", "https://hub.example").host == "localhost"
    for other in (
        "https://hub.example.evil",
        "http://hub.example",
        "http://127.0.0.1:8400",
        "https://localhost",
    ):
        with pytest.raises(passkeys.NotHere):
            passkeys.site(other, "https://hub.example")
