"""A flight as its load planner sees it: aircraft, ULD types, legs, and what is booked on each segment."""

from __future__ import annotations

from dataclasses import dataclass, field

from qafila.packing.pieces import Contour, Kind


@dataclass(frozen=True, slots=True)
class Position:
    """A place for one ULD: arms in cm from the nose and from the centre line, the kg it takes, and what fits it."""

    name: str
    arm: float
    most: float
    takes: frozenset[str]
    blocked_by: tuple[str, ...] = ()  # positions that must be clear to reach it
    lateral: float = 0.0
    deck: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Several positions that together take no more than so many kg; no positions stands for all."""

    name: str
    most: float
    positions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Aircraft:
    """An aircraft type or tail. Arms in cm from the nose, weights in kg; `best` is the arm that burns least fuel."""

    name: str
    positions: tuple[Position, ...]
    overlaps: frozenset[frozenset[str]]
    limits: tuple[Limit, ...]
    empty_weight: float
    empty_arm: float
    forward: float
    aft: float
    best: float


@dataclass(frozen=True, slots=True)
class UldType:
    """A type of ULD: its room inside, kg empty and at most, seconds to build it up, and what one costs to use."""

    name: str
    contour: Contour
    tare: float
    most: float
    seconds: int
    cost: float


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces of one kind in one shipment; `ready` in seconds since 1970, `penalty` is the cost of each left behind.

    `parcels`: the numbers of the parcels that it is made of, where they are known: one a piece, or those in bags.
    """

    shipment: str
    piece: str
    kind: Kind
    count: int
    ready: int
    penalty: float
    parcels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """What is booked between two airports of a flight; its ULDs are built before `departs`, in seconds since 1970. `origin`:
    where it is taken on; the segment's name stands for it where it is not said."""

    name: str
    departs: int
    lots: tuple[Lot, ...]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One take-off and landing: fuel in kg, the cost of each cm off the best arm, the segments on board."""

    name: str
    fuel: float
    cost_per_cm: float
    segments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flight:
    """All that a load plan is made from. `apart` holds pairs of codes that may not share a ULD."""

    name: str
    aircraft: Aircraft
    types: tuple[UldType, ...]
    legs: tuple[Leg, ...]
    segments: tuple[Segment, ...]
    apart: frozenset[frozenset[str]] = frozenset()
    handling: float = 130.0  # cost of taking a ULD out or in that is neither for here nor from here

    def legs_of(self, segment: str) -> tuple[int, ...]:
        """The numbers of the legs on which a segment's ULDs are on board."""
        return tuple(n for n, leg in enumerate(self.legs) if segment in leg.segments)


@dataclass(frozen=True, slots=True)
class Stowed:
    """One piece in a ULD: the lot's number in its segment, corner and size in cm (length, width, height)."""

    lot: int
    start: tuple[int, int, int]
    size: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class BuiltUld:
    """A ULD as it is to be built up: type, segment, pieces in an order in which they can be put in, kg with tare."""

    type: str
    segment: str
    pieces: tuple[Stowed, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What a plan costs: penalties of what stays behind, ULDs, extra fuel, handling of ULDs in the way."""

    behind: float
    ulds: float
    fuel: float
    handling: float

    @property
    def total(self) -> float:
        """All four."""
        return self.behind + self.ulds + self.fuel + self.handling


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """ULDs and where each stands on each leg (`stands[leg][position]` is a ULD's number), and what they cost.

    `arms` and `lateral`: centre of gravity on each leg, in cm from the nose and in cm from the centre line, the latter
    of the load alone. `gap`: how far the positions may be from the cheapest, as a share of fuel and handling.
    """

    ulds: tuple[BuiltUld, ...]
    stands: tuple[dict[str, int], ...]
    behind: dict[tuple[str, int], int]  # pieces left, by segment and lot
    costs: Costs
    arms: tuple[float, ...]
    lateral: tuple[float, ...]
    gap: float = 0.0
    notes: tuple[str, ...] = field(default=())
