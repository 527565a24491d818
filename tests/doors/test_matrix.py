"""Every route of API and pages, with every role of every kind of tenant, and with another tenant's ids.

What is expected follows from the scopes that the routes declare, and from the scopes that the floors give to roles: a
route that declares neither a scope nor that it is public fails.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.api.chassis.page_walking import Door, doors
from qafila.core.identifiers.own import new_id
from qafila.core.message import as_it_is
from qafila.core.message_json import to_json
from qafila.floors import RIGHTS
from qafila.network.timetable import Mode
from qafila.runtime.accounts import accounts_people, accounts_places, service
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.files import uploads
from tests.clearance.test_desk import opened
from tests.guards import doors_forgotten, doors_of_nobody, unteaching
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable
from tests.web.conftest import app  # noqa: F401  (a fixture)
from tests.web.visitors import HERE, member, signed_in, tenant

SECRET = "Zineb-Marker"
"""Stands in what is the victim's own: nobody else ever reads it."""

PLACE = "SC-MA-CASABLANCA"
"""The facility in the addresses that are tried; stations work there."""

NOBODY_MAY = {"/api/v1/openapi.json"}


@dataclass(frozen=True, slots=True)
class Victim:
    """A merchant whose ids everybody else tries."""

    tenant: str
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in one role, at the pages and with a key of the same scopes."""

    kind: TenantKind
    role: str
    scopes: frozenset[str]
    pages: TestClient
    key: str


@pytest.fixture(scope="module")
def victim() -> Victim:
    """A merchant with one of everything."""
    souk = tenant(TenantKind.MERCHANT, SECRET)
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order(f"{SECRET}-1")
    made = offer(asked, legs(table, 0))
    booked = booking.book(souk.id, Request(asked, made, "k"), table, NOW)
    assert isinstance(booked, Booked)
    now = datetime.now(UTC)
    with administrator() as connection:
        declaration = opened(connection, souk.id)
        key, _ = service.issue_key(connection, RIGHTS, souk.id, None, SECRET)
        hit = new_id("hit")
        connection.execute(
            text(
                "INSERT INTO screening_hits (merchant_id, hit_id, declaration_id, role, party_name, list_id, listed_id, "
                "listed_name, score, reason) VALUES (:m, :h, :d, 'importer', :n, 'l', '1', 'X', 1, CAST(:r AS json))"
            ),
            {
                "m": souk.id,
                "h": hit,
                "d": declaration,
                "n": SECRET,
                "r": json.dumps(to_json(as_it_is("same"))),
            },
        )
        number = connection.execute(
            text("SELECT number FROM parcels WHERE merchant_id = :m"), {"m": souk.id}
        ).scalar_one()
    person = member(souk.id, "administrator", name=SECRET)
    boss = Actor(tenant=souk.id, kind=souk.kind, id=person, name=SECRET, scopes=RIGHTS.of_kind(souk.kind))
    invitation, _ = accounts_people.invite(boss, RIGHTS, "zineb@example.org", ["clerk"], now)
    job = uploads.keep(souk.id, datetime.now(UTC), "orders.csv", b"order,city\n1,Paris\n", rule="cheapest")
    ids = {
        "shipment_id": booked.shipment_id, "booking_id": booked.booking_id, "offer_id": made.id, "number": number,
        "declaration": declaration, "hit": hit, "person": person, "key": key.id, "invitation": invitation.id,
        "job": job.token,
    }  # fmt: skip
    return Victim(souk.id, ids)


def _cases() -> Iterator[tuple[TenantKind, str]]:
    for kind in TenantKind:
        for role in ROLES.values():
            if kind in role.kinds:
                yield kind, role.name


def _guest(app: FastAPI, kind: TenantKind, role: str) -> Guest:  # noqa: F811
    of = tenant(kind, f"{kind} of {role}")
    scopes = RIGHTS.of_roles(kind, [role])
    pages = TestClient(
        app, base_url="https://portal.test", follow_redirects=False, raise_server_exceptions=False
    )
    pages.headers.update(HERE)
    signed_in(pages, member(of.id, role))
    with administrator() as connection:
        _, key = service.issue_key(connection, RIGHTS, of.id, scopes)
        if kind is TenantKind.STATION:
            accounts_places.give(connection, of.id, PLACE, "hub", datetime.now(UTC), {PLACE})
    return Guest(kind, role, scopes, pages, key)


def _address(door: Door, victim: Victim) -> str:
    """The door's address with the victim's ids in it."""
    ids = {**victim.ids, "tenant": victim.tenant}
    by_place = {"/organisations/": "tenant", "/people/invitations/": "invitation", "/people/": "person", "/keys/": "key", "/desk/": "declaration",
                "/api/v1/declarations/": "declaration"}  # fmt: skip
    place = next((name for start, name in by_place.items() if door.path.startswith(start)), "")
    given = {
        **ids,
        "id": ids.get(place, "x"),
        "id:path": "x",
        "dataset": "cn23",
        "name": "labels.pdf",
        "code": "full",
        "token": ids["job"] if door.path.startswith("/ship/file") else "x" * 43,
        "facility_id": PLACE,
        "facility": PLACE,
    }
    address = door.path
    if door.path.startswith(("/plan/", "/api/v1/plans/")):
        given["name"] = "nobodys-plan"
    while "{" in address:
        name = address[address.index("{") + 1 : address.index("}")]
        address = address.replace(f"{{{name}}}", given.get(name, "x"), 1)
    return address


def _body(door: Door, victim: Victim) -> dict[str, Any]:
    """Something that would do harm to the victim if the door stood open."""
    ids = victim.ids
    harm: dict[str, Any] = {
        "/api/v1/bookings": {"offer_id": ids["offer_id"]},
        "/api/v1/declarations/{id}": {"importer.city": "Elsewhere"},
        "/api/v1/declarations/{id}/hits/{hit}": {"verdict": "cleared", "why": "because"},
        "/api/v1/declarations/{id}/papers": {"restriction": "ma-drones", "number": "forged"},
        "/api/v1/declarations/{id}/release": {"quantities": {"0": "1"}},
        "/api/v1/events": {
            "events": [
                {"parcel": ids["number"], "type": t, "time": datetime.now(UTC).isoformat()}
                for t in ("handed_over", "refused", "cancelled")
            ]
        },
    }
    if door.path.startswith("/api/"):
        return {"json": harm.get(door.path, {})} if door.method != "GET" else {}
    forms = {
        "/desk/{id}/amend": {"importer.city": "Elsewhere"},
        "/desk/{id}/classify": {"line": "0", "hs6": "691200"},
        "/desk/{id}/release": {"line-0": "1"},
        "/desk/{id}/paper": {"restriction": "ma-drones", "number": "forged"},
        "/desk/{id}/decide": {"hit": ids["hit"], "verdict": "cleared", "why": "because"},
        "/people/{id}/roles": {"roles": "clerk"},
        "/switch": {"tenant": victim.tenant},
        "/organisations": {"name": "x", "email": "x@example.org"},
    }
    return {"data": forms.get(door.path, {})} if door.method != "GET" else {}


def _state(victim: Victim) -> dict[str, str]:
    """A digest of every row that is the victim's, by table."""
    found = {}
    with administrator() as connection:
        tables = connection.execute(
            text(
                "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped "
                "AND a.attname IN ('merchant_id', 'tenant_id', 'owner')"
            )
        ).all()
        for table, column in tables:
            rows = connection.execute(
                text(f"SELECT t::text FROM {table} t WHERE {column} = :v ORDER BY 1"), {"v": victim.tenant}
            ).scalars()
            if table == "access_records":
                continue  # that somebody looked, or tried to, is kept
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


