"""Build-up by ruin and recreate: some ULDs of a segment are emptied and filled again, and what is no worse is kept."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qafila.air.loads import Load, Task, load
from qafila.air.seats import Seats

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
BuildUp = tuple[float, list[Load], list[Ints]]
"""What it costs, its loads, and what it leaves of each segment's lots."""

EVENNESS = 120.0
"""What a full ULD is credited beside an empty one, by the square of its fill: so one ULD empties at last."""
UNLIMITED = 10**9  # steps
EQUALS = 8
APART = 30
"""How many build-ups that cost the same are kept, and the steps between them."""
WARM = 14.0
COLD = 0.3
"""Temperatures at the beginning and at the end, in the currency of costs."""


@dataclass(slots=True, eq=False)
class Search:
    """A build-up of a whole flight that gets better step by step. One seed, one course."""

    work: Task
    seed: int
    loads: list[Load] = field(default_factory=list)
    left: list[Ints] = field(default_factory=list)
    steps: int = 0
    rng: np.random.Generator = field(init=False)
    seats: Seats = field(init=False)
    kilo: float = field(init=False)  # half of the least penalty of a kg
    best: BuildUp = field(init=False)
    equals: deque[BuildUp] = field(default_factory=lambda: deque(maxlen=EQUALS))
    _kept_at: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.kilo = (
            min(
                (
                    float((booked.penalty / booked.boxes.weight).min())
                    for booked in self.work.bookings
                    if len(booked.count)
                ),
                default=0.0,
            )
            / 2
        )
        self.seats = Seats(self.work.flight)
        self.left = [booked.count.copy() for booked in self.work.bookings]
        order = list(range(len(self.work.bookings)))
        self.rng.shuffle(order)
        for segment in order:
            self._fill_up(segment)
        self.best = (self.cost(), list(self.loads), [count.copy() for count in self.left])
        self.equals.append(self.best)

    def cost(self) -> float:
        """ULDs used and penalties of what stays behind."""
        ulds = sum(self.work.types[one.type].cost for one in self.loads)
        return ulds + sum(
            float(count @ booked.penalty) for count, booked in zip(self.left, self.work.bookings, strict=True)
        )

    def _remember(self) -> None:
        """Keep this build-up if it is the cheapest, and a few that cost as much: their weights may balance better."""
        now = self.cost()
        if now > self.best[0] + 1e-9:
            return
        if now < self.best[0] - 1e-9:
            self.equals.clear()
        elif self.steps - self._kept_at < APART:
            return
        self._kept_at = self.steps
        self.best = (now, list(self.loads), [count.copy() for count in self.left])
        self.equals.append(self.best)

    def run(self, seconds: float, most_steps: int = UNLIMITED) -> None:
        """Search for so many seconds, or steps."""
        began = time.monotonic()
        passed = 0.0
        end = self.steps + most_steps
        while self.steps < end:
            passed = time.monotonic() - began
            if passed >= seconds:
                break
            # counted in steps where they end it, so that the same seed always takes the same course
            done = (self.steps - end + most_steps) / most_steps
            share = done if most_steps < UNLIMITED else passed / seconds
            self.step(WARM * (COLD / WARM) ** share)

    def step(self, temperature: float) -> None:
        """Empty some ULDs of a segment, fill them again, and keep it if it is no worse, or hardly so."""
        self.steps += 1
        if not self.loads:
            return
        rng = self.rng
        if rng.random() < 0.1:
            self._swap()
        first = self.loads[int(rng.integers(len(self.loads)))]
        segment = first.segment
        mine = [one for one in self.loads if one.segment == segment]
        wish = -1
        if rng.random() < 0.08:
            out, wish = self._make_way(segment)
        else:
            out = self._pick(mine)
        if not out and wish < 0:
            return
        before_left = self.left[segment]
        old = sum(self._potential(one) for one in out) + float(
            before_left @ self.work.bookings[segment].penalty
        )
        pool = before_left.copy()
        for one in out:
            self.seats.take(one.position, segment, one.weight, -1)
            pool += one.count
        made, rest = self._recreate(segment, out, pool, wish)
        new = sum(self._potential(one) for one in made) + float(rest @ self.work.bookings[segment].penalty)
        if new <= old - temperature * math.log(max(rng.random(), 1e-12)):
            gone = {id(one) for one in out}
            self.loads = [one for one in self.loads if id(one) not in gone] + made
            self.left[segment] = rest
            self._remember()
        else:
            for one in made:
                self.seats.take(one.position, segment, one.weight, -1)
            for one in out:
                self.seats.take(one.position, segment, one.weight)

    def _potential(self, one: Load) -> float:
        share = one.volume / self.work.volumes[one.type]
        cost = self.work.types[one.type].cost
        return cost - EVENNESS * cost / 200.0 * share * share

    def _pick(self, mine: list[Load]) -> list[Load]:
        """One to four ULDs, the emptier ones rather."""
        rng = self.rng
        size = min(len(mine), int(rng.choice((1, 2, 3, 4), p=(0.15, 0.45, 0.25, 0.15))))
        empty = np.array([1.02 - min(1.0, one.volume / self.work.volumes[one.type]) for one in mine])
        odds = empty ** rng.choice((0.0, 1.0, 2.0))
        chosen = rng.choice(len(mine), size, replace=False, p=odds / odds.sum())
        return [mine[int(n)] for n in chosen]

    def _make_way(self, segment: int) -> tuple[list[Load], int]:
        """The segment's ULDs in the way of a position drawn at random, and the position; others' ULDs move if they can."""
        seat = int(self.rng.integers(len(self.work.flight.aircraft.positions)))
        ways = {seat, *self.seats.conflicts[seat]}
        legs = set(self.seats.legs[segment])
        inside = [one for one in self.loads if one.position in ways]
        out = [one for one in inside if one.segment == segment]
        for one in inside:
            if one.segment == segment or not legs & set(self.seats.legs[one.segment]):
                continue
            free = [
                other
                for other in self.seats.free(self.work.types[one.type].name, one.segment)
                if other not in ways and self.seats.most(other, one.segment) >= one.weight
            ]
            if not free:
                return [], -1
            self._move(one, free[int(self.rng.integers(len(free)))])
        return out, seat

    def _move(self, one: Load, seat: int) -> None:
        """Put a ULD elsewhere. Loads may be in the best plan found, so the moved one is another object."""
        self.seats.take(one.position, one.segment, one.weight, -1)
        self.loads = [other for other in self.loads if other is not one] + [replace(one, position=seat)]
        self.seats.take(seat, one.segment, one.weight)

    def _swap(self) -> None:
        """Let two ULDs of one type change places, or one go to a free place, where their weights may."""
        one = self.loads[int(self.rng.integers(len(self.loads)))]
        self.seats.take(one.position, one.segment, one.weight, -1)
        name = self.work.types[one.type].name
        free = [
            seat
            for seat in self.seats.free(name, one.segment)
            if self.seats.most(seat, one.segment) >= one.weight
        ]
        self.seats.take(one.position, one.segment, one.weight)
        alike = [other for other in self.loads if other.type == one.type and other is not one]
        n = int(self.rng.integers(len(free) + len(alike))) if free or alike else -1
        if n < 0:
            return
        if n < len(free):
            self._move(one, free[n])
            return
        other = alike[n - len(free)]
        pair = [one, other]
        for each in pair:
            self.seats.take(each.position, each.segment, each.weight, -1)
        swapped = []
        for each, seat in ((one, other.position), (other, one.position)):
            if (
                seat not in self.seats.free(self.work.types[each.type].name, each.segment)
                or self.seats.most(seat, each.segment) < each.weight
            ):
                break
            self.seats.take(seat, each.segment, each.weight)
            swapped.append(replace(each, position=seat))
        if len(swapped) == len(pair):
            self.loads = [each for each in self.loads if each is not one and each is not other] + swapped
            return
        for each in swapped:
            self.seats.take(each.position, each.segment, each.weight, -1)
        for each in pair:
            self.seats.take(each.position, each.segment, each.weight)

    def _seat(self, kind: int, segment: int, wish: int) -> tuple[int, float]:
        """A free position for a type, and the kg it may weigh there; -1 if there is none."""
        name = self.work.types[kind].name
        free = self.seats.free(name, segment)
        if not free:
            return -1, 0.0
        if wish in free:
            return wish, self.seats.most(wish, segment)
        most = [self.seats.most(seat, segment) for seat in free]
        if self.rng.random() < 0.25:
            n = int(self.rng.integers(len(free)))
        else:
            n = int(np.argmax(most))
        return free[n], most[n]

    def _value(self, segment: int, kind: int, pool: Ints, others: set[int], short: bool) -> Floats:
        """What one piece of each lot is worth to a load."""
        booked, rng = self.work.bookings[segment], self.rng
        if short and rng.random() < 0.85:
            heavy = (0.7, 1.4, 1.9) if self.seats.slack() < 0.02 else (0.0, 0.0, 0.7)
            kilo = float(rng.choice(heavy)) * self.kilo
            value = np.maximum(booked.penalty - kilo * booked.boxes.weight, 0.02 * booked.penalty)
        else:
            value = booked.volume ** float(rng.choice((1.0, 1.0, 1.15, 1.35)))
        if rng.random() < 0.7:
            elsewhere = np.zeros(len(value), np.bool_)
            for other in others - {kind}:
                elsewhere |= booked.allowed[other]
            value = np.where(elsewhere, value, value * 3.0)
        return value

    def _recreate(self, segment: int, out: list[Load], pool: Ints, wish: int) -> tuple[list[Load], Ints]:
        """Fill ULDs from a pool of pieces until it is empty or what is left does not pay for another."""
        rng, work = self.rng, self.work
        booked = work.bookings[segment]
        types = [one.type for one in out]
        rng.shuffle(types)
        if wish >= 0:
            takes = work.flight.aircraft.positions[wish].takes
            types = [n for n, t in enumerate(work.types) if t.name in takes] + types
        elif rng.random() < 0.15 and len(types) > 1:
            types.pop()
        elif rng.random() < 0.2:
            types[int(rng.integers(len(types)))] = int(rng.integers(len(work.types)))
        if rng.random() < (0.9 if booked_short(pool, booked.volume, out) else 0.1):
            types.append(int(rng.integers(len(work.types))))
        short = bool(self.left[segment].any())
        attempts = int(rng.choice((1, 2, 4, 8), p=(0.3, 0.3, 0.25, 0.15)))
        made: list[Load] = []
        while types and pool.any():
            kind = types.pop(0)
            if rest := self._finish(segment, kind, pool, attempts):
                made.append(rest)
                pool = pool - rest.count
                continue
            seat, most = self._seat(kind, segment, wish)
            if seat < 0:
                continue
            value = self._value(segment, kind, pool, {kind, *types}, short)
            one = load(work, segment, kind, pool, value, most, attempts, int(rng.integers(2**31)))
            if one is None or float(one.count @ booked.penalty) <= work.types[kind].cost:
                continue
            one.position = seat
            self.seats.take(seat, segment, one.weight)
            made.append(one)
            pool = pool - one.count
        return made, pool

    def _finish(self, segment: int, kind: int, pool: Ints, attempts: int) -> Load | None:
        """A cheaper ULD than this type that takes all that is left, if there is one."""
        work = self.work
        booked = work.bookings[segment]
        volume = float(pool @ booked.volume)
        for other in sorted(range(len(work.types)), key=lambda n: work.types[n].cost):
            if work.types[other].cost >= work.types[kind].cost:
                return None
            if volume > work.volumes[other] or (pool[~booked.allowed[other]] > 0).any():
                continue
            seat, most = self._seat(other, segment, -1)
            if seat < 0:
                continue
            one = load(
                work, segment, other, pool, booked.volume, most, attempts, int(self.rng.integers(2**31))
            )
            if one is not None and (one.count == pool).all():
                one.position = seat
                self.seats.take(seat, segment, one.weight)
                return one
        return None

    def _fill_up(self, segment: int) -> None:
        """The first build-up of a segment: ULD after ULD as long as one pays for itself."""
        work, booked = self.work, self.work.bookings[segment]
        order = sorted(range(len(work.types)), key=lambda n: work.types[n].cost / work.volumes[n])
        for kind in sorted(order, key=lambda n: self._lonely(segment, n), reverse=True):
            others = set(range(len(work.types)))
            while self.left[segment].any():
                alone = self._lonely(segment, kind)
                if work.types[kind].cost > 2 * min(t.cost for t in work.types) * 2 and alone <= 0:
                    break
                seat, most = self._seat(kind, segment, -1)
                if seat < 0:
                    break
                value = self._value(segment, kind, self.left[segment], others, False)
                one = load(
                    work, segment, kind, self.left[segment], value, most, 4, int(self.rng.integers(2**31))
                )
                if one is None or float(one.count @ booked.penalty) <= work.types[kind].cost:
                    break
                one.position = seat
                self.seats.take(seat, segment, one.weight)
                self.loads.append(one)
                self.left[segment] = self.left[segment] - one.count

    def _lonely(self, segment: int, kind: int) -> float:
        """The penalty of pieces left that no other type can take, less the cost of this one; 0 if it does not pay."""
        booked = self.work.bookings[segment]
        only = booked.allowed[kind].copy()
        for other in range(len(self.work.types)):
            if other != kind:
                only &= ~booked.allowed[other]
        worth = float(self.left[segment][only] @ booked.penalty[only])
        return max(0.0, worth - self.work.types[kind].cost)


def booked_short(pool: Ints, volume: Floats, out: list[Load]) -> bool:
    """Whether a pool is larger than what came out of the ULDs that were emptied."""
    return float(pool @ volume) > sum(one.volume for one in out) + 1e-9
