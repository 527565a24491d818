"""The transparency log: entries appended in batches and one by one, published, proved; on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
            env=os.environ | {"QAFILA_HOME": home}, capture_output=True, text=True, check=True,
        )  # fmt: skip
    told = json.loads(done.stdout)
    report(
        f"{told['appended']:,.0f} entries a second recorded in batches of {BATCH}, each with a signed promise "
        f"(aim {AIM:,.0f}: ×{told['appended'] / AIM:.2f}); CPU of this process {told['append_cpu_us']:.0f} µs an entry"
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
    from qafila.openness import receipts, recording, sequencing
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
            recording.record(connection, [decision(n) for n in numbers])

    record(range(1))
    sequencing.integrate(at)
    batches = [range(n, n + BATCH) for n in range(0, ENTRIES, BATCH)]
    start, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        record(batch)
    recorded = time.perf_counter() - start
    cpu = time.process_time() - cpu
    turn = sequencing.integrate(at)
    published = time.perf_counter() - start
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
        receipts.receipts_of(connection, f"o-{ENTRIES // 2}")
    return {
        "appended": ENTRIES / recorded, "append_cpu_us": cpu / ENTRIES * 1e6, "through": ENTRIES / published,
        "median_ms": waits[SINGLE // 2], "p99_ms": waits[SINGLE * 99 // 100],
        "receipt_ms": (time.perf_counter() - began) * 1000,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure()))
