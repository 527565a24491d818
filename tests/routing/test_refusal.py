"""Why there is no way: the constraint that is named is the one whose lifting opens a way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.itinerary import Query, Refusal
from qafila.routing.way_search import search
from tests.routing.networks import small

network = cache(small)


def queries(ready: int = 0, goods: Goods = Goods.NONE) -> Iterator[tuple[Timetable, Query]]:
    for seed in range(12):
        t = network(seed)
        for o in range(t.facilities):
            for d in range(t.nodes):
                if o != d:
                    yield t, Query((o,), (d,), ready, 500, 1000, goods)


def refused(t: Timetable, query: Query, closed: np.ndarray | None = None) -> Refusal | None:
    return search(t, query, closed).refusal


def test_a_horizon_without_departures_says_so() -> None:
    t = network(1)
    kept = {name: getattr(t, name)[:0] for name in vars_of_rides(t)}
    refusal = refused(replace(t, **kept), Query((0,), (1,), 0, 500, 1000))
    assert refusal is not None
    assert refusal.constraint == "horizon"
    assert "No service" in str(refusal.reason)


def vars_of_rides(t: Timetable) -> list[str]:
    return [f.name for f in fields(t) if f.name.startswith("ride_")]


def test_goods_that_no_way_takes_are_named_and_without_them_there_is_one() -> None:
    goods = Goods.LITHIUM | Goods.PERISHABLE
    seen = set()
    for t, query in queries(goods=goods):
        refusal = refused(t, query)
        free = search(t, replace(query, goods=Goods.NONE)).itineraries
        if refusal is None or not free:
            assert refusal is None or refusal.constraint == "unreachable"
            continue
        assert refusal.constraint == "goods"
        assert free[0].arrival.strftime("%Y-%m-%d %H:%M") >= "2026"
        for kind, word in ((Goods.LITHIUM, "lithium batteries"), (Goods.PERISHABLE, "perishable goods")):
            if f"takes these goods ({word})." in str(refusal.reason):  # this one alone binds
                seen.add(word)
                way = search(t, replace(query, goods=goods & ~kind)).itineraries[0]
                assert (
                    f"Without these goods ({word}) the parcel arrives on {way.arrival:%Y-%m-%d %H:%M}"
                    in str(refusal.remedy)
                )
    assert seen == {"lithium batteries", "perishable goods"}


def test_full_departures_a_late_arrival_and_an_avoided_mode() -> None:
    checked = 0
    for t, query in queries():
        ways = search(t, query).itineraries
        if not ways:
            continue
        checked += 1
        soonest = ways[0].arrival
        full = refused(t, query, np.ones(t.rides, np.bool_))
        assert full is not None
        assert full.constraint == "capacity"
        assert f"{soonest:%Y-%m-%d %H:%M}" in str(full.remedy)
        late = refused(t, replace(query, latest=t.minute(soonest) - 1))
        assert late is not None
        assert late.constraint == "latest"
        assert f"Allow arrival until {soonest:%Y-%m-%d %H:%M}" in str(late.remedy)
        used = {leg.mode for leg in ways[0].legs}
        for mode in used:
            shut = refused(t, replace(query, avoid_modes=frozenset({mode})))
            if shut is not None:
                assert shut.constraint == "mode"
                assert f"Allow it ({mode.name.lower()})" in str(shut.remedy)
    assert checked > 300


def test_beyond_the_timetable_and_beyond_all_services() -> None:
    t = network(1)
    late = refused(t, Query((0,), (1,), 10**6, 500, 1000))
    assert late is not None
    assert late.constraint == "horizon"
    assert "2026-11-23" in str(late.reason)
    doors = [int(d) for d in t.door_node if d >= 0]
    nowhere = refused(t, Query((doors[0],), (0,), 0, 500, 1000, avoid_modes=frozenset({Mode.COLLECTION})))
    assert nowhere is not None
    assert nowhere.constraint in ("mode", "unreachable")
    unserved = next((t, q) for t, q in queries() if not search(t, q).itineraries)
    refusal = refused(*unserved)
    assert refusal is not None
    assert refusal.constraint == "unreachable"


@pytest.mark.parametrize("constraint", ["several"])
def test_constraints_that_bind_together(constraint: str) -> None:
    """Avoiding a mode opens nothing while the goods are barred too, and the other way round."""
    found = None
    for t, query in queries(goods=Goods.LITHIUM | Goods.PERISHABLE | Goods.LIQUID_FLAMMABLE):
        hard = replace(query, avoid_modes=frozenset({Mode.ROAD, Mode.AIR}))
        refusal = refused(t, hard)
        if refusal is not None and refusal.constraint == constraint:
            found = refusal
            assert search(t, replace(hard, goods=Goods.NONE, avoid_modes=frozenset())).itineraries
            assert not search(t, replace(hard, goods=Goods.NONE)).itineraries
            break
    assert found is not None
