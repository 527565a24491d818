"""A network drawn on a map: places and the lines between them, and the feed that they make.

Who draws says where, what and when. What a feed needs beside it (vehicles, rates, emissions, handling, customs, opening
hours) is taken from the reference network: the figures of that kind of place, that mode, that country. They stand in the
feed that comes of it, and can be exported and changed there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from qafila.core import message
from qafila.core.fault import Fault
from qafila.core.geo import great_circle_km
from qafila.core.message import Country
from qafila.core.values import value
from qafila.network import network_messages as m
from qafila.network.model import (
    Calendar,
    Call,
    Capacity,
    Emission,
    Facility,
    Feed,
    Hours,
    Kind,
    LocalTime,
    Service,
    Vehicle,
)
from qafila.network.naming import name_for, place_named
from qafila.network.network_places import Place
from qafila.network.seas import crosses_sea
from qafila.network.timetable import Mode

KINDS = (
    Kind.WAREHOUSE, Kind.SORTING_CENTRE, Kind.DELIVERY_STATION, Kind.AIRPORT, Kind.PORT, Kind.RAIL_TERMINAL, Kind.PICKUP_POINT,
)  # fmt: skip
"""What can be drawn."""

ENDS: dict[Mode, Kind | None] = {
    Mode.ROAD: None,
    Mode.AIR: Kind.AIRPORT,
    Mode.BELLY: Kind.AIRPORT,
    Mode.SEA: Kind.PORT,
    Mode.RAIL: Kind.RAIL_TERMINAL,
}
"""The modes of lines, and the kind of place at which each begins and ends; a truck goes anywhere."""

MOST_PLACES, MOST_LINES = 300, 2_000
YEARS = 3
"""How long the calendars of what is drawn run from the day on which it is made a network."""

_LOCAL_KM, _REGIONAL_KM, _SHORT_FLIGHT_KM, _FEEDER_KM = 60.0, 300.0, 3_000.0, 3_000.0


class CannotDraw(Fault):
    """It cannot be drawn so; the message says why."""


@value
class DrawnPlace:
    """A place on the map.

    Attributes:
        id: unique in its drawing.
        name: as people call it.
        town, country, timezone: of the town that is nearest.
        doors: whether vans deliver and collect at doors from here.
    """

    id: str
    name: str
    kind: Kind
    lat: float
    lon: float
    town: str
    country: str
    timezone: str
    doors: bool = False


@value
class DrawnLine:
    """A line between two places: what leaves when. There and back are two lines.

    Attributes:
        start, end: ids of places.
        days: seven of 0 and 1, Monday first.
        depart: minutes after midnight where it starts.
        kg: room on each departure.
    """

    start: str
    end: str
    mode: Mode
    days: str
    depart: int
    kg: int


@value
class Drawing:
    """All that is drawn."""

    places: tuple[DrawnPlace, ...] = ()
    lines: tuple[DrawnLine, ...] = ()

    def place(self, id: str) -> DrawnPlace:
        """A place. Raises CannotDraw where there is none of that id."""
        found = next((p for p in self.places if p.id == id), None)
        if found is None:
            raise CannotDraw(m.NO_DRAWN_PLACE(id=id[:40]), m.CHOOSE_DRAWN(), field="place", value=id[:40])
        return found

    def with_place(
        self,
        town: Place,
        kind: Kind,
        name: str = "",
        at: tuple[float, float] | None = None,
        doors: bool = False,
    ) -> Drawing:
        """With one more place.

        Args:
            town: the town at which it is.
            kind: one of `KINDS`.
            name: how people call it; empty: the town's name and what it is.
            at: latitude and longitude in degrees, where they are not the town's.
            doors: whether vans of its own deliver and collect.

        Raises:
            CannotDraw: it is there already, or there are too many.
        """
        if len(self.places) >= MOST_PLACES:
            raise CannotDraw(m.DRAWN_FULL(most=MOST_PLACES), m.MAKE_A_FEED(), field="place")
        plain = " ".join(name.split())[:80] or name_for(kind, town.name)
        if any(p.name.casefold() == plain.casefold() for p in self.places):
            raise CannotDraw(m.DRAWN_TWICE(name=plain), m.NAME_IT_OTHERWISE(), field="name", value=plain)
        lat, lon = at or (town.lat, town.lon)
        taken = {p.id for p in self.places}
        stem = f"{_INITIALS[kind]}-{town.country}-{_plain(town.name)}"
        id = next(
            i for n in range(1, MOST_PLACES + 2) if (i := stem if n == 1 else f"{stem}-{n}") not in taken
        )
        made = DrawnPlace(
            id, plain, kind, round(lat, 5), round(lon, 5), town.name, town.country, town.timezone, doors
        )
        return replace(self, places=(*self.places, made))

    def without_place(self, id: str) -> Drawing:
        """Without a place and the lines that touch it."""
        return Drawing(
            tuple(p for p in self.places if p.id != id),
            tuple(line for line in self.lines if id not in (line.start, line.end)),
        )

    def with_line(self, line: DrawnLine, back: bool = False) -> Drawing:
        """With one more line; `back`: and the one that goes back, at the same hour.

        Raises:
            CannotDraw: the mode does not go from such a place to such a place, a truck would cross the sea, nothing runs,
                nothing fits in, it is drawn already, or there are too many.
        """
        _check(line, self)
        wanted = [line, replace(line, start=line.end, end=line.start)] if back else [line]
        new = [one for one in wanted if one not in self.lines]
        if not new:
            raise CannotDraw(m.LINE_TWICE(), m.CHANGE_LINE(), field="depart")
        if len(self.lines) + len(new) > MOST_LINES:
            raise CannotDraw(m.DRAWN_FULL(most=MOST_LINES), m.MAKE_A_FEED(), field="line")
        return replace(self, lines=(*self.lines, *new))

    def without_line(self, number: int) -> Drawing:
        """Without the line of that number, from 0; the same where there is none."""
        return replace(self, lines=tuple(line for n, line in enumerate(self.lines) if n != number))


_INITIALS = {
    Kind.WAREHOUSE: "WH", Kind.SORTING_CENTRE: "SC", Kind.DELIVERY_STATION: "DS", Kind.AIRPORT: "AIR", Kind.PORT: "PORT",
    Kind.RAIL_TERMINAL: "RAIL", Kind.PICKUP_POINT: "PP",
}  # fmt: skip


def _plain(text: str) -> str:
    """Letters and digits of a name, for an id."""
    latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", "-", latin.upper()).strip("-")[:24] or "PLACE"


def _check(line: DrawnLine, drawing: Drawing) -> None:
    a, b = drawing.place(line.start), drawing.place(line.end)
    if a.id == b.id:
        raise CannotDraw(m.LINE_NOWHERE(), m.CHOOSE_TWO(), field="end", value=b.name)
    wanted = ENDS.get(line.mode)
    if line.mode not in ENDS:
        raise CannotDraw(m.NO_LINE_MODE(), m.CHOOSE_MODE(), field="mode", value=line.mode.name.lower())
    for end in (a, b) if wanted is not None else ():
        if end.kind is not wanted:
            raise CannotDraw(
                m.WRONG_END(place=_said(end)), m.DRAW_ITS_END(), field="mode", value=line.mode.name.lower()
            )
    if line.mode is Mode.ROAD and crosses_sea(np.array([[a.lat, a.lon]]), np.array([[b.lat, b.lon]]))[0]:
        raise CannotDraw(m.OVER_SEA(start=_said(a), end=_said(b)), m.DRAW_PORTS(), field="mode", value="road")
    if not re.fullmatch(r"[01]{7}", line.days) or "1" not in line.days:
        raise CannotDraw(m.NO_DAY(), m.CHOOSE_DAY(), field="days", value=line.days[:10])
    if not 0 <= line.depart < 1440:
        raise CannotDraw(m.NO_HOUR(), m.WRITE_HOUR(), field="depart", value=str(line.depart))
    if not 1 <= line.kg <= 1_000_000:
        raise CannotDraw(m.NO_ROOM_DRAWN(), m.WRITE_KG(), field="kg", value=str(line.kg))


def _said(place: DrawnPlace) -> message.Place:
    """A place as a message names it: in the reader's words where it has no name of its own."""
    return place_named(place.id, place.name, place.kind)


