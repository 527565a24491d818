"""The page of load plans over the application as it is served."""

from __future__ import annotations

import json
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
    assert told.count("<svg xmlns") == 2  # the aircraft and one ULD
    assert "S3" in told
    assert ("What would let it fly" in told) == (code == "en")
    assert "%(" not in told


def test_papers_come_as_files(client: TestClient) -> None:
    answer = client.post(
        "/en/air", files={"flight": ("f.json", json.dumps(asked()).encode())},
        data={"seconds": "1", "as": "notoc"}, headers=HERE,
    )  # fmt: skip
    assert answer.content.startswith(b"%PDF")
    assert "notoc.pdf" in answer.headers["content-disposition"]


def test_a_file_that_is_no_flight_is_told_where(client: TestClient) -> None:
    wrong = asked()
    del wrong["aircraft"]["best"]
    assert "aircraft/best" in sent(client, "en", json.dumps(wrong).encode())
    assert "none was chosen" in sent(client, "en", b"")


def test_it_is_for_those_who_may() -> None:
    with TestClient(create_app(), base_url="http://localhost") as visitor:
        signed_in(visitor, member(tenant(TenantKind.MERCHANT).id, "clerk"))
        assert visitor.get("/en/air").status_code == 403
