"""A feed from cities and distances alone: trucks between near cities and between hubs, for matrices of flow."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from qafila.core.fault import Fault
from qafila.core.figures import NotAFigure, number
from qafila.network.model import (
    Calendar,
    Call,
    Capacity,
    Clearance,
    Emission,
    Facility,
    Feed,
    Kind,
    LocalTime,
    ModeTerms,
    Rate,
    Service,
    Territory,
    Vehicle,
)
from qafila.network.network_places import plain
from qafila.network.timetable import Mode
from qafila.planning import matrix_messages as m

START = date(2026, 1, 5)
SPEED_KMH = 65.0
PAYLOAD_KG, PAYLOAD_M3 = 12_000, 60.0
DEPARTURES = (time(4, 0), time(10, 0), time(16, 0), time(22, 0))
KG, M3 = 2.0, 0.01  # of a parcel in a demand made from a flow
SOURCE = "made by `qafila plan feed-from-matrix`; speeds, payloads and rates are assumptions of the project"


class BadMatrix(Fault, ValueError):
    """A file of cities or a matrix that does not fit; the message says where."""


@dataclass(frozen=True, slots=True)
class City:
    """A row of the cities' file."""

    name: str
    lat: float
    lon: float

    @property
    def id(self) -> str:
        """The facility's id in the feed."""
        return "SC-" + "".join(c if c.isalnum() else "-" for c in plain(self.name).upper())


def read_cities(path: Path) -> list[City]:
    """Cities from a CSV with the columns City, Latitude, Longitude. Raises BadMatrix."""
    header, *rows = _lines(path)
    columns = [name.strip().lower() for name in header]
    try:
        name, lat, lon = (columns.index(c) for c in ("city", "latitude", "longitude"))
    except ValueError:
        raise BadMatrix(m.COLUMNS(file=str(path))) from None
    found = []
    for line, row in enumerate(rows, start=2):
        try:
            city = City(row[name].strip(), float(row[lat]), float(row[lon]))
        except (ValueError, IndexError):
            raise BadMatrix(m.NUMBERS(file=str(path), line=line)) from None
        if not city.name or not (abs(city.lat) <= 90 and abs(city.lon) <= 180):
            raise BadMatrix(m.RANGE(file=str(path), line=line))
        found.append(city)
    if len(found) < 2 or len({c.id for c in found}) < len(found):
        raise BadMatrix(m.TWO_CITIES(file=str(path)))
    return found


def read_matrix(path: Path, cities: list[City]) -> NDArray[np.float64]:
    """A square matrix of numbers from 0 with city names in the first row and column, in any order; names that are
    no city of ours are left out. Raises BadMatrix."""
    header, *rows = _lines(path)
    index = {plain(c.name): i for i, c in enumerate(cities)}
    across = [index.get(plain(n)) for n in header[1:]]
    if all(city is None for city in across):
        raise BadMatrix(m.NO_CITY(file=str(path)), m.SEPARATE())
    matrix = np.full((len(cities), len(cities)), np.nan)
    seen: set[int] = set()
    for line, row in enumerate(rows, start=2):
        here = index.get(plain(row[0]))
        if here is None:
            continue
        if here in seen:
            raise BadMatrix(m.SECOND_ROW(file=str(path), line=line, city=cities[here].name))
        seen.add(here)
        for there, value in zip(across, row[1:], strict=False):
            if there is not None:
                try:
                    matrix[here, there] = float(number(value))
                except NotAFigure:
                    matrix[here, there] = np.nan
                if not 0 <= matrix[here, there] < np.inf:
                    raise BadMatrix(m.NO_NUMBER(file=str(path), line=line, cell=repr(value)))
    missing = [cities[i].name for i in np.flatnonzero(np.isnan(matrix).any(axis=1))]
    if missing:
        raise BadMatrix(m.NO_ROW(file=str(path), cities=", ".join(missing[:5])))
    return matrix


