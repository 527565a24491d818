"""Parts of a country whose duties and taxes are not the country's, told by their postcodes or by a code of their own."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a country for which the country's rules would be wrong."""

    country: str  # ISO 3166 alpha-2, of which it is a part
    postcode: str  # what its postcodes begin with
    name: str
    code: str  # its own alpha-2; empty where it has none


def outlying(country: str, postcode: str) -> Area | None:
    """The area in which an address lies, written as a part of its country or as a country of its own; else None."""
    written = "".join(postcode.split()).upper().removeprefix(f"{country}-").removeprefix("F-")
    for area in _areas():
        if (area.code and country == area.code) or (
            country == area.country and written.startswith(area.postcode)
        ):
            return area
    return None


@cache
def _areas() -> tuple[Area, ...]:
    with (files("qafila") / "facts" / "outlying-areas.csv").open(encoding="utf-8") as lines:
        return tuple(
            Area(row["country"], row["postcode"], row["area"], row["code"]) for row in csv.DictReader(lines)
        )
