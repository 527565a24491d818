"""Plain requests that are gone through in one go are answered as all others are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.responses import Response

from qafila.api.chassis import at_once
from qafila.api.chassis.at_once import AtOnce
from qafila.api.chassis.authentication import BookingsReader, BookingsWriter
from qafila.api.shipping.booking_schema import BookingIn
from qafila.api.shipping.offer_schema import OrderIn
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator
from tests.api.conftest import Login, order


def usually(client: httpx.Client, path: str, **sent: Any) -> httpx.Response:
    """The answer of the usual way: an address with a query is not plain."""
    return client.post(f"{path}?usual=1", **sent)


def shape(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    headers = {k: v for k, v in answer.headers.items() if k not in ("content-length", "location")}
    return answer.status_code, headers


@pytest.fixture
def gone_through(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each request that was looked at, whether it was answered at once."""
    seen: list[bool] = []
    real = at_once._answered

    def noted(*asked: Any) -> Response | None:
        seen.append(True)
        found = real(*asked)
        seen[-1] = found is not None
        return found

    monkeypatch.setattr(at_once, "_answered", noted)
    return seen


def test_offers_and_bookings_are_answered_alike(login: Login, gone_through: list[bool]) -> None:
    souk = login()
    one, other = (how(souk, "offers", json=order(id="A-1")) for how in (TestClient.post, usually))
    assert gone_through == [True]
    assert shape(one) == shape(other)
    told, usual = one.json(), other.json()
    for offers in (told, usual):
        offers.pop("promise")
        for offer in offers["offers"]:
            offer.pop("id")
    assert told == usual
    ids = [souk.post("offers", json=order(id=f"B-{n}")).json()["offers"][0]["id"] for n in range(2)]
    first, second = (
        how(souk, "bookings", json={"offer_id": id})
        for how, id in zip((TestClient.post, usually), ids, strict=True)
    )
    assert gone_through[-1]
    assert shape(first) == shape(second)
    assert first.status_code == 201
    assert first.json().keys() == second.json().keys()
    again, usually_again = (
        how(souk, "bookings", json={"offer_id": ids[0]}) for how in (TestClient.post, usually)
    )
    assert (again.status_code, again.text) == (usually_again.status_code, usually_again.text)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["location"] == usually_again.headers["location"]


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"id": "A-1"}},
        {"content": b"{"},
        {"content": b'{"id": "A-1"}', "headers": {"Content-Type": "text/plain"}},
        {"json": order(), "headers": {"Idempotency-Key": "k" * 201}},
        {"json": order(), "headers": {"Authorization": "Bearer no.key"}},
        {"json": order(), "headers": {"Authorization": "Basic bm8="}},
        {"content": b'{"id": NaN}', "headers": {"Content-Type": "application/json"}},
        {"json": order(id="A\0")},
    ],
)
def test_what_is_not_plain_is_refused_as_usual(login: Login, sent: dict[str, Any]) -> None:
    souk = login()
    plain, usual = souk.post("offers", **sent), usually(souk, "offers", **sent)
    assert shape(plain) == shape(usual)
    assert plain.json() == usual.json()
    assert plain.status_code >= 400


def test_a_narrow_key_opens_nothing_here_either(login: Login, gone_through: list[bool]) -> None:
    reader = login("bookings:read")
    assert reader.post("offers", json=order()).status_code == 403
    assert reader.post("bookings", json={"offer_id": "ofr_1"}).status_code == 403
    assert gone_through == [False, False]


def test_a_key_that_ended_opens_nothing_from_the_next_request_on(login: Login) -> None:
    souk = login()
    assert souk.post("offers", json=order(id="K-1")).status_code == 200
    with administrator() as connection:
        assert accounts.revoke_key(
            connection, souk.headers["authorization"].removeprefix("Bearer ").partition(".")[0]
        )
    assert souk.post("offers", json=order(id="K-2")).status_code == 401


def test_an_endpoint_whose_looks_are_noted_cannot_be_gone_through_at_once() -> None:
    router = APIRouter(route_class=AtOnce)

    @at_once.at_once(OrderIn, lambda _: Response())
    def look(order: OrderIn, _: BookingsReader) -> None: ...

    with pytest.raises(ValueError, match="noted"):
        router.post("/looks")(look)

    @at_once.at_once(BookingIn, lambda _: Response())
    def named(id: str, asked: BookingIn, _: BookingsWriter) -> None: ...

    with pytest.raises(ValueError, match="id"):
        router.post("/{id}")(named)