def _lines(path: Path) -> list[list[str]]:
    """The rows of a CSV, one at least. Raises BadMatrix."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [r for r in csv.reader(lines) if r]
    except FileNotFoundError:
        raise BadMatrix(m.NO_FILE(file=str(path))) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadMatrix(m.NO_CSV(file=str(path), why=str(error))) from None
    if not rows:
        raise BadMatrix(m.EMPTY(file=str(path)))
    return rows


def feed(
    cities: list[City],
    km: NDArray[np.float64],
    country: str,
    timezone: str,
    neighbours: int,
    hubs: int,
    parcels: int,
) -> Feed:
    """Trucks four times a day to the nearest cities, and between the most central cities and all others.

    Sorting and dock rates leave twice the room that an even share of the parcels asks for.
    """
    lanes: set[tuple[int, int]] = set()
    nearest = np.argsort(km, axis=1, kind="stable")
    for city in range(len(cities)):
        near = [int(c) for c in nearest[city] if c != city][:neighbours]
        lanes |= {(city, c) for c in near} | {(c, city) for c in near}
    for hub in np.argsort(km.sum(axis=1), kind="stable")[:hubs].tolist():
        lanes |= {(hub, c) for c in range(len(cities)) if c != hub}
        lanes |= {(c, hub) for c in range(len(cities)) if c != hub}
    rate = max(int(parcels / 24 * 4), 400)
    facilities = tuple(
        Facility(
            c.id,
            c.name,
            Kind.SORTING_CENTRE,
            c.lat,
            c.lon,
            country,
            c.name,
            timezone,
            country,
            handling_minutes=60,
            handling_fee=Decimal("0.10"),
            sort_rate_per_hour=rate,
            dock_rate_per_hour=0,
        )
        for c in cities
    )
    services, calls = [], []
    for a, b in sorted(lanes):
        minutes = max(round(km[a, b] / SPEED_KMH * 60), 15)
        for n, leaves in enumerate(DEPARTURES):
            name = f"T-{cities[a].id[3:]}-{cities[b].id[3:]}-{n}"
            start = leaves.hour * 60 + leaves.minute
            services.append(Service(name, Mode.ROAD, "trucks", "TRUCK", "DAILY", "ROAD"))
            calls.append(Call(name, 1, cities[a].id, None, LocalTime(start), 30))
            calls.append(Call(name, 2, cities[b].id, LocalTime(start + minutes), None, 0, float(km[a, b])))
    return Feed(
        name=f"{len(cities)} cities",
        version="1",
        currency="EUR",
        weight_step_g=100,
        source=SOURCE,
        territories=(Territory(country, country, (country,), "EUR"),),
        calendars=(Calendar("DAILY", "1111111", date(2000, 1, 1), date(2099, 12, 31)),),
        facilities=facilities,
        vehicles=(Vehicle("TRUCK", Mode.ROAD, "truck", PAYLOAD_KG, PAYLOAD_M3, source=SOURCE),),
        emissions=(Emission(Mode.ROAD, "", 100.0, 1.05, 0.0, date(2000, 1, 1), None, SOURCE, "indicative"),),
        rates=(
            Rate(
                "ROAD",
                "EUR",
                Decimal("0.15"),
                Decimal("0.02"),
                Decimal("0.12"),
                date(2000, 1, 1),
                None,
                SOURCE,
            ),
        ),
        modes=tuple(ModeTerms(m, 250) for m in Mode),
        services=tuple(services),
        calls=tuple(calls),
        capacities=tuple(Capacity(s.id, None, float(PAYLOAD_KG), PAYLOAD_M3) for s in services),
        clearances=(Clearance(country, None, 0, "", 0, Decimal(0), SOURCE, "indicative"),),
    )


def write_demand(
    path: Path, cities: list[City], flow: NDArray[np.float64], parcels: int, day: date, timezone: str = "UTC"
) -> int:
    """One commodity for each pair with flow, released at 18:00 of a day and due two days later; returns how
    many. The flow is scaled to so many parcels; a city's flow to itself is left out. Raises BadMatrix."""
    away = flow.copy()
    np.fill_diagonal(away, 0.0)
    if not away.any():
        raise BadMatrix(m.NO_FLOW())
    scaled = np.round(away * (parcels / away.sum())).astype(np.int64)
    release = datetime.combine(day, time(18), ZoneInfo(timezone))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(
            ("id", "origin", "destination", "release", "due", "service_class", "parcels", "kg", "m3")
        )
        pairs = np.argwhere(scaled > 0)
        for a, b in pairs.tolist():
            n = int(scaled[a, b])
            lines.writerow(
                (
                    f"{cities[a].id[3:]}-{cities[b].id[3:]}",
                    cities[a].id,
                    cities[b].id,
                    release.isoformat(),
                    (release + timedelta(days=2)).isoformat(),
                    "standard",
                    n,
                    n * KG,
                    round(n * M3, 6),
                )
            )
    return len(pairs)