def feed_of(drawing: Drawing, reference: Feed, name: str, today: date) -> Feed:
    """The feed that a drawing makes, with the reference network's figures for all that is not drawn.

    Args:
        drawing: at least two places and a line.
        reference: where the figures come from.
        name: the network's.
        today: the day from which its services run.

    Raises:
        CannotDraw: nothing moves in it, or a country's customs are not among the reference's.
    """
    if not drawing.lines:
        raise CannotDraw(m.NOTHING_MOVES(), m.DRAW_A_LINE(), field="line")
    territory = {c: t for t in reference.territories for c in t.countries}
    for p in drawing.places:
        if p.country not in territory:
            raise CannotDraw(
                m.NO_CUSTOMS_KNOWN(place=_said(p), country=Country(p.country)),
                m.MAKE_A_FEED(),
                field="country",
                value=p.country,
            )
    tours = [p for p in drawing.places if p.doors]
    services, calls, capacities = _moved(_services(drawing, reference, today), _tours(tours, reference))
    used = [territory[p.country] for p in drawing.places]
    kept = {t.id for t in used}
    facilities = tuple(_facility(p, drawing, reference) for p in drawing.places)
    hours = {f.hours for f in facilities} | {
        c.desk_hours for c in reference.clearances if c.territory in kept
    }
    vehicles = {s.vehicle for s in services}
    return Feed(
        name,
        f"drawn {today.isoformat()}",
        reference.currency,
        reference.weight_step_g,
        f"drawn; figures of {reference.name} {reference.version}",
        territories=tuple(t for t in reference.territories if t.id in kept),
        hours=tuple(h for h in reference.hours if h.id in hours),
        calendars=tuple(
            Calendar(days, days, today, today.replace(year=today.year + YEARS, day=min(today.day, 28)))
            for days in sorted({s.calendar for s in services})
        ),
        facilities=facilities,
        vehicles=tuple(v for v in reference.vehicles if v.id in vehicles),
        emissions=tuple(e for e in reference.emissions if not e.vehicle or e.vehicle in vehicles),
        rates=tuple(r for r in reference.rates if r.id in {s.rate for s in services}),
        modes=reference.modes,
        services=tuple(services),
        calls=tuple(calls),
        capacities=tuple(capacities),
        clearances=tuple(c for c in reference.clearances if c.territory in kept),
    )


