"""The first screen of each role: what waits for it and no more; nothing of others; and the hub alive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.core.identifiers.own import new_id
from qafila.floors import FLOORS, RIGHTS
from qafila.network.timetable import Mode
from qafila.runtime import runtime_hub
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.first_screen import Days, Waiting, each_day, mean
from qafila.runtime.language import LANGUAGES
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.web.chassis.formats import Formats
from qafila.web.first import alive, pictures, today_page
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable
from tests.web.visitors import member, signed_in, tenant


@pytest.fixture
def visitor(app: FastAPI) -> Any:
    def enter(kind: TenantKind, *roles: str, of: str = "") -> TestClient:
        client = TestClient(app, base_url="https://portal.test", follow_redirects=False)
        return signed_in(client, member(of or tenant(kind, f"Of {kind}").id, *roles))

    return enter


def booked(merchant: str) -> str:
    """One booking; the parcel's number."""
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order(new_id("o"))
    outcome = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), new_id("k")), table, NOW)
    assert isinstance(outcome, Booked)
    with administrator() as connection:
        return str(
            connection.execute(
                text("SELECT number FROM parcels WHERE shipment_id = :s"), {"s": outcome.shipment_id}
            ).scalar_one()
        )


def test_each_tile_names_a_scope_roles_and_a_kind_that_may_hold_it() -> None:
    seen = set()
    for floor in FLOORS:
        for tile in floor.tiles:
            assert tile.name not in seen
            seen.add(tile.name)
            assert tile.roles, tile.name
            assert set(tile.roles) <= ROLES.keys()
            for role in tile.roles:  # somebody in that role sees it
                kinds = [
                    k for k in ROLES[role].kinds & tile.kinds if tile.scope in RIGHTS.of_roles(k, [role])
                ]
                assert kinds, (tile.name, role)
    for role in (
        "clerk",
        "dispatcher",
        "picker",
        "driver",
        "broker",
        "planner",
        "regulator",
        "administrator",
    ):
        assert any(role in tile.roles for floor in FLOORS for tile in floor.tiles), role


@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh"])
@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (k, r.name)
        for r in ROLES.values()
        for k in sorted(r.kinds)
        if k in (TenantKind.HUB, TenantKind.MERCHANT) or len(r.kinds) == 1
    ],
)
def test_every_role_has_a_screen(visitor: Any, kind: TenantKind, role: str, language: str) -> None:
    if language != "en" and kind is TenantKind.HUB and role == "administrator":
        pytest.skip("asked for in English")
    client = visitor(kind, role)
    assert client.get(f"/{language}/").headers["location"] == f"/{language}/today"
    page = client.get(f"/{language}/today")
    assert page.status_code == 200
    assert page.text.count('class="tile ') <= 8, "no dashboard of twelve tiles"
    assert "This could not be read" not in page.text


