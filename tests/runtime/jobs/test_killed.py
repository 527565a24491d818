"""Workers of their own processes, killed at instants that a seed chooses: every job is done, once at a time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qafila.runtime.database import administrator
from qafila.runtime.jobs import queue, store
from qafila.runtime.jobs.jobs_types import Job, Running

STEPS = 6


def step(running: Running) -> dict[str, int]:
    """Ticks for a while, leaving a mark of each tick with who made it; finds what was ticked before."""
    place = Path(running.arguments["place"])
    marks = place / running.id
    for n in range(STEPS):
        before = marks.read_text().splitlines() if marks.exists() else []
        if any(line.startswith(f"{n} ") for line in before):
            continue  # done by one who is gone
        time.sleep(0.12)
        with marks.open("a") as target:
            target.write(f"{n} {os.getpid()}\n")
        running.tell("Ticking", n + 1, STEPS)
    return {"ticks": STEPS}


TICK = Job(name="test.tick", run=step)

_WORKER = """
import asyncio, threading
from qafila.runtime.jobs import worker
worker._HEARTBEAT, worker._DEAD_AFTER = 0.3, 1.0
from tests.runtime.jobs.test_killed import TICK
asyncio.run(worker.work(worker.application([TICK], str), threading.Event(), light=2))
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_killed_worker_had_begun_another_carries_on(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    asked = [queue.ask(TICK, None, {"place": str(tmp_path)}) for _ in range(5)]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _WORKER], cwd=Path(__file__).parents[3])

    workers = [start(), start()]
    try:
        until = time.monotonic() + 90
        kills = 0
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.4, 1.2) if kills < 3 else 0.2)
            with administrator() as connection:
                found = [store.find(connection, job.id) for job in asked]
            if all(job is not None and job.over for job in found):
                break
            if kills < 3 and any(job is not None and job.state == "running" for job in found):
                victim = dice.randrange(2)
                workers[victim].send_signal(signal.SIGKILL)
                workers[victim].wait()
                workers[victim] = start()
                kills += 1
    finally:
        for process in workers:
            process.kill()
            process.wait()
    assert kills
    assert [job.result for job in found if job] == [{"ticks": STEPS}] * len(asked)
    for job in asked:
        ticks = [line.split()[0] for line in (tmp_path / job.id).read_text().splitlines()]
        assert ticks == [str(n) for n in range(STEPS)]  # nobody did what another was doing or had done