def _like(kind: Kind, country: str, reference: Feed) -> Facility:
    """A facility of the reference of that kind, of that country where there is one."""
    same = [f for f in reference.facilities if f.kind is kind]
    return next((f for f in same if f.country == country), same[0])


def _facility(place: DrawnPlace, drawing: Drawing, reference: Feed) -> Facility:
    like = _like(place.kind, place.country, reference)
    here = next(t.id for t in reference.territories if place.country in t.countries)
    hours: Iterable[Hours] = reference.hours
    kept = (
        like.hours
        if like.country == place.country or any(h.id == like.hours and not h.holidays for h in hours)
        else ""
    )
    borders = any(
        place.id in (line.start, line.end)
        and drawing.place(line.start).country != drawing.place(line.end).country
        for line in drawing.lines
    )
    return replace(
        like,
        id=place.id,
        name=place.name,
        lat=place.lat,
        lon=place.lon,
        country=place.country,
        city=place.town,
        timezone=place.timezone,
        territory=here,
        gateway=like.gateway or borders,
        hours=kept,
        iata="",
        unlocode="",
        gln="",
        customs_rate_per_hour=like.customs_rate_per_hour if like.gateway or not borders else 3_000,
    )


Run = tuple[Service, tuple[Call, Call], Capacity]


def _moved(*runs: Iterable[Run]) -> tuple[list[Service], list[Call], list[Capacity]]:
    told = [run for part in runs for run in part]
    return [s for s, _, _ in told], [c for _, both, _ in told for c in both], [c for _, _, c in told]


