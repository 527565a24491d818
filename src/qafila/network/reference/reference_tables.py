"""The data files of the reference network, as rows."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one file of reference/data, by column name."""
    with (files("qafila.network.reference") / "data" / f"{name}.csv").open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def weekdays(names: str) -> str:
    """Seven of 0 and 1, Monday first, from names as "Mon Thu"."""
    return "".join("1" if day in names.split() else "0" for day in DAYS)


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
