"""What is believed of a key for a second is over within that second at each door that believes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from qafila.api.sorting import quick_scans
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_places, believing, service
from qafila.runtime.accounts.believing import BelievedKeys
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.runtime.database import administrator
from qafila.web.chassis.limiting import LimitMiddleware
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.applications import api_on
from tests.sorting.centres import name, told


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> BelievedKeys:
    made = BelievedKeys(seconds)
    monkeypatch.setattr(quick_scans, "KEYS", made)
    return made


Ends = Callable[[Connection, Tenant, str, str], object]

ENDS: dict[str, Ends] = {
    "revoked": lambda db, _tenant, key, _place: service.revoke_key(db, key),
    "suspended": lambda db, tenant, _key, _place: service.suspend(db, tenant.id),
    "expired": lambda db, _tenant, key, _place: db.execute(
        text("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_id = :k"), {"k": key}
    ),
    "narrowed": lambda db, _tenant, key, _place: db.execute(
        text("UPDATE api_keys SET scopes = :s WHERE key_id = :k"), {"k": key, "s": ["sorting:read"]}
    ),
    "displaced": lambda db, tenant, _key, place: accounts_places.end(db, tenant.id, place, "hub"),
}
"""What ends a key, or takes from it what a scan needs."""


@pytest.fixture(scope="module")
def surroundings() -> Context:
    return Context(NETWORK, RULES, clock=lambda: MONDAY)


@pytest.fixture(scope="module")
def here(surroundings: Context) -> Iterator[str]:
    """A centre at work in this process."""
    facility = name("BLV")
    form = told(facility)
    del form["facility"]
    with administrator() as db:
        hub = service.create(db, "Hub", TenantKind.HUB)
        _, key = service.issue_key(db, RIGHTS, hub.id, ["sorting:manage", "sorting:work"])
    with TestClient(api_on(lambda: surroundings), headers={"authorization": f"Bearer {key}"}) as client:
        client.put(f"/sorting/centres/{facility}", json=form).raise_for_status()
        client.post(f"/sorting/centres/{facility}/scans", json={"scans": [{"code": "x"}]}).raise_for_status()
        yield facility


def _station(place: str) -> tuple[Tenant, str, str]:
    with administrator() as db:
        made = service.create(db, "Station", TenantKind.STATION)
        key, secret = service.issue_key(db, RIGHTS, made.id, ["sorting:work"])
        accounts_places.give(db, made.id, place, "hub", datetime.now(UTC), {place})
    return made, key.id, secret


@pytest.mark.parametrize("how", ENDS)
def test_who_may_scan_no_more_scans_a_second_at_most(
    here: str, surroundings: Context, keys: BelievedKeys, seconds: Seconds, how: str
) -> None:
    client = TestClient(api_on(lambda: surroundings))
    tenant, key, secret = _station(here)
    headers = {"authorization": f"Bearer {secret}"}

    def scanned() -> int:
        return client.post(
            f"/sorting/centres/{here}/scans", json={"scans": [{"code": "x"}]}, headers=headers
        ).status_code

    assert scanned() == 200
    with administrator() as db:
        ENDS[how](db, tenant, key, here)
    seconds.now += believing.SECONDS * 0.9
    assert scanned() == 200  # believed
    seconds.now += believing.SECONDS * 0.1
    assert scanned() in (401, 403)
    assert keys.known(headers["authorization"].encode()) is None or how in ("narrowed", "displaced")


@pytest.mark.parametrize("how", ["revoked", "suspended", "expired"])
def test_a_key_that_ended_is_counted_by_its_address_within_a_second(seconds: Seconds, how: str) -> None:
    def any_(request: Request) -> Response:
        return PlainTextResponse("fine")

    app = Starlette(routes=[Route("/{rest:path}", any_, methods=["POST"])])
    app.add_middleware(LimitMiddleware, clock=lambda: 1_800_000_000.0, keys=BelievedKeys(seconds))
    client = TestClient(app, client=("203.0.113.30", 5), base_url="http://t")
    tenant, key, secret = _station("X")
    headers = {"authorization": f"Bearer {secret}"}

    def asked(**more: dict[str, str]) -> int:
        return client.post("/api/v1/customs/duty", **more).status_code  # type: ignore[arg-type]

    while asked() == 200:  # everybody else at this address has had enough
        pass
    assert asked(headers=headers) == 200
    with administrator() as db:
        ENDS[how](db, tenant, key, "X")
    seconds.now += believing.SECONDS * 0.9
    assert asked(headers=headers) == 200
    seconds.now += believing.SECONDS * 0.1
    assert asked(headers=headers) == 429


def test_only_hashes_are_kept_and_not_without_end(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    import anyio

    monkeypatch.setattr(believing, "_KEPT", 2)
    keys = BelievedKeys(seconds)
    secrets = [_station("X")[2] for _ in range(3)]
    for secret in secrets:
        assert anyio.run(keys.of, f"Bearer {secret}".encode()) is not None
    assert [keys.known(f"Bearer {secret}".encode()) is not None for secret in secrets] == [False, True, True]
    assert keys.known(f"bearer  {secrets[2]} ".encode()) is not None
    for nothing in (b"", b"Bearer", b"Bearer ", b"Basic x", b"Bearer \xff.\xff", b"Bearer a.b"):
        assert anyio.run(keys.of, nothing) is None
    assert not any(secret.encode() in mark for mark in keys._kept for secret in secrets)