# people of the hub act on everybody's declarations, and are told of in test_attacks.py
OUTSIDERS = frozenset(TenantKind) - {TenantKind.HUB, TenantKind.REGULATOR}
REPORTERS = frozenset({TenantKind.CARRIER, TenantKind.STATION, TenantKind.AUTHORITY})


def test_every_door_declares_who_may_use_it(app: FastAPI) -> None:  # noqa: F811
    assert len(list(doors(app))) > 100
    assert doors_of_nobody(app, RIGHTS.scopes) == []


def test_every_router_is_in_the_application(app: FastAPI) -> None:  # noqa: F811
    assert doors_forgotten(app) == []


def test_nobody_gets_in_unknown(app: FastAPI, victim: Victim) -> None:  # noqa: F811
    """Neither without anything, nor with what is no session and no key, nor from this machine."""
    before = _state(victim)
    near = TestClient(
        app,
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 5),
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    near.headers.update(HERE)
    for door in doors(app):
        if door.public:
            continue
        for more in ({}, {"authorization": "Bearer key_x.y", "cookie": "qafila_session=x"}):
            answer = near.request(door.method, _address(door, victim), headers=more, **_body(door, victim))
            if door.path.startswith("/api/"):
                assert answer.status_code == 401, str(door)
                assert unteaching(answer) is None, str(door)
            else:
                assert answer.status_code == 303, str(door)
                assert "/sign-in" in answer.headers["location"], str(door)
            assert SECRET not in answer.text, str(door)
    assert _state(victim) == before


