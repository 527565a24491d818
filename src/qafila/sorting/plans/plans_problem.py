"""A sort plan as a problem: destinations with flows, chutes with distances, and what each choice costs.

All costs are seconds of work, so that walking, balance, change and second handling weigh against each other:
    walking    each full bag is carried to the chute's `metres` and back at `Prices.metres_a_second`;
    balance    each parcel by which the busiest zone is over the mean of all zones costs `over_mean`;
    change     each chute whose destination is not that of the day before costs `change`, for labels and habits;
    again      each parcel that is sorted twice costs `again`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from qafila.core.fault import Fault
from qafila.sorting import sorting_messages
from qafila.sorting.model import Chute

LONGEST = 5_000
"""Destinations of one centre at most."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds of work. Rates of an ordinary centre, to be measured and replaced by each centre's own."""

    metres_a_second: float = 1.2
    bag: int = 20
    over_mean: float = 2.0
    change: float = 120.0
    again: float = 6.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be planned.

    Attributes:
        flows: destination -> parcels in the shift; each 0 or more.
        chutes: for destinations; those of special reasons are not among them.
        before: destination -> its chutes in the plan before; empty: there is none, and nothing counts as a change.
        wanted: destination -> how many chutes side by side it gets, by its flow and what a chute takes.
        groups: chutes that take several destinations, to be sorted in a second pass; empty with chutes enough.
    """

    flows: Mapping[str, int]
    chutes: Sequence[Chute]
    before: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prices: Prices = Prices()
    wanted: Mapping[str, int] = field(default_factory=dict)
    groups: Sequence[Chute] = ()

    @property
    def single(self) -> list[Chute]:
        """Chutes of one destination each."""
        grouped = {c.id for c in self.groups}
        return [c for c in self.chutes if c.id not in grouped]

    def walk(self, chute: Chute) -> float:
        """Seconds of walking for each parcel of a chute."""
        return 2 * chute.metres / self.prices.metres_a_second / self.prices.bag


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of work in the shift, by kind."""

    walking: float
    balance: float
    change: float
    again: float
    moved: int  # chutes that change their destination
    busiest: float  # parcels of the busiest zone
    mean: float  # parcels of all zones on average
    twice: int  # parcels that are sorted twice

    @property
    def total(self) -> float:
        """All kinds together."""
        return self.walking + self.balance + self.change + self.again


@dataclass(frozen=True, slots=True)
class Layout:
    """Which destination has which chutes."""

    chutes: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # chute -> destinations


def pose(
    flows: Mapping[str, int],
    chutes: Sequence[Chute],
    before: Mapping[str, Sequence[str]] | None = None,
    grouped_before: Sequence[str] = (),
    prices: Prices = Prices(),
) -> Problem:
    """The problem of a centre and shift.

    A destination whose flow is more than a chute takes gets several, where chutes are left. Where destinations are more
    than chutes, as few chutes as will do become groups, each of up to as many destinations as there are chutes in the
    second pass: those that were groups before, else the nearest, for their parcels are carried back to the induction.

    Raises Fault: a flow below 0, or more destinations than two passes can sort.
    """
    for to, parcels in flows.items():
        if parcels < 0:
            raise Fault(
                sorting_messages.FLOW_WRONG(destination=to, parcels=str(parcels)), field="flows", value=to
            )
    n, m = len(flows), len(chutes)
    if n > LONGEST or n > m * m:
        raise Fault(
            sorting_messages.TOO_FEW(chutes=m, destinations=n),
            sorting_messages.MORE_CHUTES(),
            field="chutes",
            value=str(m),
        )
    groups: list[Chute] = []
    if n > m:
        count = ceil((n - m) / (m - 1))
        again = set(grouped_before)
        groups = sorted(chutes, key=lambda c: (c.id not in again, c.metres, c.id))[:count]
    wanted = dict.fromkeys(flows, 1)
    if not groups:
        _side_by_side(flows, chutes, wanted)
    known = {c.id for c in chutes}
    earlier: dict[str, Sequence[str]] = {}
    held: set[str] = set()
    for to, ids in (before or {}).items():
        mine = [c for c in ids if c in known and c not in held]
        held.update(mine)
        if to in flows and mine:
            earlier[to] = mine
    return Problem(flows, chutes, earlier, prices, wanted, groups)


def _side_by_side(flows: Mapping[str, int], chutes: Sequence[Chute], wanted: dict[str, int]) -> None:
    """Gives the chutes that are left over to whose flow is most over what a chute takes."""
    room = min((c.room for c in chutes if c.room), default=0)
    left = len(chutes) - len(flows)
    while room and left > 0:
        fullest = max(flows, key=lambda to: (flows[to] / wanted[to], to))
        if flows[fullest] / wanted[fullest] <= room:
            return
        wanted[fullest] += 1
        left -= 1


def cost(problem: Problem, layout: Layout) -> Cost:
    """What a layout costs; a destination with several chutes shares its flow evenly over them."""
    chute = {c.id: c for c in problem.chutes}
    load = dict.fromkeys(chute, 0.0)
    moved = 0
    for to, ids in layout.chutes.items():
        for id in ids:
            load[id] += problem.flows[to] / len(ids)
        if problem.before:
            moved += len([id for id in ids if id not in problem.before.get(to, ())])
    twice = 0
    for id, stops in layout.groups.items():
        flow = sum(problem.flows[to] for to in stops)
        load[id] += flow
        twice += flow
    zones = dict.fromkeys((c.zone for c in problem.chutes), 0.0)
    for id, parcels in load.items():
        zones[chute[id].zone] += parcels
    mean = sum(zones.values()) / len(zones) if zones else 0.0
    busiest = max(zones.values(), default=0.0)
    p = problem.prices
    return Cost(
        sum(problem.walk(chute[id]) * parcels for id, parcels in load.items()),
        (busiest - mean) * p.over_mean,
        moved * p.change,
        twice * p.again,
        moved,
        busiest,
        mean,
        twice,
    )


def at_least(problem: Problem) -> float:
    """What no layout can cost less than, known at once: the largest flows at the nearest chutes, nothing for balance and
    change; with groups, the smallest flows sorted twice and every parcel carried from the nearest chute."""
    walks = sorted(problem.walk(c) for c in problem.chutes)
    if not walks:
        return 0.0
    if problem.groups:
        twice = sorted(problem.flows.values())[: max(len(problem.flows) - len(problem.single), 0)]
        return sum(twice) * problem.prices.again + sum(problem.flows.values()) * walks[0]
    shares = sorted(
        (f / problem.wanted[to] for to, f in problem.flows.items() for _ in range(problem.wanted[to])),
        reverse=True,
    )
    return sum(share * walk for share, walk in zip(shares, walks, strict=False))


def alphabetical(problem: Problem) -> Layout:
    """Destinations in the order of the alphabet on chutes in the order of theirs, as centres do that plan nothing."""
    names = sorted(problem.flows)
    single = sorted(c.id for c in problem.single)
    if not problem.groups:
        told, at = {}, 0
        for to in names:
            told[to] = tuple(single[at : at + problem.wanted[to]])
            at += problem.wanted[to]
        return Layout(told)
    room = len(problem.chutes)
    rest = names[len(single) :]
    groups = {
        c.id: tuple(rest[i * room : (i + 1) * room])
        for i, c in enumerate(sorted(problem.groups, key=lambda c: c.id))
    }
    return Layout({to: (single[i],) for i, to in enumerate(names[: len(single)])}, groups)
