"""The network of a home: installed once by whoever comes first, shared by all, memory-mapped."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from qafila.network import installed
from qafila.runtime.settings import settings
from tests.network.small import START, small_feed


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAFILA_HOME", str(tmp_path))
    settings.cache_clear()
    yield  # type: ignore[misc]
    monkeypatch.undo()
    settings.cache_clear()
    installed._open.cache_clear()
    installed._load.cache_clear()


def test_an_installed_feed_is_the_network() -> None:
    installed.install(small_feed())
    assert installed.feed() == small_feed()
    table = installed.timetable(date(2026, 3, 26), 14)  # a Thursday: from its Monday
    assert table.epoch.date() == START
    assert table.minutes == 14 * 1440
    assert isinstance(table.ride_from.base, np.memmap)
    assert installed.timetable(date(2026, 3, 29), 14) is table


def test_another_feed_takes_its_place() -> None:
    from dataclasses import replace

    first = installed.install(small_feed())
    second = installed.install(replace(small_feed(), version="2"))
    assert first != second
    assert installed.feed().version == "2"
    assert installed.install(small_feed()) == first
    assert installed.feed().version == "1"


def test_a_feed_installed_by_another_version_is_read_again() -> None:
    digest = installed.install(small_feed())
    (stored,) = (settings().home / "network" / "feeds" / digest).glob("*.pickle")
    stored.rename(stored.with_name("feed-0.pickle"))
    assert installed.feed() == small_feed()


def test_old_timetables_are_forgotten() -> None:
    installed.install(small_feed())
    for week in range(8):
        installed.timetable(date.fromordinal(START.toordinal() + 7 * week), 7)
    assert len(list((settings().home / "network" / "compiled").iterdir())) == 4


_SCRIPT = """
from datetime import date
from qafila.network import installed
print(installed.timetable(date(2026, 3, 26), 14).rides, installed.feed().name)
"""


def test_many_processes_at_once() -> None:
    installed.install(small_feed())
    environment = {**os.environ, "QAFILA_HOME": str(settings().home)}
    running = [
        subprocess.Popen([sys.executable, "-c", _SCRIPT], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert answers == {f"{installed.timetable(date(2026, 3, 26), 14).rides} small\n"}
    left = [p.name for p in (settings().home / "network" / "compiled").iterdir()]
    assert len(left) == 1


def test_without_one_it_is_the_reference_network_and_the_second_time_nothing_is_built() -> None:
    assert installed.feed().name == "qafila reference network"
    installed.timetable(date(2026, 11, 26))
    script = (
        "import sys\nfrom datetime import date\nfrom qafila.network import installed\n"
        "print(installed.timetable(date(2026, 11, 26)).rides)\n"
        "print(*(name for name in sys.modules if name.startswith('qafila.network.')))"
    )
    environment = {**os.environ, "QAFILA_HOME": str(settings().home)}
    rides, loaded = subprocess.check_output(
        [sys.executable, "-c", script], env=environment, text=True
    ).splitlines()
    assert int(rides) == installed.timetable(date(2026, 11, 26)).rides
    assert "qafila.network.timetable" in loaded.split()
    for builds in ("reference", "compile", "feed"):  # generates, compiles, and reads and checks it
        assert not [name for name in loaded.split() if name.startswith(f"qafila.network.{builds}")]


def test_a_damaged_home_says_what_to_do() -> None:
    digest = installed.install(small_feed())
    (settings().home / "network" / "current").write_text("nonsense\n")
    with pytest.raises(installed.DamagedNetwork, match="qafila network load"):
        installed.feed()
    assert installed.install(small_feed()) == digest
    assert installed.feed() == small_feed()