@pytest.mark.parametrize(("kind", "role"), list(_cases()))
def test_each_role_opens_its_doors_and_no_others(
    app: FastAPI,  # noqa: F811  # a fixture
    victim: Victim,
    kind: TenantKind,
    role: str,
) -> None:
    guest = _guest(app, kind, role)
    keyed = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    before = _state(victim)
    for door in doors(app):
        if door.public or (door.path == "/switch"):
            continue
        api = door.path.startswith("/api/")
        held = all(scope == "" or scope in guest.scopes for scope in door.scopes)
        if held and ((kind not in OUTSIDERS and door.method != "GET") or door.path in _SLOW):
            continue  # what the hub's people may do is done in earnest elsewhere
        body = _body(door, victim)
        if kind in REPORTERS and door.path == "/api/v1/events":
            body = {"json": {"events": []}}  # who carries a parcel may report on it
        client = keyed if api else guest.pages
        headers = {"authorization": f"Bearer {guest.key}"} if api else {}
        answer = client.request(door.method, _address(door, victim), headers=headers, **body)
        assert answer.status_code < 500, (str(door), answer.text)
        assert unteaching(answer) is None, str(door)
        if held:
            assert answer.status_code not in (401, 403), (str(door), answer.text)
        else:
            assert answer.status_code == 403, (str(door), answer.status_code, answer.text[:300])
        if kind in OUTSIDERS:
            assert SECRET not in answer.text, str(door)
            if (
                "{" in door.path
                and door.method == "GET"
                and held
                and any(i in _address(door, victim) for i in victim.ids.values())
            ):
                assert answer.status_code in (404, 422), (str(door), answer.status_code)
    assert _state(victim) == before


_SLOW = {"/plan", "/api/v1/plans", "/today/live"}
"""Lists of plans are read from the disk, and posting there begins to plan; a live stream ends after ten minutes."""


def test_a_person_switches_only_to_tenants_of_his_own(app: FastAPI, victim: Victim) -> None:  # noqa: F811
    first, second = tenant(name="First"), tenant(name="Second")
    person = member(first.id, "clerk")
    pages = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    signed_in(pages, person)
    pages.post("/switch", data={"tenant": victim.tenant}, headers=HERE)
    assert "First" in pages.get("/account").text
    assert SECRET not in pages.get("/account").text
    with administrator() as connection:
        service.store.put_membership(connection, second.id, person, ["broker"])
    assert (
        pages.post("/switch", data={"tenant": second.id, "next": "/desk"}, headers=HERE).headers["location"]
        == "/desk"
    )
    assert pages.get("/desk").status_code == 200
    assert pages.get("/ship").status_code == 403  # a broker there, a clerk here
    asked = pages.get("/ship")
    assert "First" in asked.text  # and it is said where it is open
    with administrator() as connection:
        service.store.delete_membership(connection, second.id, person)
    assert pages.get("/desk").status_code == 303  # the role has ended, and so has what it opened
