"""What is completed says its rule; what may not be is refused."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from qafila.network.timetable import Goods
from qafila.shipping.orders.medians import median_of
from qafila.shipping.orders.orders_limits import limits
from tests.shipping.drafts import orders_of
from tests.shipping.orders.test_normalising import file


def rules(**row: str) -> dict[str, tuple[str, str]]:
    (order,), problems = orders_of(file(row))
    assert not problems
    return {e.field.rpartition(".")[2]: (e.value, str(e.rule)) for e in order.estimates}


def test_a_missing_weight_is_the_median_of_its_kind() -> None:
    for blank in ("", "null", "0", "N/A"):
        value, rule = rules(weight_kg=blank, title="Leather babouche slippers")["weight_kg"]
        assert value == "0.85"  # facts/parcel-medians.csv: shoes, 850 g
        assert "shoes" in rule


def test_missing_sides_come_from_the_weight() -> None:
    # 0.8 kg of home goods at 0.16 g/cm³ are 5,000 cm³; in proportions 3 : 2 : 1, 6 x³ = 5,000: x = 9.41 cm
    value, rule = rules(length_cm="0", title="decor")["size_cm"]
    assert value == "28.2 × 18.8 × 9.4 cm"
    assert "0.16 g/cm³" in rule


def test_a_box_denser_than_lead_is_a_placeholder() -> None:
    assert "denser than lead" in rules(length_cm="1", width_cm="1", height_cm="1")["size_cm"][1]


def test_a_box_lighter_than_air_was_not_weighed() -> None:
    # 60 × 50 × 40 cm = 120,000 cm³ of home goods at 0.16 g/cm³ are 19.2 kg; 1 g in it would be 0.0000083 g/cm³
    value, rule = rules(length_cm="60", width_cm="50", height_cm="40", weight_kg="0.001", title="decor")[
        "weight_kg"
    ]
    assert (value, "lighter than air" in rule) == ("19.2", True)


def test_pieces_are_laid_together_without_loss() -> None:
    (order,), _ = orders_of(file({"quantity": "3"}))
    assert order.grams == 2400
    assert order.cm3 == 3 * 30 * 20 * 10


@given(
    st.integers(1, 60),
    st.integers(1, 80),
    st.integers(1, 80),
    st.integers(1, 80),
    st.decimals("0.01", "2", places=2),
)
def test_a_box_holds_its_pieces(pieces: int, a: int, b: int, c: int, kg: Decimal) -> None:
    row = {
        "quantity": str(pieces),
        "length_cm": str(a),
        "width_cm": str(b),
        "height_cm": str(c),
        "weight_kg": str(kg),
    }
    orders, problems = orders_of(file(row))
    if not orders:  # too long, too heavy or impossible, and it says so
        assert problems
        return
    (order,) = orders
    assert order.length_mm >= order.width_mm >= order.height_mm > 0
    assert order.length_mm <= limits().parcel_longest_side * 10
    if not any(e.field.endswith("size_cm") for e in order.estimates):
        assert order.cm3 >= pieces * a * b * c
        assert order.cm3 <= pieces * a * b * c * 1.02 + 200
        assert order.length_mm >= 10 * max(a, b, c)


def test_a_price_is_never_invented_but_may_be_told_by_the_file() -> None:
    told, problems = orders_of(file({}, {"order_id": "B", "unit_price": ""}))
    assert not problems
    assert str(told[1].value) == "12.50 EUR"
    assert "another row" in next(str(e.rule) for e in told[1].estimates if e.field == "items[0].unit_value")
    # two rows that disagree tell nothing
    kept, (problem,) = orders_of(
        file({}, {"order_id": "B", "unit_price": "13"}, {"order_id": "C", "unit_price": ""})
    )
    assert [o.id for o in kept] == ["A1", "B"]
    assert "a customs value must not be estimated" in str(problem.reason)


def test_oversize_leaves_the_sorter() -> None:
    (heavy, long, small), _ = orders_of(
        file({"weight_kg": "33"}, {"order_id": "B", "length_cm": "151"}, {"order_id": "C"})
    )
    assert heavy.goods & Goods.OVERSIZE
    assert long.goods & Goods.OVERSIZE
    assert not small.goods & Goods.OVERSIZE


def test_the_most_special_part_of_a_category_counts() -> None:
    assert str(median_of("Home & Garden > Kitchen > Cookware", "anything").kind) == "kitchen"
    assert str(median_of("", "摩洛哥手工地毯").kind) == "carpets"
    assert str(median_of("", "xyz").kind) == "anything"
