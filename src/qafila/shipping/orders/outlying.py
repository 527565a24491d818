"""Parts of a country whose duties and taxes are not the country's, told by their postcodes."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


def outlying(country: str, postcode: str) -> str | None:
    """The area's name, where a postcode lies in one for which the country's rules would be wrong; else None."""
    written = "".join(postcode.split()).upper().removeprefix(f"{country}-").removeprefix("F-")
    for begins, area in _areas().get(country, ()):
        if written.startswith(begins):
            return area
    return None


@cache
def _areas() -> dict[str, list[tuple[str, str]]]:
    areas: dict[str, list[tuple[str, str]]] = {}
    with (files("qafila") / "facts" / "outlying-areas.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            areas.setdefault(row["country"], []).append((row["postcode"], row["area"]))
    return areas
