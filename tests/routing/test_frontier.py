"""The search over arrival and one weight finds what the search over all criteria finds without the third."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Mode, Timetable
from qafila.routing.index import horizon, lanes
from qafila.routing.parcel import COST, NOTHING, Parcel
from qafila.routing.workspace import Labels, Workspace
from tests.routing.networks import large, ragged, small


def fronts(labels: Labels, nodes: int) -> list[list[tuple[int, int]]]:
    found = []
    for node in range(nodes):
        ends = labels.at(np.array([node], np.int32))
        found.append([(int(labels.minute[end]), int(labels.cost[end])) for end in ends])
    return found


def compare(t: Timetable, origins: list[int], ready: int, seed: int, room: int = 33) -> int:
    index = lanes(t)
    rng = np.random.default_rng(seed)
    grams = rng.integers(0, 50_000, len(Mode))
    cost = index.cost(grams)
    barred = rng.random(len(index.to_node)) < 0.1
    closed = rng.random(t.rides) < 0.2
    start = (np.array(origins, np.int32), ready, int(0.9 * horizon(t)))
    kind = Parcel(index, grams, barred, None, 0)
    two, three = (Workspace(index, horizon(t)) for _ in range(2))
    two._waiting = two._waiting[:, :room].copy()
    two._room = two._room._replace(pool=two._room.pool[: max(4, len(origins))].copy())
    for shut in (None, closed):
        expected = fronts(three.explore(*start, kind, (COST, NOTHING), shut), t.nodes)
        labels = two.frontier(*start, cost, barred, shut)
        assert fronts(labels, t.nodes) == expected
        for node in range(t.nodes):  # each label by rides that take it there
            for end in labels.at(np.array([node], np.int32)):
                rides = labels.rides_to(int(end))
                assert labels.cost[end] == cost[index.lane[rides]].sum()
                if rides:
                    assert labels.minute[end] == t.ride_ready_at[rides[-1]]
                    assert t.ride_from[rides[0]] in origins
                    assert shut is None or not shut[rides].any()
    return sum(map(len, expected))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), ready=st.integers(0, 4000), count=st.integers(1, 3))
def test_equals_the_search_with_three_criteria(seed: int, ready: int, count: int) -> None:
    t = small(seed % 97)
    origins = np.random.default_rng(seed).integers(0, t.nodes, count).tolist()
    compare(t, origins, ready, seed, room=2)


@pytest.mark.parametrize("seed", range(3))
def test_equals_it_for_departures_in_any_rhythm(seed: int) -> None:
    t = ragged(small(seed, facilities=9, services=60), seed)
    compare(t, [seed], 0, seed, room=1)


def test_equals_it_where_room_has_to_grow() -> None:
    t = large(days=3, warehouses=30, centres=24, links=200)
    assert compare(t, [1], 10, 5, room=1) > t.nodes
