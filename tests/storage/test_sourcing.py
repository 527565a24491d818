"""From where an order goes, recomputed from the offers themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.shipping import counter
from qafila.shipping.offers.offering import best_offers
from qafila.shipping.orders.order import Address, Item, Order
from qafila.storage import sourcing
from tests.api.conftest import MONDAY, NETWORK, RULES

CONTEXT = Context(NETWORK, RULES, clock=lambda: MONDAY)


def _order(rule: str = "cheapest") -> Order:
    items = tuple(
        Item(sku, 1, Money(Decimal(20), "EUR"), Decimal("0.5"), sku, "392690", "MA") for sku in ("A", "B")
    )
    return Order(
        "O1", (), Address("MA", "Casablanca", facility_id="WH", to_door=False),
        Address("FR", "Lyon", "Amélie Roux", line1="3 rue Mercière", facility_id="STA", to_door=False),
        items, 1000, 200, 150, 100, datetime(MONDAY.year, MONDAY.month, MONDAY.day, 6, tzinfo=UTC), rule,
    )  # fmt: skip


def _total(facility: str, items: tuple[int, ...], order: Order) -> Decimal:
    """The landed cost of a part by the offers of a parcel that starts there."""
    part = sourcing._part(order, {f.id: f for f in NETWORK.feed.facilities}[facility], items)
    offer = best_offers([part], counter.market(CONTEXT), MONDAY)[0]
    return offer.landed_total.amount  # type: ignore[union-attr]


def test_the_cheapest_of_one_place_and_two_is_taken_with_the_reason() -> None:
    have = {"WH": {"A": 3, "B": 3}, "LYS": {"A": 1}}
    found = sourcing.choose(CONTEXT, _order(), have)
    ways = {
        (("WH", (0, 1)),): _total("WH", (0, 1), _order()),
        (("LYS", (0,)), ("WH", (1,))): _total("LYS", (0,), _order()) + _total("WH", (1,), _order()),
    }
    taken = tuple((p.facility, p.items) for p in found.best.parts)
    assert found.best.total.amount == min(ways.values())
    assert ways[taken] == min(ways.values())
    assert len(found.others) == 1
    assert "Next best is" in str(found.why)


def test_only_what_is_there_is_sent() -> None:
    split = sourcing.choose(CONTEXT, _order(), {"WH": {"B": 1}, "LYS": {"A": 1}})
    assert [(p.facility, p.items) for p in split.best.parts] == [("LYS", (0,)), ("WH", (1,))]
    assert "Only" in str(split.why)
    assert split.best.by >= MONDAY + timedelta(hours=1)
    with pytest.raises(Fault, match="No warehouse has 1 pieces of B"):
        sourcing.choose(CONTEXT, _order(), {"WH": {"A": 1}})
    many = replace(_order(), items=(*_order().items, replace(_order().items[0], sku="C")))
    with pytest.raises(Fault, match="no two together"):
        sourcing.choose(CONTEXT, many, {"WH": {"A": 1}, "LYS": {"B": 1}, "CDG": {"C": 1}})


def test_a_parcel_s_part_keeps_its_share_of_the_weight() -> None:
    part = sourcing._part(_order(), NETWORK.feed.facilities[0], (0,))
    assert part.grams == 500
    assert 0.45 < part.cm3 / _order().cm3 < 0.56
