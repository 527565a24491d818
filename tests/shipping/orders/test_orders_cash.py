"""Cash on delivery: what is collected, and what is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from qafila.core.money import Money
from qafila.shipping.orders.grouping import group
from qafila.shipping.orders.normalising import content_of
from qafila.shipping.orders.order import CashOnDelivery, Order, Problem
from qafila.shipping.orders.orders_cash import more_than_owed
from qafila.shipping.orders.reading import read_bytes
from tests.shipping.bookables import order
from tests.shipping.drafts import orders_of

GOOD = {"order_id": "A1", "country": "FR", "city": "Lyon", "title": "Brass tray", "quantity": "2",
        "unit_price": "125.00", "currency": "MAD", "weight_kg": "0.8"}  # fmt: skip
SHOPIFY = {"Name": "#1001", "Financial Status": "pending", "Currency": "MAD", "Lineitem quantity": "1",
           "Lineitem name": "Brass tray", "Lineitem price": "250.00", "Shipping City": "Lyon",
           "Shipping Country": "FR", "Total": "299.00", "Payment Method": "Cash on Delivery (COD)"}  # fmt: skip
WOO = {"order_number": "77", "order_date": "2026-11-20", "order_currency": "MAD", "status": "processing",
       "payment_method": "cod", "order_total": "310.00", "shipping_city": "Lyon", "shipping_country": "FR",
       "item_name": "Brass tray", "item_quantity": "1", "item_total": "250.00"}  # fmt: skip


def written(*rows: dict[str, str]) -> str:
    target = io.StringIO()
    writer = csv.DictWriter(target, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def one(**row: str) -> Order:
    (made,), problems = orders_of(written({**GOOD, **row}))
    assert not problems
    return made


def refused(**row: str) -> Problem:
    orders, (problem,) = orders_of(written({**GOOD, **row}))
    assert not orders
    return problem


@pytest.mark.parametrize(
    "heading",
    [
        "cash_on_delivery",
        "COD",
        "Cod amount",
        "Contre remboursement",
        "montant à encaisser",
        "Paiement à la livraison",
        "الدفع عند الاستلام",
        "مبلغ التحصيل",
        "货到付款",
        "代收金额",
    ],
)
def test_a_column_says_the_amount_in_four_languages(heading: str) -> None:
    assert one(**{heading: "250"}).cash_on_delivery == CashOnDelivery(Money(Decimal("250.00"), "MAD"))


@pytest.mark.parametrize("said", ["250.00 MAD", "250 DH", "250 درهم", "MAD 250"])
def test_the_amount_may_name_its_currency(said: str) -> None:
    assert one(cod=said).cash_on_delivery == CashOnDelivery(Money(Decimal("250.00"), "MAD"))
    assert one(cod="250", cod_currency="mad").cash_on_delivery is not None


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"cod": "250", "cod_currency": "EUR"}, "cash_on_delivery_currency", "EUR"),
        ({"cod": "250 EUR"}, "cash_on_delivery_currency", "EUR"),
        ({"cod": "-250"}, "cash_on_delivery", "-250"),
        ({"cod": "yes"}, "cash_on_delivery", "yes"),
        ({"cod": "1" + "0" * 20}, "cash_on_delivery", "1" + "0" * 20),
        ({"cod": "0.001"}, "cash_on_delivery", "0.001"),
        ({"cod": "250 EUR", "cod_currency": "MAD"}, "cash_on_delivery", "250 EUR"),
        ({"payment method": "Cash on delivery"}, "payment_method", "Cash on delivery"),
    ],
)
def test_what_cannot_be_collected_is_refused_with_its_field(
    row: dict[str, str], field: str, value: str
) -> None:
    found = refused(**row)
    assert (found.field, found.value) == (field, value)
    assert str(found.reason)
    assert str(found.remedy)


def test_zero_is_told_and_nothing_is_collected() -> None:
    made = one(cod="0,00")
    assert made.cash_on_delivery is None
    assert [e.value for e in made.estimates if e.field == "cash_on_delivery"] == ["0"]
    assert one(cod="").cash_on_delivery is None


def test_goods_without_a_price_of_their_own_take_the_currency_of_the_file() -> None:
    rows = written({**GOOD, "cod": ""}, {**GOOD, "order_id": "A2", "unit_price": "", "cod": "40 €"})
    orders, (problem,) = orders_of(rows)
    assert [o.id for o in orders] == ["A1"]
    assert (problem.order_id, problem.field) == ("A2", "cash_on_delivery_currency")


def test_shopify_collects_the_total_where_its_order_is_paid_on_delivery() -> None:
    (made,), problems = orders_of(written(SHOPIFY))
    assert not problems
    assert made.cash_on_delivery == CashOnDelivery(Money(Decimal("299.00"), "MAD"), of_shop=True)
    assert [e.value for e in made.estimates if e.field == "cash_on_delivery"] == ["299.00"]
    (paid,), _ = orders_of(written(SHOPIFY | {"Financial Status": "paid"}))
    assert paid.cash_on_delivery is None
    (card,), _ = orders_of(written(SHOPIFY | {"Payment Method": "Shopify Payments"}))
    assert card.cash_on_delivery is None


@pytest.mark.parametrize("method", ["cod", "Paiement à la livraison", "الدفع نقدًا عند الاستلام", "货到付款"])
def test_woocommerce_collects_the_total_too(method: str) -> None:
    (made,), problems = orders_of(written(WOO | {"payment_method": method}))
    assert not problems
    assert made.cash_on_delivery == CashOnDelivery(Money(Decimal("310.00"), "MAD"), of_shop=True)


def test_rows_of_an_order_that_disagree_are_refused() -> None:
    first = {**GOOD, "line": "1", "cod": "250"}
    orders, problems = orders_of(written(first, first | {"line": "2", "title": "Lamp", "cod": "300"}))
    assert not orders
    assert {p.field for p in problems} == {"cash_on_delivery"}
    (made,), problems = orders_of(written(first, first | {"line": "2", "title": "Lamp", "cod": ""}))
    assert made.cash_on_delivery is not None
    assert not problems


def test_a_total_by_line_is_no_total_of_the_order() -> None:
    first = {**GOOD, "line": "1", "payment_method": "COD", "total": "250"}
    orders, (problem,) = orders_of(written(first, first | {"line": "2", "title": "Lamp", "total": "90"}))
    assert not orders
    assert problem.field == "payment_method"


def test_a_file_that_collects_nothing_is_what_it_was_before_cash_was_read() -> None:
    def content(**row: str) -> str:
        (raw,), _ = group(read_bytes(written({**GOOD, **row}).encode()))
        return content_of(raw)

    plain = content()
    assert content(cod="", payment_method="card", total="99") == plain
    assert content(cod="250") != plain
    assert content(cod="250") != content(cod="251")
    assert content(payment_method="COD", total="250") != content(payment_method="COD", total="251")


def test_no_more_is_collected_than_goods_and_freight_cost() -> None:
    freight = Money(Decimal("7.00"), "EUR")  # beside goods of 2 × 12.50
    asked = replace(order(), cash_on_delivery=CashOnDelivery(Money(Decimal("32.00"), "EUR")))
    assert more_than_owed(asked, freight) is None
    told = more_than_owed(
        replace(asked, cash_on_delivery=CashOnDelivery(Money(Decimal("32.01"), "EUR"))), freight
    )
    assert told is not None
    assert "32.01 EUR" in str(told[0])
    assert "32.00 EUR" in str(told[1])
    of_shop = CashOnDelivery(Money(Decimal("40.00"), "EUR"), of_shop=True)
    assert more_than_owed(replace(asked, cash_on_delivery=of_shop), freight) is None
