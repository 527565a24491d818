"""The page of the protection of data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from qafila.runtime.accounts.tenants import TenantKind
from tests.applications import portal_of_home
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(portal_of_home(), base_url="http://localhost", follow_redirects=False) as visitor:
        yield signed_in(visitor, member(tenant().id, "administrator"))


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_it_speaks_every_language(client: TestClient, code: str) -> None:
    told = client.get(f"/{code}/privacy").text
    assert ("Who read what" in told) == (code == "en")
    assert "09-08" in told
    assert "%(" not in told


def test_nobody_known_is_told(client: TestClient) -> None:
    for act in ("give", "erase"):
        answer = client.post(f"/privacy/{act}", data={"who": "nobody@example.org"}, headers=HERE)
        assert answer.status_code == 422
        assert "nobody@example.org" in answer.text


def test_a_regulator_reads_and_gives_nothing(client: TestClient) -> None:
    with TestClient(portal_of_home(), base_url="http://localhost") as visitor:
        signed_in(visitor, member(tenant(TenantKind.REGULATOR).id, "regulator"))
        assert visitor.get("/privacy").status_code == 200
        assert visitor.post("/privacy/give", data={"who": "x"}, headers=HERE).status_code == 403
