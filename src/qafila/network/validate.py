"""What must hold across the rows of a feed: unique ids, references, sane values; then services and rotations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qafila.core.money import exchange_rates
from qafila.network import cabotage
from qafila.network import network_messages as m
from qafila.network.clocks import holiday_dates
from qafila.network.model import Calendar, Feed, Hours
from qafila.network.network_report import FeedProblem, Report
from qafila.network.rotations import check_rotations
from qafila.network.validate_services import check_services

_KEYS: dict[str, Callable[[Any], object]] = {
    "territories": lambda r: r.id,
    "calendars": lambda r: r.id,
    "facilities": lambda r: r.id,
    "vehicles": lambda r: r.id,
    "services": lambda r: r.id,
    "rates": lambda r: (r.id, r.valid_from),
    "emissions": lambda r: (r.mode, r.vehicle, r.valid_from),
    "modes": lambda r: r.mode,
    "calendar_dates": lambda r: (r.calendar, r.on),
    "calls": lambda r: (r.service, r.sequence),
    "capacities": lambda r: (r.service, r.sequence),
    "clearances": lambda r: (r.territory, r.mode),
    "transfers": lambda r: (r.facility, r.mode),
    "cabotage": lambda r: (r.area, r.mode, r.carriers, r.within, r.valid_from),
}
_REFERENCES = (
    ("facilities", "territory", "territories"),
    ("facilities", "hours", "hours"),
    ("calendar_dates", "calendar", "calendars"),
    ("emissions", "vehicle", "vehicles"),
    ("services", "vehicle", "vehicles"),
    ("services", "calendar", "calendars"),
    ("services", "rate", "rates"),
    ("calls", "service", "services"),
    ("calls", "facility", "facilities"),
    ("capacities", "service", "services"),
    ("clearances", "territory", "territories"),
    ("clearances", "desk_hours", "hours"),
    ("transfers", "facility", "facilities"),
    ("transfers", "desk_hours", "hours"),
)
_MAY_BE_EMPTY = {
    ("facilities", "hours"),
    ("emissions", "vehicle"),
    ("clearances", "desk_hours"),
    ("transfers", "desk_hours"),
}
_NOT_NEGATIVE = {
    "facilities": (
        "handling_minutes",
        "handling_fee",
        "sort_rate_per_hour",
        "dock_rate_per_hour",
        "customs_rate_per_hour",
    ),
    "vehicles": ("payload_kg", "volume_m3", "range_km", "speed_kmh", "turnaround_minutes"),
    "emissions": ("g_per_tkm", "detour_factor", "extra_km"),
    "rates": ("per_parcel", "per_kg", "per_kg_1000km"),
    "modes": ("volumetric_kg_per_m3",),
    "calls": ("cut_off_minutes", "km"),
    "capacities": ("kg", "m3"),
    "clearances": ("clearance_minutes", "transit_minutes", "fee"),
    "transfers": ("handling_minutes", "clearance_minutes", "transit_minutes"),
}


def problems(
    feed: Feed,
    lines: Mapping[str, Sequence[int]] | None = None,
    spoilt: Mapping[str, frozenset[str]] | None = None,
) -> list[FeedProblem]:
    """Everything wrong with a feed whose rows could be read; an empty list means that it can be used.

    `lines` gives the line of each row of a table where rows were left out; `spoilt` the ids of those rows,
    which other rows may name without being wrong themselves.
    """
    report = Report(lines or {}, spoilt or {})
    _unique(feed, report)
    _references(feed, report)
    _values(feed, report)
    _facilities(feed, report)
    _calendars(feed, report)
    _currencies(feed, report)
    check_services(feed, report)
    cabotage.check(feed, report)
    if not report.problems and not any(report.spoilt.values()):
        check_rotations(feed, report)
    return report.problems


def _unique(feed: Feed, report: Report) -> None:
    for table, key in _KEYS.items():
        seen: dict[object, int] = {}
        for i, row in enumerate(getattr(feed, table)):
            first = seen.setdefault(key(row), i)
            if first != i:
                known = report.lines.get(table)
                line = known[first] if known else first + 1
                name = getattr(row, "id", None) or getattr(row, "service", None) or key(row)
                report.add(
                    table, i, "id" if hasattr(row, "id") else "", name, m.SAME_AS(row=line), m.OTHER_ID()
                )


def _references(feed: Feed, report: Report) -> None:
    known: dict[str, set[str]] = {
        table: {row.id for row in getattr(feed, table)} | report.spoilt.get(table, frozenset())
        for table in ("territories", "hours", "calendars", "facilities", "vehicles", "services", "rates")
    }
    for table, column, target in _REFERENCES:
        wrong: dict[str, list[int]] = {}
        for i, row in enumerate(getattr(feed, table)):
            value = getattr(row, column)
            if value not in known[target] and (value or (table, column) not in _MAY_BE_EMPTY):
                wrong.setdefault(value or "", []).append(i)
        for value, where in wrong.items():
            file = f"{target}.csv"
            more = len(where) - 1
            reason = m.NOT_IN_ROWS(file=file, n=more) if more else m.NOT_IN(file=file)
            report.add(table, where[0], column, value, reason, m.ADD_TO(file=file))


def _values(feed: Feed, report: Report) -> None:
    for table, columns in _NOT_NEGATIVE.items():
        for i, row in enumerate(getattr(feed, table)):
            for column in columns:
                value = getattr(row, column)
                if value is not None and value < 0:
                    report.add(table, i, column, value, m.NEGATIVE(), m.ZERO_OR_MORE())
    if feed.weight_step_g <= 0:
        report.add("feed", 0, "weight_step_g", feed.weight_step_g, m.NOT_POSITIVE(), m.ONE_OR_MORE())
    stated = {terms.mode for terms in feed.modes}
    for i, service in enumerate(feed.services):
        if service.mode not in stated:
            stated.add(service.mode)
            report.add(
                "services", i, "mode", service.mode.name.lower(), m.NOT_IN(file="modes.csv"), m.ADD_MODE()
            )
    for table in ("rates", "emissions"):
        for i, row in enumerate(getattr(feed, table)):
            if row.valid_to is not None and row.valid_to < row.valid_from:
                report.add(table, i, "valid_to", row.valid_to, m.BEFORE_FROM(), m.SWAP_DATES())


def _facilities(feed: Feed, report: Report) -> None:
    zones: dict[str, bool] = {}
    for i, f in enumerate(feed.facilities):
        if not -90 <= f.lat <= 90:
            report.add("facilities", i, "lat", f.lat, m.NOT_LATITUDE(), m.LATITUDES())
        if not -180 <= f.lon <= 180:
            report.add("facilities", i, "lon", f.lon, m.NOT_LONGITUDE(), m.LONGITUDES())
        if f.timezone not in zones:
            zones[f.timezone] = _is_zone(f.timezone)
        if not zones[f.timezone]:
            report.add("facilities", i, "timezone", f.timezone, m.UNKNOWN_ZONE(), m.USE_ZONE())
        territory = feed.territory.get(f.territory)
        if territory is not None and f.country not in territory.countries:
            report.add(
                "facilities",
                i,
                "country",
                f.country,
                m.OTHER_COUNTRY(territory=f.territory),
                m.ADD_COUNTRY(country=f.country),
            )
    owners: dict[str, str] = {}
    for i, t in enumerate(feed.territories):
        for country in t.countries:
            if owners.setdefault(country, t.id) != t.id:
                report.add(
                    "territories",
                    i,
                    "countries",
                    country,
                    m.OTHER_TERRITORY(territory=owners[country]),
                    m.ONE_TERRITORY(),
                )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _calendars(feed: Feed, report: Report) -> None:
    tables: dict[str, list[Hours | Calendar]] = {
        "hours": list(feed.hours),
        "calendars": list(feed.calendars),
    }
    for table, rows in tables.items():
        for i, row in enumerate(rows):
            if len(row.days) != 7 or set(row.days) - {"0", "1"}:
                report.add(table, i, "days", row.days, m.NOT_WEEK(), m.WRITE_WEEK())
            if row.holidays and not _has_holidays(row.holidays):
                report.add(table, i, "holidays", row.holidays, m.NO_HOLIDAYS(), m.USE_COUNTRY())
    for i, span in enumerate(feed.hours):
        if span.closes <= span.opens or span.closes > 1440:
            report.add("hours", i, "closes", span.closes, m.CLOSES_EARLY(), m.SPLIT_HOURS())
    for i, calendar in enumerate(feed.calendars):
        if calendar.valid_to < calendar.valid_from:
            report.add("calendars", i, "valid_to", calendar.valid_to, m.BEFORE_FROM(), m.SWAP_DATES())


def _has_holidays(country: str) -> bool:
    try:
        holiday_dates(country, 2026, 2026)
    except KeyError:
        return False
    return True


def _currencies(feed: Feed, report: Report) -> None:
    known = exchange_rates().currencies
    rows: Iterable[tuple[str, int, str]] = [
        ("feed", 0, feed.currency),
        *(("rates", i, r.currency) for i, r in enumerate(feed.rates)),
        *(("territories", i, t.currency) for i, t in enumerate(feed.territories)),
    ]
    for table, i, currency in rows:
        if currency not in known:
            report.add(table, i, "currency", currency, m.NO_RATE(), m.USE_CURRENCY())
