"""What a day of rounds is made of, and what comes out. Seconds after the day's beginning, metres, whole numbers.

A place is a row of the travel matrices. A stop is one visit at a place: goods left there, goods taken along, or both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FOREVER = 1 << 40
"""A time that no day reaches."""


class Travel(NamedTuple):
    """How far it is between places for one kind of vehicle: square arrays, from rows to columns."""

    metres: Ints
    seconds: Ints


@dataclass(frozen=True, slots=True)
class Rest:
    """A legal break: nobody is on the way for more than `after` seconds without `seconds` of rest."""

    after: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit that is asked for.

    Attributes:
        id: its name.
        place: where, as a row of the travel matrices.
        leaves: goods that are brought, one number for each capacity.
        takes: goods that are picked up and brought to the station.
        earliest: when the visit may begin; who comes before waits.
        latest: when it must have begun. A slot that was promised to somebody stands here.
        service: how long it takes.
        ready: when its goods are at the station.
        skills: what the driver or the vehicle must be able to do.
        station: the place where its goods lie; None where any station may serve it.
        worth: what leaving it out costs, in the unit of the vehicles' costs; promises are worth more.
        told: the window that somebody was told, inside of which a new plan tries to stay.
    """

    id: str
    place: int
    leaves: tuple[int, ...] = ()
    takes: tuple[int, ...] = ()
    earliest: int = 0
    latest: int = FOREVER
    service: int = 0
    ready: int = 0
    skills: frozenset[str] = frozenset()
    station: int | None = None
    worth: int = 1_000_000
    told: tuple[int, int] | None = None

    def at_place(self, place: int, rows: Mapping[int, int]) -> Stop:
        """The same stop where places have other rows; a station that has none is one that no vehicle begins at."""
        station = None if self.station is None else rows.get(self.station, -1)
        return replace(self, place=place, station=station)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A van, a car, a motorcycle or a walker, with its driver's working day.

    Attributes:
        id: its name.
        begins, ends: the places where its day begins and ends; it loads where it begins.
        at: where it is when the plan begins, if that is somewhere else: on its way.
        awake: seconds that its driver has gone without a rest when the plan begins, where he is on his way.
        capacity: what it carries at a time, one number for each kind of load.
        kind: which of the travel matrices is its own.
        earliest, latest: the limits of the working day.
        most: how long the day may be from leaving to coming back, breaks with it.
        skills: what it can do.
        trips: how often it may load; 1: once.
        reload: how long loading anew takes.
        fixed, metre, second: what it costs to go out at all, for each 1,000 metres, for each 1,000 seconds.
        rest: the legal break of its driver, if there is one.
        before: seconds that the driver has worked more than the others in past weeks (fewer: below 0).
        spare: goes out only where the others are not enough; has no claim on a fair share.
    """

    id: str
    begins: int
    ends: int
    capacity: tuple[int, ...] = ()
    kind: int = 0
    earliest: int = 0
    latest: int = FOREVER
    most: int = FOREVER
    skills: frozenset[str] = frozenset()
    trips: int = 1
    reload: int = 0
    fixed: int = 0
    metre: int = 1000
    second: int = 0
    rest: Rest | None = None
    before: int = 0
    spare: bool = False
    at: int | None = None
    awake: int = 0

    @property
    def start(self) -> int:
        """Where it is when the plan begins."""
        return self.begins if self.at is None else self.at

    def at_places(self, rows: Mapping[int, int]) -> Vehicle:
        """The same vehicle where places have other rows."""
        return replace(
            self,
            begins=rows[self.begins],
            ends=rows[self.ends],
            at=None if self.at is None else rows[self.at],
        )

    @property
    def like(self) -> Vehicle:
        """The vehicle without its name and its driver's past: equal for those that stand for each other."""
        return replace(self, id="", before=0)


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """What is to be planned.

    Attributes:
        stops, vehicles: what is asked for, and who goes.
        travel: one pair of matrices for each kind of vehicle.
        xy: where each place is on a plane, to tell what is near; for days that are cut by area.
    """

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    travel: tuple[Travel, ...]
    xy: NDArray[np.float64] | None = None

    @property
    def loads(self) -> int:
        """How many kinds of load are counted."""
        carried = (max(len(s.leaves), len(s.takes)) for s in self.stops)
        return max((*(len(v.capacity) for v in self.vehicles), *carried), default=0)

    def between(self, places: Ints) -> tuple[Travel, ...]:
        """The matrices between some places."""
        rows = np.ix_(places, places)
        return tuple(
            Travel(np.ascontiguousarray(t.metres[rows]), np.ascontiguousarray(t.seconds[rows]))
            for t in self.travel
        )

    def may(self, vehicle: Vehicle, stop: Stop) -> bool:
        """Whether a vehicle can serve a stop at all: its skills, and its station."""
        return stop.skills <= vehicle.skills and stop.station in (None, vehicle.begins)


class Doing(StrEnum):
    """What a driver does at a point of his round."""

    LEAVE = "leave"
    STOP = "stop"
    LOAD = "load"
    REST = "rest"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a round. `arrives` is before `begins` where somebody waits."""

    doing: Doing
    arrives: int
    begins: int
    ends: int
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """A vehicle's day.

    Attributes:
        vehicle: its id.
        points: from leaving to coming back, in order of time.
        metres: what it drives.
        seconds: from leaving to coming back, breaks with it.
        cost: in the unit of the vehicle's costs (fixed + metres·metre/1000 + seconds·second/1000).
    """

    vehicle: str
    points: tuple[Point, ...]
    metres: int
    seconds: int
    cost: int

    @property
    def stops(self) -> tuple[str, ...]:
        """Its stops, in order."""
        return tuple(p.stop for p in self.points if p.doing is Doing.STOP)

    @property
    def work(self) -> int:
        """Seconds of work: the whole without the breaks."""
        return self.seconds - sum(p.ends - p.begins for p in self.points if p.doing is Doing.REST)


class Why(StrEnum):
    """Why a stop stands in no round."""

    TOO_LARGE = "too_large"  # for every vehicle that may come
    NO_SKILL = "no_skill"  # no vehicle can do what it needs
    OTHER_STATION = "other_station"  # no vehicle begins where its goods lie
    OUT_OF_TIME = "out_of_time"  # a vehicle that did nothing else would come too late, or back too late
    NO_ROOM = "no_room"  # it could be served alone, but not beside what is worth more


@dataclass(frozen=True, slots=True)
class Plan:
    """The rounds of a day, and what stands in none of them, with the reason."""

    rounds: tuple[Round, ...]
    left: dict[str, Why] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        """What all rounds cost."""
        return sum(r.cost for r in self.rounds)

    def round_of(self, stop: str) -> Round | None:
        """The round in which a stop stands."""
        return next((r for r in self.rounds if stop in r.stops), None)


Route = list[int]
"""A vehicle's stops as indices of the day's stops; LOAD where it goes back to its station to load anew."""

LOAD = -1
