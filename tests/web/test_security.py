"""Who may do what, and what a page may load."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.floors import RIGHTS
from qafila.runtime.accounts import service
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from tests.web.visitors import HERE, member, signed_in, tenant


def test_headers(client: TestClient) -> None:
    page = client.get("/t")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=\"|https?://", page.text.split("<body>")[1])


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
    ):
        assert client.post("/shipments/x/cancel", headers=headers).status_code == 403
    assert client.post("/shipments/x/cancel", headers={"origin": "http://127.0.0.1"}).status_code == 404
    assert client.post("/shipments/x/cancel", headers={"sec-fetch-site": "same-origin"}).status_code == 404


def test_a_stranger_signs_in_with_a_key(stranger: TestClient) -> None:
    asked = stranger.get("/fr/shipments")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/fr/sign-in?next=/shipments"
    assert stranger.get("/t").status_code == 200
    assert stranger.post("/sign-in", data={"key": "wrong.key"}).status_code == 403
    with administrator() as connection:
        merchant = service.create(connection, "Door and key")
        key, secret = service.issue_key(connection, RIGHTS, merchant.id, ["bookings:read"])
    answer = stranger.post("/sign-in", data={"key": secret, "next": "/shipments"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/shipments"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=lax" in cookie
    assert secret not in cookie
    assert secret.split(".")[1] not in cookie
    assert stranger.get("/shipments").status_code == 200
    with administrator() as connection:
        service.revoke_key(connection, key.id)
    assert stranger.get("/shipments").status_code == 303  # the session ends with its key


def test_a_session_that_nobody_began_opens_nothing(stranger: TestClient) -> None:
    """Also where its person and its key exist: only the token counts, and it is random."""
    souk = tenant()
    person = member(souk.id, "clerk")
    with administrator() as connection:
        key, secret = service.issue_key(connection, RIGHTS, souk.id, ["bookings:read"])
        hashes = connection.execute(text("SELECT encode(secret_hash, 'hex') FROM sessions")).scalars().all()
    forged = [
        f"{souk.id}~{key.id}~9999999999~" + "0" * 64,
        f"local~{key.id}~9999999999~" + "0" * 64,
        person,
        key.id,
        secret,
        "0" * 43,
        *hashes[:3],
    ]
    for token in forged:
        answer = stranger.get("/shipments", headers={"cookie": f"qafila_session={token}"})
        assert answer.status_code == 303, token
    assert signed_in(stranger, person).get("/shipments").status_code == 200


def test_signing_out_ends_the_session_on_the_server(stranger: TestClient) -> None:
    signed_in(stranger, member(tenant().id, "clerk"))
    kept = stranger.cookies["qafila_session"]
    assert stranger.get("/shipments").status_code == 200
    assert stranger.post("/sign-out", headers=HERE).status_code == 303
    assert "qafila_session" not in stranger.cookies
    stranger.cookies.set("qafila_session", kept)  # whoever copied the cookie
    assert stranger.get("/shipments").status_code == 303


def test_a_suspended_tenants_people_and_keys_open_nothing(stranger: TestClient) -> None:
    souk = tenant()
    signed_in(stranger, member(souk.id, "clerk"))
    assert stranger.get("/shipments").status_code == 200
    with administrator() as connection:
        service.suspend(connection, souk.id)
    assert stranger.get("/shipments").status_code == 303
    with administrator() as connection:
        service.suspend(connection, souk.id, suspended=False)
    assert stranger.get("/shipments").status_code == 200


def test_where_to_go_on_stays_on_this_site(stranger: TestClient) -> None:
    page = stranger.get("/sign-in", params={"next": "https://evil.test/"})
    assert 'name="next" value="/"' in page.text
    page = stranger.get("/sign-in", params={"next": "//evil.test/"})
    assert 'name="next" value="/"' in page.text


def test_being_on_this_machine_opens_nothing(app: FastAPI) -> None:
    """Neither by address nor by name: whatever stands before the server sends from here."""
    near = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), follow_redirects=False)
    for path in ("/plan", "/shipments", "/desk", "/ship", "/ship/file", "/people", "/keys", "/account"):
        for headers in ({}, {"x-forwarded-for": "203.0.113.9"}, {"host": "localhost"}):
            assert near.get(path, headers=headers).status_code == 303, path


def test_a_first_link_works_once(app: FastAPI) -> None:
    clients = [TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) for _ in range(3)]
    first = first_link(datetime.now(UTC), anyway=True)
    ahead = clients[0].get(f"/enter/{first}", headers={"sec-purpose": "prefetch"})
    assert ahead.status_code == 503
    assert clients[0].get(f"/enter/{first}").status_code == 303
    for path in ("/plan", "/shipments", "/desk", "/people"):
        assert clients[0].get(path).status_code == 200, path
    assert clients[1].get(f"/enter/{first}").status_code == 403
    assert clients[1].get("/plan").status_code == 303
    older = first_link(datetime.now(UTC), anyway=True)
    first_link(datetime.now(UTC), anyway=True)
    assert clients[2].get(f"/enter/{older}").status_code == 403  # a newer one was made


def test_nonsense_in_an_address_is_answered_by_a_page(client: TestClient) -> None:
    page = client.get("/fr/network?p=abc")
    assert page.status_code == 422
    assert "Cela n&#39;a pas fonctionné" in page.text
    for path in (
        "/shipments/..%2f..%2fetc",
        "/static/../../settings.py",
        "/static/.stamp",
        "/static/manifest.json",
    ):
        assert client.get(path).status_code == 404
