"""Sign-in, invitations, people, keys and tenants over the pages as a browser sends them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.core.identifiers.own import new_id
from qafila.core.message import as_it_is
from qafila.core.message_json import to_json
from qafila.floors import RIGHTS
from qafila.runtime.accounts import service
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.web.visitors import HERE, member, signed_in, tenant

PASSWORD = "four camels at the well"


def fresh(app: FastAPI) -> TestClient:
    made = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    made.headers.update(HERE)
    return made


def test_from_the_first_link_to_a_clerk_who_ships(app: FastAPI) -> None:
    """An administrator invites, the clerk joins, signs out and in again, and does what a clerk does."""
    souk = tenant(name="Souk Digital")
    boss = signed_in(fresh(app), member(souk.id, "administrator"))
    email = f"{new_id('a')}@example.org"
    made = boss.post("/people/invite", data={"email": email, "roles": ["clerk", "picker"]})
    (link,) = re.findall(r"https://portal\.test(/invitation/[\w-]{43})", made.text)
    assert email in boss.get("/people").text
    assert link not in boss.get("/people").text  # shown this once
    clerk = fresh(app)
    assert "Souk Digital" in clerk.get(link).text
    short = clerk.post(link, data={"name": "Nadia", "password": "short"})
    assert short.status_code == 422
    assert 'value="Nadia"' in short.text
    assert clerk.post(link, data={"name": "Nadia", "password": PASSWORD}).status_code == 303
    assert clerk.get("/ship").status_code == 200
    for path in ("/people", "/keys", "/plan"):
        assert clerk.get(path).status_code == 403, path
    assert clerk.post("/sign-out").status_code == 303
    assert clerk.get("/ship").status_code == 303
    assert clerk.post("/sign-in", data={"email": email, "password": "wrong wrong wrong"}).status_code == 403
    again = clerk.post("/sign-in", data={"email": email, "password": PASSWORD, "next": "/shipments"})
    assert again.headers["location"] == "/shipments"
    assert clerk.get("/shipments").status_code == 200
    assert fresh(app).get(link).status_code == 404  # used up
    page = boss.get("/people").text
    (id,) = re.findall(r"/people/(per_\w+)/remove", page.split("Nadia")[1])[:1]
    assert boss.post(f"/people/{id}/remove").status_code == 303
    assert clerk.get("/shipments").status_code == 303


def test_a_key_from_the_page_opens_what_was_ticked_and_no_more(app: FastAPI) -> None:
    boss = signed_in(fresh(app), member(tenant().id, "administrator"))
    made = boss.post("/keys", data={"name": "till", "scopes": ["bookings:read", "plans:read"], "days": "7"})
    (shown,) = re.findall(r"key_\w+\.[\w-]{43}", made.text)
    with doorkeeping() as connection:
        actor = service.authenticate(connection, shown)
    assert actor is not None
    assert actor.scopes == {"bookings:read"}  # a merchant's administrator has no plans to give
    assert shown not in boss.get("/keys").text
    assert boss.post(f"/keys/{actor.id}/end").status_code == 303
    with doorkeeping() as connection:
        assert service.authenticate(connection, shown) is None


def test_the_hub_adds_an_organisation_and_suspends_it(app: FastAPI, client: TestClient) -> None:
    email = f"{new_id('a')}@example.org"
    bad = client.post(
        "/organisations", data={"name": "Rapide SA", "kind": "carrier", "email": "no"}, headers=HERE
    )
    assert bad.status_code == 422
    assert "Rapide SA" not in client.get("/organisations").text  # nothing was made by half
    made = client.post(
        "/organisations", data={"name": "Rapide SA", "kind": "carrier", "email": email}, headers=HERE
    )
    (invited,) = re.findall(r"http://127\.0\.0\.1(/invitation/[\w-]{43})", made.text)
    boss = fresh(app)
    assert boss.post(invited, data={"name": "Omar", "password": PASSWORD}).status_code == 303
    assert boss.get("/people").status_code == 200
    assert boss.get("/organisations").status_code == 403
    id = re.findall(r"car_\w+", made.text.split("Rapide SA")[1])[0]
    at_once = {"ground": "safety", "because": "Brakes of its vans failed.", "days": "0"}
    assert "Suspend an organisation" in client.get(f"/organisations/{id}/suspend").text
    for unfit in ({}, {**at_once, "because": " "}, {**at_once, "ground": "unpaid"}):
        assert client.post(f"/organisations/{id}/suspend", data=unfit, headers=HERE).status_code == 422
    assert boss.get("/people").status_code == 200
    done = client.post(f"/organisations/{id}/suspend", data=at_once, headers=HERE)
    (statement,) = re.findall(r"http://127\.0\.0\.1(/statement/[\w-]{43})", done.text)
    assert boss.get("/people").status_code == 303
    told = fresh(app).get(statement)  # who is suspended cannot sign in, and reads why all the same
    assert "Brakes of its vans failed." in told.text
    filed = fresh(app).post(statement, data={"words": "They did not."}, headers=HERE)
    (complaint,) = re.findall(r"cmp_\w+", filed.text)
    assert "They did not." in client.get(f"/complaints/{complaint}").text
    assert fresh(app).get(f"{statement[:-1]}x").status_code == 404
    assert client.post(f"/organisations/{id}/let-in", headers=HERE).status_code == 303
    assert boss.get("/people").status_code == 200
    assert client.post("/organisations/local/suspend", data=at_once, headers=HERE).status_code == 422
    assert client.post("/organisations/x/suspend", data=at_once, headers=HERE).status_code == 422


def test_who_may_see_keys_does_not_issue_them(app: FastAPI) -> None:
    souk = tenant()
    with administrator() as connection:
        _, key = service.issue_key(connection, RIGHTS, souk.id, ["accounts:read"])
    reader = fresh(app)
    reader.post("/sign-in", data={"key": key})
    assert reader.get("/keys").status_code == 200
    assert "Issue the key" not in reader.get("/keys").text
    assert reader.post("/keys", data={"scopes": "offers:read"}).status_code == 403
    assert reader.post("/people/invite", data={"email": "a@example.org", "roles": "clerk"}).status_code == 403


def test_nobody_but_compliance_clears_a_hit_and_he_stands_in_the_record(app: FastAPI) -> None:
    """The sender's own administrator, broker or key do not; whoever does, under his own name, whatever the form says."""
    from sqlalchemy import text

    from tests.clearance.test_desk import opened

    souk = tenant()
    with administrator() as connection:
        id = opened(connection, souk.id)
        hit = new_id("hit")
        connection.execute(
            text(
                "INSERT INTO screening_hits (merchant_id, hit_id, declaration_id, role, party_name, list_id, listed_id, "
                "listed_name, score, reason) VALUES (:m, :h, :d, 'importer', 'P', 'l', '1', 'X', 1, CAST(:r AS json))"
            ),
            {"m": souk.id, "h": hit, "d": id, "r": json.dumps(to_json(as_it_is("same")))},
        )
    said = {"hit": hit, "verdict": "cleared", "why": "born elsewhere", "by": "The President"}
    for role in ("administrator", "broker", "clerk"):
        guest = signed_in(fresh(app), member(souk.id, role))
        assert guest.post(f"/desk/{id}/decide", data=said).status_code == 403, role
        assert "Who decides" not in guest.get(f"/desk/{id}").text
    hub = tenant(TenantKind.HUB, "Hub")
    assert (
        signed_in(fresh(app), member(hub.id, "planner")).post(f"/desk/{id}/decide", data=said).status_code
        == 403
    )
    officer = member(hub.id, "compliance", name="Salma")
    assert signed_in(fresh(app), officer).post(f"/desk/{id}/decide", data=said).status_code == 303
    with administrator() as connection:
        row = connection.execute(
            text("SELECT verdict, decided_by FROM screening_hits WHERE hit_id = :h"), {"h": hit}
        ).one()
    assert tuple(row) == ("cleared", f"Salma ({officer})")


