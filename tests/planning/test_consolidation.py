"""Bags: merchants share them, counts follow weight and volume, holding pays or is not advised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qafila.planning.consolidation import BAG_PRICE, consolidate
from qafila.planning.graph import build
from qafila.planning.plan import Plan, conclude
from qafila.planning.problem import NO_DUE, Commodities, pose
from qafila.planning.search import Effort, search
from tests.planning import networks


def line(parcels: tuple[int, ...], release: tuple[int, ...], due: int = NO_DUE, late: float = 0.0) -> Plan:
    """One service a day from F0 to F1, at minutes 100 and 1540; parcels of 1 kg and 4 litres."""
    t = networks.timetable(0, facilities=2, services=1, minutes=2880, capacity_kg=1.0, territories=1)
    two = {
        name: np.repeat(getattr(t, name)[:1], 2).astype(getattr(t, name).dtype)
        for name in (
            "segment_service",
            "segment_call",
            "ride_mode",
            "ride_fixed_cost",
            "ride_kg_cost",
            "ride_co2e",
        )
    }
    i32 = lambda *x: np.array(x, np.int32)  # noqa: E731
    t = replace(
        t, **two, segment_day=i32(1, 2), segment_from=i32(0, 0), segment_to=i32(1, 1),
        segment_depart=i32(100, 1540), segment_arrive=i32(200, 1640),
        segment_capacity_g=np.array([10**6] * 2), segment_capacity_cm3=np.array([10**8] * 2),
        ride_from=i32(0, 0), ride_to=i32(1, 1), ride_board_by=i32(90, 1530), ride_ready_at=i32(210, 1650),
        ride_first_segment=i32(0, 1), ride_segment_count=i32(1, 1), ride_forbids=np.zeros(2, np.uint16),
    )  # fmt: skip
    n = len(parcels)
    demand = Commodities(
        ids=tuple(f"C{i}" for i in range(n)), origin=np.zeros(n, np.int32), destination=np.ones(n, np.int32),
        release=np.array(release, np.int32), due=np.full(n, due, np.int32), late_price=np.full(n, late),
        parcels=np.array(parcels), grams=np.full(n, 1000.0), cm3=np.full(n, 4000.0),
        goods=np.zeros(n, np.uint16), service_class=("standard",) * n,
        merchant_class=tuple(f"M{i}" for i in range(n)),
    )  # fmt: skip
    return conclude(search(pose(build(t), demand), Effort(gap=0.0, seconds=5, rounds=5)))


def test_merchants_share_bags() -> None:
    # 10 + 10 parcels of 1 kg on one vehicle: one bag of 20 kg; apart each merchant would need one
    done = consolidate(line((10, 10), (0, 0)))
    assert (done.count, done.apart, done.bound) == (1, 2, 1)
    # 60 + 30: 90 kg, 0.36 m³ -> ceil(90 / 25) = 4; apart ceil(60/25) + ceil(30/25) = 3 + 2
    done = consolidate(line((60, 30), (0, 0)))
    assert (done.count, done.apart, done.bound) == (4, 5, 4)


def test_a_nearly_empty_bag_waits_for_the_next_departure() -> None:
    # 5 kg on day 1, 10 kg on day 2, nothing due: holding saves one bag of two
    done = consolidate(line((5, 10), (0, 1000)))
    assert done.count == 2
    assert done.holds["parcels"].to_list() == [5]


def test_a_promise_outweighs_the_bag() -> None:
    # due at minute 300: a day's wait makes 5 parcels 22.5 hours late, at 0.10 an hour 11.25 > 2.00
    done = consolidate(line((5, 10), (0, 1000), due=300, late=1000.0))
    assert BAG_PRICE < 11.25
    assert not len(done.holds)


def test_no_room_no_holding() -> None:
    # 20 kg on day 2: 5 + 20 = 25 fits one bag; 21 kg would need a second
    assert len(consolidate(line((5, 20), (0, 1000))).holds) == 1
    assert len(consolidate(line((5, 21), (0, 1000))).holds) == 0
