"""The transparency log: entries appended in batches and one by one, published, proved; on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from benchmarks.report import Report

ENTRIES = 20_000
BATCH = 500
SINGLE = 500
AIM = 2_000.0  # entries a second
MOST_MS = 50.0  # that a decision may wait


def run(report: Report) -> None:
    """Measure in a process whose home is empty, so that nobody's data are touched."""
    with tempfile.TemporaryDirectory(prefix="qafila-bench-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.appending"],
            env=os.environ | {"QAFILA_HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout)
    report(
        f"{told['appended']:,.0f} entries a second recorded in batches of {BATCH}, each with a signed promise "
        f"(aim {AIM:,.0f}: ×{told['appended'] / AIM:.2f})"
    )
    report(
        f"10,000 entries take {told['process_cpu']:.2f} CPU s of this process and {told['server_cpu']:.2f} of PostgreSQL to "
        f"record, {told['publishing_cpu']:.2f} of both to publish: a core that has nothing else to do records "
        f"{10_000 / (told['process_cpu'] + told['server_cpu']):,.0f} a second (aim {AIM:,.0f}), whatever the machine's load is now"
    )
    report(
        f"{told['through']:,.0f} entries a second recorded and published: places, tiles, checkpoints "
        f"(aim {AIM:,.0f}: ×{told['through'] / AIM:.2f})"
    )
    report(
        f"one decision waits {told['median_ms']:.1f} ms for the log in the median, {told['p99_ms']:.1f} ms in 99 of 100 "
        f"(at most {MOST_MS:.0f}), its transaction included"
    )
    report(f"a receipt against {ENTRIES:,} entries takes {told['receipt_ms']:.1f} ms")


def measure() -> dict[str, float]:
    """The figures, on the home of this process."""
    from qafila.openness import openness_receipts, openness_recording, sequencing
    from qafila.openness.model import Decision
    from qafila.runtime.database import administrator

    at = datetime.now(UTC)
    order = b'{"id":"o","sender":{"name":"x"},"receiver":{"name":"y","city":"Lyon"},"grams":1200}'

    def decision(n: int) -> Decision:
        said = {"from": "MA", "to": "FR", "rule": "cheapest", "offers": 3}
        hidden = {
            "order": order,
            "inputs": b'{"full":[],"network":"x"}',
            "answer": b'[{"price":"12.40"}]',
            "ids": b"[]",
        }
        return Decision("shipping.offers", f"o-{n}", at, said, hidden, None, frozenset({"order"}))

    def record(numbers: range) -> None:
        with administrator("a benchmark") as connection:
            openness_recording.record(connection, [decision(n) for n in numbers])

    record(range(1))
    sequencing.integrate(at)
    batches = [range(n, n + BATCH) for n in range(0, ENTRIES, BATCH)]
    start, cpu, server = time.perf_counter(), time.process_time(), _server_cpu()
    for batch in batches:
        record(batch)
    recorded = time.perf_counter() - start
    cpu, server = time.process_time() - cpu, _server_cpu() - server
    between = time.process_time() + _server_cpu()
    turn = sequencing.integrate(at)
    published = time.perf_counter() - start
    publishing = time.process_time() + _server_cpu() - between
    assert turn is not None
    assert turn.size == ENTRIES + 1
    waits = []
    for n in range(SINGLE):
        began = time.perf_counter()
        record(range(n, n + 1))
        waits.append((time.perf_counter() - began) * 1000)
    waits.sort()
    began = time.perf_counter()
    with administrator("a benchmark") as connection:
        openness_receipts.receipts_of(connection, f"o-{ENTRIES // 2}")
    return {
        "appended": ENTRIES / recorded,
        "through": ENTRIES / published,
        "process_cpu": cpu / ENTRIES * 10_000,
        "server_cpu": server / ENTRIES * 10_000,
        "publishing_cpu": publishing / ENTRIES * 10_000,
        "median_ms": waits[SINGLE // 2],
        "p99_ms": waits[SINGLE * 99 // 100],
        "receipt_ms": (time.perf_counter() - began) * 1000,
    }


def _server_cpu() -> float:
    """CPU seconds that the embedded server of this home has taken, with its processes and those that have ended."""
    home = Path(os.environ["QAFILA_HOME"])
    master = psutil.Process(int((home / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0]))
    told = [master.cpu_times(), *(child.cpu_times() for child in master.children(recursive=True))]
    return sum(one.user + one.system for one in told) + told[0].children_user + told[0].children_system


if __name__ == "__main__":
    print(json.dumps(measure()))
