"""The API over real HTTP forms and the real database, on a network small enough to know by heart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from qafila.api.storage import going_out
from qafila.context import Context, Rules
from qafila.core.money import exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.floors import RIGHTS
from qafila.network.installed import Network
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.bookings.numbering import new_id
from tests.applications import api_on
from tests.network.small import START, small_feed

MONDAY = datetime(START.year, START.month, START.day, 5, tzinfo=UTC)
"""The clock of every request, unless a test moves it: 05:00 UTC on a Monday."""

FEED = small_feed()


NETWORK = Network.of(FEED)
RULES = Rules(rulebook(), exchange_rates())


class Clock:
    """Tells the API what time it is."""

    def __init__(self) -> None:
        self.now = MONDAY

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session", autouse=True)
def _tours_are_waited_for() -> Iterator[None]:
    """In a fresh clone their machine code is made first, which takes longer than a caller is kept waiting."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(going_out, "_PATIENCE_SECONDS", None)
        yield


@pytest.fixture
def moment() -> Clock:
    return Clock()


@pytest.fixture
def surroundings(moment: Clock) -> Context:
    """What every request stands on."""
    return Context(NETWORK, RULES, clock=lambda: moment.now)


@pytest.fixture
def api(surroundings: Context) -> Iterator[TestClient]:
    """A client without a key, of an application that mounts the API where the portal does."""
    inner = api_on(lambda: surroundings)
    outer = FastAPI()
    outer.mount("/api/v1", inner)
    with TestClient(outer, base_url="http://test/api/v1/", raise_server_exceptions=False) as client:
        yield client


Login = Callable[..., httpx.Client]


@pytest.fixture
def login(api: TestClient) -> Iterator[Login]:
    """Makes a tenant and gives a client with a key of it: all of a merchant's scopes, or those named."""
    made: list[TestClient] = []

    def enter(*scopes: str, kind: TenantKind | None = None) -> TestClient:
        with administrator() as connection:
            if kind is None:
                kind = TenantKind.MERCHANT if set(scopes) <= merchants.OF_A_MERCHANT else TenantKind.HUB
            tenant = accounts.create(connection, "Souk", kind)
            _, key = accounts.issue_key(connection, RIGHTS, tenant.id, scopes or None)
        client = TestClient(api.app, base_url="http://test/api/v1/", raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {key}"
        made.append(client)
        return client

    yield enter
    for client in made:
        client.close()


@pytest.fixture
def carrier_says(login: Login) -> Callable[..., None]:
    """Reports what a carrier saw of a parcel, with a key of its own."""
    carrier = login("events:write", kind=TenantKind.CARRIER)

    def says(number: str, type: str, time: datetime, facility: str | None = None) -> None:
        sent = {
            "parcel": number,
            "type": type,
            "time": time.isoformat(),
            "facility": facility,
            "source": "Karim",
        }
        told = carrier.post("events", json={"events": [sent]}).json()
        assert told["recorded"] == 1, told

    return says


def order(id: str | None = None, **more: Any) -> dict[str, Any]:
    """An order of argan oil from the warehouse in Casablanca to the station of Lyon."""
    return {
        "id": id or new_id("A"),
        "sender": {"facility": "WH", "name": "Souk Digital"},
        "receiver": {
            "facility": "STA",
            "name": "Amélie Roux",
            "line1": "3 rue Mercière",
            "email": "a@example.org",
        },
        "items": [
            {
                "title": "argan oil 100 ml",
                "quantity": 2,
                "hs": "151590",
                "origin": "MA",
                "weight_kg": "0.5",
                "length_cm": "10",
                "width_cm": "10",
                "height_cm": "10",
                "unit_value": {"amount": "12.50", "currency": "EUR"},
            }
        ],
        **more,
    }


def booked(client: httpx.Client, **more: Any) -> dict[str, Any]:
    """A booking by its first offer."""
    offers = client.post("offers", json=order(**more))
    assert offers.status_code == 200, offers.text
    answer = client.post("bookings", json={"offer_id": offers.json()["offers"][0]["id"]})
    assert answer.status_code == 201, answer.text
    return answer.json()
