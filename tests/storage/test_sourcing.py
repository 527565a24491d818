"""From where an order goes, recomputed from the offers themselves."""

from __future__ import annotations

import itertools
import random
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
from qafila.storage import carried_duty, sourcing
from tests.api.conftest import MONDAY, NETWORK, RULES

CONTEXT = Context(NETWORK, RULES, clock=lambda: MONDAY)


def _order(rule: str = "cheapest") -> Order:
    items = tuple(
        Item(sku, 1, Money(Decimal(20), "EUR"), Decimal("0.5"), sku, "392690", "MA") for sku in ("A", "B")
    )
    return Order(
        "O1",
        (),
        Address("MA", "Casablanca", facility_id="WH", to_door=False),
        Address("FR", "Lyon", "Amélie Roux", line1="3 rue Mercière", facility_id="STA", to_door=False),
        items,
        1000,
        200,
        150,
        100,
        datetime(MONDAY.year, MONDAY.month, MONDAY.day, 6, tzinfo=UTC),
        rule,
    )


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


def test_a_parcel_s_part_keeps_its_share_of_the_weight() -> None:
    part = sourcing._part(_order(), NETWORK.feed.facilities[0], (0,))
    assert part.grams == 500
    assert 0.45 < part.cm3 / _order().cm3 < 0.56


def _wide(skus: str = "ABC", rule: str = "cheapest", **more: object) -> Order:
    items = tuple(
        Item(s, 2, Money(Decimal(20), "EUR"), Decimal("0.4") * (n + 1), s, "392690", "MA")
        for n, s in enumerate(skus)
    )
    return replace(_order(rule), items=items, grams=5000, **more)


def _brute(order: Order, have: dict[str, dict[str, int]]) -> list[tuple[Decimal, datetime, Decimal, int]]:
    """Every assignment of lines to warehouses: money, when the last comes, CO2e, parts."""
    facilities = {f.id: f for f in NETWORK.feed.facilities}
    lines = range(len(order.items))
    asked: dict[tuple[str, tuple[int, ...]], Order] = {}
    plans = []
    for given in itertools.product(have, repeat=len(order.items)):
        parts = {f: tuple(n for n in lines if given[n] == f) for f in dict.fromkeys(given)}
        if any(order.items[n].quantity > have[given[n]].get(order.items[n].sku, 0) for n in lines):
            continue
        for key in parts.items():
            asked.setdefault(key, sourcing._part(order, facilities[key[0]], key[1]))
        plans.append(tuple(parts.items()))
    offers = dict(zip(asked, best_offers(list(asked.values()), counter.market(CONTEXT), MONDAY), strict=True))
    found = []
    for plan in plans:
        told = [offers[key] for key in plan]
        if all(hasattr(o, "landed_total") for o in told):
            found.append(
                (
                    sum(o.landed_total.amount for o in told),
                    max(o.promise.by for o in told),
                    sum(o.co2e_wtw_kg for o in told),
                    len(told),
                )
            )
    return found


