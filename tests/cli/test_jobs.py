"""Exports and imports as jobs: waited for, left to a worker, fetched later, taken up after a kill."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.context import of_this_home
from qafila.core.identifiers.own import new_id
from qafila.floors import FLOORS
from qafila.network import installed
from qafila.network.feed import read, write
from qafila.network.floor import WRITE_OUT
from qafila.runtime.jobs import jobs_folders, queue, worker
from qafila.runtime.settings import own_settings
from tests.network.small import small_feed
from tests.web.visitors import tenant

run = CliRunner()
JOBS = [job for floor in FLOORS for job in floor.jobs if not job.every]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home whose network is a small one; the database stays that of the suite."""
    queue.workers()  # the suite's database, before the home is another
    monkeypatch.setenv("QAFILA_HOME", str(tmp_path / "home"))
    own_settings.cache_clear()
    installed.install(small_feed())
    yield
    monkeypatch.undo()
    own_settings.cache_clear()
    installed._load.cache_clear()


def test_what_is_not_waited_for_is_done_by_a_worker_and_fetched_later(tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = run.invoke(app, ["network", "export", str(out), "--no-wait"])
    id = asked.stdout.strip()
    assert id.startswith("job_")
    assert f"qafila jobs show {id}" in asked.stderr
    assert run.invoke(app, ["jobs", "fetch", id, str(out)]).exit_code == 1  # nothing is there yet
    worker.work_off(JOBS, of_this_home)
    told = json.loads(run.invoke(app, ["jobs", "show", id, "--json"]).stdout)
    assert (told["state"], told["result"]["name"]) == ("done", "small")
    assert f"{id}  done" in run.invoke(app, ["jobs", "list"]).stdout
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    assert run.invoke(app, ["jobs", "fetch", id, str(tmp_path / "full")]).exit_code == 1
    assert run.invoke(app, ["jobs", "fetch", id, str(out)]).exit_code == 0
    assert read(out) == small_feed()
    assert run.invoke(app, ["jobs", "fetch", id, str(tmp_path / "again")]).exit_code == 1
    assert run.invoke(app, ["jobs", "stop", id]).exit_code == 1
    assert run.invoke(app, ["jobs", "show", "job_none"]).exit_code == 2


def test_an_export_whose_worker_was_killed_is_made_anew_and_whole(tmp_path: Path) -> None:
    asked = queue.ask(WRITE_OUT, None)
    with jobs_folders.handing_out(asked.id) as half:  # what a killed worker leaves
        (half / "stale.csv").write_text("half", encoding="utf-8")
        copied = shutil.copytree(half, tmp_path / "half")
    jobs_folders.let_go(asked.id)
    copied.rename(half)
    assert not jobs_folders.find(asked.id).exists()
    worker.work_off(JOBS, of_this_home)
    jobs_folders.fetched(asked.id, tmp_path / "out")
    assert read(tmp_path / "out") == small_feed()
    assert not (tmp_path / "out" / "stale.csv").exists()


def test_a_feed_is_kept_for_the_job_whatever_becomes_of_its_folder(tmp_path: Path) -> None:
    from dataclasses import replace

    write(replace(small_feed(), version="next"), tmp_path / "feed")
    id = run.invoke(app, ["network", "load", str(tmp_path / "feed"), "--no-wait"]).stdout.strip()
    (tmp_path / "feed" / "feed.csv").unlink()
    worker.work_off(JOBS, of_this_home)
    assert run.invoke(app, ["jobs", "show", id]).stdout.startswith("network.install: done")
    assert installed.feed().version == "next"
    assert [one.name for one in jobs_folders.find("x").parent.iterdir()] == []  # what was handed in is let go


def test_a_merchant_leaves_and_arrives_by_the_queue(tmp_path: Path) -> None:
    merchant = tenant(name="Souk that leaves")
    out = tmp_path / "out"
    told = run.invoke(app, ["move", "out", merchant.id, str(out)])
    assert told.exit_code == 0, told.output
    assert json.loads((out / "manifest.json").read_text())["merchant"]["name"] == "Souk that leaves"
    assert run.invoke(app, ["move", "out", merchant.id, str(out)]).exit_code == 1  # not empty
    assert run.invoke(app, ["move", "out", new_id("ten"), str(tmp_path / "no")]).exit_code == 1
    back = run.invoke(app, ["move", "in", str(out)])
    assert back.exit_code == 0, back.output
    assert f"{merchant.id} (Souk that leaves)" in back.stdout
    assert run.invoke(app, ["move", "in", str(out), "--key", "no key"]).exit_code == 1
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    broken = run.invoke(app, ["move", "in", str(out)])
    assert broken.exit_code == 1
    assert "manifest" in broken.stderr