def test_a_key_that_reads_offers_cancels_nothing_at_the_pages(app: FastAPI) -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        _, key = service.issue_key(connection, RIGHTS, souk.id, ["offers:read"])
    guest = fresh(app)
    guest.post("/sign-in", data={"key": key})
    assert guest.get("/ship").status_code == 200
    for path in ("/shipments/x/cancel", "/shipments/x/rebook", "/ship/offer", "/desk/x/decide", "/desk/open"):
        assert guest.post(path).status_code == 403, path


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_what_is_not_open_is_said_with_its_right(app: FastAPI, code: str) -> None:
    guest = signed_in(fresh(app), member(tenant().id, "clerk"))
    told = guest.get(f"/{code}/plan")
    assert told.status_code == 403
    assert "plans:read" in unescape(told.text)
    assert ("read the plans of the network" in told.text) == (code == "en")


def test_zero_characters_and_long_texts_break_nothing(app: FastAPI) -> None:
    guest = signed_in(fresh(app), member(tenant().id, "administrator"))
    for path, form in (
        ("/sign-in", {"email": "a\0b", "password": "x\0"}),
        ("/sign-in", {"key": "key\0.x"}),
        ("/sign-in", {"email": "x" * 100_000, "password": "y" * 100_000}),
        ("/people/invite", {"email": "a\0@example.org", "roles": "clerk"}),
        ("/people/%00/remove", {}),
        ("/people/x/roles", {"roles": "\0"}),
        ("/people/invitations/%00/withdraw", {}),
        ("/keys/%00/end", {}),
        ("/keys", {"name": "\0", "scopes": "offers:read"}),
        ("/switch", {"tenant": "\0"}),
        ("/account/sign-in", {"email": "\0@example.org", "password": PASSWORD}),
        ("/invitation/%00", {"name": "\0", "password": PASSWORD}),
    ):
        assert guest.post(path, data=form).status_code < 500, (path, form)


def test_foreign_sites_neither_sign_in_nor_out(app: FastAPI) -> None:
    guest = signed_in(fresh(app), member(tenant().id, "clerk"))
    for path in (
        "/sign-in",
        "/sign-out",
        "/switch",
        "/people/invite",
        "/keys",
        "/account/sign-in",
        "/desk/open",
    ):
        for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
            assert guest.post(path, headers=headers).status_code == 403, path
        del guest.headers["sec-fetch-site"]
        for origin in (
            "null",
            "https://evil.test",
            "https://portal.test.evil.test",
            "https://portal.test:444",
        ):
            assert guest.post(path, headers={"origin": origin}).status_code == 403, (path, origin)
        guest.headers.update(HERE)
    assert guest.get("/shipments").status_code == 200  # still signed in
