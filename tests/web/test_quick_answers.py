"""Tracking that is answered at once says what the API's endpoint says, is new within a second, and counts as others do."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from qafila.context import Context
from qafila.runtime.database import administrator
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Event, Source
from qafila.runtime.telemetry import REGISTRY
from qafila.web.portal import create_app
from qafila.web.tracking import quick_answers
from tests.api.conftest import Clock, Login, api, booked, login, moment, surroundings

__all__ = ["api", "login", "moment", "surroundings"]  # fixtures of the API's tests

ADDRESS = "/api/v1/tracking/"


@pytest.fixture
def portal(surroundings: Context) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: surroundings)) as client:
        yield client


@pytest.fixture
def number(login: Login) -> str:
    made: str = booked(login(), id="QUICK-1")["parcels"][0]
    return made


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"accept-encoding": "identity"},
        {"accept-encoding": "gzip"},
        {"accept-language": "fr, en;q=0.5"},
        {"if-none-match": "*"},
        {"if-none-match": '"of something else"'},
    ],
)
def test_it_is_the_answer_of_the_endpoint(
    portal: TestClient, number: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = portal.get(ADDRESS + number, headers=asked)
    monkeypatch.setattr(quick_answers, "ADDRESS", "/nowhere/")
    slow = portal.get(ADDRESS + number, headers=asked)
    assert (quick.status_code, quick.content) == (slow.status_code, slow.content)
    for header in ("etag", "cache-control", "content-type", "content-language", "content-encoding"):
        assert quick.headers.get(header) == slow.headers.get(header), header
    parts = [{v.strip() for v in a.headers.get("vary", "").split(",")} for a in (quick, slow)]
    assert parts[0] >= parts[1]
    if "if-none-match" not in asked:
        again = portal.get(ADDRESS + number, headers={"if-none-match": f"W/{quick.headers['etag']}"})
        assert (again.status_code, again.content) == (304, b"")


def test_what_happened_is_told_within_a_second(portal: TestClient, moment: Clock, number: str) -> None:
    assert portal.get(ADDRESS + number).json()["state"] == "booked"
    moment.later(hours=2)
    assert portal.get(ADDRESS + number).json()["state"] == "booked"
    seen = Event(
        number, str(uuid4()), "collected", "actual", moment.now, Source("carrier", None, "dock"), "WH"
    )
    with administrator() as connection:
        owner = connection.exec_driver_sql(
            "SELECT merchant_id FROM parcels WHERE number = %s", (number,)
        ).scalar_one()
        store.append(connection, owner, [seen])
    moment.now += quick_answers.LOOKS_EVERY
    assert portal.get(ADDRESS + number).json()["state"] == "collected"


def test_within_the_second_the_database_is_not_asked(
    portal: TestClient, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = portal.get(ADDRESS + number)
    monkeypatch.setattr(quick_answers, "public_tracking", None)  # whoever calls it fails
    assert portal.get(ADDRESS + number).content == first.content


def test_numbers_that_there_are_not_are_problems_as_ever(portal: TestClient, number: str) -> None:
    strange = portal.get(ADDRESS + "HA000000000")
    assert (strange.status_code, strange.headers["content-type"]) == (422, "application/problem+json")
    missing = portal.get(ADDRESS + "RR473124829DE")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert portal.post(ADDRESS + number).status_code == 405


def test_it_is_counted_under_its_address(portal: TestClient, number: str) -> None:
    def count() -> float:
        labels = {"route": ADDRESS + "{number}", "method": "GET", "status": "200"}
        return REGISTRY.get_sample_value("qafila_http_requests_total", labels) or 0.0

    before = count()
    portal.get(ADDRESS + number)
    assert count() == before + 1
