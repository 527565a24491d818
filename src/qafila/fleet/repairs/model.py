"""What a repair decides and what it costs: reckoned from the choice alone, for whoever doubts the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qafila.fleet.model import Change, Flown, Key
from qafila.fleet.types import prices


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


def total(self) -> float:
        """All of it, in EUR."""
        return sum(self.costs.values())


def pose(
    board: Board, now: int, until: int, aboard: Mapping[Key, Aboard], price: Price, steps: Sequence[int] = STEPS,
    tails: Collection[str] | None = None,
) -> Problem:  # fmt: skip
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
        t: board.types[tail.type].turnaround for t, tail in board.tails.items()
        if tail.type in board.types and (tails is None or t in tails)
    }  # fmt: skip
    open_ = tuple(
        f for f in board.flown
        if f.depart >= now and f.sector.depart < until and not f.cancelled and f.tail in ground
    )  # fmt: skip
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
        for f in open_ for o in aboard.get(f.sector.key, Aboard()).onward
        if o.to is not None and o.to in keys
    )  # fmt: skip
    crews = [
        _crew(d, board.types[board.tails[tail].type].rating)
        for tail in ground for d in schedule.duties(_as_planned(board), tail)
        if all(f.sector.key in keys for f in d.flown)
    ]  # fmt: skip
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for tail, (place, _) in _ends(board, open_, starts).items():
        wanted[board.tails[tail].type, place] += 1
    return Problem(
        open_, options, cost, starts, dict(wanted), ground, meets, tuple(crews),
        {t: tail.type for t, tail in board.tails.items()},
        {t: board.types[tail.type].rating for t, tail in board.tails.items() if tail.type in board.types}, price,
    )  # fmt: skip


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
    board: Board, open_: Sequence[Flown], starts: Mapping[str, tuple[str, int]], ground: Mapping[str, int], now: int,
    steps: Sequence[int],
) -> dict[Key, list[int]]:  # fmt: skip
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


@dataclass(slots=True)
class _Program:
    """Columns and rows as they are added."""

    cost: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def variable(self, price: float, whole: bool = True) -> int:
        self.cost.append(price)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        for column, value in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.value.append(value)
        self.low.append(low)
        self.high.append(high)


def solve(problem: Problem, seconds: float = 10.0) -> Repair | None:
    """The cheapest choice, or the cheapest found in so many seconds; None where none was found."""
    p = _Program()
    x = {
        (f.sector.key, o): p.variable(problem.cost[f.sector.key, o])
        for f in problem.sectors for o in (*problem.options[f.sector.key], None)
    }  # fmt: skip
    for one in problem.sectors:
        key = one.sector.key
        p.add([(x[key, o], 1.0) for o in (*problem.options[key], None)], 1, 1)
    _places(problem, p, x)
    _ending(problem, p, x)
    missed = _meeting(problem, p, x)
    relieved = _crews(problem, p, x)
    matrix = csr_array((p.value, (p.row, p.column)), shape=(len(p.low), len(p.cost)))
    answer = milp(
        np.array(p.cost), integrality=np.array(p.whole), bounds=Bounds(0, 1e3 if not x else np.inf),
        constraints=LinearConstraint(matrix, p.low, p.high), options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )  # fmt: skip
    if answer.x is None:
        return None
    chosen = {key: option for (key, option), n in x.items() if answer.x[n] > 0.5}
    reliefs = tuple(c.keys for c, n in relieved if answer.x[n] > 0.5)
    del missed
    costs = total(problem, chosen)
    return Repair(tuple(_changes(problem, chosen)), costs, float(answer.mip_gap or 0), reliefs)


Columns = Mapping[tuple[Key, Option | None], int]


def _places(problem: Problem, p: _Program, x: Columns) -> None:
    """A tail leaves only from where it is: departures until a minute are no more than what came before it."""
    by_tail: dict[str, dict[str, tuple[list[tuple[int, int]], list[tuple[int, int]]]]] = defaultdict(
        lambda: defaultdict(lambda: ([], []))
    )
    for one in problem.sectors:
        s = one.sector
        for tail, delay in problem.options[s.key]:
            column = x[s.key, (tail, delay)]
            by_tail[tail][s.origin][0].append((s.depart + delay, column))
            by_tail[tail][s.to][1].append((s.arrive + delay + problem.ground[tail], column))
    for tail, places in by_tail.items():
        start, ready = problem.starts[tail]
        for place, (leaves, comes) in places.items():
            comes.sort()
            leaves.sort()
            ready_at = [at for at, _ in comes]
            for minute in sorted({at for at, _ in leaves}):
                here = 1.0 if place == start and ready <= minute else 0.0
                terms = [(c, 1.0) for at, c in leaves if at <= minute]
                terms += [(c, -1.0) for _, c in comes[: bisect_left(ready_at, minute + 1)]]
                p.add(terms, -np.inf, here)


def _ending(problem: Problem, p: _Program, x: Columns) -> None:
    """As many of a type end at a place as should, or each that is missing costs."""
    for (type, place), count in problem.wanted.items():
        short = p.variable(problem.price.misplaced_tail, whole=False)
        terms = [(short, 1.0)]
        begun = sum(1 for t, (at, _) in problem.starts.items() if at == place and problem.type_of[t] == type)
        for one in problem.sectors:
            s = one.sector
            for tail, delay in problem.options[s.key]:
                if problem.type_of[tail] == type:
                    sign = (s.to == place) - (s.origin == place)
                    if sign:
                        terms.append((x[s.key, (tail, delay)], float(sign)))
        p.add(terms, count - begun, np.inf)


def _meeting(problem: Problem, p: _Program, x: Columns) -> list[int]:
    """Parcels that change: missed where the first sector is later than the second waits."""
    found = []
    for first, second, slack, parcels in problem.meets:
        miss = p.variable(problem.price.missed_parcel * parcels, whole=False)
        found.append(miss)
        for least in sorted({d for _, d in problem.options[first]}):
            late = [(x[first, o], 1.0) for o in problem.options[first] if o[1] >= least]
            gone = [(x[second, o], 1.0) for o in problem.options[second] if o[1] < least - slack]
            if gone:
                p.add([*late, *gone, (miss, -1.0)], -np.inf, 1)
    return found


def _crews(problem: Problem, p: _Program, x: Columns) -> list[tuple[Crew, int]]:
    """A crew is relieved where its duty grows too long, where it is not there in time, or may not fly the type."""
    sectors = {f.sector.key: f.sector for f in problem.sectors}
    found = []
    for crew in problem.crews:
        relief = p.variable(problem.price.relief_crew)
        found.append((crew, relief))
        first = sectors[crew.keys[0]]
        for n, key in enumerate(crew.keys):
            s = sectors[key]
            other = [(x[key, o], 1.0) for o in problem.options[key] if problem.rating_of[o[0]] != crew.rating]
            if other:
                p.add([*other, (relief, -1.0)], -np.inf, 0)
            base = s.arrive - first.depart + crew.report
            for late in sorted({d for _, d in problem.options[key]}):
                if n == 0:
                    continue
                mine = [(x[key, o], 1.0) for o in problem.options[key] if o[1] >= late]
                early = [
                    (x[crew.keys[0], o], 1.0)
                    for o in problem.options[crew.keys[0]]
                    if base + late - o[1] > crew.most
                ]
                if early:
                    p.add([*mine, *early, (relief, -1.0)], -np.inf, 1)
            if n == 0:
                continue
            before = sectors[crew.keys[n - 1]]
            flies = [(x[key, o], 1.0) for o in problem.options[key]]
            p.add([*flies, (x[before.key, None], 1.0), (relief, -1.0)], -np.inf, 1)
            for late in sorted({d for _, d in problem.options[before.key]}):
                mine = [(x[before.key, o], 1.0) for o in problem.options[before.key] if o[1] >= late]
                gone = [
                    (x[key, o], 1.0) for o in problem.options[key] if s.depart + o[1] < before.arrive + late
                ]
                if gone:
                    p.add([*mine, *gone, (relief, -1.0)], -np.inf, 1)
    return found


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
        _relieved(problem, sectors, c, chosen) for c in problem.crews
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
    )  # fmt: skip
    for depart, arrive, tail, s in flown:
        place, ready = at[tail]
        if place != s.origin or ready > depart:
            raise ValueError(f"{tail} is at {place} from {ready} on, not at {s.origin} by {depart}")
        at[tail] = s.to, arrive + problem.ground[tail]
    return {tail: place for tail, (place, _) in at.items()}


def _relieved(
    problem: Problem, sectors: Mapping[Key, object], crew: Crew, chosen: Mapping[Key, Option | None]
) -> bool:
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
