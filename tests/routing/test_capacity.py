"""Closed rides from the capacity that is left."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.routing.itinerary import Query
from qafila.routing.room_left import Room, closed_rides
from qafila.routing.way_search import search
from tests.routing.networks import small


def by_hand(t, grams, cm3, left_g, left_cm3):
    return np.array(
        [
            any(
                left_g[s] < grams or left_cm3[s] < cm3
                for s in range(t.ride_first_segment[r], t.ride_first_segment[r] + t.ride_segment_count[r])
            )
            for r in range(t.rides)
        ]
    )


@pytest.mark.parametrize(("grams", "cm3"), [(500, 2_000), (3_000_000, 10), (10, 13_000_000), (1_001, 5_000)])
def test_equals_the_definition(grams: int, cm3: int) -> None:
    t = small(4)
    rng = np.random.default_rng(1)
    left_g, left_cm3 = t.segment_capacity_g.copy(), t.segment_capacity_cm3.copy()
    booked = rng.permutation(t.segments)[:15]
    left_g[booked] = rng.integers(0, 2_000, 15)
    left_cm3[booked] = rng.integers(0, 9_000, 15)
    expected = by_hand(t, grams, cm3, left_g, left_cm3)
    assert expected.any()
    assert not expected.all()
    sparse = {int(s): (int(left_g[s]), int(left_cm3[s])) for s in booked}
    for mask in (
        closed_rides(t, grams, cm3, sparse),
        Room.from_arrays(t, left_g, left_cm3).closed(grams, cm3),
    ):
        assert mask is not None
        assert (mask == expected).all()


def test_nothing_is_closed_on_an_empty_network() -> None:
    t = small(4)
    assert closed_rides(t, 1_000, 1_000) is None
    with pytest.raises(ValueError, match="segment 99999"):
        Room(t, {99_999: (0, 0)})


def test_the_search_takes_the_next_departure_with_room() -> None:
    t = small(4)
    query = next(
        q
        for o in range(t.facilities)
        for d in range(t.facilities)
        if o != d and len(search(t, q := Query((o,), (d,), 0, 800, 1000)).itineraries) > 1
    )
    first = search(t, query).itineraries[0]
    segment = first.legs[-1].segments[-1]
    room = Room(t, {segment: (799, 1_000_000)})
    again = search(t, query, room)
    assert first not in again.itineraries
    assert all(segment not in leg.segments for i in again.itineraries for leg in i.legs)
    assert search(t, query, Room(t, {segment: (800, 1000)})) == search(t, query)  # exactly enough
