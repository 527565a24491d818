"""Ways to divide an order against all ways, on small orders at random; and lines that must be torn."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.core.money import Money
from qafila.shipping.orders.order import Address, Box, Estimate, Item, Order
from qafila.storage import splitting, storage_dividing, storage_messages
from qafila.storage.splitting import Cost

START = datetime(2026, 11, 30, tzinfo=UTC)


@st.composite
def _case(draw: st.DrawFn) -> tuple[int, list[dict[int, Cost]]]:
    lines = draw(st.integers(1, 4))
    sets = st.dictionaries(
        st.integers(1, (1 << lines) - 1),
        st.builds(
            lambda m, h, g: Cost(Decimal(m), START + timedelta(hours=h), Decimal(g)),
            st.integers(0, 30),
            st.integers(0, 20),
            st.integers(0, 30),
        ),
    )
    return lines, draw(st.lists(sets, min_size=1, max_size=4))


def _every(lines: int, prices: list[dict[int, Cost]]) -> list[tuple[Decimal, datetime, Decimal]]:
    found = []
    for given_ in itertools.product(range(len(prices)), repeat=lines):
        sets: dict[int, int] = {}
        for line, house in enumerate(given_):
            sets[house] = sets.get(house, 0) | 1 << line
        if all(sent in prices[house] for house, sent in sets.items()):
            costs = [prices[house][sent] for house, sent in sets.items()]
            found.append((sum(c.money for c in costs), max(c.by for c in costs), sum(c.co2e for c in costs)))
    return found


@settings(max_examples=200, deadline=None)
@given(_case(), st.integers(0, 20))
def test_the_best_of_all_ways_is_found(case: tuple[int, list[dict[int, Cost]]], hours: int) -> None:
    lines, prices = case
    every = _every(lines, prices)
    until = START + timedelta(hours=hours)
    for rule in ("cheapest", "greenest", "fastest", "promise"):
        found = splitting.best(lines, prices, rule, until)
        assert bool(found) == bool(every)
        if not every:
            continue
        costs = [prices[house][sent] for house, sent in found[0].parts]
        money, by, co2e = sum(c.money for c in costs), max(c.by for c in costs), sum(c.co2e for c in costs)
        assert sorted(
            line for _, sent in found[0].parts for line in range(lines) if sent >> line & 1
        ) == list(range(lines))
        if rule == "cheapest":
            assert money == min(m for m, _, _ in every)
        elif rule == "greenest":
            assert co2e == min(g for _, _, g in every)
        elif rule == "fastest":
            soonest = min(b for _, b, _ in every)
            assert (by, money) == (soonest, min(m for m, b, _ in every if b == soonest))
        else:
            in_time = [m for m, b, _ in every if b <= until]
            assert money == min(in_time or [m for m, _, _ in every])


def _order(*pieces: int) -> Order:
    items = tuple(
        Item(f"S{n}", p, Money(Decimal(3), "EUR"), Decimal(1), f"S{n}") for n, p in enumerate(pieces)
    )
    where = Address("MA", "Casablanca")
    half = (
        tuple((n, p - p // 2) for n, p in enumerate(pieces)),
        tuple((n, p // 2) for n, p in enumerate(pieces) if p > 1),
    )
    boxes = tuple(Box(contents, 500, 100, 100, 100) for contents in half)
    guess = Estimate("items[0].hs", "1", storage_messages.SAY_WHY())
    return Order("O", (), where, where, items, 1000, 100, 100, 100, START, parcels=boxes, estimates=(guess,))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=4),
)
def test_torn_lines_are_as_much_as_the_whole(pieces: list[int], stock: list[list[int]]) -> None:
    order = _order(*pieces)
    have = [{f"S{n}": amount for n, amount in enumerate(some)} for some in stock]
    whole = all(any(some.get(f"S{n}", 0) >= p for some in have) for n, p in enumerate(pieces))
    possible = all(sum(some.get(f"S{n}", 0) for some in have) >= p for n, p in enumerate(pieces))
    found = list(storage_dividing.ways(order, have))
    assert bool(found) == possible
    if whole:
        assert found == [order]
    for torn in found:
        assert torn.value == order.value
        for n, p in enumerate(pieces):
            assert sum(i.quantity for i in torn.items if i.sku == f"S{n}") == p
            packed = [k for box in torn.boxes for m, k in box.contents if torn.items[m].sku == f"S{n}"]
            assert sum(packed) == p
        for m, item in enumerate(torn.items):
            assert sum(k for box in torn.boxes for i, k in box.contents if i == m) == item.quantity
        sets = storage_dividing.sendable(torn, have, 1000)
        assert {m for some in sets for sent in some for m in range(len(torn.items)) if sent >> m & 1} == set(
            range(len(torn.items))
        )
        assert set(storage_dividing.original(order, torn, range(len(torn.items)))) == set(range(len(pieces)))


def test_large_orders_are_not_priced_without_end() -> None:
    order = _order(*[1] * 30)
    have = [{f"S{n}": 1 for n in range(30) if (n + house) % 3} for house in range(12)]
    sets = storage_dividing.sendable(order, have, 200)
    assert sum(map(len, sets)) <= 200 + 12
    prices = [
        {sent: Cost(Decimal(5 + sent.bit_count()), START, Decimal(1)) for sent in some} for some in sets
    ]
    assert len(splitting.best(30, prices)[0].parts) == 2
