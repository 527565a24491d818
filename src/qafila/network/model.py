"""What a network is made of: places, calendars, services, terms. Plain frozen values, as a feed holds them.

Field names are the column names of the feed's files (docs/feed.md). Fees and rates are in whole units of
their currency; distances are km; durations are minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NewType
from zoneinfo import ZoneInfo

from qafila.core.values import value
from qafila.network.timetable import Goods, Mode

LocalTime = NewType("LocalTime", int)
"""Minutes after 00:00 of the service day on a wall clock; 1440 and more are the days after."""


class Kind(StrEnum):
    """What a facility is."""

    WAREHOUSE = "warehouse"
    SORTING_CENTRE = "sorting_centre"
    AIRPORT = "airport"
    PORT = "port"
    RAIL_TERMINAL = "rail_terminal"
    CUSTOMS_OFFICE = "customs_office"
    DELIVERY_STATION = "delivery_station"
    PICKUP_POINT = "pickup_point"


@value
class Territory:
    """A customs territory: goods are cleared once to move freely in all of its countries."""

    id: str
    name: str
    countries: tuple[str, ...]  # ISO 3166 alpha-2
    currency: str  # ISO 4217


@value
class Hours:
    """One span of opening hours; rows of the same id add up. `closes` may be 24:00."""

    id: str
    days: str  # seven of 0 and 1, Monday first
    opens: LocalTime
    closes: LocalTime
    holidays: str = ""  # ISO 3166 alpha-2: closed on that country's public holidays


@value
class Calendar:
    """The days on which a service runs: weekdays within two dates, public holidays left out."""

    id: str
    days: str  # seven of 0 and 1, Monday first
    valid_from: date
    valid_to: date
    holidays: str = ""  # ISO 3166 alpha-2: does not run on that country's public holidays


@value
class CalendarDate:
    """One day on which a calendar runs, or does not, whatever else it says."""

    calendar: str
    on: date
    runs: bool


@value
class Facility:
    """A place that handles goods."""

    id: str
    name: str
    kind: Kind
    lat: float
    lon: float
    country: str  # ISO 3166 alpha-2
    city: str
    timezone: str  # IANA
    territory: str
    gateway: bool = False  # has customs: goods may enter and leave the territory here
    hours: str = ""  # opening hours; empty: always open
    handling_minutes: int = 60  # from arrival to ready for the next departure
    handling_fee: Decimal = Decimal(0)  # for each parcel, in the feed's currency
    sort_rate_per_hour: int = 0  # parcels; 0: not a limit
    dock_rate_per_hour: int = 0  # vehicles; 0: not a limit
    iata: str = ""
    unlocode: str = ""
    gln: str = ""
    customs_rate_per_hour: int = 0  # parcels cleared on entry; 0: not a limit

    def day_at(self, at: datetime) -> date:
        """Which day it is there at an instant."""
        return at.astimezone(ZoneInfo(self.timezone)).date()


@value
class Vehicle:
    """A type of aircraft, truck, ship or train."""

    id: str
    mode: Mode
    name: str
    payload_kg: int
    volume_m3: float
    range_km: int = 0  # with full payload; 0: not a limit
    speed_kmh: int = 0  # block speed
    turnaround_minutes: int = 0  # least time on the ground between arrival and departure
    source: str = ""
    confidence: str = ""


@value
class Emission:
    """CO2e well-to-wheel of a vehicle type, or of all of a mode (ISO 14083).

    Activity distance = great-circle × detour_factor + extra_km, unless a call states its own km.
    """

    mode: Mode
    vehicle: str  # empty: every vehicle of the mode that has no row of its own
    g_per_tkm: float
    detour_factor: float
    extra_km: float
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str


@value
class Rate:
    """The public rate card of a kind of service: the same for everybody."""

    id: str
    currency: str
    per_parcel: Decimal
    per_kg: Decimal  # of chargeable weight
    per_kg_1000km: Decimal  # of chargeable weight, by distance
    valid_from: date
    valid_to: date | None
    source: str


@value
class ModeTerms:
    """How a mode weighs: chargeable kg = max(actual, m³ × volumetric_kg_per_m3)."""

    mode: Mode
    volumetric_kg_per_m3: int


@value
class Service:
    """A timetabled movement, on the days of its calendar."""

    id: str
    mode: Mode
    operator: str
    vehicle: str
    calendar: str
    rate: str
    clock: str = "local"  # local: each call on its facility's wall clock; utc: every call in UTC
    registration: str = ""  # the one aircraft that flies it
    forbids: Goods = Goods.NONE
    under_bond: bool = False  # may carry uncleared goods inside one territory
    flag: str = ""  # ISO 3166 alpha-2: whose carrier it is, of a ship the flag; empty: not said, cabotage is not barred


@value
class Call:
    """One stop of a service. The first has only a departure, the last only an arrival."""

    service: str
    sequence: int
    facility: str
    arrive: LocalTime | None
    depart: LocalTime | None
    cut_off_minutes: int = 0  # before departure
    km: float | None = None  # travelled since the call before; empty: by the emission row's rule


@value
class Capacity:
    """Room for parcels on a service, or from one of its calls on."""

    service: str
    sequence: int | None  # call from which it departs; empty: every one without a row of its own
    kg: float
    m3: float


@value
class Clearance:
    """How long customs of a territory take, by the mode in which goods arrive."""

    territory: str
    mode: Mode | None  # empty: every mode that has no row of its own
    clearance_minutes: int  # of the desk's own open time
    desk_hours: str  # empty: always
    transit_minutes: int  # to put goods under transit or bond, beside handling
    fee: Decimal  # for each parcel released, in the feed's currency
    source: str = ""
    confidence: str = ""


@value
class Transfer:
    """Where one facility differs from its own or its territory's terms, by the mode of arrival."""

    facility: str
    mode: Mode | None
    handling_minutes: int | None = None
    clearance_minutes: int | None = None
    desk_hours: str | None = None
    transit_minutes: int | None = None


