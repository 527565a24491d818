"""The main menu: one line of what a person works with, all else one step away, and never the page that he is on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.web.chassis.menu import SHOWN, split
from tests.web.visitors import member, signed_in, tenant

ALL = [
    (f"/{name}", name)
    for name in [
        "today",
        "ship",
        "shipments",
        "t",
        "duty",
        "desk",
        "storage",
        "sorting",
        "rounds",
        "air",
        "money",
        "network",
        "plan",
        "oversight",
    ]
]


@given(
    entries=st.lists(st.sampled_from(ALL), unique=True),
    path=st.sampled_from(["/", "/t", "/money/cash", "/oversight", "/terms"]),
    roles=st.frozensets(st.sampled_from(sorted(ROLES))),
)
def test_nothing_is_lost_nothing_twice_and_the_order_stays(
    entries: list[tuple[str, str]], path: str, roles: frozenset[str]
) -> None:
    shown, more = split(entries, path, roles)
    assert sorted(shown + more) == sorted(entries)
    assert [e for e in entries if e in shown] == shown
    assert [e for e in entries if e in more] == more
    assert len(shown) <= SHOWN + 1
    assert len(more) != 1
    assert not [a for a, _ in more if path == a or path.startswith(f"{a}/")]


@pytest.mark.parametrize(
    ("role", "work"),
    [("driver", "/rounds"), ("planner", "/plan"), ("picker", "/storage"), ("regulator", "/oversight")],
)
def test_a_roles_own_page_stands_in_the_menu(role: str, work: str) -> None:
    shown, _ = split(ALL, "/network", {role})
    assert work in [address for address, _ in shown]


def menu_of(page: str) -> tuple[list[str], list[str]]:
    """The addresses in the menu, and under More."""
    nav = re.search(r"<nav aria-label=.*?</nav>", page, re.DOTALL)
    more = re.search(r'<details class="languages more">.*?</details>', page, re.DOTALL)
    assert nav
    return re.findall(r'href="([^"]+)"', nav[0]), re.findall(r'href="([^"]+)"', more[0] if more else "")


def test_the_hubs_administrator_finds_every_floor(app: FastAPI) -> None:
    client = signed_in(
        TestClient(app, base_url="https://portal.test", follow_redirects=False),
        member(tenant(TenantKind.HUB).id, "administrator"),
    )
    shown, more = menu_of(client.get("/fr/today").text)
    assert len(shown) == SHOWN
    assert "/fr/today" in shown
    assert "/fr/hauled" not in {*shown, *more}
    assert {"/fr/sorting", "/fr/rounds", "/fr/storage", "/fr/plan"} <= {*shown, *more}
    shown, _ = menu_of(client.get("/fr/plan").text)
    assert "/fr/plan" in shown


@pytest.mark.parametrize("role", ["dispatcher", "driver"])
def test_people_of_a_carrier_find_the_rounds_that_they_drive(app: FastAPI, role: str) -> None:
    client = signed_in(
        TestClient(app, base_url="https://portal.test", follow_redirects=False),
        member(tenant(TenantKind.CARRIER).id, role),
    )
    today = client.get("/fr/today")
    shown, _ = menu_of(today.text)
    assert "/fr/hauled" in shown
    assert "/fr/rounds" not in shown
    assert re.search(r'class="button[^"]*" href="/fr/hauled">\w', today.text)
    assert client.get("/fr/hauled").status_code == 200


def test_a_visitor_sees_what_he_can_use(app: FastAPI) -> None:
    client: Any = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    shown, more = menu_of(client.get("/en/t").text)
    assert set(shown) == {f"/en{a}" for a in ("/ship", "/t", "/prices", "/duty", "/network")}
    assert not more
