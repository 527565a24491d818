"""Small boards of the fleet for its tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from qafila.fleet.model import AircraftType, Board, Flown, Sector, Tail

EPOCH = datetime(2026, 12, 7, tzinfo=UTC)


def type_of(id: str = "B77F", **more: Any) -> AircraftType:
    """A type with an hour on the ground and room for 100 t."""
    told = {"payload": 100_000, "volume": 600.0, "turnaround": 60, **more}
    return AircraftType(
        id,
        id,
        more.pop("rating", id),
        2,
        True,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        (),
        **{k: v for k, v in told.items() if k != "rating"},
    )


def sector(
    n: int, origin: str, to: str, depart: int, arrive: int, tail: str, type: str = "B77F", **more: Any
) -> Sector:
    """A sector by its number."""
    told = {"grams": 100_000_000, "cm3": 600_000_000, "km": 1000.0, **more}
    return Sector(f"F{n}", 20_000, 0, origin, to, depart, arrive, tail, type, **told)


def board(
    sectors: Sequence[Sector],
    tails: dict[str, str],
    types: Sequence[AircraftType] = (),
    base: str = "CMN",
    **more: Any,
) -> Board:
    """A board of sectors as planned; `tails` gives the type of each."""
    known = {t.id: t for t in types or [type_of(t) for t in sorted(set(tails.values()))]}
    return Board(
        EPOCH,
        tuple(Flown(s, s.tail) for s in sorted(sectors, key=lambda s: s.depart)),
        {t: Tail(t, k, base) for t, k in tails.items()},
        known,
        zones={"CMN": "UTC", "DXB": "UTC", "CDG": "UTC"},
        **more,
    )
