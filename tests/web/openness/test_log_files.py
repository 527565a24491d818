"""The log's files over HTTP, and the page that checks receipts."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from qafila.openness import openness_recording, sequencing
from qafila.runtime.database import administrator
from qafila.web.openness import log_files
from tests.openness.logs import AT, decision, fresh_log


def test_checkpoint_tiles_and_bundles_are_served_as_the_specification_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI()
    app.include_router(log_files.router)
    with fresh_log(tmp_path, monkeypatch) as folder, TestClient(app) as client:
        with administrator() as connection:
            openness_recording.record(connection, [decision(f"o-{n}") for n in range(260)])
        sequencing.integrate(AT)
        checkpoint = client.get("/log/checkpoint")
        assert checkpoint.content == (folder / "checkpoint").read_bytes()
        assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
        for path in ("tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1", "tile/entries/001.p/4"):
            tile = client.get(f"/log/{path}")
            assert tile.content == (folder / path).read_bytes()
            assert tile.headers["content-type"] == "application/octet-stream"
            assert "immutable" in tile.headers["cache-control"]
        for path in ("tile/0/0", "tile/0/../../keys/keys.json", "nothing", ".lock"):
            assert client.get(f"/log/{path}").status_code == 404


def test_the_page_runs_what_is_in_it_and_reaches_nothing() -> None:
    app = FastAPI()
    app.include_router(log_files.router)
    with TestClient(app) as client:
        page = client.get("/check-receipt.html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.count("sha256-") == 3
    assert "connect-src" not in policy
