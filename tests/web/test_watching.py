"""What an operator's machines ask of a running server."""

from __future__ import annotations

import json
import logging
import re
import time

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.runtime import telemetry
from qafila.runtime.database import administrator
from qafila.runtime.settings import settings


def test_alive_and_ready(stranger: TestClient) -> None:
    assert stranger.get("/healthz").text == "ok"
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": "ok", "network": "ok"})


def test_not_ready_without_a_network(app: FastAPI, stranger: TestClient) -> None:
    def broken() -> None:
        raise RuntimeError("no network")

    app.state.context = broken
    try:
        answer = stranger.get("/readyz")
    finally:
        app.state.context = of_this_home
    assert answer.status_code == 503
    assert answer.json()["network"] == "it cannot be loaded"


def test_requests_are_counted_by_route_and_never_by_number(stranger: TestClient) -> None:
    stranger.get("/t/HA473124829MA")
    counted = stranger.get("/metrics").text
    assert 'qafila_http_requests_total{method="GET",route="/t/{number}",status="404"}' in counted
    assert "HA473124829MA" not in counted


def test_the_jobs_of_all_processes_are_counted(stranger: TestClient) -> None:
    name = f"counted-{time.time_ns()}"
    with administrator() as connection:
        connection.execute(
            text(
                "INSERT INTO jobs (job_id, name, key, arguments, state, asked_at) VALUES "
                "(:n || '1', :n, :n || '1', '{}', 'failed', now()), (:n || '2', :n, :n || '2', '{}', 'waiting', now() - interval '1 hour')"
            ),
            {"n": name},
        )
    counted = stranger.get("/metrics").text
    assert f'qafila_jobs{{job="{name}",state="failed"}} 1.0' in counted
    assert f'qafila_jobs{{job="{name}",state="waiting"}} 1.0' in counted
    waits = re.search(r"^qafila_jobs_waiting_seconds (\S+)$", counted, re.MULTILINE)
    assert waits is not None
    assert float(waits[1]) >= 3600


def test_the_metrics_may_need_a_token(stranger: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "metrics_token", "count-me")
    assert stranger.get("/metrics").status_code == 401
    assert stranger.get("/metrics", headers={"Authorization": "Bearer count"}).status_code == 401
    assert stranger.get("/metrics", headers={"Authorization": "Bearer count-me"}).status_code == 200


def test_each_request_has_an_id_and_its_log_lines_carry_it(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings(), "log_format", "json")
    monkeypatch.setattr(settings(), "log_level", "INFO")
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        telemetry.start_logging()
        answer = stranger.get("/healthz?who=somebody", headers={"x-request-id": "mine-1"})
        other = stranger.get("/healthz", headers={"x-request-id": "<script>"})
    finally:
        root.handlers, root.level = before, level
    assert answer.headers["x-request-id"] == "mine-1"
    assert other.headers["x-request-id"] != "<script>"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    first = next(line for line in lines if line.get("request") == "mine-1")
    assert (first["event"], first["level"], first["logger"]) == ("answered", "info", "qafila.http")
    assert "somebody" not in json.dumps(lines)
