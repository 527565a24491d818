"""The page of load plans over the application as it is served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from qafila.runtime.accounts.tenants import TenantKind
from qafila.web.portal import create_app
from tests.air.flight_files import asked
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://localhost") as visitor:
        yield signed_in(visitor, member(tenant(TenantKind.HUB).id, "planner"))


def sent(client: TestClient, code: str, content: bytes, **more: str) -> str:
    answer = client.post(
        f"/{code}/air",
        files={"flight": ("flight.json", content)},
        data={"seconds": "1", **more},
        headers=HERE,
    )
    assert answer.status_code in (200, 422), answer.text
    return answer.text


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_a_plan_is_drawn_in_every_language(client: TestClient, code: str) -> None:
    assert client.get(f"/{code}/air").status_code == 200
    told = sent(client, code, json.dumps(asked()).encode())
    assert told.count('<svg class="desk"') == 1  # the aircraft
    assert told.count("<svg xmlns") == 1  # one ULD
    assert "S3" in told
    assert ("What would let it fly" in told) == (code == "en")
    assert "%(" not in told


def test_papers_come_as_files(client: TestClient) -> None:
    answer = client.post(
        "/en/air",
        files={"flight": ("f.json", json.dumps(asked()).encode())},
        data={"seconds": "1", "as": "notoc"},
        headers=HERE,
    )
    assert answer.content.startswith(b"%PDF")
    assert "notoc.pdf" in answer.headers["content-disposition"]


def test_a_file_that_is_no_flight_is_told_where(client: TestClient) -> None:
    wrong = asked()
    del wrong["aircraft"]["best"]
    assert "aircraft/best" in sent(client, "en", json.dumps(wrong).encode())
    assert "none was chosen" in sent(client, "en", b"")


def carried(page: str) -> dict[str, str]:
    """What the page sends along with a move."""
    return {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("flight", "plan")}


def test_a_uld_is_moved_and_the_engine_judges(client: TestClient) -> None:
    page = sent(client, "en", json.dumps(asked()).encode())
    told = carried(page)
    place = re.findall(r"<option selected>(\w+)</option>", page)[0]
    others = [p for p in re.findall(r"<option>(\w+)</option>", page) if p != place]
    fine = client.post("/en/air/arranged", data={**told, "at-0": place, "as": "json"}, headers=HERE).json()
    assert fine["wrong"] == []
    arms = {}
    for other in others:
        judged = client.post(
            "/en/air/arranged", data={**told, "at-0": other, "as": "json"}, headers=HERE
        ).json()
        arms[other] = judged["arms"][0]
        outside = not 1000 <= judged["arms"][0] <= 1150
        assert any("centre of gravity" in w for w in judged["wrong"]) is outside
    assert len(set(arms.values())) > 1
    wrong = client.post("/en/air/arranged", data={**told, "at-0": "NOWHERE"}, headers=HERE)
    assert (wrong.status_code, "no position NOWHERE" in wrong.text) == (422, True)
    sheet = client.post("/en/air/arranged", data={**told, "at-0": place, "as": "load-sheet"}, headers=HERE)
    assert sheet.content.startswith(b"%PDF")


@pytest.mark.parametrize("harm", [{"plan": "x"}, {"flight": ""}, {"plan": "eJwDAAAAAAE="}])
def test_a_page_that_was_tampered_with_is_refused(client: TestClient, harm: dict[str, str]) -> None:
    told = carried(sent(client, "en", json.dumps(asked()).encode()))
    answer = client.post("/en/air/arranged", data={**told, **harm}, headers=HERE)
    assert answer.status_code in (400, 422)
    assert "Plan the flight again" in answer.text


def test_it_is_for_those_who_may() -> None:
    with TestClient(create_app(), base_url="http://localhost") as visitor:
        signed_in(visitor, member(tenant(TenantKind.MERCHANT).id, "clerk"))
        assert visitor.get("/en/air").status_code == 403