def test_a_clerk_sees_what_he_has_to_hand_over_and_nobody_elses(
    visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = tenant(name="Mine"), tenant(name="Other")
    ours, theirs = booked(mine.id), booked(other.id)
    at(monkeypatch, NOW)
    seen = visitor(TenantKind.MERCHANT, "clerk", of=mine.id).get("/today").text
    assert ours in seen
    assert theirs not in seen
    at(
        monkeypatch, NOW + timedelta(days=9)
    )  # long past its cut-off it is no more to be handed over, it needs somebody
    seen = visitor(TenantKind.MERCHANT, "clerk", of=mine.id).get("/today").text
    assert f"/shipments?q={ours}" in seen


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Sets the clock of the pages."""
    from qafila.web.first import today_page

    real = today_page.context_of
    monkeypatch.setattr(today_page, "context_of", lambda request, tenant="": real(request, tenant).at(moment))
    monkeypatch.setattr(alive, "context_of", lambda request, tenant="": real(request, tenant).at(moment))


def test_a_tile_that_fails_takes_no_other_with_it(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from qafila.web.first import today_page

    def broken(*_: object) -> None:
        raise RuntimeError("no table")

    first, *rest = FLOORS
    tiles = (replace(first.tiles[0], look=broken), *first.tiles[1:])
    monkeypatch.setattr(today_page, "FLOORS", (replace(first, tiles=tiles), *rest))
    page = visitor(TenantKind.MERCHANT, "clerk").get("/today")
    assert page.status_code == 200
    assert "This could not be read just now" in page.text
    assert "Parcels that need you" in page.text


def test_the_hub_alive_is_the_hubs_alone(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = booked(tenant(name="Sender").id)
    with administrator() as connection:
        connection.execute(
            text(
                "INSERT INTO events (merchant_id, subject_kind, subject_id, event_id, type, time_kind, time, facility, leg, reporter, source) "
                "SELECT merchant_id, 'parcel', number, gen_random_uuid(), 'arrived', 'actual', :t, 'SC-MA-CASABLANCA', 0, 'carrier', '' "
                "FROM parcels WHERE number = :n"
            ),
            {"n": number, "t": NOW + timedelta(minutes=1)},
        )
    at(monkeypatch, NOW + timedelta(hours=1))
    operator = visitor(TenantKind.HUB, "dispatcher")
    told = operator.get("/today/hub.json").json()
    (casablanca,) = (p for p in told["places"] if p["id"] == "SC-MA-CASABLANCA")
    assert casablanca["here"] >= 1
    before = casablanca["here"]
    with administrator() as connection:
        connection.execute(
            text(
                "INSERT INTO events (merchant_id, subject_kind, subject_id, event_id, type, time_kind, time, reporter, source) "
                "SELECT merchant_id, 'parcel', number, gen_random_uuid(), 'delivered', 'actual', :t, 'carrier', '' FROM parcels WHERE number = :n"
            ),
            {"n": number, "t": NOW + timedelta(minutes=2)},
        )
    after = {p["id"]: p["here"] for p in operator.get("/today/hub.json").json()["places"]}
    assert after.get("SC-MA-CASABLANCA", 0) == before - 1
    assert 'data-map="hub"' in operator.get("/today").text
    for address in ("/today/hub.json", "/today/live"):
        assert visitor(TenantKind.MERCHANT, "clerk").get(address).status_code == 403


def test_who_watches_the_hub_hears_that_something_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = iter([5, 5, 7, 7])
    monkeypatch.setattr(alive, "_newest", lambda actor: next(positions))
    monkeypatch.setattr(alive, "_EVERY", 0.01)

    async def heard() -> list[int | None]:
        growth: AsyncIterator[int | None] = alive._growth(None)  # type: ignore[arg-type]
        return [await anext(growth), await anext(growth)]

    assert asyncio.run(heard()) == [None, 7]


def test_bars_begin_at_zero_and_say_their_figures() -> None:
    shown = Days(values=((date(2026, 11, 23), 0), (date(2026, 11, 24), 50), (date(2026, 11, 25), 100)))
    for code in ("en", "ar"):
        drawn = str(pictures.bars(shown, Formats(LANGUAGES[code]), "Parcels <b>"))
        heights = [float(h) for h in re.findall(r'<rect[^>]*height="([\d.]+)"', drawn)]
        assert heights[0] == 0
        assert heights[1] * 2 == pytest.approx(heights[2])
        assert "<b>" not in drawn
    assert (
        pictures.whole([("kept", 0, "done"), ("broken", 0, "stop")], Formats(LANGUAGES["en"])).count("<rect")
        == 0
    )


def test_a_week_has_its_empty_days_and_a_mean_its_count() -> None:
    week = each_day({date(2026, 11, 30): 4}, date(2026, 11, 30))
    assert [n for _, n in week.values] == [0, 0, 0, 0, 0, 0, 4]
    assert str(mean(Decimal(10), 4, "MAD")[0]) == "2.50 MAD"


def test_where_too_much_is_shown_what_is_idle_gives_way_first() -> None:
    def tile(name: str) -> Any:
        return SimpleNamespace(name=name)

    waits = [(tile(f"w{n}"), Waiting(count=n % 2)) for n in range(8)]
    figures = [(tile(f"f{n}"), Days(values=())) for n in range(3)]
    kept = [t.name for t, _ in today_page._fitting([*waits, *figures])]
    assert kept == ["w0", "w1", "w3", "w5", "w7", "f0", "f1", "f2"]
    busy = [(tile(f"b{n}"), Waiting(count=1)) for n in range(7)]
    assert [t.name for t, _ in today_page._fitting([*busy, *figures])] == [*(f"b{n}" for n in range(7)), "f0"]
    assert len(today_page._fitting(busy)) == 7


def test_the_machines_own_organisation_is_called_in_the_readers_language(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    client.get(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    assert "Cette machine" in client.get("/fr/account").text
    monkeypatch.setattr(runtime_hub, "read", lambda: runtime_hub.Hub("Tanger Med", "invited"))
    named = client.get("/fr/account").text
    assert "Tanger Med" in named
    assert "Cette machine" not in named
