"""Processes beside this one: as one would have done it, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from qafila.shipping.files.workers import workers

_BOSS = """
import os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests themselves run in a background
from qafila.shipping.files.workers import workers
if __name__ == "__main__":
    with workers(2) as pool:
        found = {f.result() for f in [pool.submit(os.getpid) for _ in range(20)]}
        pool.submit(time.sleep, 1)
        print(*found, flush=True)  # the last: whoever reads it may interrupt at once
        time.sleep(600)
"""
_PATIENCE = (
    300.0  # seconds; only a worker that never ends is a fault: the machine may be busy with other things
)


def _lives(process: psutil.Process) -> bool:
    """Whether it has not ended; one that nobody has buried yet has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_submitted_is_done(count: int) -> None:
    with workers(count, partial(int, 1)) as pool:
        done = [pool.submit(pow, n, 2) for n in range(5)]
    assert [one.result() for one in done] == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them(end: signal.Signals) -> None:
    boss = subprocess.Popen(
        [sys.executable, "-c", _BOSS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert boss.stdout is not None
    beside = [psutil.Process(int(pid)) for pid in boss.stdout.readline().split()]
    assert beside
    assert os.getpid() not in [p.pid for p in beside]
    boss.send_signal(end)
    if end is signal.SIGKILL:
        boss.wait(_PATIENCE)
    until = time.monotonic() + _PATIENCE
    while (alive := [p for p in beside if _lives(p)]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive
    boss.kill()
    boss.wait()
