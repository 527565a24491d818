"""The regulator's pages over the application as it is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.openness import openness_recording, suspending
from qafila.openness.regulation import regulation_asking
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as
from qafila.runtime.jobs.worker import work_off
from tests.applications import portal_of_home
from tests.openness.logs import fresh_log
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        monkeypatch.setattr(regulation_asking.sequencing, "folder", lambda: folder)
        with TestClient(portal_of_home(), base_url="http://localhost", follow_redirects=False) as visitor:
            yield signed_in(visitor, member(tenant(TenantKind.REGULATOR).id, "regulator"))


def test_a_report_is_asked_for_made_and_read(client: TestClient) -> None:
    merchant = tenant(name="Souk").id
    now = of_this_home().now()
    with acting_as(Role.OPERATOR) as connection:
        suspending.suspend(connection, merchant, True, "hub", now, "Unpaid since May.")
    asked = client.post("/oversight", data={"since": "", "until": ""}, headers=HERE)
    assert asked.status_code == 303
    address = asked.headers["location"]
    waiting = client.get(address).text
    assert "hx-trigger" in waiting
    work_off([regulation_asking.REPORT], of_this_home)
    for code in ("en", "fr", "ar", "zh"):
        told = client.get(f"/{code}{address}").text
        assert "hx-trigger" not in told
        assert told.count('class="state done"') == 14
        assert 'class="state stop"' not in told
        assert "WITH share AS" in told
        assert ("The same from the published log" in told) == (code == "en")
    assert client.get(f"{address}/report.pdf").content.startswith(b"%PDF")
    assert client.get(f"{address}/copy.sqlite").content.startswith(b"SQLite format 3")
    assert address.rpartition("/")[2] in client.get("/oversight").text


def test_days_that_are_no_span_are_told(client: TestClient) -> None:
    answer = client.post("/oversight", data={"since": "2026-05-02", "until": "2026-05-01"}, headers=HERE)
    assert answer.status_code == 422
    assert "must be before the last" in answer.text


def test_the_api_gives_the_same(client: TestClient) -> None:
    from qafila.floors import RIGHTS
    from qafila.runtime.accounts import service
    from qafila.runtime.database import administrator

    with administrator() as connection:
        _, key = service.issue_key(connection, RIGHTS, tenant(TenantKind.REGULATOR).id, ["audit:read"])
    headers = {"authorization": f"Bearer {key}"}
    made = client.post("/api/v1/oversight/reports", json={}, headers=headers)
    assert made.status_code == 202
    id = made.json()["id"]
    assert client.get(f"/api/v1/oversight/reports/{id}/paper", headers=headers).status_code == 409
    assert openness_recording.keys().signer.name == "localhost/qafila"
    work_off([regulation_asking.REPORT], of_this_home)
    read = client.get(f"/api/v1/oversight/reports/{id}", headers=headers).json()
    assert read["state"] == "done", read
    assert len(read["result"]["report"]["figures"]) == 14
    assert client.get(
        f"/api/v1/oversight/reports/{id}/paper?language=ar", headers=headers
    ).content.startswith(b"%PDF")
    assert client.get(f"/api/v1/oversight/reports/{id}/copy", headers=headers).status_code == 200
    assert "hhi_volume" in client.get("/api/v1/oversight/queries", headers=headers).json()
    assert client.get("/api/v1/oversight/reports/job_none", headers=headers).status_code == 404
