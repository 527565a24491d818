"""A POST with a key acts once, for every endpoint: races, other contents, other tenants, refusals, breaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from qafila.api.chassis.answering_once import AnsweringOnce
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.runtime.accounts import service as service_of_accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.answered import store
from qafila.runtime.database import administrator
from qafila.runtime.webhooks import service
from tests.api.conftest import Login
from tests.api.test_offers import problem
from tests.applications import api_on

SCOPES = ("webhooks:read", "webhooks:write")
ASKED = {"url": "https://shop.example.org/hook", "event_types": ["booked"]}


@pytest.fixture
def merchant(login: Login) -> httpx.Client:
    return login(*SCOPES, kind=TenantKind.MERCHANT)


def made(client: httpx.Client) -> int:
    return len(client.get("webhooks").json())


def test_the_same_request_gets_the_same_answer_and_acts_once(merchant: httpx.Client) -> None:
    key = {"Idempotency-Key": "first"}
    one = merchant.post("webhooks", json=ASKED, headers=key)
    two = merchant.post("webhooks", json=ASKED, headers=key)
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json() == two.json()
    assert two.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in one.headers
    assert made(merchant) == 1
    merchant.post("webhooks", json=ASKED)
    assert made(merchant) == 2


def test_an_answer_to_a_wide_key_is_not_for_a_narrow_one_of_the_same_tenant(
    api: TestClient, merchant: httpx.Client
) -> None:
    key = {"Idempotency-Key": "with a secret in its answer"}
    assert "secret" in merchant.post("webhooks", json=ASKED, headers=key).json()
    with administrator() as connection:
        id = merchant.headers["authorization"].removeprefix("Bearer ").partition(".")[0]
        tenant = connection.execute(
            text("SELECT tenant_id FROM api_keys WHERE key_id = :k"), {"k": id}
        ).scalar_one()
        _, narrow = service_of_accounts.issue_key(connection, RIGHTS, tenant, ["webhooks:read"])
    answer = api.post("webhooks", json=ASKED, headers=key | {"authorization": f"Bearer {narrow}"})
    assert answer.status_code == 403
    assert "whsec" not in answer.text
    with administrator() as connection:
        _, same = service_of_accounts.issue_key(connection, RIGHTS, tenant, ["webhooks:write"])
    again = api.post("webhooks", json=ASKED, headers=key | {"authorization": f"Bearer {same}"})
    assert again.headers["idempotency-replayed"] == "true"  # who was given a new key asks on with it


def test_sixty_four_at_once_act_once(merchant: httpx.Client) -> None:
    def send(_: int) -> httpx.Response:
        return merchant.post("webhooks", json=ASKED, headers={"Idempotency-Key": "race"})

    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(send, range(64)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert made(merchant) == 1


def test_a_key_stands_for_one_request_of_one_tenant(merchant: httpx.Client, login: Login) -> None:
    key = {"Idempotency-Key": "mine"}
    merchant.post("webhooks", json=ASKED, headers=key)
    other = {**ASKED, "event_types": ["delivered"]}
    problem(merchant.post("webhooks", json=other, headers=key), 409, "key-reused")
    neighbour = login(*SCOPES, kind=TenantKind.MERCHANT)
    assert neighbour.post("webhooks", json=other, headers=key).status_code == 201
    assert (made(merchant), made(neighbour)) == (1, 1)
    problem(
        merchant.post("webhooks", json=ASKED, headers={"Idempotency-Key": "x" * 201}), 422, "invalid-request"
    )


def test_what_was_refused_may_come_again(merchant: httpx.Client) -> None:
    key = {"Idempotency-Key": "wrong"}
    problem(merchant.post("webhooks", json={**ASKED, "url": "ftp://a"}, headers=key), 422, "invalid-request")
    assert merchant.post("webhooks", json=ASKED, headers=key).status_code == 201


def test_a_request_at_work_is_waited_for_and_one_cut_off_is_not_done_again(
    merchant: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qafila.api.chassis.answering_once._PATIENCE_SECONDS", 0.1)
    key = {"Idempotency-Key": "killed"}
    merchant.post("webhooks", json=ASKED, headers=key)
    with administrator() as connection:  # as it stands when the process was killed before the answer
        connection.execute(
            text("UPDATE kept_answers SET status = NULL, headers = NULL, body = NULL WHERE key = 'killed'")
        )
    asked_again = merchant.post("webhooks", json=ASKED, headers=key)
    problem(asked_again, 409, "still-at-work")
    assert asked_again.headers["retry-after"] == "1"
    with administrator() as connection:
        connection.execute(
            text("UPDATE kept_answers SET begun_at = now() - interval '1 hour' WHERE key = 'killed'")
        )
    problem(merchant.post("webhooks", json=ASKED, headers=key), 409, "cut-off-before-answer")
    assert made(merchant) == 1


def test_a_request_that_broke_is_not_done_again(
    merchant: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("planted")

    key = {"Idempotency-Key": "broken"}
    with monkeypatch.context() as planted:
        planted.setattr(service, "create", broken)
        problem(merchant.post("webhooks", json=ASKED, headers=key), 500, "internal")
    problem(merchant.post("webhooks", json=ASKED, headers=key), 409, "cut-off-before-answer")


def test_answers_are_forgotten_after_their_time(merchant: httpx.Client) -> None:
    merchant.post("webhooks", json=ASKED, headers={"Idempotency-Key": "old"})
    with administrator() as connection:
        assert store.sweep(connection) == 0
        connection.execute(text("UPDATE kept_answers SET begun_at = now() - interval '31 days'"))
        assert store.sweep(connection) >= 1


def test_offers_bookings_and_acts_note_their_keys_themselves(surroundings: Context) -> None:
    noting = AnsweringOnce(api_on(lambda: surroundings), api_on(lambda: surroundings))
    for path in ("/offers", "/bookings", "/storage/acts"):
        assert noting._notes_the_key_itself({"method": "POST", "path": path}), path
    for path in ("/webhooks", "/customs/declarations", "/events"):
        assert not noting._notes_the_key_itself({"method": "POST", "path": path}), path
