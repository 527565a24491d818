"""Drawing a network at its page: by the forms, by clicks on the map, and made the network of the hub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from playwright.sync_api import expect
from starlette.testclient import TestClient

from qafila.network import drafting, installed
from qafila.network.drawn import Drawing
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.settings import settings
from tests.web.browser import browser
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def clean() -> Iterator[None]:
    """Nothing is drawn; afterwards the network is the one of before."""
    path, before = settings().home / "drawing.json", installed.feed()
    path.unlink(missing_ok=True)
    yield
    path.unlink(missing_ok=True)
    installed.install(before)


@pytest.fixture
def operator(app: FastAPI) -> TestClient:
    client = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    return signed_in(client, member(tenant(TenantKind.HUB).id, "administrator"))


@pytest.mark.usefixtures("clean")
def test_by_the_forms_alone_a_network_is_drawn_and_taken(operator: TestClient) -> None:
    def post(path: str, **told: object) -> int:
        return operator.post(f"/fr/hub/draw/{path}", data=told, headers=HERE).status_code

    assert post("use") == 422  # nothing is drawn
    for told in (
        {"town": "Agadir", "country": "Maroc", "kind": "warehouse", "doors": "true"},
        {"town": "Casablanca", "country": "MA", "kind": "airport", "name": "Mohammed V"},
        {"lat": "45.72", "lon": "5.08", "kind": "airport", "name": "Satolas"},
        {"town": "Lyon", "country": "FR", "kind": "delivery_station", "doors": "true"},
    ):
        assert post("place", **told) == 303
    refused = operator.post(
        "/en/hub/draw/place", data={"town": "Cassablanka", "country": "MA", "kind": "port"}, headers=HERE
    )
    assert refused.status_code == 422
    assert "Casablanca" in refused.text
    assert 'value="Cassablanka"' in refused.text  # what was typed is kept
    ids = [p.id for p in drafting.read().places]
    assert drafting.read().places[2].country == "FR"
    week = [0, 1, 2, 3, 4]
    for a, b, mode in ((0, 1, "road"), (1, 2, "air"), (2, 3, "road")):
        assert (
            post(
                "line", start=ids[a], end=ids[b], mode=mode, depart="18:30", kg="٢٠٠٠", days=week, back="true"
            )
            == 303
        )
    assert len(drafting.read().lines) == 6
    assert {n.kg for n in drafting.read().lines} == {2000}
    for wrong in ({"start": ids[0], "end": ids[3]}, {"depart": "25:00"}, {"mode": "mule"}, {"kg": "-"}):
        told = {
            "start": ids[0],
            "end": ids[1],
            "mode": "road",
            "depart": "07:00",
            "kg": "1",
            "days": week,
            **wrong,
        }
        assert post("line", **told) == 422, wrong
    sea = {"start": ids[0], "end": ids[3], "mode": "road", "depart": "07:00", "kg": "1", "days": week}
    refused = operator.post("/fr/hub/draw/line", data=sea, headers=HERE).text
    assert (
        "delivery station" not in refused
    )  # places without names of their own are said in the reader's words
    assert "la mer" in refused
    page = operator.get("/fr/hub/draw").text
    assert "Mohammed V" in page
    assert "Entrepôt d" in page
    assert post("use") == 303
    assert {f.id for f in installed.feed().facilities} == set(ids)
    assert post("remove", place=ids[2]) == 303
    assert len(drafting.read().lines) == 2
    assert post("remove", line="0") == 303
    assert len(drafting.read().lines) == 1


def test_who_does_not_run_the_hub_draws_nothing(app: FastAPI) -> None:
    client = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    signed_in(client, member(tenant().id, "administrator"))
    assert client.get("/hub/draw").status_code == 403
    for path in ("place", "line", "remove", "use"):
        assert client.post(f"/hub/draw/{path}", data={}, headers=HERE).status_code == 403


@pytest.mark.usefixtures("clean")
def test_clicks_on_the_map_fill_the_forms(address: str) -> None:
    drafting.change(lambda _: Drawing())
    with browser() as chromium:
        tab = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.goto(f"{address}/enter/{first_link(datetime.now(UTC), anyway=True)}")
        tab.goto(f"{address}/en/hub/draw")
        tab.wait_for_selector("[data-map][data-ready=yes]", timeout=60_000)
        box = tab.locator("[data-map]").bounding_box()
        assert box
        tab.mouse.click(box["x"] + box["width"] * 0.36, box["y"] + box["height"] * 0.42)
        expect(tab.locator("#town")).not_to_have_value("")
        tab.locator("#kind").select_option("warehouse")
        tab.get_by_role("button", name="Set the place").click()
        expect(tab.get_by_text("Drawn.")).to_be_visible()
        assert len(drafting.read().places) == 1
        tab.locator("#town").fill("Nowhereville")
        tab.get_by_role("button", name="Set the place").click()
        note = tab.locator(".note.stop")
        expect(note).to_be_visible()
        shown = note.bounding_box()
        assert shown
        assert shown["width"] > 300  # not the dot by which the map marks a stop
