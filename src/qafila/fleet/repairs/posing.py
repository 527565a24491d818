"""The problem of a board: what may still be changed, with which tails and delays, and what each costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from qafila.fleet import schedule
from qafila.fleet.fleet_duty import Duty
from qafila.fleet.model import Aboard, Board, Change, Flown, Key
from qafila.fleet.repairs.model import Crew, Option, Price, Problem

STEPS = (30, 60, 120, 180, 240, 360, 480, 720, 1080, 1440)
"""Delays in minutes that are offered beside those which follow from when a tail is free."""


def pose(
    board: Board,
    now: int,
    until: int,
    aboard: Mapping[Key, Aboard],
    price: Price,
    steps: Sequence[int] = STEPS,
    tails: Collection[str] | None = None,
) -> Problem:
    """The problem of a board from now on.

    Args:
        board: with its outages, closures and the changes that hold already.
        now: minute from which departures can be changed; what has left flies on.
        until: last minute of planned departures that are looked at.
        aboard: what is booked on each sector.
        price: what weighs how much.
        steps: delays that are offered.
        tails: those that take part, with what they fly; the others fly on as they do. None: all.
    """
    ground = {
        t: board.types[tail.type].turnaround
        for t, tail in board.tails.items()
        if tail.type in board.types and (tails is None or t in tails)
    }
    open_ = tuple(
        f
        for f in board.flown
        if f.depart >= now and f.sector.depart < until and not f.cancelled and f.tail in ground
    )
    keys = {f.sector.key for f in open_}
    starts = _starts(board, open_, now, ground)
    delays = _delays(board, open_, starts, ground, now, steps)
    options: dict[Key, tuple[Option, ...]] = {}
    cost: dict[tuple[Key, Option | None], float] = {}
    for one in open_:
        key, carried = one.sector.key, aboard.get(one.sector.key, Aboard())
        cost[key, None] = price.cancelled_sector + price.cancelled_parcel * carried.parcels
        allowed = []
        for tail in ground:
            for delay in delays[key]:
                flies = Flown(one.sector, tail, delay)
                if flies.depart < now or _barred(board, flies):
                    continue
                allowed.append((tail, delay))
                cost[key, (tail, delay)] = _option_cost(board, one, flies, carried, price)
        options[key] = tuple(allowed)
    meets = tuple(
        (f.sector.key, o.to, o.slack, o.parcels)
        for f in open_
        for o in aboard.get(f.sector.key, Aboard()).onward
        if o.to is not None and o.to in keys
    )
    crews = [
        _crew(d, board.types[board.tails[tail].type].rating)
        for tail in ground
        for d in schedule.duties(_as_planned(board), tail)
        if all(f.sector.key in keys for f in d.flown)
    ]
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for tail, (place, _) in _ends(board, open_, starts).items():
        wanted[board.tails[tail].type, place] += 1
    return Problem(
        open_,
        options,
        cost,
        starts,
        dict(wanted),
        ground,
        meets,
        tuple(crews),
        {t: tail.type for t, tail in board.tails.items()},
        {t: board.types[tail.type].rating for t, tail in board.tails.items() if tail.type in board.types},
        price,
    )


def _as_planned(board: Board) -> Board:
    """Crews follow the plan: who flies what, and when, was rostered before anything broke."""
    return board.with_changes({f.sector.key: Change(f.sector.key, f.sector.tail) for f in board.flown})


def _crew(d: Duty, rating: str) -> Crew:
    return Crew(tuple(f.sector.key for f in d.flown), d.flown[0].depart - d.reports, d.most, rating)


def _starts(
    board: Board, open_: Sequence[Flown], now: int, ground: Mapping[str, int]
) -> dict[str, tuple[str, int]]:
    """Where each tail is, and from which minute on it may leave: after what it flew last before now."""
    still = {f.sector.key for f in open_}
    starts = {}
    for tail in ground:
        mine = [f for f in board.flown if f.tail == tail and not f.cancelled]
        gone = [f for f in mine if f.sector.key not in still and f.depart < now]
        first = next((f for f in mine if f.sector.key in still), None)
        if gone:
            last = max(gone, key=lambda f: f.arrive)
            starts[tail] = last.sector.to, last.arrive + ground[tail]
        else:
            starts[tail] = first.sector.origin if first else board.tails[tail].base, 0
        for out in board.outages:
            if out.tail == tail and out.begins <= max(now, starts[tail][1]) < out.ends:
                starts[tail] = starts[tail][0], out.ends
    return starts


def _ends(
    board: Board, open_: Sequence[Flown], starts: Mapping[str, tuple[str, int]]
) -> dict[str, tuple[str, int]]:
    """Where each tail was to be after all that is open."""
    ends = dict(starts)
    for one in sorted(open_, key=lambda f: f.sector.depart):
        if one.sector.tail in ends:
            ends[one.sector.tail] = one.sector.to, one.sector.arrive
    return ends


def _delays(
    board: Board,
    open_: Sequence[Flown],
    starts: Mapping[str, tuple[str, int]],
    ground: Mapping[str, int],
    now: int,
    steps: Sequence[int],
) -> dict[Key, list[int]]:
    """The delays offered to each sector: none, what it has, the steps, and those with which it follows at once on what its
    tail was to fly before, or on the end of an outage or closure."""
    offered: dict[Key, set[int]] = {}
    most = max(steps, default=0)
    free = {tail: at for tail, (_, at) in starts.items()}
    for one in sorted(open_, key=lambda f: f.sector.depart):
        s = one.sector
        found = {0, one.delay, *steps}
        at = free.get(s.tail, 0)
        for out in board.outages:
            if out.tail == s.tail and out.begins < at + (s.arrive - s.depart) and at < out.ends:
                at = max(at, out.ends)
        found.add(max(0, at - s.depart))
        for shut in board.closures:
            if shut.facility == s.origin:
                found.add(max(0, shut.ends - s.depart))
            if shut.facility == s.to:
                found.add(max(0, shut.ends - s.arrive))
        soonest = max(0, at - s.depart)
        free[s.tail] = s.arrive + soonest + ground.get(s.tail, 0)
        offered[s.key] = {d for d in found if d <= max(most, one.delay) and s.depart + d >= now}
    return {key: sorted(found) for key, found in offered.items()}


def _barred(board: Board, flies: Flown) -> bool:
    """Whether an option is none: out of service, closed, too far. Too much cargo costs, and is allowed."""
    type = board.types[board.tails[flies.tail].type]
    if type.reach and flies.sector.km > type.reach:
        return True
    if any(o.tail == flies.tail and flies.depart < o.ends and flies.arrive > o.begins for o in board.outages):
        return True
    return any(
        shut.facility == place and shut.begins <= at < shut.ends
        for shut in board.closures
        for place, at in ((flies.sector.origin, flies.depart), (flies.sector.to, flies.arrive))
    )


def _option_cost(board: Board, stands: Flown, flies: Flown, carried: Aboard, price: Price) -> float:
    late = flies.delay / 60
    missed = sum(o.parcels for o in carried.onward if o.to is None and o.slack < flies.delay)
    left = 0.0
    if carried.grams:
        over = schedule.too_much(board, flies.sector, flies.tail, carried)
        left = carried.parcels * over * 1000 / carried.grams
    return (
        (price.swap if flies.tail != flies.sector.tail else 0.0)
        + late * (price.late_flight_hour + price.late_parcel_hour * carried.parcels)
        + missed * price.missed_parcel
        + left * price.cancelled_parcel
    )
