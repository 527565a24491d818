"""A small aircraft: four positions in two rows, a long one across the right side, one below."""

from __future__ import annotations

from qafila.air.flight import Aircraft, Flight, Leg, Limit, Lot, Position, Segment, UldType
from qafila.packing.pieces import ANY_TURN, Contour, Kind

PALLET = frozenset({"PMC"})
LONG = frozenset({"PGE"})

POSITIONS = (
    Position("AL", 800, 3000, PALLET, (), -130),
    Position("AR", 800, 3000, PALLET, ("AL",), 130),
    Position("BL", 1200, 4000, PALLET, ("AL",), -130),
    Position("BR", 1200, 4000, PALLET, ("AR", "BL"), 130),
    Position("ABR", 1000, 6000, LONG, ("AL",), 130),
    Position("1P", 1500, 2000, PALLET, ()),
)
AIRCRAFT = Aircraft(
    "little",
    POSITIONS,
    frozenset({frozenset({"AR", "ABR"}), frozenset({"BR", "ABR"})}),
    (Limit("total", 12000), Limit("A", 5000, frozenset({"AL", "AR"}))),
    20000,
    1100,
    1000,
    1150,
    1100,
)
TYPES = (
    UldType("PMC", Contour((300, 200, 200)), 100, 5000, 3600, 200),
    UldType("PGE", Contour((600, 200, 200)), 400, 9000, 7200, 600),
)


def crate(
    side: int, weight: float = 50.0, penalty: float = 400.0, count: int = 1, ready: int = 0, name: str = "1"
) -> Lot:
    """A lot of cubes that bear a good deal."""
    return Lot(
        f"S{name}", f"P{name}", Kind((side, side, side), weight, (1, 1, 1), ANY_TURN), count, ready, penalty
    )


def flight(*lots: tuple[Lot, ...], departs: int = 100_000) -> Flight:
    """A flight with one segment for each tuple of lots; segment n gets off after leg n."""
    names = [f"X-{n}" for n in range(len(lots))]
    legs = tuple(Leg(f"L{n}", 5000, 3.0, frozenset(names[n:])) for n in range(len(lots)))
    segments = tuple(Segment(name, departs, mine) for name, mine in zip(names, lots, strict=True))
    return Flight("X1", AIRCRAFT, TYPES, legs, segments)