@pytest.mark.parametrize("rule", ["cheapest", "fastest", "greenest", "promise"])
def test_splits_over_several_warehouses_are_those_of_trying_all(rule: str) -> None:
    scattered = {"WH": {"A": 2, "C": 9}, "LYS": {"B": 2, "C": 2}, "CDG": {"C": 2, "A": 5}}
    only = {"WH": {"A": 2}, "LYS": {"B": 2}, "CDG": {"C": 2}}
    for have, least in ((scattered, 1), (only, 3)):
        order = _wide(rule=rule)
        tried = _brute(order, have)
        if rule == "promise":
            order = replace(order, promise_by=sorted(by for _, by, _, _ in tried)[len(tried) // 2].date())
        found = sourcing.choose(CONTEXT, order, have).best
        assert len(found.parts) >= least
        got = (found.total.amount + found.duty.lost.amount, found.by, found.co2e_kg)
        if rule == "fastest":
            soonest = min(by for _, by, _, _ in tried)
            assert (found.by, got[0]) == (soonest, min(m for m, by, _, _ in tried if by == soonest))
        elif rule == "greenest":
            assert found.co2e_kg == min(g for _, _, g, _ in tried)
        else:
            in_time = [t for t in tried if rule == "cheapest" or t[1].date() <= order.promise_by]
            assert got[0] == min(m for m, _, _, _ in in_time)


@pytest.mark.parametrize("seed", range(6))
def test_the_best_of_all_assignments_with_bond_and_duty_is_taken(seed: int) -> None:
    dice = random.Random(seed)
    order = _wide("ABC"[: dice.randint(2, 3)], dice.choice(["cheapest", "fastest", "greenest"]))
    order = replace(
        order,
        items=tuple(
            replace(i, origin=dice.choice(["MA", "CN"]), hs=dice.choice(["392690", "610910"]))
            for i in order.items
        ),
    )
    skus = [i.sku for i in order.items]
    good, bonded = (
        {f: {s: dice.randint(0, 4) for s in skus if dice.random() < 0.8} for f in ("WH", "LYS", "CDG")}
        for _ in "gb"
    )
    facilities = {f.id: f for f in NETWORK.feed.facilities}
    have = {
        f: {
            s: good[f].get(s, 0)
            + (bonded[f].get(s, 0) if carried_duty.leaves(CONTEXT, facilities[f], order) else 0)
            for s in skus
        }
        for f in good
    }
    tried = []
    for given in itertools.product(have, repeat=len(skus)):
        if any(i.quantity > have[f].get(i.sku, 0) for i, f in zip(order.items, given, strict=True)):
            continue
        parts = [
            sourcing._part(order, facilities[f], tuple(n for n, g in enumerate(given) if g == f))
            for f in dict.fromkeys(given)
        ]
        offers = best_offers(parts, counter.market(CONTEXT), MONDAY)
        if not all(hasattr(o, "landed_total") for o in offers):
            continue
        lost = sum(
            carried_duty.carried(CONTEXT, facilities[f], p, bonded[f]).lost.amount
            for f, p in zip(dict.fromkeys(given), parts, strict=True)
        )
        tried.append(
            (
                sum(o.landed_total.amount for o in offers) + lost,  # type: ignore[union-attr]
                max(o.promise.by for o in offers),  # type: ignore[union-attr]
                sum(o.co2e_wtw_kg for o in offers),  # type: ignore[union-attr]
            )
        )
    if not tried:  # no assignment of whole lines serves: it is refused, or lines are torn
        return
    found = sourcing.choose(CONTEXT, order, good, bonded).best
    got = (found.total.amount + found.duty.lost.amount, found.by, found.co2e_kg)
    best = {
        "cheapest": lambda t: (t[0], t[1]),
        "fastest": lambda t: (t[1], t[0]),
        "greenest": lambda t: (t[2], t[0]),
    }[order.rule]
    assert best(got) == min(map(best, tried))


def test_a_line_that_no_warehouse_has_whole_is_torn() -> None:
    order = replace(_wide("A"), items=(replace(_wide("A").items[0], quantity=7),))
    found = sourcing.choose(CONTEXT, order, {"WH": {"A": 4}, "LYS": {"A": 2}, "CDG": {"A": 5}}).best
    pieces = {p.facility: [i.quantity for i in p.order.items] for p in found.parts}
    assert sum(n for some in pieces.values() for n in some) == 7
    assert len(pieces) == 2  # as few as can be
    assert all(p.items == (0,) for p in found.parts)
    assert sum(p.order.grams for p in found.parts) == pytest.approx(order.grams, abs=2)
    assert sum(p.order.value.amount for p in found.parts) == order.value.amount


def test_goods_under_bond_go_where_they_leave_the_territory_and_their_duty_is_told() -> None:
    chinese = tuple(
        replace(i, origin="CN", hs="610910", unit_value=Money(Decimal(90), "EUR")) for i in _wide("A").items
    )
    order = replace(_wide("A"), items=chinese)
    here = sourcing.choose(CONTEXT, order, {"WH": {"A": 2}})
    bonded = sourcing.choose(CONTEXT, order, {}, {"WH": {"A": 2}})
    assert here.best.total == bonded.best.total
    assert here.best.duty.lost.amount == bonded.best.duty.spared.amount > 0
    assert bonded.best.duty.lost.amount == 0
    assert "under bond" in str(bonded.why)
    assert "was paid on them" in str(here.why)
    # one piece of each: half of the duty
    half = sourcing.choose(CONTEXT, order, {"WH": {"A": 1}}, {"WH": {"A": 1}}).best.duty
    assert half.lost.amount == half.spared.amount == here.best.duty.lost.amount / 2
    # what stays in its territory may not be sent from bond
    with pytest.raises(Fault, match="No warehouse has 2 pieces of A"):
        sourcing.choose(CONTEXT, order, {}, {"LYS": {"A": 2}})


def test_duty_is_given_back_where_the_law_does() -> None:
    us = {f.id: f for f in NETWORK.feed.facilities}["WH"]
    there = replace(us, country="US", territory="US")
    order = replace(_wide("A"), items=(replace(_wide("A").items[0], origin="CN", hs="610910"),))
    found = carried_duty.carried(CONTEXT, there, order, {})
    paid = found.lost.amount + found.refunded.amount
    assert paid > 0
    assert found.refunded.amount == pytest.approx(paid * Decimal("0.99"))
    assert (
        carried_duty.carried(CONTEXT, replace(us, country="FR", territory="EU"), order, {}).lost.amount == 0
    )


@pytest.mark.parametrize("row", carried_duty.shares(), ids=lambda r: r.territory)
def test_what_is_given_back_has_a_source_and_a_share(row: carried_duty.Share) -> None:
    assert 0 <= row.share <= 1
    assert row.source
    assert row.confidence in ("official", "secondary", "indicative")