class CabotageRule(StrEnum):
    """What carriers of elsewhere may do between two places of a country."""

    BARRED = "barred"
    FREE = "free"
    LIMITED = "limited"  # a few times in some days, after having carried something in


@value
class Cabotage:
    """What carriers may do between two places of one country, or of one territory, by date."""

    area: str  # ISO 3166 alpha-2, a territory's id, or * for every country that has no row of its own
    mode: Mode | None  # empty: every mode that has no row of its own
    carriers: tuple[str, ...]  # whom it is for: ISO 3166 alpha-2, territories' ids, or *
    rule: CabotageRule
    within: str = "country"  # territory: also between countries of the territory that the area is
    operations: int = 0  # limited: carriages after one from abroad at most
    days: int = 0  # limited: from the arrival until the last of them is unloaded
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Feed:
    """A whole network. Rows keep the order of their files."""

    name: str
    version: str
    currency: str  # of fees, and of the compiled timetable
    weight_step_g: int  # chargeable weight is rounded up to a multiple of this
    source: str
    territories: tuple[Territory, ...] = ()
    hours: tuple[Hours, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    calendar_dates: tuple[CalendarDate, ...] = ()
    facilities: tuple[Facility, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    emissions: tuple[Emission, ...] = ()
    rates: tuple[Rate, ...] = ()
    modes: tuple[ModeTerms, ...] = ()
    services: tuple[Service, ...] = ()
    calls: tuple[Call, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    transfers: tuple[Transfer, ...] = field(default=())
    cabotage: tuple[Cabotage, ...] = ()

    @cached_property
    def facility(self) -> dict[str, Facility]:
        """Facilities by id."""
        return {f.id: f for f in self.facilities}

    @cached_property
    def territory(self) -> dict[str, Territory]:
        """Territories by id."""
        return {t.id: t for t in self.territories}

    @cached_property
    def service(self) -> dict[str, Service]:
        """Services by id."""
        return {s.id: s for s in self.services}

    @cached_property
    def callers(self) -> dict[str, frozenset[str]]:
        """The facilities at which the services of each operator call."""
        found: dict[str, set[str]] = {}
        for service in self.services:
            calls = self.service_calls[service.id]
            found.setdefault(service.operator, set()).update(call.facility for call in calls)
        return {operator: frozenset(there) for operator, there in found.items()}

    @cached_property
    def service_calls(self) -> dict[str, list[Call]]:
        """Calls of each service, in sequence."""
        by_service: dict[str, list[Call]] = {s.id: [] for s in self.services}
        for call in self.calls:
            by_service.setdefault(call.service, []).append(call)
        for calls in by_service.values():
            calls.sort(key=lambda c: c.sequence)
        return by_service
