"""What may be chosen of each departure: how much it carries and what it costs then; and what a choice costs in all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qafila.planning.graph import Graph, Scarce
from qafila.planning.shapes import Floats, Ints, Longs, Truths

LEVELS = np.linspace(0.0, 1.0, 11)
"""How full a place is, in tenths: between them what its fill costs rises in straight lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One thing that a departure may be: so many vehicles, which carry so much and cost so much."""

    room: Floats  # of the departure's rows
    cost: float  # COST_UNITs
    vehicles: int


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """A service on a day; its options by room, the least first."""

    service: int
    day: int  # since 1970
    rows: Longs  # weight of its segments, then their volume
    options: tuple[Option, ...]
    planned: int | None  # the option that the timetable has; None: any of them is as planned
    line: int  # number in Choices.lines

    def holding(self, load: Floats) -> int:
        """The cheapest option that carries a load [M]; the largest where none does."""
        mine = load[self.rows]
        able = [n for n, o in enumerate(self.options) if (mine <= o.room * (1 + 1e-9) + 1e-6).all()]
        return min(able, key=lambda n: self.options[n].cost, default=len(self.options) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Everything that is to be decided beside the ways.

    Attributes:
        departures: those of which there is a choice.
        lines: the names of the services, and what each costs in COST_UNITs if any of its departures runs.
        balance: COST_UNITs for a departure or a sorting queue that is full; half full costs a quarter of it.
    """

    departures: tuple[Departure, ...]
    lines: tuple[tuple[str, float], ...]
    balance: float = 0.0

    def largest(self) -> tuple[int, ...]:
        """The option of each departure that carries most."""
        return tuple(len(d.options) - 1 for d in self.departures)

    def as_planned(self) -> tuple[int, ...]:
        """The option of each departure that the timetable has."""
        return tuple(len(d.options) - 1 if d.planned is None else d.planned for d in self.departures)

    def fitting(self, load: Floats) -> tuple[int, ...]:
        """The cheapest options that carry a load [M]."""
        return tuple(d.holding(load) for d in self.departures)

    def cost(self, chosen: tuple[int, ...], load: Floats, graph: Graph) -> float:
        """COST_UNITs of vehicles, lines and fill."""
        total = sum(d.options[n].cost for d, n in zip(self.departures, chosen, strict=True))
        runs = {d.line for d, n in zip(self.departures, chosen, strict=True) if d.options[n].vehicles}
        return total + sum(self.lines[line][1] for line in runs) + self.fill_cost(load, graph)

    def fill_cost(self, load: Floats, graph: Graph) -> float:
        """COST_UNITs of how full places are."""
        if not self.balance:
            return 0.0
        rows = evened(graph)
        return self.balance * float(np.interp(load[rows] / self.full(graph)[rows], LEVELS, LEVELS**2).sum())

    def full(self, graph: Graph) -> Floats:
        """[M] room at most, of whatever is chosen."""
        return self.graph(graph, self.largest()).row_capacity

    def changed(self, chosen: tuple[int, ...]) -> set[int]:
        """The lines of which a departure is not as planned."""
        return {
            d.line
            for d, n in zip(self.departures, chosen, strict=True)
            if d.planned is not None and d.options[n].vehicles != d.options[d.planned].vehicles
        }

    def graph(self, graph: Graph, chosen: tuple[int, ...]) -> Graph:
        """The graph with the room of what is chosen; what does not run is closed."""
        room, still = graph.row_capacity.copy(), np.zeros(graph.timetable.segments, np.bool_)
        for d, n in zip(self.departures, chosen, strict=True):
            room[d.rows] = d.options[n].room
            if not d.options[n].vehicles:
                still[d.rows[: len(d.rows) // 2]] = True
        return replace(graph, row_capacity=room, closed=graph.closed | _on(graph, still))

    def surcharge(self, graph: Graph, per_gram: Floats) -> Floats:
        """[R] COST_UNITs a gram that rides cost more where departures [D] cost so much a gram."""
        of_segment = np.full(graph.timetable.segments, -1, np.int64)
        for n, d in enumerate(self.departures):
            of_segment[d.rows[: len(d.rows) // 2]] = n
        of_ride = of_segment[np.asarray(graph.timetable.ride_first_segment)]
        return np.where(of_ride >= 0, np.append(per_gram, 0.0)[of_ride], 0.0)


def evened(graph: Graph) -> Longs:
    """The rows whose fill is to be even: weight of departures, and sorting."""
    kinds = np.isin(graph.row_scarce, [Scarce.SEGMENT_WEIGHT, Scarce.SORT])
    return np.flatnonzero(kinds & (graph.row_capacity > 0))


def _on(graph: Graph, segments: Truths) -> Truths:
    """[R] rides that go over one of some segments [S]."""
    t = graph.timetable
    over = np.concatenate([[0], np.cumsum(segments)])
    first: Ints = np.asarray(t.ride_first_segment)
    return np.asarray(over[first + np.asarray(t.ride_segment_count)] > over[first])
