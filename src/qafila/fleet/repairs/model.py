"""What a repair decides and what it costs: reckoned from the choice alone, for whoever doubts the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qafila.fleet.fleet_types import prices
from qafila.fleet.model import Change, Flown, Key


@dataclass(frozen=True, slots=True)
class Price:
    """What a repair weighs, in EUR; the names are those of repair-prices.csv."""

    cancelled_parcel: float
    missed_parcel: float
    late_parcel_hour: float
    late_flight_hour: float
    swap: float
    relief_crew: float
    misplaced_tail: float
    cancelled_sector: float

    @classmethod
    def listed(cls) -> Price:
        """The prices of the file."""
        return cls(**{name: float(price) for name, price in prices().items()})


@dataclass(frozen=True, slots=True)
class Crew:
    """A duty as it is planned: its sectors in order, report and limit, the rating that its pilots have."""

    keys: tuple[Key, ...]
    report: int  # minutes before its first departure
    most: int
    rating: str


Option = tuple[str, int]
"""Tail and delay with which a sector flies."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be decided.

    Attributes:
        sectors: those that may still be changed, as they stand.
        options: with which tails and delays each can fly.
        cost: of each option, and under None of not flying.
        starts: where each tail is and from when on, minutes.
        wanted: how many of a type should end at a facility.
        ground: minutes on the ground of each tail's type.
        meets: pairs of sectors between which parcels change: (first, second, minutes to spare, parcels).
        crews: duties.
        type_of, rating_of: of each tail.
    """

    sectors: tuple[Flown, ...]
    options: Mapping[Key, tuple[Option, ...]]
    cost: Mapping[tuple[Key, Option | None], float]
    starts: Mapping[str, tuple[str, int]]
    wanted: Mapping[tuple[str, str], int]
    ground: Mapping[str, int]
    meets: tuple[tuple[Key, Key, int, int], ...]
    crews: tuple[Crew, ...]
    type_of: Mapping[str, str]
    rating_of: Mapping[str, str]
    price: Price


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair: what each sector does instead of what it did, what it costs by kind, and how far it may be from the best."""

    changes: tuple[Change, ...]
    costs: Mapping[str, float]
    gap: float
    reliefs: tuple[tuple[Key, ...], ...] = ()

    @property
    def total(self) -> float:
        """All of it, in EUR."""
        return sum(self.costs.values())


def total(problem: Problem, chosen: Mapping[Key, Option | None]) -> dict[str, float]:
    """What a choice costs by kind, reckoned from the choice alone and not from the program.

    Raises ValueError where a tail would leave from where it is not.
    """
    sectors = {f.sector.key: f.sector for f in problem.sectors}
    ends = _fly(problem, sectors, chosen)
    costs = {"sectors": sum(problem.cost[key, o] for key, o in chosen.items())}
    short = 0
    for (type, place), count in problem.wanted.items():
        short += max(
            0, count - sum(1 for t, at in ends.items() if at == place and problem.type_of[t] == type)
        )
    costs["misplaced"] = short * problem.price.misplaced_tail
    costs["missed"] = sum(
        parcels * problem.price.missed_parcel
        for first, second, slack, parcels in problem.meets
        if (a := chosen[first]) is not None and (b := chosen[second]) is not None and a[1] - b[1] > slack
    )
    costs["reliefs"] = problem.price.relief_crew * sum(
        relieved(problem, sectors, c, chosen) for c in problem.crews
    )
    return costs


def _fly(
    problem: Problem, sectors: Mapping[Key, object], chosen: Mapping[Key, Option | None]
) -> dict[str, str]:
    """Where each tail ends. Raises ValueError."""
    at = dict(problem.starts)
    flown = sorted(
        (f.sector.depart + o[1], f.sector.arrive + o[1], o[0], f.sector)
        for f in problem.sectors
        if (o := chosen[f.sector.key]) is not None
    )
    for depart, arrive, tail, s in flown:
        place, ready = at[tail]
        if place != s.origin or ready > depart:
            raise ValueError(f"{tail} is at {place} from {ready} on, not at {s.origin} by {depart}")
        at[tail] = s.to, arrive + problem.ground[tail]
    return {tail: place for tail, (place, _) in at.items()}


def relieved(
    problem: Problem, sectors: Mapping[Key, object], crew: Crew, chosen: Mapping[Key, Option | None]
) -> bool:
    """Whether a crew must be relieved: another type, too long a duty, or not there in time."""
    known = {f.sector.key: f.sector for f in problem.sectors}
    first = chosen[crew.keys[0]]
    before = None
    for n, key in enumerate(crew.keys):
        mine, s = chosen[key], known[key]
        if mine is not None:
            if problem.rating_of[mine[0]] != crew.rating:
                return True
            if n:
                start = known[crew.keys[0]].depart
                if first is not None and s.arrive + mine[1] - start - first[1] + crew.report > crew.most:
                    return True
                if before is None:
                    return True
                last = known[crew.keys[n - 1]]
                if s.depart + mine[1] < last.arrive + before[1]:
                    return True
        before = mine
    return False


def changes(problem: Problem, chosen: Mapping[Key, Option | None]) -> Iterable[Change]:
    """What differs from how each sector stands."""
    for one in problem.sectors:
        key, option = one.sector.key, chosen[one.sector.key]
        if option is None:
            yield Change(key, cancelled=True)
        elif option != (one.tail, one.delay):
            tail, delay = option
            yield Change(key, tail if tail != one.sector.tail else "", delay)
