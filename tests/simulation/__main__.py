"""Runs seeds until one fails: `python -m tests.simulation --first 1 --seeds 1000`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time

parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
parser.add_argument("--first", type=int, default=1, help="the first seed")
parser.add_argument("--seeds", type=int, default=100, help="how many")
parser.add_argument("--trace", action="store_true", help="print each step")
asked = parser.parse_args()
os.environ.setdefault("QAFILA_HOME", tempfile.mkdtemp(prefix="qafila-simulation-"))
os.environ["QAFILA_DURABLE"] = "false"
os.environ["QAFILA_LIMITS"] = "false"

from tests.simulation.running import run  # noqa: E402  # after the settings

began, steps, failed = time.process_time(), 0, 0
for seed in range(asked.first, asked.first + asked.seeds):
    found, trace = run(seed)
    steps += len(trace)
    if asked.trace:
        print(*trace, sep="\n")
    if found:
        failed += 1
        print(f"seed {seed} fails:", *found, sep="\n  ")
print(
    f"{asked.seeds} seeds, {failed} failed, {steps:,} steps, {time.process_time() - began:.1f} CPU seconds here"
)
sys.exit(1 if failed else 0)
