"""Random small timetables, and demands for them: material for the planner's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from qafila.network.timetable import Mode, Timetable
from qafila.planning.graph import Rates, build
from qafila.planning.planning_problem import NO_DUE, Commodities, Problem, pose


def timetable(
    seed: int,
    facilities: int = 6,
    services: int = 30,
    minutes: int = 2880,
    capacity_kg: float = 30.0,
    territories: int = 3,
) -> Timetable:
    """Services of one to three segments between random facilities, every stretch of them a ride.

    Facilities are dealt to territories and all have a bonded side, which most services use; with one territory
    none has.
    """
    rng = np.random.default_rng(seed)
    lies_in = np.arange(facilities) % territories
    calls = rng.integers(1, 4, services)
    seg: dict[str, list[int]] = {k: [] for k in ("service", "call", "from", "to", "depart", "arrive")}
    rides: list[tuple[int, ...]] = []
    for s in range(services):
        stops = rng.permutation(facilities)[: calls[s] + 1]
        if len(stops) < 2:
            continue
        clock = int(rng.integers(0, minutes - 600))
        first = len(seg["from"])
        for c in range(len(stops) - 1):
            arrive = clock + int(rng.integers(30, 200))
            for name, x in zip(seg, (s, c, stops[c], stops[c + 1], clock, arrive), strict=True):
                seg[name].append(int(x))
            clock = arrive + int(rng.integers(10, 60))
        for a in range(len(stops) - 1):
            for b in range(a, len(stops) - 1):
                board = max(seg["depart"][first + a] - int(rng.integers(0, 30)), 0)
                ready = seg["arrive"][first + b] + int(rng.integers(5, 40))
                start, end = int(stops[a]), int(stops[b + 1])
                for under_bond, bonded in ((False, False), (False, True), (True, False), (True, True)):
                    at_home = lies_in[start] == lies_in[end]
                    if (under_bond or bonded) and (territories == 1 or rng.random() < 0.5):
                        continue
                    if at_home and bonded and not under_bond:
                        continue  # goods do not go under bond by themselves
                    sides = (start + under_bond * facilities, end + bonded * facilities)
                    rides.append((board, ready + 5 * under_bond, *sides, first + a, b - a + 1))
    rides.sort()
    r = np.array(rides, np.int64).reshape(-1, 6)
    count, segments = len(r), len(seg["from"])
    i32 = lambda x: np.asarray(x, np.int32)  # noqa: E731
    sides = 1 if territories == 1 else 2
    return Timetable(
        epoch=datetime(2026, 1, 5, tzinfo=UTC),
        minutes=minutes,
        currency="EUR",
        facility_ids=tuple(f"F{i}" for i in range(facilities)),
        service_ids=tuple(f"S{i}" for i in range(services)),
        node_facility=i32(np.arange(facilities * sides) % facilities),
        bonded_node=i32(np.arange(facilities) + facilities if sides == 2 else np.full(facilities, -1)),
        door_node=np.full(facilities, -1, np.int32),
        segment_service=i32(seg["service"]),
        segment_call=i32(seg["call"]),
        segment_day=np.full(segments, 20458, np.int32),
        segment_from=i32(seg["from"]),
        segment_to=i32(seg["to"]),
        segment_depart=i32(seg["depart"]),
        segment_arrive=i32(seg["arrive"]),
        segment_capacity_g=(rng.uniform(0.3, 1.5, segments) * capacity_kg * 1000).astype(np.int64),
        segment_capacity_cm3=(rng.uniform(0.3, 1.5, segments) * capacity_kg * 5000).astype(np.int64),
        ride_from=i32(r[:, 2]),
        ride_to=i32(r[:, 3]),
        ride_board_by=i32(r[:, 0]),
        ride_ready_at=i32(r[:, 1]),
        ride_first_segment=i32(r[:, 4]),
        ride_segment_count=i32(r[:, 5]),
        ride_mode=rng.choice([Mode.AIR, Mode.ROAD], count).astype(np.uint8),
        ride_fixed_cost=i32(rng.integers(1000, 9000, count)),
        ride_kg_cost=i32(rng.integers(2000, 30000, count)),
        ride_co2e=i32(rng.integers(10_000, 900_000, count)),
        ride_forbids=(rng.random(count) < 0.1).astype(np.uint16),
        volumetric_kg_per_m3=i32([167, 167, 250, 1000, 333, 250, 250]),
        weight_step_g=100,
        node_territory=i32([*lies_in, *[-1] * facilities] if sides == 2 else []),
    )


def lawful(t: Timetable, ride: int, origin: int, destination: int) -> bool:
    """Whether goods from and to these nodes may take a ride: exported where they begin, released where they end."""
    if not len(t.node_territory):
        return True
    own, bound_for, start, end = (
        int(t.node_territory[n]) for n in (origin, destination, t.ride_from[ride], t.ride_to[ride])
    )
    return start == end or (start in (-1, own) and end in (-1, bound_for))


def demand(seed: int, t: Timetable, commodities: int = 12, parcels: int = 30) -> Commodities:
    """Random commodities whose origin and destination differ."""
    rng = np.random.default_rng(seed + 1)
    origin = rng.integers(0, t.facilities, commodities)
    away = rng.integers(1, t.facilities, commodities)
    due = rng.integers(600, t.minutes, commodities)
    grams = rng.integers(200, 3000, commodities).astype(np.float64)
    return Commodities(
        ids=tuple(f"C{i}" for i in range(commodities)),
        origin=origin.astype(np.int32),
        destination=((origin + away) % t.facilities).astype(np.int32),
        release=rng.integers(0, t.minutes // 2, commodities).astype(np.int32),
        due=np.where(rng.random(commodities) < 0.5, due, NO_DUE).astype(np.int32),
        late_price=rng.choice([0.0, 2000.0, 10000.0], commodities),
        parcels=rng.integers(1, parcels, commodities).astype(np.int64),
        grams=grams,
        cm3=np.round(grams * rng.uniform(3, 8, commodities)),
        goods=(rng.random(commodities) < 0.2).astype(np.uint16),
        service_class=("standard",) * commodities,
        merchant_class=("",) * commodities,
    )


def line(
    parcels: tuple[int, ...],
    release: tuple[int, ...],
    due: int = NO_DUE,
    late: float = 0.0,
    days: int = 2,
    capacity_kg: float = 1000.0,
) -> Problem:
    """One service a day from F0 to F1, leaving at minutes 100, 1540, … and ready at 210, 1650, …; a commodity each
    of parcels of 1 kg and 4 litres."""
    t = timetable(0, facilities=2, services=1, minutes=1440 * days, capacity_kg=1.0, territories=1)
    each = {
        name: np.repeat(getattr(t, name)[:1], days)
        for name in (
            "segment_service",
            "segment_call",
            "segment_from",
            "segment_to",
            "ride_mode",
            "ride_fixed_cost",
            "ride_kg_cost",
            "ride_co2e",
        )
    }
    day, zero = np.arange(days, dtype=np.int32), np.zeros(days, np.int32)
    t = replace(
        t,
        **each | {"segment_from": zero, "segment_to": zero + 1},
        segment_day=day + 1,
        segment_depart=day * 1440 + 100,
        segment_arrive=day * 1440 + 200,
        segment_capacity_g=np.full(days, int(capacity_kg * 1000)),
        segment_capacity_cm3=np.full(days, 10**8),
        ride_from=zero,
        ride_to=zero + 1,
        ride_board_by=day * 1440 + 90,
        ride_ready_at=day * 1440 + 210,
        ride_first_segment=day,
        ride_segment_count=zero + 1,
        ride_forbids=zero.astype(np.uint16),
    )
    n = len(parcels)
    commodities = Commodities(
        ids=tuple(f"C{i}" for i in range(n)),
        origin=np.zeros(n, np.int32),
        destination=np.ones(n, np.int32),
        release=np.array(release, np.int32),
        due=np.full(n, due, np.int32),
        late_price=np.full(n, late),
        parcels=np.array(parcels),
        grams=np.full(n, 1000.0),
        cm3=np.full(n, 4000.0),
        goods=np.zeros(n, np.uint16),
        service_class=("standard",) * n,
        merchant_class=tuple(f"M{i}" for i in range(n)),
    )
    return pose(build(t), commodities)


def rates(seed: int, facilities: int) -> Rates:
    """Some facilities limited, some not."""
    rng = np.random.default_rng(seed + 2)
    some = lambda low, high: np.where(  # noqa: E731
        rng.random(facilities) < 0.6, rng.integers(low, high, facilities).astype(float), np.inf
    )
    return Rates(some(5, 40), some(1, 3) / 4.0, some(5, 40))
