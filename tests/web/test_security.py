"""Who may do what, and what a page may load."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from qafila.runtime.database import administrator
from qafila.shipping import merchants


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


def test_a_stranger_signs_in(stranger: TestClient) -> None:
    asked = stranger.get("/fr/shipments")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/fr/sign-in?next=/shipments"
    assert stranger.get("/t").status_code == 200
    assert stranger.post("/sign-in", data={"key": "wrong.key"}).status_code == 403
    with administrator() as connection:
        merchant = merchants.create(connection, "Door and key")
        key, secret = merchants.issue_key(connection, merchant.id, ["bookings:read"])
    answer = stranger.post("/sign-in", data={"key": secret, "next": "/shipments"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/shipments"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=lax" in cookie
    assert secret not in cookie
    assert stranger.get("/shipments").status_code == 200
    with administrator() as connection:
        merchants.revoke_key(connection, key.id)
    assert stranger.get("/shipments").status_code == 303  # the session ends with its key


def test_a_forged_session_opens_nothing(stranger: TestClient) -> None:
    stranger.cookies.set("qafila_session", "local~key~9999999999~" + "0" * 64)
    assert stranger.get("/shipments").status_code == 303


def test_where_to_go_on_stays_on_this_site(stranger: TestClient) -> None:
    page = stranger.get("/sign-in", params={"next": "https://evil.test/"})
    assert 'name="next" value="/"' in page.text
    page = stranger.get("/sign-in", params={"next": "//evil.test/"})
    assert 'name="next" value="/"' in page.text


def test_a_foreign_name_for_this_machine_is_a_stranger(client: TestClient) -> None:
    assert client.get("/shipments", headers={"host": "rebound.evil.test"}).status_code == 303
    assert client.get("/shipments").status_code == 200


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
