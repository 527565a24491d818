"""A merchant takes everything along by itself: by a button, over the API, and nobody else's."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.floors import RIGHTS
from qafila.openness import openness_recording
from qafila.openness.portability import arriving, portability_taking
from qafila.openness.portability.arriving import NotWhole
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.jobs.worker import work_off
from tests.applications import portal_of_home
from tests.openness.logs import fresh_log
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with (
        fresh_log(tmp_path, monkeypatch),
        TestClient(portal_of_home(), base_url="http://localhost", follow_redirects=False) as visitor,
    ):
        yield visitor


def key(of: str, *scopes: str) -> dict[str, str]:
    with administrator() as connection:
        _, shown = service.issue_key(connection, RIGHTS, of, scopes or None)
    return {"authorization": f"Bearer {shown}"}


def test_with_a_button(app: TestClient, tmp_path: Path) -> None:
    souk = tenant(name="Souk").id
    client = signed_in(app, member(souk, "compliance"))
    assert client.post("/leave", headers=HERE).status_code == 303
    client.post("/leave", headers=HERE)  # pressed twice it is begun once
    assert "hx-trigger" in client.get("/leave").text
    assert len(portability_taking.newest(souk)) == 1
    work_off([portability_taking.TAKE], of_this_home)
    for code in ("en", "fr", "ar", "zh"):
        told = client.get(f"/{code}/leave").text
        assert "hx-trigger" not in told
        assert ".zip" in told
    id = portability_taking.newest(souk)[0][0]
    got = client.get(f"/leave/{id}.zip")
    assert got.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(got.content)) as made:
        manifest = json.loads(made.read("manifest.json"))
        assert {f["path"] for f in manifest["files"]} | {"manifest.json", "manifest.note"} == set(
            made.namelist()
        )
    assert manifest["merchant"] == {"id": souk, "name": "Souk"}
    assert {"tables/orders.jsonl", "records/stock.jsonl", "papers/list.csv"} <= {
        f["path"] for f in manifest["files"]
    }
    (tmp_path / "file.zip").write_bytes(got.content)
    (tmp_path / "out").mkdir()
    whole = portability_taking.unpacked(tmp_path / "file.zip", tmp_path / "out")
    assert arriving.checked(whole, [openness_recording.keys().first]) == manifest


def test_over_the_api_and_for_nobody_else(app: TestClient) -> None:
    souk, other = tenant(name="Souk").id, tenant(name="Other").id
    own = key(souk, "data:take")
    assert app.post("/api/v1/exports", headers=key(souk)).status_code == 403  # only where it is named
    made = app.post("/api/v1/exports", headers=own)
    assert made.status_code == 202
    address = f"/api/v1/exports/{made.json()['id']}"
    assert app.get(f"{address}/file", headers=own).status_code == 404  # not yet
    work_off([portability_taking.TAKE], of_this_home)
    read = app.get(address, headers=own).json()
    assert (read["state"], read["rows"]) == ("done", {})
    assert read["key"] == str(openness_recording.keys().first)
    assert app.get(f"{address}/file", headers=own).content.startswith(b"PK")
    for stranger in (key(other, "data:take"), key(tenant(TenantKind.HUB).id, "data:take")):
        assert app.get(address, headers=stranger).status_code == 404
        assert app.get(f"{address}/file", headers=stranger).status_code == 404
    portability_taking.file_of(made.json()["id"]).unlink()
    assert app.get(f"{address}/file", headers=own).status_code == 404


def test_a_file_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as made:
        made.writestr("../outside", "x")
    (tmp_path / "out").mkdir()
    with pytest.raises(NotWhole):
        portability_taking.unpacked(tmp_path / "evil.zip", tmp_path / "out")
    assert not (tmp_path / "outside").exists()
    (tmp_path / "none.zip").write_bytes(b"no file of that kind")
    with pytest.raises(NotWhole):
        portability_taking.unpacked(tmp_path / "none.zip", tmp_path / "out")
