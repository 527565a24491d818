"""Scans that are answered at once say what the endpoint says, and open nothing that it does not open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from qafila.context import Context
from qafila.sorting.induction import Induction, Line, induction
from tests.api.conftest import Login, booked
from tests.applications import api_on
from tests.sorting.centres import heard, name, told


@pytest.fixture
def quick(surroundings: Context) -> Iterator[TestClient]:
    with TestClient(api_on(lambda: surroundings)) as client:
        yield client


@pytest.fixture
def here(login: Login) -> str:
    """A centre that is at work in this process."""
    hub, facility = login("sorting:work", "sorting:manage"), name("QCK")
    form = told(facility)
    del form["facility"]
    hub.put(f"sorting/centres/{facility}", json=form).raise_for_status()
    hub.post(f"sorting/centres/{facility}/scans", json={"scans": [{"code": "x"}]}).raise_for_status()
    return facility


def _endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a request that reaches the endpoint breaks."""

    def broken(*_: object) -> Line:
        raise AssertionError("the endpoint was asked")

    monkeypatch.setattr(Induction, "line", broken)


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_it_is_the_answer_of_the_endpoint(
    quick: TestClient, login: Login, here: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, souk = login("sorting:work"), login()
    number = booked(souk)["parcels"][0]
    heard()
    induction()
    address = f"/sorting/centres/{here}/scans"
    asked = {
        "station": "line 1",
        "scans": [
            {"code": number, "key": name("k")},
            {"code": "nonsense"},
            {"code": number, "damaged": True},
        ],
    }
    asked["scans"] = [{**scan, "at": "2026-11-01T10:00:00Z"} for scan in asked["scans"]]  # type: ignore[attr-defined]
    headers = {**hub.headers, "accept-language": language}
    slow = quick.post(address, json=asked, headers={**headers, "idempotency-key": name("i")})
    _endpoint(monkeypatch)
    fast = quick.post(address, json=asked, headers=headers)
    assert (fast.status_code, fast.json()) == (200, slow.json())
    for header in ("content-type", "content-language", "vary"):
        assert fast.headers[header] == slow.headers[header], header
    durable = quick.post(address, json=asked | {"durable": True}, headers=headers)
    assert durable.json() == slow.json()


def test_what_is_not_plain_is_refused_as_ever(quick: TestClient, login: Login, here: str) -> None:
    hub, reader = login("sorting:work"), login("sorting:read")
    address, good = f"/sorting/centres/{here}/scans", {"scans": [{"code": "x"}]}
    assert quick.post(address, json=good).status_code == 401
    wrong = {"authorization": hub.headers["authorization"] + "x"}
    assert quick.post(address, json=good, headers=wrong).status_code == 401
    assert quick.post(address, json=good, headers=dict(reader.headers)).status_code == 403
    mine = dict(hub.headers)
    assert quick.post(address, json={"scans": []}, headers=mine).status_code == 422
    assert quick.post(address, json=good | {"more": 1}, headers=mine).status_code == 422
    assert (
        quick.post(address, content=b"{", headers=mine | {"content-type": "application/json"}).status_code
        == 422
    )
    assert quick.post("/sorting/centres/NOWHERE-1/scans", json=good, headers=mine).status_code == 404
    nowhere = {"scans": [{"code": "x", "put": "C99"}]}
    assert quick.post(address, json=nowhere, headers=mine).status_code == 404


def test_a_centre_is_loaded_once_for_all_requests(here: str, surroundings: Context) -> None:
    from qafila.network.installed import Network

    same = Context(Network(surroundings.network.id), surroundings.rules, clock=surroundings.clock)
    assert induction().line(here, surroundings) is induction().line(here, same)


def test_what_was_put_without_connection_lies_where_it_was_put(
    quick: TestClient, login: Login, here: str
) -> None:
    hub = login("sorting:work", "sorting:read")
    asked = {"durable": True, "scans": [{"code": "nonsense", "put": "C1"}]}
    answer = quick.post(f"/sorting/centres/{here}/scans", json=asked, headers=dict(hub.headers)).json()
    assert answer[0]["chute"] == "X1"
    counted = quick.get(f"/sorting/centres/{here}/chutes", headers=dict(hub.headers)).json()["chutes"]
    assert {c["chute"]: c["parcels"] for c in counted}["C1"] == 1
