"""Where the reference network stands: real cities, airports, ports and rail terminals, chosen by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import airportsdata

from qafila.core.geo import great_circle_km
from qafila.network.model import Facility, Kind
from qafila.network.reference.reference_tables import rows
from qafila.network.reference.towns import Town, by_size, one_each, site, spacing_km, town, towns


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a kind of facility is like everywhere in the reference network."""

    prefix: str
    word: str
    handling_minutes: int
    fee: str  # EUR for each parcel
    sort_rate: int
    dock_rate: int
    hours: str = ""


_METROPOLIS = 2_000_000  # people: such a town has a delivery station of its own
_TERMS = {
    Kind.WAREHOUSE: _Terms("WH", "warehouse", 60, "0.10", 1_500, 6, "WAREHOUSE"),
    Kind.SORTING_CENTRE: _Terms("SC", "sorting centre", 90, "0.15", 12_000, 20),
    Kind.AIRPORT: _Terms("AIR", "air hub", 150, "0.08", 20_000, 30),
    Kind.PORT: _Terms("PORT", "port", 720, "0.08", 30_000, 60),
    Kind.RAIL_TERMINAL: _Terms("RAIL", "rail terminal", 480, "0.07", 10_000, 20),
    Kind.CUSTOMS_OFFICE: _Terms("CUS", "customs office", 90, "0.05", 6_000, 12),
    Kind.DELIVERY_STATION: _Terms("DS", "delivery station", 60, "0.05", 3_000, 10, "STATION"),
    Kind.PICKUP_POINT: _Terms("PP", "pick-up point", 30, "0.10", 200, 2, "PICKUP"),
}


def facilities() -> list[Facility]:
    """Every facility of the reference network."""
    result: list[Facility] = []
    airports = airportsdata.load("IATA")
    needed: dict[str, list[dict[str, str]]] = {}
    for row in rows("must_have_stations"):
        needed.setdefault(row["country"], []).append(row)
    offices: dict[str, list[str]] = {}
    for row in rows("customs_offices"):
        offices.setdefault(row["country"], []).append(row["city"])
    for row in rows("countries"):
        country = row["country"]
        there = needed.get(country, [])
        for code in [*row["airports"].split(), *(i["airport"] for i in there if i["airport"])]:
            found = airports[code]
            result.append(
                _facility(
                    Kind.AIRPORT,
                    f"AIR-{code}",
                    str(found["name"]),
                    row,
                    float(found["lat"]),
                    float(found["lon"]),
                    str(found["city"]),
                    str(found["tz"]),
                    gateway=True,
                    iata=code,
                )
            )
        centres, stations, points = (int(row[k]) for k in ("sorting_centres", "stations", "pickup_points"))
        result += _in(
            Kind.SORTING_CENTRE, row, one_each(country, centres, spacing_km(country, centres, 0.12, 30, 150))
        )
        result += _in(Kind.WAREHOUSE, row, by_size(country, int(row["warehouses"])), numbered=True)
        result += _in(
            Kind.CUSTOMS_OFFICE, row, [(town(country, city), 1) for city in offices.get(country, [])]
        )
        mainland = one_each(country, stations, spacing_km(country, stations, 0.4, 14, 110))
        chosen = {t.slug for t, _ in mainland}  # of two towns of one name the larger counts
        wanted = [
            *(town(country, i["city"]) for i in there),
            *(t for t in towns(country) if t.population >= _METROPOLIS),
        ]
        extra = [(t, 1) for t in {t.slug: t for t in reversed(wanted)}.values() if t.slug not in chosen]
        result += _in(Kind.DELIVERY_STATION, row, [*mainland, *extra])
        result += _in(Kind.PICKUP_POINT, row, one_each(country, points, 14.0))
    return [*result, *_terminals()]


def _terminals() -> Iterable[Facility]:
    countries = {row["country"]: row for row in rows("countries")}
    for kind, table, key in ((Kind.PORT, "ports", "unlocode"), (Kind.RAIL_TERMINAL, "railways", "terminal")):
        for row in rows(table):
            lat, lon = float(row["lat"]), float(row["lon"])
            near = min(towns(row["country"]), key=lambda t: great_circle_km(lat, lon, t.lat, t.lon))
            yield _facility(
                kind,
                f"{_TERMS[kind].prefix}-{row[key]}",
                row["name"],
                countries[row["country"]],
                lat,
                lon,
                near.name,
                near.timezone,
                gateway=True,
                unlocode=row.get("unlocode", ""),
            )


def _in(
    kind: Kind, row: dict[str, str], chosen: Iterable[tuple[Town, int]], *, numbered: bool = False
) -> list[Facility]:
    result = []
    for where, number in chosen:
        nth = f"{number}" if numbered or number > 1 else ""
        facility_id = "-".join(filter(None, [_TERMS[kind].prefix, row["country"], where.slug, nth]))
        lat, lon = site(where, facility_id)
        name = " ".join(filter(None, [where.name, _TERMS[kind].word, nth]))
        result.append(
            _facility(
                kind,
                facility_id,
                name,
                row,
                lat,
                lon,
                where.name,
                where.timezone,
                gateway=kind is Kind.CUSTOMS_OFFICE,
            )
        )
    return result


def _facility(
    kind: Kind,
    facility_id: str,
    name: str,
    row: dict[str, str],
    lat: float,
    lon: float,
    city: str,
    zone: str,
    *,
    gateway: bool = False,
    iata: str = "",
    unlocode: str = "",
) -> Facility:
    terms = _TERMS[kind]
    return Facility(
        facility_id,
        name,
        kind,
        round(lat, 5),
        round(lon, 5),
        row["country"],
        city,
        zone,
        row["territory"],
        gateway,
        f"{terms.hours}-{row['country']}" if terms.hours else "",
        terms.handling_minutes,
        Decimal(terms.fee),
        terms.sort_rate,
        terms.dock_rate,
        iata,
        unlocode,
    )


def with_customs(facilities: list[Facility], ids: set[str]) -> list[Facility]:
    """The same facilities, those with these ids being gateways."""
    return [
        replace(f, gateway=True, customs_rate_per_hour=f.sort_rate_per_hour // 2)
        if f.gateway or f.id in ids
        else f
        for f in facilities
    ]
