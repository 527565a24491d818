"""Which rows a ride loads: vans bring nothing back from doors, and a sorter has a queue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qafila.network.compile import compile_timetable
from qafila.network.timetable import Mode
from qafila.planning.facility_rates import rates
from qafila.planning.graph import QUARTER, Rates, Scarce, build
from tests.network.small import START, small_feed
from tests.planning import networks


def loaded(graph, ride: int, kind: Scarce) -> list[int]:
    """Facilities whose rows of a kind a ride loads."""
    rows = graph.use_row[graph.use_ptr[ride] : graph.use_ptr[ride + 1]]
    return [int(graph.row_place[row]) for row in rows if graph.row_scarce[row] == kind]


def test_vans_bring_nothing_back_from_doors() -> None:
    feed = small_feed()
    limited = [replace(f, sort_rate_per_hour=400, dock_rate_per_hour=8) for f in feed.facilities]
    feed = replace(feed, facilities=tuple(limited))
    t = compile_timetable(feed, START, 21)
    graph = build(t, rates(feed, t))
    seen = set()
    for r in range(t.rides):
        first = t.ride_first_segment[r]
        start, end = int(t.segment_from[first]), int(t.segment_to[first + t.ride_segment_count[r] - 1])
        mode = Mode(int(t.ride_mode[r]))
        sorts, docks = loaded(graph, r, Scarce.SORT), loaded(graph, r, Scarce.DOCK)
        if mode is Mode.DELIVERY:
            assert (sorts, docks) == ([], [start])
        elif mode is Mode.COLLECTION:
            assert (sorts, docks) == ([end], [end])
        else:
            assert (sorts, docks) == ([end], [start, end])
        seen.add(mode)
    assert Mode.DELIVERY in seen


def test_a_sorter_has_a_queue_of_half_its_handling_time() -> None:
    feed = small_feed()
    limited = [replace(f, sort_rate_per_hour=400) for f in feed.facilities]
    feed = replace(feed, facilities=tuple(limited))
    t = compile_timetable(feed, START, 21)
    limits = rates(feed, t)
    # handling of 90 and 60 minutes leaves 45 and 30 to queue, of 30 the quarter
    queue = {name: int(limits.queue[n]) for n, name in enumerate(t.facility_ids)}
    assert (queue["CMN"], queue["CDG"], queue["STA"]) == (3, 2, 1)
    graph = build(t, limits)
    sorting = graph.row_scarce == Scarce.SORT
    for name, quarters in queue.items():
        mine = sorting & (graph.row_place == t.facility_ids.index(name))
        assert (graph.row_capacity[mine] == 100.0 * quarters).all()
        assert (graph.row_quarter[mine] % (QUARTER * quarters) == 0).all()


def test_without_a_queue_a_sorter_has_its_quarter() -> None:
    t = networks.timetable(1)
    plain = np.full(t.facilities, 10.0)
    graph = build(t, Rates(plain, plain, plain))
    assert (graph.row_capacity[graph.row_scarce == Scarce.SORT] == 10.0).all()
