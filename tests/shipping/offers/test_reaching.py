"""Orders without a way are those for which the router finds none, with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from qafila.core.money import exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.network.timetable import Goods
from qafila.routing.room_left import Room
from qafila.routing.way_search import search_many
from qafila.shipping.offers.offering import Market, query
from qafila.shipping.offers.reaching import without_way
from tests.routing.networks import EPOCH, small
from tests.shipping.parcels import parcel

KINDS = (Goods.NONE, Goods.LITHIUM, Goods.PERISHABLE, Goods.LITHIUM | Goods.PERISHABLE)


def test_the_router_finds_no_way_for_the_same_orders_and_says_the_same_of_them() -> None:
    """Over random networks: goods, borders, full departures, parcels too large for some, doors of one facility."""
    made = parcel().order
    refused = asked = around = full = 0
    for seed in range(12):
        t = small(seed, services=9)
        rng = np.random.default_rng(seed)
        market = Market.of(t, {}, rulebook(), exchange_rates())
        left = {int(s): (500, 10**9) for s in rng.choice(t.segments, t.segments // 3, replace=False)}
        orders = []
        for _ in range(60):
            a, b = rng.integers(0, len(t.facility_ids), 2)
            if a == b and t.door_node[a] < 0:
                continue  # it would end where it begins
            doors = bool(rng.random() < 0.5) or a == b
            orders.append(
                replace(
                    made,
                    sender=replace(made.sender, facility_id=t.facility_ids[a], to_door=doors),
                    receiver=replace(made.receiver, facility_id=t.facility_ids[b], to_door=doors),
                    grams=int(rng.choice([400, 900, 3_000_000])),
                    goods=KINDS[rng.integers(len(KINDS))],
                    ready=EPOCH + timedelta(hours=int(rng.integers(0, 12 * 24))),
                )
            )
        queries = [query(order, market) for order in orders]
        answers = search_many(t, queries, Room(t, left))
        found = without_way(orders, market, left)
        assert set(found) == {n for n, answer in enumerate(answers) if not answer.itineraries}
        for n, why in found.items():
            refusal = answers[n].refusal
            assert refusal is not None
            assert (str(why.reason), str(why.remedy), why.order_id) == (
                str(refusal.reason),
                str(refusal.remedy),
                orders[n].id,
            )
            full += refusal.constraint == "capacity"
            around += queries[n].origins == queries[n].destinations
        refused += len(found)
        asked += len(orders)
    assert 100 < refused < asked - 100
    assert full > 5
    assert around > 5
