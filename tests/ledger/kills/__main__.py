"""Runs seeds until all are done: `python -m tests.ledger.kills --first 1 --seeds 20`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

parser = argparse.ArgumentParser(prog="python -m tests.ledger.kills", description=__doc__)
parser.add_argument("--first", type=int, default=1, help="the first seed")
parser.add_argument("--seeds", type=int, default=10, help="how many")
parser.add_argument("--doors", type=int, default=36, help="parcels with cash in each")
parser.add_argument("--refunds", type=int, default=3, help="refunds in each")
asked = parser.parse_args()
os.environ.setdefault("QAFILA_HOME", tempfile.mkdtemp(prefix="qafila-kills-"))
os.environ["QAFILA_LIMITS"] = "false"

from tests.ledger.kills.running import run  # noqa: E402  # after the settings
from tests.ledger.kills.sums import entries_before, wrong  # noqa: E402

failed = 0
for seed in range(asked.first, asked.first + asked.seeds):
    before = entries_before()
    told = run(seed, asked.doors, asked.refunds, every=4)
    found = wrong(told, before)
    failed += bool(found)
    acts = sum(told.story.entries.values())
    print(
        f"seed {seed}: {told.kills} kills, {told.again} requests sent again, {acts} entries and more:",
        *found or ["all adds up"],
        sep="\n  ",
        flush=True,
    )
sys.exit(1 if failed else 0)
