"""What the fleet speaks of: types and tails, sectors of flights, disruptions, repairs. Frozen values, no I/O.

Instants inside the engines are whole minutes since an epoch that the caller keeps; nothing here asks for the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from qafila.core.values import value

Key = tuple[str, int, int]
"""A sector as the capacity ledger knows it: service, service day (days since 1970-01-01), call that it departs from."""


@value
class Seat:
    """A position of an aircraft type: arms in cm from nose and centre line, kg at most, ULD types that fit."""

    name: str
    deck: str
    arm: float
    lateral: float
    most: float
    takes: tuple[str, ...]
    blocked_by: tuple[str, ...] = ()


@value
class AircraftType:
    """A type of aircraft: what it may weigh, where its centre of gravity may lie, its positions, who may fly it.

    Attributes:
        id: the vehicle of the feed.
        rating: the pilots' type rating; types with one rating are flown by the same crews.
        rest_class_1: whether it has a bunk, so that more pilots may fly a longer duty.
        payload, volume, turnaround, reach: of the feed's vehicle: kg, m³, minutes, km (0: not a limit).
    """

    id: str
    name: str
    rating: str
    pilots: int
    rest_class_1: bool
    oew: float
    mzfw: float
    mlw: float
    mtow: float
    empty_arm: float
    forward: float
    aft: float
    best: float
    seats: tuple[Seat, ...]
    payload: int = 0
    volume: float = 0.0
    turnaround: int = 60
    reach: int = 0
    source: str = ""
    confidence: str = ""


@value
class Tail:
    """One aircraft by its registration."""

    registration: str
    type: str
    base: str = ""
    since: str = ""  # ISO date from which it is in the fleet; empty: always
    until: str = ""


@value
class Sector:
    """One take-off and landing of a service on a day, as planned; minutes since the board's epoch."""

    service: str
    day: int
    call: int
    origin: str
    to: str
    depart: int
    arrive: int
    tail: str
    type: str
    km: float = 0.0
    grams: int = 0  # room for parcels as the timetable has it
    cm3: int = 0

    @property
    def key(self) -> Key:
        """As the capacity ledger knows it."""
        return self.service, self.day, self.call


@value
class Change:
    """What holds for a sector instead of its plan."""

    key: Key
    tail: str = ""  # empty: as planned
    delay: int = 0  # minutes
    cancelled: bool = False
    because: str = ""


@value
class Outage:
    """A tail that cannot fly in a time; minutes since the epoch."""

    tail: str
    begins: int
    ends: int
    because: str = ""


@value
class Closure:
    """A facility at which nothing takes off or lands in a time."""

    facility: str
    begins: int
    ends: int


class Onward(NamedTuple):
    """Parcels that change from a sector to another ride: how many, and the minutes that they have to spare."""

    parcels: int
    kg: float
    slack: int
    to: Key | None = None  # the sector of this fleet they change to; None: another ride


@dataclass(frozen=True, slots=True)
class Aboard:
    """What is booked on a sector: all parcels, and those that have a connection to catch."""

    parcels: int = 0
    grams: int = 0
    cm3: int = 0
    onward: tuple[Onward, ...] = ()


@value
class Flown:
    """A sector as it is to fly now: planned times, tail and delay; `cancelled` does not fly."""

    sector: Sector
    tail: str
    delay: int = 0
    cancelled: bool = False
    because: str = ""

    @property
    def depart(self) -> int:
        """Off blocks, as it is to be."""
        return self.sector.depart + self.delay

    @property
    def arrive(self) -> int:
        """On blocks, as it is to be."""
        return self.sector.arrive + self.delay


@dataclass(frozen=True, slots=True)
class Board:
    """The schedule of a time: sectors in order of departure with what was changed, tails and types.

    Attributes:
        epoch: the instant of minute 0, UTC.
        zones: time zone of each facility.
    """

    epoch: datetime
    flown: tuple[Flown, ...]
    tails: Mapping[str, Tail]
    types: Mapping[str, AircraftType]
    outages: tuple[Outage, ...] = ()
    closures: tuple[Closure, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)

    def with_changes(self, changes: Mapping[Key, Change]) -> Board:
        """The same with other changes laid over the plan; sectors they do not name keep what they have."""
        flown = []
        for one in self.flown:
            told = changes.get(one.sector.key)
            flown.append(
                one
                if told is None
                else Flown(one.sector, told.tail or one.sector.tail, told.delay, told.cancelled, told.because)
            )
        return replace(self, flown=tuple(sorted(flown, key=lambda f: (f.depart, f.sector.key))))

    def chains(self) -> dict[str, list[Flown]]:
        """The sectors of each tail that fly, in order of departure."""
        found: dict[str, list[Flown]] = {t: [] for t in self.tails}
        for one in self.flown:
            if not one.cancelled:
                found.setdefault(one.tail, []).append(one)
        for mine in found.values():
            mine.sort(key=lambda f: (f.depart, f.sector.key))
        return found
