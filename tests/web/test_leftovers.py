"""No page says English in another language: every page without data of its own, and those that engines fill."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import qafila.web
from qafila.api.chassis.page_walking import doors
from qafila.clearance import desk, store
from qafila.clearance.authority import Sandbox
from qafila.core.money import exchange_rates
from qafila.runtime.database import administrator
from qafila.runtime.language import LANGUAGES
from qafila.shipping import merchants
from tests.clearance.test_desk import opened, plain
from tests.web.leftovers import english_in

FOREIGN = [code for code in LANGUAGES if code != "en"]
HERE = {"sec-fetch-site": "same-origin"}
TEMPLATES = Path(qafila.web.__file__).parent / "templates"
DUTY = "/duty?from={of}&to={to}&hs={hs}&value={value}&currency=EUR&quantity=2&trade={trade}&origin={of}"


def test_what_is_english_is_found_and_data_is_not() -> None:
    assert english_in("<p>Give the receiver's city.</p><p><bdi>Sheets of the glass</bdi></p>") == [
        "Give the receiver's city."
    ]
    assert english_in("<p>Donnez la ville du destinataire (a, an, on, six).</p>") == []


def test_what_engines_say_is_not_marked_as_data() -> None:
    marked = [
        p.name for p in TEMPLATES.rglob("*.html") if re.search(r"<bdi[^>]*>\{\{ say\(", p.read_text("utf-8"))
    ]
    assert marked == []


def _addresses(app: FastAPI) -> list[str]:
    """Every page that is asked for without naming anything; the API answers in its own way."""
    return sorted(
        door.path
        for door in doors(app)
        if door.method == "GET"
        and "{" not in door.path
        and not door.path.startswith("/api/")
        and not door.path.endswith("/live")  # a stream has no end
        and door.path != "/docs"  # the reference of the API, which is English as its document is
    )


@pytest.mark.parametrize("code", FOREIGN)
def test_no_page_says_english(app: FastAPI, client: TestClient, code: str) -> None:
    left = {}
    asked = 0
    for path in _addresses(app):
        page = client.get(f"/{code}{path}")
        if page.status_code == 200 and page.headers["content-type"].startswith("text/html"):
            asked += 1
            if found := english_in(page.text):
                left[path] = found
    assert asked > 20
    assert left == {}


@pytest.mark.parametrize("code", FOREIGN)
@pytest.mark.parametrize(
    "to", ["MA", "FR", "GB", "US", "CN", "TR", "EG", "KE", "NG", "SN", "CI", "ZA", "AE", "SA", "RO", "IT"]
)
def test_a_duty_is_told_without_english(client: TestClient, code: str, to: str) -> None:
    left = {}
    for hs, value, trade, of in (
        ("640411", "1000", "b2b", "CN"),
        ("330300", "120", "b2c", "MA"),
        ("220421", "90", "c2c", "FR"),
        ("", "30", "b2c", "CN"),
        ("851713", "400", "b2c", "CN"),
        ("711719", "8000", "b2b", "MA"),
    ):
        page = client.get(f"/{code}" + DUTY.format(of=of, to=to, hs=hs, value=value, trade=trade))
        if found := english_in(page.text):
            left[(hs, value)] = found
    assert left == {}


@pytest.mark.parametrize("code", FOREIGN)
def test_what_cannot_be_calculated_is_told_without_english(client: TestClient, code: str) -> None:
    for asked in (
        "hs=851770&value=5&currency=MAD",
        "hs=640411&value=-5&currency=MAD",
        "hs=64&value=x&currency=XXQ",
    ):
        assert english_in(client.get(f"/{code}/duty?from=CN&to=MA&{asked}").text) == []
    assert english_in(client.get(f"/{code}/duty?from=CN&to=BR&hs=640411&value=5&currency=EUR").text) == []


@pytest.mark.parametrize("code", FOREIGN)
def test_the_desk_is_told_without_english(client: TestClient, code: str) -> None:
    with administrator() as connection:
        merchant = merchants.local(connection).id
        lacking = opened(connection, merchant)
        desk.amend(connection, lacking, {"importer.city": "", "lines[0].description": "gift"}, "t", _NOW)
        drone = replace(plain().lines[0], description="camera drone", hs="880622")
        held = opened(connection, merchant, lines=(drone,))
        desk.advance(connection, held, Sandbox(exchange_rates()), "t", _NOW)
        desk.advance(connection, held, Sandbox(exchange_rates()), "t", _NOW)
        released = opened(connection, merchant)
        desk.advance(connection, released, Sandbox(exchange_rates()), "t", _NOW)
        assert store.get(connection, released).state is desk.State.RELEASED
    for id in (lacking, held, released):
        assert english_in(client.get(f"/{code}/desk/{id}").text) == [], id
        again = client.post(f"/{code}/desk/{id}/advance", headers=HERE)
        assert english_in(again.text) == [], id
    assert english_in(client.get(f"/{code}/desk").text) == []


@pytest.mark.parametrize("code", FOREIGN)
@pytest.mark.parametrize(
    "content",
    [b"", b"order_id,title\n1,x\n", b"PK\x03\x04rest", b"\x00\x01\x02\x03" * 40, b"order_id;country\n1;FR\n"],
)
def test_a_refused_file_is_told_without_english(client: TestClient, code: str, content: bytes) -> None:
    page = client.post(
        f"/{code}/ship/file",
        data={"rule": "cheapest"},
        files={"file": ("o.csv", content)},
        headers=HERE,
        follow_redirects=True,
    )
    assert english_in(page.text) == []


_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