def _services(drawing: Drawing, reference: Feed, today: date) -> Iterator[Run]:
    vehicles = {v.id: v for v in reference.vehicles}
    for n, line in enumerate(drawing.lines, 1):
        a, b = drawing.place(line.start), drawing.place(line.end)
        km = great_circle_km(a.lat, a.lon, b.lat, b.lon)
        vehicle = vehicles[_vehicle(line.mode, km)]
        factor = _factor(reference.emissions, line.mode, vehicle.id)
        travelled = km * factor.detour_factor + factor.extra_km
        lasts = max(15, -(-round(60 * travelled / vehicle.speed_kmh + _GROUND[line.mode]) // 5) * 5)
        local = (
            a.timezone == b.timezone
        )  # across zones the clocks of two places change apart: then in UTC, as aircraft fly
        depart = line.depart if local else line.depart - _offset(a.timezone, line.depart, today)
        days = line.days
        if depart < 0 or depart >= 1440:  # in UTC it leaves on the day before or after
            days = days[1:] + days[0] if depart < 0 else days[-1] + days[:-1]
            depart %= 1440
        id = f"{line.mode.name[0]}-{a.id}--{b.id}-{n}"
        yield (
            Service(
                id,
                line.mode,
                "qafila",
                vehicle.id,
                days,
                _rate(line.mode, km),
                clock="local" if local else "utc",
            ),
            (
                Call(id, 1, a.id, None, LocalTime(depart), _CUT_OFF[line.mode]),
                Call(id, 2, b.id, LocalTime(depart + lasts), None, 0, round(travelled, 1)),
            ),
            Capacity(id, None, min(line.kg, vehicle.payload_kg), _m3(line.kg, vehicle)),
        )


def _tours(places: Sequence[DrawnPlace], reference: Feed) -> Iterator[Run]:
    """A round of deliveries and one of collections, each working day of the week, from each place that has vans."""
    rates = {r.id for r in reference.rates}
    for place in places:
        own = f"DOOR-DELIVERY-{place.country}"
        for mode, vehicle, rate, out, home, cut_off in (
            (Mode.DELIVERY, "VAN-TOUR", own if own in rates else "DOOR-DELIVERY", 510, 1020, 30),
            (Mode.COLLECTION, "VAN-PICKUP", "DOOR-COLLECTION", 540, 780, 60),
        ):
            id = f"{mode.name[0]}-{place.id}"
            yield (
                Service(id, mode, "qafila", vehicle, "1111110", rate),
                (
                    Call(id, 1, place.id, None, LocalTime(out), cut_off),
                    Call(id, 2, place.id, LocalTime(home), None, 0, 14.0),
                ),
                Capacity(id, None, 2_400, 24),
            )


_GROUND = {
    Mode.ROAD: 0,
    Mode.AIR: 30,
    Mode.BELLY: 30,
    Mode.SEA: 120,
    Mode.RAIL: 60,
}  # minutes beside the ride
_CUT_OFF = {Mode.ROAD: 45, Mode.AIR: 180, Mode.BELLY: 240, Mode.SEA: 720, Mode.RAIL: 480}


def _vehicle(mode: Mode, km: float) -> str:
    if mode is Mode.AIR:
        return "B738F" if km <= _SHORT_FLIGHT_KM else "B763F" if km <= 5_500 else "B77F"
    if mode is Mode.BELLY:
        return "NARROW" if km <= _SHORT_FLIGHT_KM else "WIDE"
    if mode is Mode.SEA:
        return "FEEDER" if km <= _FEEDER_KM else "DEEPSEA"
    if mode is Mode.RAIL:
        return "BLOCKTRAIN"
    return "TRUCK18" if km <= _REGIONAL_KM else "TRUCK40"


def _rate(mode: Mode, km: float) -> str:
    if mode is Mode.AIR:
        return "CHARTER-SHORT" if km <= _SHORT_FLIGHT_KM else "CHARTER-LONG"
    if mode is Mode.BELLY:
        return "BELLY-SHORT" if km <= _SHORT_FLIGHT_KM else "BELLY-LONG"
    if mode is Mode.SEA:
        return "SEA-FEEDER" if km <= _FEEDER_KM else "SEA-DEEP"
    if mode is Mode.RAIL:
        return "RAIL-EURASIA"
    return "ROAD-LOCAL" if km <= _LOCAL_KM else "ROAD-REGIONAL" if km <= _REGIONAL_KM else "ROAD-TRUNK"


def _factor(emissions: Sequence[Emission], mode: Mode, vehicle: str) -> Emission:
    of = [e for e in emissions if e.mode is mode and e.vehicle in ("", vehicle)]
    return max(of, key=lambda e: (e.vehicle == vehicle, e.valid_from))


def _m3(kg: int, vehicle: Vehicle) -> float:
    """The volume that goes with a weight in that vehicle."""
    return round(min(kg / vehicle.payload_kg, 1.0) * vehicle.volume_m3, 1)


def _offset(zone: str, minutes: int, on: date) -> int:
    """Minutes by which a place's clock is before UTC."""
    at = datetime.combine(on, time(minutes // 60, minutes % 60), ZoneInfo(zone))
    return round((at.replace(tzinfo=UTC) - at.astimezone(UTC)).total_seconds() / 60)
