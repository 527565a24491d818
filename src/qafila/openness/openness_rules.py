"""What law and commitments ask of a platform, as facts/platform-rules.csv has it with its sources."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from qafila.core.values import value


@value
class Rule:
    """One thing that is asked: its key, how much in which unit, by which law, and where that is written."""

    name: str
    amount: int
    unit: str
    law: str  # territory; empty: the hub's own terms
    source: str
    confidence: str


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name."""
    with (files("qafila") / "facts" / "platform-rules.csv").open(encoding="utf-8") as lines:
        return {
            row["rule"]: Rule(
                row["rule"], int(row["value"]), row["unit"], row["from_law"], row["source"], row["confidence"]
            )
            for row in csv.DictReader(lines)
        }
