"""`qafila network` as a person and as a program use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.network.network_commands import app
from qafila.network import installed
from qafila.network.feed import read, write
from qafila.runtime.settings import settings
from tests.network.small import small_feed

run = CliRunner()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAFILA_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield  # type: ignore[misc]
    monkeypatch.undo()
    settings.cache_clear()
    installed._load.cache_clear()


def test_load_export_stats(tmp_path: Path) -> None:
    write(small_feed(), tmp_path / "feed")
    assert run.invoke(app, ["validate", str(tmp_path / "feed")]).exit_code == 0
    loaded = run.invoke(app, ["load", str(tmp_path / "feed"), "--json"])
    assert loaded.exit_code == 0
    assert json.loads(loaded.stdout)["name"] == "small"
    assert run.invoke(app, ["export", str(tmp_path / "out")]).exit_code == 0
    assert read(tmp_path / "out") == small_feed()
    figures = json.loads(run.invoke(app, ["stats", "--json"]).stdout)
    assert figures["warehouses"] == 1
    # FLY makes two hops and HOME one, on two days a week
    assert figures["flights_per_week"] == 6
    # trucks: PICK, EARLY, BOND daily, LAST on six days; tours on six; SAIL two hops once
    assert figures["departures_per_week"] == 6 + 3 * 7 + 6 + 6 + 2
    assert "warehouses" in run.invoke(app, ["stats"]).stdout


def test_a_bad_feed_is_not_loaded(tmp_path: Path) -> None:
    write(small_feed(), tmp_path / "feed")
    installed.install(small_feed())
    calls = tmp_path / "feed" / "calls.csv"
    calls.write_text(calls.read_text().replace("17:00", "teatime"))
    for command in ("validate", "load"):
        told = run.invoke(app, [command, str(tmp_path / "feed"), "--json"])
        assert told.exit_code == 1
        assert json.loads(told.stdout)["problems"][0] == {
            "file": "calls.csv",
            "row": 1,
            "column": "depart",
            "value": "teatime",
            "reason": "This is not a time of day.",
            "remedy": "Write HH:MM, with +1 for the day after (01:30+1).",
        }
        shown = run.invoke(app, [command, str(tmp_path / "feed")])
        assert "calls.csv:1 depart 'teatime': This is not a time of day" in shown.stderr
    assert installed.feed() == small_feed()


def test_wrong_usage(tmp_path: Path) -> None:
    assert run.invoke(app, ["load"]).exit_code == 2
    assert run.invoke(app, ["load", str(tmp_path), "--reference"]).exit_code == 2
    assert run.invoke(app, ["validate", str(tmp_path / "nothing")]).exit_code == 2
    assert run.invoke(app, ["validate", str(tmp_path)]).exit_code == 1  # a folder without files
