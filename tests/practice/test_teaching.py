"""Every refusal says where it is taught: each part of the API and each command belongs to one lesson."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.cli.main import app as commands
from qafila.context import of_this_home
from qafila.practice.lessons import page_teaching
from qafila.web.portal import create_api
from tests.guards import untaught
from tests.web.conftest import app  # noqa: F401  (a fixture)


def test_each_part_of_the_api_and_each_command_is_in_one_lesson() -> None:
    assert untaught(create_api(of_this_home).openapi()["paths"], commands) == []


def test_a_refusal_of_the_api_names_its_lesson(app: FastAPI) -> None:  # noqa: F811
    client = TestClient(app, base_url="https://portal.test")
    told = client.post("/api/v1/offers", json={}).json()
    assert told["learn"] == "/practice#clerk"
    assert client.get("/api/v1/plans").json()["learn"] == "/practice#planner"
    assert client.get("/api/v1/nothing").json()["learn"] == "/practice"  # of no lesson's part: all of them
    assert page_teaching("serve") is None
