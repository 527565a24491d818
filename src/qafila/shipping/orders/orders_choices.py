"""What a cell with a choice says, in any of the languages (facts/order-choices.csv)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def choices(field: str, code: str) -> dict[str, str]:
    """What may be chosen in a field: our value, and how the language of that code says it."""
    with (files("qafila") / "facts" / "order-choices.csv").open(encoding="utf-8") as lines:
        return {row["value"]: row[code] for row in csv.DictReader(lines) if row["field"] == field}


def chosen(field: str, written: str) -> str | None:
    """Our value of what was written in any of the languages; None where it is no choice of this field."""
    wanted = written.strip().casefold()
    for code in ("en", "fr", "ar", "zh"):
        for value, said in choices(field, code).items():
            if said.casefold() == wanted:
                return value
    return None
