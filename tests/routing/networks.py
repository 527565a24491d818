"""Random valid Timetables of any size: for the tests and benchmarks of every engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from qafila.network.timetable import Goods, Mode, Timetable

EPOCH = datetime(2026, 11, 23, tzinfo=UTC)
EPOCH_DAY = (EPOCH - datetime(1970, 1, 1, tzinfo=UTC)).days
DAY = 1440

# speed km/h, fixed cost, cost per kg and 1,000 km, mg CO2e per kg and km, handling minutes, barred goods
_MODES: dict[Mode, tuple[float, int, int, float, int, Goods]] = {
    Mode.AIR: (780.0, 3_000, 9_000, 600.0, 150, Goods.NONE),
    Mode.BELLY: (820.0, 2_500, 11_000, 550.0, 240, Goods.LITHIUM | Goods.OVERSIZE | Goods.LIQUID_FLAMMABLE),
    Mode.ROAD: (62.0, 900, 4_000, 90.0, 90, Goods.NONE),
    Mode.SEA: (32.0, 700, 400, 9.0, 900, Goods.PERISHABLE),
    Mode.RAIL: (55.0, 800, 1_200, 22.0, 400, Goods.NONE),
    Mode.DELIVERY: (25.0, 12_000, 20_000, 250.0, 30, Goods.NONE),
    Mode.COLLECTION: (25.0, 6_000, 10_000, 250.0, 30, Goods.NONE),
}


@dataclass(frozen=True)
class Pattern:
    """A service: its calls (facility, minute of arrival, minute of departure) and the days it runs."""

    mode: Mode
    calls: tuple[tuple[int, int, int], ...]
    days: np.ndarray
    km: tuple[float, ...]  # of each segment
    price: float = 1.0  # factor on the rate
    door: bool = False  # a van's tour: the far end is the door node of the facility


def assemble(
    patterns: list[Pattern],
    facilities: int,
    gateways: np.ndarray,
    doors: np.ndarray,
    territory: np.ndarray,
    days: int,
) -> Timetable:
    """Compile patterns by the rules of the Timetable: nodes, segments, rides sorted by cut-off."""
    bonded_node = np.full(facilities, -1, np.int32)
    bonded_node[gateways] = facilities + np.arange(len(gateways))
    door_node = np.full(facilities, -1, np.int32)
    door_node[doors] = facilities + len(gateways) + np.arange(len(doors))
    node_facility = np.concatenate([np.arange(facilities), gateways, doors]).astype(np.int32)

    segments: list[tuple[np.ndarray, ...]] = []
    rides: list[tuple[np.ndarray, ...]] = []
    count = 0
    for number, p in enumerate(patterns):
        running = p.days[p.days < days].astype(np.int64)
        n, hops = len(running), len(p.calls) - 1
        if n == 0:
            continue
        start = running * DAY
        first = count + np.arange(n) * hops  # the segments of one run are consecutive
        for i in range(hops):
            a, b = p.calls[i], p.calls[i + 1]
            segments.append(
                (
                    first + i,
                    np.full(n, number),
                    np.full(n, i),
                    EPOCH_DAY + running,
                    np.full(n, a[0]),
                    np.full(n, b[0]),
                    start + a[2],
                    start + b[1],
                )
            )
        count += n * hops
        _, fixed, per_kg, co2e, handling, forbids = _MODES[p.mode]
        for i in range(hops):
            for j in range(i + 1, hops + 1):
                origin, target = p.calls[i][0], p.calls[j][0]
                km = sum(p.km[i:j])
                crosses = territory[origin] != territory[target]
                ends: list[tuple[int, int, int, int]] = []  # from, to, dwell, fee
                if p.door:
                    out = p.mode is Mode.DELIVERY
                    ends.append(
                        (origin, door_node[target], 0, 0) if out else (door_node[origin], target, 0, 0)
                    )
                else:
                    starts = [origin] + ([bonded_node[origin]] if bonded_node[origin] >= 0 else [])
                    for s in starts:
                        bonded = s != origin
                        if crosses or bonded:
                            if bonded_node[target] >= 0:
                                ends.append((s, bonded_node[target], 60, 100))
                                ends.append((s, target, 480 + 60 * (target % 7), 1_500))
                        else:
                            ends.append((s, target, 0, 0))
                for s, t, dwell, fee in ends:
                    rides.append(
                        (
                            np.full(n, s),
                            np.full(n, t),
                            start + p.calls[i][2] - handling,
                            start + p.calls[j][1] + handling // 2 + dwell,
                            first + i,
                            np.full(n, j - i),
                            np.full(n, p.mode),
                            np.full(n, fixed + fee),
                            np.full(n, int(per_kg * km / 1000 * p.price)),
                            np.full(n, int(co2e * km)),
                            np.full(n, forbids),
                        )
                    )
    s = [np.concatenate(c) for c in zip(*segments, strict=True)]
    s = [c[np.argsort(s[0], kind="stable")] for c in s]
    r = [np.concatenate(c) for c in zip(*rides, strict=True)]
    keep = r[2] >= 0
    order = np.lexsort((r[3][keep], r[2][keep]))
    r = [c[keep][order] for c in r]
    capacity = np.where(np.arange(count) % 3 == 0, 2_000_000, 12_000_000).astype(np.int64)
    timetable = Timetable(
        epoch=EPOCH,
        minutes=days * DAY,
        currency="EUR",
        facility_ids=tuple(f"F{i:04d}" for i in range(facilities)),
        service_ids=tuple(f"{p.mode.name}-{i:05d}" for i, p in enumerate(patterns)),
        node_facility=node_facility,
        bonded_node=bonded_node,
        door_node=door_node,
        segment_service=s[1].astype(np.int32),
        segment_call=s[2].astype(np.int32),
        segment_day=s[3].astype(np.int32),
        segment_from=s[4].astype(np.int32),
        segment_to=s[5].astype(np.int32),
        segment_depart=s[6].astype(np.int32),
        segment_arrive=s[7].astype(np.int32),
        segment_capacity_g=capacity,
        segment_capacity_cm3=capacity * 6,
        ride_from=r[0].astype(np.int32),
        ride_to=r[1].astype(np.int32),
        ride_board_by=r[2].astype(np.int32),
        ride_ready_at=r[3].astype(np.int32),
        ride_first_segment=r[4].astype(np.int32),
        ride_segment_count=r[5].astype(np.int32),
        ride_mode=r[6].astype(np.uint8),
        ride_fixed_cost=r[7].astype(np.int32),
        ride_kg_cost=r[8].astype(np.int32),
        ride_co2e=r[9].astype(np.int32),
        ride_forbids=r[10].astype(np.uint16),
        volumetric_kg_per_m3=np.array([167, 167, 250, 100, 200, 200, 200], np.int32),
        weight_step_g=100,
    )
    assert (timetable.ride_ready_at > timetable.ride_board_by).all()
    for name in timetable.__slots__:
        if isinstance(getattr(timetable, name), np.ndarray):
            getattr(timetable, name).setflags(write=False)
    return timetable


def small(seed: int, facilities: int = 7, services: int = 25, days: int = 6) -> Timetable:
    """A few facilities in two territories, with gateways, doors, services of up to four calls, ties."""
    rng = np.random.default_rng(seed)
    territory = rng.integers(0, 2, facilities)
    gateways = np.flatnonzero(rng.random(facilities) < 0.5)
    doors = np.flatnonzero(rng.random(facilities) < 0.4)
    line_haul = [Mode.AIR, Mode.BELLY, Mode.ROAD, Mode.SEA, Mode.RAIL]
    patterns = []
    for _ in range(services):
        mode = line_haul[rng.integers(len(line_haul))]
        stops = rng.permutation(facilities)[: rng.integers(2, min(5, facilities + 1))]
        clock = int(rng.integers(0, 24)) * 60  # whole hours: many equal instants
        calls, km = [], []
        for k, stop in enumerate(stops):
            ride = int(rng.integers(1, 12)) * 60 if k else 0
            wait = int(rng.integers(0, 3)) * 60
            calls.append((int(stop), clock + ride, clock + ride + wait))
            clock += ride + wait
            if k:
                km.append(float(rng.integers(1, 9) * 100))
        running = np.flatnonzero(rng.random(days) < 0.6)
        price = float(rng.choice([0.5, 1.0, 2.0]))
        patterns.append(Pattern(mode, tuple(calls), running, tuple(km), price))
    for f in doors:
        for mode in (Mode.DELIVERY, Mode.COLLECTION):
            calls = [(int(f), 480, 540), (int(f), 900, 960)]
            patterns.append(Pattern(mode, tuple(calls), np.arange(days), (30.0,), door=True))
    return assemble(patterns, facilities, gateways, doors, territory, days)


def large(
    seed: int = 1, days: int = 7, warehouses: int = 1100, centres: int = 380, links: int = 14_400
) -> Timetable:
    """About 1,500 facilities and 100,000 rides a week over twelve regions on a map, with hubs.

    Warehouses hang on their nearest sorting centre, centres on neighbours by road and rail and on the
    hubs of their region; hubs are linked by air, belly space and weekly sailings.
    """
    rng = np.random.default_rng(seed)
    facilities = warehouses + centres
    regions = 12
    middle = rng.random((regions, 2)) * np.array([9000.0, 5000.0])
    region = np.concatenate([rng.integers(0, regions, centres), rng.integers(0, regions, warehouses)])
    place = middle[region] + rng.normal(0, 350, (facilities, 2))
    by_region = [np.flatnonzero(region[:centres] == r) for r in range(regions)]
    hubs = np.array([h for members in by_region for h in members[:4]])
    patterns: list[Pattern] = []
    every = np.arange(days)

    def link(mode: Mode, a: int, b: int, running: np.ndarray, there: bool = True) -> None:
        km = float(np.hypot(*(place[a] - place[b]))) * 1.2 + 5
        depart = int(rng.integers(0, 24 * 12)) * 5
        travel = int(km / _MODES[mode][0] * 60) + 20
        price = float(rng.choice([0.9, 1.0, 1.15]))
        pair = (a, b) if there else (b, a)
        calls = ((pair[0], depart, depart), (pair[1], depart + travel, depart + travel))
        patterns.append(Pattern(mode, calls, running, (km,), price))

    for w in range(centres, facilities):
        near = by_region[region[w]]
        distance = np.hypot(*(place[near] - place[w]).T)
        for c in near[np.argsort(distance)[:2]]:
            link(Mode.ROAD, w, int(c), every)
            link(Mode.ROAD, w, int(c), every, there=False)
    for r in range(regions):
        members = by_region[r]
        for c in members:
            distance = np.hypot(*(place[members] - place[c]).T)
            for other in members[np.argsort(distance)[1:7]]:
                link(Mode.ROAD, int(c), int(other), every)
            for h in members[:4]:
                if h != c:
                    link(Mode.ROAD, int(c), int(h), every)
                    link(Mode.ROAD, int(h), int(c), every)
    for a in hubs:
        for b in hubs:
            if a != b and region[a] != region[b] and rng.random() < 0.35:
                link(Mode.BELLY, int(a), int(b), np.flatnonzero(rng.random(days) < 0.6))
            if a != b and region[a] != region[b] and rng.random() < 0.05:
                link(Mode.AIR, int(a), int(b), np.flatnonzero(rng.random(days) < 0.5))
            if a != b and region[a] != region[b] and rng.random() < 0.08:
                link(Mode.RAIL, int(a), int(b), np.arange(int(rng.integers(0, 7)), days, 3))
            if a != b and region[a] != region[b] and rng.random() < 0.08:
                link(Mode.SEA, int(a), int(b), np.arange(int(rng.integers(0, 7)), days, 7))
    doors = np.arange(0, centres, 2)
    for f in doors:
        for mode in (Mode.DELIVERY, Mode.COLLECTION):
            calls = ((int(f), 420, 480), (int(f), 840, 900))
            patterns.append(Pattern(mode, calls, every, (30.0,), door=True))
    while len(patterns) < links:
        a, b = rng.integers(0, centres, 2)
        if a != b and region[a] == region[b]:
            link(Mode.ROAD, int(a), int(b), every)
    return assemble(patterns, facilities, hubs, doors, region, days)


def ragged(t: Timetable, seed: int) -> Timetable:
    """The same rides at other times: cut-offs of a lane together, a minute apart, days apart; rides of any length.

    Segments keep their times: this is for engines that look at nothing but rides.
    """
    rng = np.random.default_rng(seed)
    board_by = np.sort((rng.random(t.rides) ** 4 * 9000).astype(np.int32))
    ready_at = board_by + 1 + (rng.random(t.rides) ** 6 * 40_000).astype(np.int32)
    return replace(t, ride_board_by=board_by, ride_ready_at=ready_at[np.lexsort((ready_at, board_by))])
