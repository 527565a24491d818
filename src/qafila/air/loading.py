"""From bookings to a load plan: the gate first, then build-up and positions, and a word on all that stays behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from qafila.air.air_explaining import LeftBehind, explain
from qafila.air.alike import put_right
from qafila.air.build_up import UNLIMITED
from qafila.air.flight import Flight, LoadPlan
from qafila.air.gate import Papers, refused
from qafila.air.planner import plan

Lots = Mapping[tuple[str, int], Papers]
"""What is known of a lot, by segment and number; a lot that is not in it was not asked about."""


@dataclass(frozen=True, slots=True)
class Loading:
    """A flight with its plan: what flies, and what stays behind and why. `stopped` were held at the gate."""

    flight: Flight
    plan: LoadPlan
    behind: tuple[LeftBehind, ...]
    stopped: tuple[LeftBehind, ...]


def load(flight: Flight, papers: Lots, seconds: float, seed: int = 0, steps: int = UNLIMITED) -> Loading:
    """Plan a flight.

    Args:
        flight: aircraft, legs and bookings.
        papers: of each lot; those that the gate refuses are not built up.
        seconds: how long it may take.
        seed: of the search.
        steps: at most so many of them.
    """
    let_in, stopped = admitted(flight, papers)
    made = put_right(let_in, papers, plan(let_in, seconds, seed, steps))
    return Loading(let_in, made, tuple(explain(let_in, made)), stopped)


def admitted(flight: Flight, papers: Lots) -> tuple[Flight, tuple[LeftBehind, ...]]:
    """The flight with what the gate lets in, and what it stops: of that no piece is left to be loaded."""
    stopped = []
    segments = []
    for segment in flight.segments:
        day = datetime.fromtimestamp(segment.departs, UTC).date()
        lots = []
        for n, lot in enumerate(segment.lots):
            known = papers.get((segment.name, n))
            told = refused(known, day) if known is not None else None
            if told is not None:
                stopped.append(LeftBehind(segment.name, lot, lot.count, *told))
                lots.append(replace(lot, count=0))
            else:
                lots.append(lot)
        segments.append(replace(segment, lots=tuple(lots)))
    return replace(flight, segments=tuple(segments)), tuple(stopped)
