"""Earliest arrival against the time-expanded graph solved by scipy, and against a plain scan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.batch import WIDTH, earliest_many
from qafila.routing.earliest import earliest
from qafila.routing.index import NEVER
from qafila.routing.promise import HOURS, PromiseTable, promise_table
from tests.routing.expanded import TimeExpanded
from tests.routing.networks import large, ragged, small

network = cache(small)


def plain_scan(t: Timetable, origin: int, ready: int, barred: np.ndarray) -> np.ndarray:
    label = np.full(t.nodes, NEVER)
    label[origin] = ready
    for r in np.flatnonzero(~barred):
        if label[t.ride_from[r]] <= t.ride_board_by[r]:
            label[t.ride_to[r]] = min(label[t.ride_to[r]], t.ride_ready_at[r])
    return label


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 11),
    st.integers(0, 5000),
    st.sampled_from([Goods.NONE, Goods.LITHIUM, Goods.PERISHABLE, Goods(33)]),
    st.frozensets(st.sampled_from(list(Mode)), max_size=2),
    st.sampled_from([None, 0.3]),
)
def test_one_and_many_equal_a_plain_scan(
    seed: int, ready: int, goods: Goods, avoid: frozenset[Mode], share: float | None
) -> None:
    t = network(seed)
    closed = None if share is None else np.random.default_rng(seed).random(t.rides) < share
    barred = (t.ride_forbids & int(goods) != 0) | np.isin(t.ride_mode, [int(m) for m in avoid])
    if closed is not None:
        barred = barred | closed
    origins = np.arange(t.nodes)
    many = earliest_many(t, origins, ready + 7 * origins, goods, avoid, closed)
    for origin in origins:
        expected = plain_scan(t, int(origin), ready + 7 * int(origin), barred)
        one, via = earliest(t, [int(origin)], ready + 7 * int(origin), goods, avoid, closed)
        assert (one == expected).all()
        assert (many[origin] == expected).all()
        reached = np.flatnonzero(via >= 0)
        assert (t.ride_ready_at[via[reached]] == one[reached]).all()
        assert (one[t.ride_from[via[reached]]] <= t.ride_board_by[via[reached]]).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 11), st.integers(0, 2**32 - 1), st.sampled_from([-90, 0, 40, 3000]), st.booleans())
def test_departures_in_any_rhythm_are_found(seed: int, draw: int, ready: int, shut: bool) -> None:
    t = ragged(network(seed), draw)
    closed = np.random.default_rng(draw).random(t.rides) < 0.4 if shut else None
    barred = np.zeros(t.rides, np.bool_) if closed is None else closed
    many = earliest_many(t, np.arange(t.nodes), ready, closed=closed)
    for origin in range(t.nodes):
        one, via = earliest(t, [origin], ready, closed=closed)
        assert (one == plain_scan(t, origin, ready, barred)).all()
        assert (many[origin] == one).all()
        reached = np.flatnonzero(via >= 0)
        assert not barred[via[reached]].any()
        assert (t.ride_ready_at[via[reached]] == one[reached]).all()
        assert (one[t.ride_from[via[reached]]] <= t.ride_board_by[via[reached]]).all()


def test_a_way_longer_than_16_bits_is_found() -> None:
    t = large(days=3, warehouses=30, centres=24, links=200)
    later = np.where(t.ride_mode == Mode.ROAD, 70_000, 0).astype(np.int32)
    late = replace(t, ride_ready_at=later + t.ride_ready_at)
    origins = np.arange(40)
    many = earliest_many(late, origins, 10)
    assert ((many > 70_000) & (many < NEVER)).any()
    for origin in origins:
        assert (many[origin] == earliest(late, [int(origin)], 10)[0]).all()


def test_destinations_alone_are_final() -> None:
    t = network(2)
    full = earliest_many(t, np.arange(t.nodes), 300)
    some = earliest_many(t, np.arange(t.nodes), 300, destinations=[5, 1])
    assert (some == full[:, [5, 1]]).all()


def test_600_origins_equal_scipy_on_a_week_of_100_000_rides() -> None:
    """Every facility from 640 origins (five widths), ready at the start of the second day."""
    t = large(days=7)
    assert t.rides > 100_000
    origins = np.random.default_rng(0).permutation(t.facilities)[: 5 * WIDTH]
    ready = 1440
    expanded = TimeExpanded(t)
    expected = np.stack([expanded.earliest(int(o), ready) for o in origins])
    many = earliest_many(t, origins, ready)
    assert (many == expected).all()
    assert (many[:, : t.facilities] < NEVER).mean() > 0.9
    for o, row in zip(origins[:64], expected[:64], strict=True):
        assert (earliest(t, [int(o)], ready)[0] == row).all()


def test_600_origins_equal_scipy_on_the_reference_network(reference_week: Timetable) -> None:
    t = reference_week
    origins = np.random.default_rng(1).permutation(t.facilities)[:640]
    ready = 1440 + 600
    expanded = TimeExpanded(t)
    many = earliest_many(t, origins, ready)
    for n, o in enumerate(origins):
        assert (many[n] == expanded.earliest(int(o), ready)).all()


def test_the_promise_table_is_the_earliest_arrival_of_each_hour(tmp_path: Path) -> None:
    t = large(days=9, warehouses=60, centres=30, links=600)
    nodes = np.arange(30, dtype=np.int32)
    table = promise_table(t, nodes)
    assert table.minutes.shape == (HOURS, 30, 30)
    rng = np.random.default_rng(5)
    for _ in range(60):
        hour, o, d = int(rng.integers(HOURS)), int(rng.integers(30)), int(rng.integers(30))
        minute, _ = earliest(t, [o], 60 * hour)
        promised = table.arrival(t.facility_ids[o], t.facility_ids[d], t.instant(60 * hour - 59))
        assert promised == (None if minute[d] == NEVER else t.instant(minute[d]))
    table.save(tmp_path / "promise.npz")
    again = PromiseTable.load(tmp_path / "promise.npz")
    assert (again.minutes == table.minutes).all()
    assert (again.monday, again.places) == (table.monday, table.places)
    with pytest.raises(KeyError, match="NOWHERE"):
        table.arrival("NOWHERE", t.facility_ids[0], t.instant(0))
