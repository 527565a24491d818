"""What the generators of the reference network add to: services with their calls and capacities."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from qafila.network.model import Calendar, Call, Capacity, LocalTime, Service

VALID_FROM = date(2026, 1, 1)
VALID_TO = date(2028, 12, 31)

Stop = tuple[str, int | None, int | None, int, float | None]
"""A facility, minutes of the day at which a service arrives and departs, cut-off minutes, km since the stop before."""


@dataclass
class Draft:
    """Rows gathered so far."""

    services: list[Service] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    capacities: list[Capacity] = field(default_factory=list)
    calendars: dict[str, Calendar] = field(default_factory=dict)

    def calendar(
        self, days: str, country: str = "", valid_from: date = VALID_FROM, valid_to: date = VALID_TO
    ) -> str:
        """The id of the calendar for these weekdays, less a country's public holidays, between two days."""
        name = f"{days}-{country}" if country else days
        if (valid_from, valid_to) != (VALID_FROM, VALID_TO):
            name += f"-{valid_from:%Y%m%d}-{valid_to:%Y%m%d}"
        self.calendars.setdefault(name, Calendar(name, days, valid_from, valid_to, country))
        return name

    def add(self, service: Service, stops: Sequence[Stop], kg: float, m3: float) -> None:
        """A service, its stops, and what it carries."""
        self.services.append(service)
        for sequence, (facility, arrive, depart, cut_off, km) in enumerate(stops, 1):
            far = None if km is None else round(km, 1)
            self.calls.append(
                Call(service.id, sequence, facility, _time(arrive), _time(depart), cut_off, far)
            )
        self.capacities.append(Capacity(service.id, None, kg, m3))


def _time(minutes: int | None) -> LocalTime | None:
    return None if minutes is None else LocalTime(minutes)


def spread(seed: str, width: int) -> int:
    """A number from 0 to width - 1, always the same for the same seed: departures do not all fall together."""
    return zlib.crc32(seed.encode()) % width
