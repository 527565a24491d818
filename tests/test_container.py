"""The image's recipe and the composition name what there is: files, commands, ports, settings, folders, checks of health."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.cli.main import app as commands
from qafila.runtime.settings import Settings
from tests.web.conftest import app  # noqa: F401  (a fixture)

ROOT = Path(__file__).parents[1]
RECIPE = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
COMPOSED: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
PORT = Settings.model_fields["port"].default


def told(word: str) -> list[str]:
    """What stands after a word of the recipe, line by line."""
    return [" ".join(line.split()[1:]) for line in RECIPE.splitlines() if line.startswith(f"{word} ")]


def test_what_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in told("COPY"):
        if line.startswith("--from"):
            continue
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(fnmatch(source.rstrip("/"), one) for one in kept), source


def test_commands_and_settings_are_there() -> None:
    names = {one.name or (one.callback and one.callback.__name__) for one in commands.registered_commands}
    called = [
        re.findall(r"\w+", told("CMD")[0])[0],
        *(s["command"] for s in COMPOSED["services"].values() if "command" in s),
    ]
    assert set(called) == {"serve", "work"}
    assert set(called) <= names
    prefix = Settings.model_config.get("env_prefix", "")
    fields = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    settings = {
        *re.findall(r"(QAFILA_\w+)=", RECIPE),
        *(k for s in COMPOSED["services"].values() for k in s["environment"] if k.startswith("QAFILA")),
    }
    assert settings
    assert settings <= fields


def test_ports_folders_and_health_agree(app: FastAPI) -> None:  # noqa: F811
    assert told("EXPOSE") == [str(PORT)]
    assert COMPOSED["services"]["server"]["ports"] == [
        f"127.0.0.1:{PORT}:{PORT}"
    ]  # the proxy's side is this machine alone
    (health,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", RECIPE)
    assert health[0] == str(PORT)
    assert TestClient(app).get(health[1]).status_code == 200
    (home,) = re.findall(r"QAFILA_HOME=(\S+)", RECIPE)
    assert told("VOLUME") == [home]
    assert f"-o qafila -g qafila {home}" in RECIPE  # and belongs to him who runs there
    assert told("USER") == re.findall(r"--uid (\d+)", RECIPE)
    for name, service in COMPOSED["services"].items():
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in COMPOSED["volumes"]
            assert name == "database" or volume.endswith(f":{home}")
        for wanted in service.get("depends_on", {}):
            assert "healthcheck" in COMPOSED["services"][wanted]


@pytest.mark.parametrize("stage", ["build", "run"])
def test_the_python_is_one_that_we_support(stage: str) -> None:
    images = told("FROM")
    assert len(images) == 2
    version = tuple(map(int, re.findall(r"python:(\d+)\.(\d+)", images[stage == "run"])[0]))
    assert version >= (3, 11)
    assert len({image.split()[0] for image in images}) == 1  # what is compiled in one runs in the other
