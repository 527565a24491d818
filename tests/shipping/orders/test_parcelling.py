"""Which pieces go into which parcel: sums come out even, limits hold, and no way to divide takes fewer."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from qafila.core.money import Money
from qafila.network.timetable import Goods
from qafila.shipping.orders.order import Order
from qafila.shipping.orders.parcelling import Kind, Most, divide, fits, laid_together
from qafila.shipping.orders.parts import in_box, shares
from tests.shipping.drafts import orders_of
from tests.shipping.orders.test_orders_cash import GOOD, one, refused, written

MOST = Most(Decimal(32_000), 1_500)

sides = st.tuples(*[st.integers(20, 1_800)] * 3).map(lambda s: tuple(sorted(s, reverse=True)))
kinds = st.lists(
    st.builds(Kind, st.integers(1, 50_000).map(Decimal), sides, st.integers(1, 300)), min_size=1, max_size=6
)
few = st.lists(
    st.builds(Kind, st.integers(1_000, 34_000).map(Decimal), sides, st.integers(1, 2)), min_size=1, max_size=4
).filter(lambda some: sum(k.pieces for k in some) <= 6)


@given(kinds)
def test_every_piece_is_in_one_parcel_and_none_is_beyond_the_limits(some: list[Kind]) -> None:
    parcels = divide(some, MOST)
    held: Counter[int] = Counter()
    for parcel in parcels:
        assert all(n > 0 for n in parcel.values())
        held.update(parcel)
        assert fits(some, parcel, MOST) or sum(parcel.values()) == 1
    assert held == {k: kind.pieces for k, kind in enumerate(some)}


def partitions(pieces: list[int]) -> list[list[list[int]]]:
    """Every way to divide pieces."""
    if not pieces:
        return [[]]
    first, *rest = pieces
    found = []
    for way in partitions(rest):
        found.append([[first], *way])
        found += [[*way[:n], [first, *way[n]], *way[n + 1 :]] for n in range(len(way))]
    return found


@given(few)
def test_no_way_to_divide_few_pieces_takes_fewer_parcels(some: list[Kind]) -> None:
    alone = sum(k.pieces for n, k in enumerate(some) if not fits(some, {n: 1}, MOST))
    pieces = [n for n, k in enumerate(some) if fits(some, {n: 1}, MOST) for _ in range(k.pieces)]
    fewest = min(len(way) for way in partitions(pieces) if all(fits(some, Counter(one), MOST) for one in way))
    assert len(divide(some, MOST)) == fewest + alone


def test_first_fit_is_mended_where_it_takes_one_too_many() -> None:
    # heaviest first makes 16 + 12, 10 + 10 + 8 and 8; but 16 + 8 + 8 and 12 + 10 + 10 are two
    some = [Kind(Decimal(g * 1000), (100, 100, 100), n) for g, n in ((16, 1), (12, 1), (10, 2), (8, 2))]
    assert len(divide(some, MOST)) == 2


@given(
    st.integers(0, 10**8),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=9),
    st.sampled_from(["MAD", "JPY", "TND"]),
)
def test_shares_come_out_even(coins: int, weights: list[int], currency: str) -> None:
    total = Money(Decimal(coins) / 1000, currency).rounded()
    made = shares(total, weights)
    assert sum(share.amount for share in made) == total.amount
    assert all(share == share.rounded() and share.amount >= 0 for share in made)


def sums(order: Order) -> None:
    """Weights, pieces, volumes and values of the parcels are those of the shipment."""
    assert sum(box.grams for box in order.boxes) == order.grams
    assert sum(box.cm3 for box in order.boxes) == order.cm3
    held: Counter[int] = Counter()
    for box in order.boxes:
        held.update(dict(box.contents))
    assert held == {n: item.quantity for n, item in enumerate(order.items)}
    inside = [in_box(order, box) for box in order.boxes]
    assert sum(one.value.amount for one in inside) == order.value.amount
    goods = Goods.NONE
    for box in order.boxes:
        goods |= box.goods
    assert goods == order.goods


@given(st.integers(1, 60), st.sampled_from(["0.4", "7", "20 kg", "31.9 kg", "60 kg", ""]))
def test_the_parcels_of_an_order_sum_to_it(pieces: int, kg: str) -> None:
    sums(one(quantity=str(pieces), weight_kg=kg))


def test_what_an_ordinary_parcel_takes_is_one_parcel_and_more_is_several() -> None:
    assert one(quantity="3", weight_kg="10").parcels == ()
    made = one(quantity="4", weight_kg="10")  # 40 kg: two of at most 32
    assert [box.grams for box in made.parcels] == [10_000, 30_000]
    assert not made.goods & Goods.OVERSIZE
    assert [e.value for e in made.estimates if e.field == "parcels"] == ["2"]
    heavy = one(quantity="2", weight_kg="60 kg")  # each beyond what is ordinary: alone, by their own ways
    assert [box.grams for box in heavy.parcels] == [60_000, 60_000]
    assert heavy.goods & Goods.OVERSIZE
    assert one(quantity="1", weight_kg="60 kg").parcels == ()


def test_more_parcels_than_a_shipment_has_are_refused() -> None:
    found = refused(quantity="200", weight_kg="20 kg")
    assert (found.field, found.value) == ("parcel", "200")


LINES = [
    GOOD | {"parcel": "1", "title": "Brass tray", "quantity": "2"},
    GOOD | {"parcel": "2", "title": "Lamp", "quantity": "1"},
    GOOD | {"parcel": "1", "title": "Small bowl", "quantity": "3"},
]


def test_a_column_says_which_row_goes_into_which_parcel() -> None:
    (made,), problems = orders_of(written(*LINES))
    assert not problems
    assert [box.contents for box in made.parcels] == [((0, 2), (2, 3)), ((1, 1),)]
    sums(made)
    (single,), problems = orders_of(written(*[row | {"parcel": "A"} for row in LINES]))
    assert not problems
    assert single.parcels == ()
    assert len(single.items) == 3


def test_a_row_may_say_what_its_parcel_weighs_and_measures() -> None:
    said = {
        "parcel_weight_kg": "5",
        "parcel_length_cm": "40",
        "parcel_width_cm": "30",
        "parcel_height_cm": "20",
    }
    blank = dict.fromkeys(said, "")
    (made,), problems = orders_of(written(LINES[0] | said, LINES[1] | blank, LINES[2] | blank))
    assert not problems
    first = made.parcels[0]
    assert (first.grams, first.length_mm, first.width_mm, first.height_mm) == (5_000, 400, 300, 200)
    assert made.grams == 5_000 + made.parcels[1].grams


def test_what_is_wrong_with_parcels_is_told_with_its_row() -> None:
    for last, field in (
        ({"parcel": ""}, "parcel"),
        ({"parcel": "x" * 60}, "parcel"),
        ({"parcel": "2", "parcel_weight_kg": "-1"}, "parcel_weight_kg"),
        ({"parcel": "2", "parcel_weight_kg": "heavy"}, "parcel_weight_kg"),
        ({"parcel": "2", "parcel_weight_kg": "900"}, "parcel_weight_kg"),
    ):
        rows = [LINES[0] | {"parcel_weight_kg": ""}, LINES[1] | {"parcel_weight_kg": ""} | last]
        orders, problems = orders_of(written(*rows))
        assert not orders
        assert field in {p.field for p in problems}
    orders, problems = orders_of(
        written(LINES[0] | {"parcel_weight_kg": "4"}, LINES[2] | {"parcel_weight_kg": "5"})
    )
    assert not orders
    assert {p.field for p in problems} == {"parcel_weight_kg"}


def test_a_box_around_pieces_holds_them() -> None:
    assert laid_together([((300, 200, 100), 1)]) == (300, 200, 100)
    a, b, c = laid_together([((300, 200, 100), 4), ((500, 20, 20), 2)])
    assert a * b * c >= 4 * 300 * 200 * 100 + 2 * 500 * 20 * 20
    assert a >= 500
