"""The earliest, cheapest and cleanest itinerary are those of the whole Pareto set."""

from __future__ import annotations

import random

import pytest

from qafila.routing.extremes import extremes, extremes_many
from qafila.routing.itinerary import Query
from qafila.routing.search import search
from tests.routing.networks import random_timetable


@pytest.mark.parametrize("seed", range(12))
def test_they_are_the_best_of_the_pareto_set(seed: int) -> None:
    timetable = random_timetable(seed)
    dice = random.Random(seed)
    for _ in range(40):
        query = Query(
            (dice.randrange(timetable.nodes),), (dice.randrange(timetable.nodes),), dice.randrange(600),
            dice.randrange(100, 5000), dice.randrange(100, 20_000),
        )  # fmt: skip
        if query.origins == query.destinations:
            continue
        whole, some = search(timetable, query), extremes(timetable, query)
        assert (some.refusal is None) == (whole.refusal is None)
        if whole.refusal is not None:
            assert not some.itineraries
            continue
        assert len(some.itineraries) <= 3
        assert min(i.cost for i in some.itineraries) == min(i.cost for i in whole.itineraries)
        assert min(i.arrival for i in some.itineraries) == min(i.arrival for i in whole.itineraries)
        least = min(i.co2e_mg for i in whole.itineraries)
        # CO2e is rounded down leg by leg: ways that are equal for each kg may differ by a milligram a leg
        assert min(i.co2e_mg for i in some.itineraries) <= least + 12
        assert extremes_many(timetable, [query, query]) == [some, some]
