"""What a file's words mean, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qafila.network.network_places import country_name
from qafila.network.timetable import Goods
from qafila.samples import sample
from qafila.shipping.orders.grouping import group
from qafila.shipping.orders.normalising import content_of
from qafila.shipping.orders.order import Address, Problem
from qafila.shipping.orders.orders_stations import Located, Unlocated
from qafila.shipping.orders.reading import read, read_bytes
from tests.shipping.drafts import FewTowns, drafts_of, orders_of

NAMES = ("order_id", "origin_country", "origin_city", "country", "city", "title", "quantity", "unit_price", "currency",
         "weight_kg", "length_cm", "width_cm", "height_cm", "ready", "deliver_by", "rule", "hs_code", "postcode")  # fmt: skip
GOOD = {"order_id": "A1", "origin_country": "MA", "origin_city": "Fès", "country": "FR", "city": "Lyon",
        "title": "Brass tray", "quantity": "1", "unit_price": "12.50", "currency": "EUR", "weight_kg": "0.8",
        "length_cm": "30", "width_cm": "20", "height_cm": "10"}  # fmt: skip


def file(*rows: dict[str, str]) -> str:
    lines = [";".join(NAMES)]
    lines += [";".join({**GOOD, **row}.get(name, "") for name in NAMES) for row in rows]
    return "\n".join(lines)


def problem(**row: str) -> Problem:
    orders, problems = orders_of(file(dict(row), {"order_id": "good", "title": "Copper jug"}))
    assert [o.id for o in orders] == ["good"]
    assert len(problems) == 1, problems
    assert problems[0].row == 2  # as a spreadsheet numbers it: the heading is row 1
    assert str(problems[0].reason)
    assert str(problems[0].remedy)
    return problems[0]


def test_a_good_row_is_taken_as_it_is() -> None:
    (order,), problems = orders_of(file({}))
    assert not problems
    assert (order.id, order.grams, order.rows) == ("A1", 800, (2,))
    assert (order.length_mm, order.width_mm, order.height_mm) == (300, 200, 100)
    assert str(order.value) == "12.50 EUR"
    assert order.receiver.facility_id == "DS-FR-LYON"
    assert [e.field for e in order.estimates] == ["items[0].origin"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("quantity", "0", "quantity"),
        ("quantity", "-2", "quantity"),
        ("quantity", "1.5", "quantity"),
        ("quantity", "two", "quantity"),
        ("quantity", "", "quantity"),
        ("quantity", "99999", "quantity"),
        ("unit_price", "-5", "unit_price"),
        ("unit_price", "0", "unit_price"),
        ("unit_price", "cheap", "unit_price"),
        ("unit_price", "999999999", "unit_price"),
        ("unit_price", "", "unit_price"),
        ("currency", "XXQ", "currency"),
        ("currency", "", "currency"),
        ("weight_kg", "-1", "weight_kg"),
        ("weight_kg", "heavy", "weight_kg"),
        ("weight_kg", "151", "weight_kg"),
        ("length_cm", "-3", "length_cm"),
        ("height_cm", "301", "height_cm"),
        ("width_cm", "wide", "width_cm"),
        ("country", "Atlantis", "destination_country"),
        ("country", "", "destination_country"),
        ("city", "Lyno", "destination_city"),
        ("city", "", "destination_city"),
        ("origin_city", "Nowhere", "origin_city"),
        ("title", "", "title"),
        ("title", "null", "title"),
        ("ready", "2026-11-22", "ready_at"),
        ("ready", "2027-03-01", "ready_at"),
        ("ready", "tomorrow", "ready_at"),
        ("deliver_by", "2026-11-01", "promise_by"),
        ("deliver_by", "03/04/2027", "promise_by"),
        ("rule", "teleport", "rule"),
        ("rule", "promise", "promise_by"),
        ("hs_code", "12", "hs"),
        ("order_id", "", "order_id"),
    ],
)
def test_each_fault_names_its_field(field: str, value: str, told: str) -> None:
    found = problem(**{field: value})
    assert found.field == told
    assert found.value == ("" if value == "promise" else value)


@pytest.mark.parametrize(
    ("hs", "reason", "remedy"),
    [
        ("999999", "Chapters 98 and 99", "Write 6 to 10 digits"),
        ("98040000", "Chapters 98 and 99", "Write 6 to 10 digits"),
        ("771234", "HS 2022 has no subheading 771234.", "Write 6 to 10 digits"),
        ("003926", "HS 2022 has no subheading 003926.", "Write 6 to 10 digits"),
        ("6109101", "HS 2022 has no subheading 061091.", "Write 6 to 10 digits"),  # no heading 0610
        (
            "851770",
            "HS 2022 has no subheading 851770.",
            "Codes near it are 851771 or 851779; or",
        ),  # of HS 2017
        ("420299.9", "HS 2022 has no subheading 042029.", "Write 6 to 10 digits"),
        ("42029O", "It is not an HS code.", "Write 6 to 10 digits"),
        ("4202.21 / 4202.22", "It is not an HS code.", "Write 6 to 10 digits"),  # two codes
    ],
)
def test_a_code_that_the_nomenclature_does_not_know_is_refused(hs: str, reason: str, remedy: str) -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency,hs\n"
    orders, problems = orders_of(f"{head}1,FR,Lyon,Bag,1,5,EUR,{hs}\n")
    assert not orders
    (problem,) = problems
    assert (problem.row, problem.field, problem.value) == (2, "hs", hs)
    assert str(problem.reason).startswith(reason)
    assert str(problem.remedy).startswith(remedy)


def test_the_country_in_which_goods_were_made_is_known_or_refused() -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency,made_in\n"
    rows = [
        "1,FR,Lyon,Bag,1,5,EUR,Chnia",
        "2,FR,Lyon,Bag,1,5,EUR,ZZ",
        "3,FR,Lyon,Bag,1,5,EUR,N/A",
        "4,FR,Lyon,Bag,1,5,EUR,中国",
    ]
    orders, problems = orders_of(head + "\n".join(rows))
    assert {o.id: o.items[0].origin for o in orders} == {"3": "MA", "4": "CN"}
    assert [(p.row, p.field, p.value, str(p.remedy)) for p in problems] == [
        (2, "goods_origin", "Chnia", "Did you mean China (CN)?"),
        (3, "goods_origin", "ZZ", "Write its two letters (MA) or its name."),
    ]


@pytest.mark.parametrize(
    ("hs", "digits"),
    [
        ("4202.21", "420221"),
        ("4202210000", "4202210000"),
        ("61091000", "61091000"),
        ("1012100", "01012100"),
        ("10121", "010121"),
        ("8517 71 00", "85177100"),
    ],
)
def test_a_code_that_the_nomenclature_knows_is_taken(hs: str, digits: str) -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency,hs\n"
    orders, problems = orders_of(f"{head}1,FR,Lyon,Bag,1,5,EUR,{hs}\n")
    assert not problems
    assert orders[0].items[0].hs == digits


@pytest.mark.parametrize(
    ("country", "city", "postcode", "area"),
    [
        ("FR", "Saint-Denis", "97400", "Réunion"),
        ("FR", "Les Abymes", "F-97139", "Guadeloupe"),
        ("ES", "Las Palmas", "35 001", "Canary Islands"),
        ("ES", "Ceuta", "51001", "Ceuta"),
        ("GB", "London", "JE2 3AB", "Jersey"),
        ("DE", "Hamburg", "27498", "Heligoland"),
    ],
)
def test_a_postcode_beyond_the_country_s_taxes_is_refused(
    country: str, city: str, postcode: str, area: str
) -> None:
    found = problem(country=country, city=city, postcode=postcode)
    assert (found.field, found.value) == ("destination_postcode", postcode)
    assert area in str(found.reason)
    assert f"those of {country_name(country)} would be wrong" in str(found.reason)


def test_an_area_written_as_a_country_is_told_by_its_name() -> None:
    """Not "no facility in RE": shops write Réunion with a code of its own."""
    for written in ("RE", "La Réunion"):
        found = problem(country=written, city="Saint-Denis", postcode="97400")
        assert (found.field, found.value) == ("destination_country", "RE")
        assert str(found.reason) == (
            "It lies in Réunion, inside the customs territory of the EU but outside its VAT area. "
            "Its own taxes are not known here, and those of France would be wrong."
        )


def test_an_area_that_the_network_serves_as_a_country_is_taken() -> None:
    class WithIsland(FewTowns):
        def find(self, address: Address, collect: bool) -> Located | Unlocated:
            if address.country == "RE":
                return Located(replace(address, facility_id="DS-RE"), "Saint-Denis", "Indian/Reunion", 0.0)
            return super().find(address, collect)

    (order,), problems = orders_of(
        file({"country": "RE", "city": "Saint-Denis", "postcode": "97400"}), whereabouts=WithIsland()
    )
    assert not problems
    assert order.receiver.facility_id == "DS-RE"


@pytest.mark.parametrize("postcode", ["69007", "35000", "F-69007", ""])
def test_other_postcodes_are_taken(postcode: str) -> None:
    (order,), problems = orders_of(file({"postcode": postcode}))
    assert not problems
    assert order.receiver.postcode == postcode


def test_a_parcel_does_not_end_where_it_begins() -> None:
    assert (
        str(problem(country="MA", city="Fès").reason)
        == "The sender's and the receiver's address are the same."
    )


def test_a_street_tells_two_places_of_one_town_apart() -> None:
    text = (
        "order_id,origin_country,origin_city,sender_address,country,city,address,title,quantity,price,currency\n"
        "1,MA,Fès,,MA,fès,3 rue Serrajine,Tray,1,40,MAD\n2,MA,Fès,1 rue X,MA,Fès,1 Rue x,Tray,1,40,MAD\n"
    )
    (order,), (refused,) = orders_of(text)
    assert order.id == "1"
    assert (refused.order_id, refused.field) == ("2", "destination_city")


def test_the_whole_shipment_has_a_limit_too() -> None:
    found = problem(quantity="100", weight_kg="60")  # each a parcel of its own, one more than a shipment has
    assert (found.field, found.value) == ("parcel", "100")


def test_every_fault_of_an_order_is_found_at_once() -> None:
    _, problems = orders_of(file({"quantity": "-1", "weight_kg": "-1", "city": "Nowhere"}))
    assert {p.field for p in problems} == {"quantity", "weight_kg", "destination_city"}


def test_days_and_rules() -> None:
    orders, problems = orders_of(
        file(
            {"order_id": "1", "deliver_by": "2026-12-24"},
            {"order_id": "2", "rule": "Express", "ready": "2026-11-25"},
            {"order_id": "3", "rule": "eco", "ready": "2026-11-23"},
        )
    )
    assert not problems
    assert [(o.rule, o.promise_by) for o in orders] == [
        ("promise", date(2026, 12, 24)),
        ("fastest", None),
        ("greenest", None),
    ]
    assert orders[1].ready == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # 8:00 in Fès, an hour ahead of UTC
    assert orders[2].ready == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # today: now, not this morning


def test_decimal_commas_hold_for_the_whole_file() -> None:
    (a, b), problems = orders_of(
        file({"unit_price": "12,50", "weight_kg": "0,8"}, {"order_id": "B", "unit_price": "1,250"})
    )
    assert not problems
    assert str(a.value) == "12.50 EUR"
    assert a.grams == 800
    assert str(b.items[0].unit_value.amount) == "1.250"


def test_repeated_and_conflicting_ids() -> None:
    text = file({}, {"order_id": "B"}, {}, {"order_id": "C"}, {"order_id": "C", "quantity": "2"})
    orders, problems = orders_of(text)
    assert [o.id for o in orders] == ["A1", "B"]
    assert [(p.row, str(p.reason).split()[0:3]) for p in problems] == [
        (4, ["The", "row", "repeats"]),
        (5, ["Rows", "5,", "6"]),
        (6, ["Rows", "5,", "6"]),
    ]


def test_shopify_rows_follow_their_order() -> None:
    sheet = read(sample("shopify.csv"))
    raws, problems = group(sheet)
    assert sheet.layout.format == "shopify"
    assert not problems
    assert [(r.id, r.rows) for r in raws] == [
        ("#1001", (2, 3)),
        ("#1002", (4,)),
        ("#1003", (5, 6)),
        ("#1004", (7,)),
        ("#1005", (8,)),
    ]
    drafts, refused, _ = drafts_of(sample("shopify.csv").read_bytes())
    first = next(d for d in drafts if d.id == "#1001")
    assert [(i.title, i.quantity, str(i.unit_value)) for i in first.items] == [
        ("Berber wool cushion - Ochre", 1, "42.00 EUR"),
        ("Argan soap bar 100 g", 3, "15.00 EUR"),
    ]
    assert first.receiver.phone == "+33 4 00 00 00 00"
    assert first.estimates[0].field == "sender"
    assert ("#1004", "cancelled_at") in {(p.order_id, p.field) for p in refused}


def test_a_gift_card_is_not_shipped_and_a_fulfilled_order_not_twice() -> None:
    text = (
        "Name,Currency,Fulfillment Status,Lineitem quantity,Lineitem name,Lineitem price,Lineitem requires shipping,"
        "Shipping City,Shipping Country\n#1,EUR,unfulfilled,1,Tray,40,true,Lyon,FR\n#1,,,1,Gift card,25,false,,\n"
        "#2,EUR,fulfilled,1,Tray,40,true,Lyon,FR\n"
    )
    (order,), (problem,) = orders_of(text)
    assert [i.description for i in order.items] == ["Tray"]
    assert (problem.order_id, problem.field) == ("#2", "fulfilment")
    assert len(orders_of(text, include_fulfilled=True)[0]) == 2


def test_a_bad_row_takes_its_shopify_order_along() -> None:
    text = (
        "Name,Currency,Lineitem quantity,Lineitem name,Lineitem price,Shipping City,Shipping Country\n"
        "#1,EUR,1,Tray,40,Lyon,FR\n#1,,1,Tea\0pot,25,,\n#2,EUR,1,Tray,40,Lyon,FR\n"
    )
    orders, problems = orders_of(text)
    assert [o.id for o in orders] == ["#2"]
    assert sorted(p.row for p in problems) == [2, 3]


def test_woocommerce_packs_items_into_a_cell() -> None:
    drafts, _, sheet = drafts_of(sample("woocommerce.csv").read_bytes())
    assert sheet.layout.format == "woocommerce"
    raws, _ = group(read(sample("woocommerce.csv")))
    assert [line.get("title") for line in raws[0].lines] == ["Argan oil 100 ml", "Hand-painted bowl; large"]
    assert not drafts  # none of its towns is among our five

    for items in (
        "name:Oil|product_id:7|sku:O1|quantity:2|total:28.00|sub_total:28.00",
        '"[{""name"":""Oil"",""sku"":""O1"",""quantity"":2,""total"":""28.00""}]"',
    ):
        text = (
            "order_id,status,order_currency,shipping_city,shipping_country,billing_city,billing_country,line_items\n"
            f"7,processing,EUR,,,Lyon,FR,{items}\n"
        )
        (order,), problems = orders_of(text)
        assert not problems
        assert (order.items[0].sku, str(order.items[0].unit_value)) == ("O1", "14.00 EUR")  # 28.00 / 2
        assert "billing address" in next(str(e.rule) for e in order.estimates if e.field == "receiver")


def test_woocommerce_with_a_row_for_each_item() -> None:
    text = (
        "Order Number,Order Status,Order Date,City (Shipping),Country Code (Shipping),Item Name,Quantity (- Refund),"
        "Item Cost,SKU\n10,Processing,2026-11-20,Lyon,FR,Tray,1,40,T1\n10,Processing,2026-11-20,Lyon,FR,Cup,4,5,C1\n"
    )
    (order,), problems = orders_of(text, currency="EUR")
    assert not problems
    assert order.rows == (2, 3)
    assert str(order.value) == "60.00 EUR"  # 40 + 4 × 5


def test_what_a_woocommerce_shop_refunded_is_not_sent() -> None:
    def packed(name: str, pieces: int, total: str, refunded: int) -> str:
        return (
            f"name:{name}|sku:{name}|quantity:{pieces}|total:{total}|refunded:-1.00|refunded_qty:{refunded}"
        )

    head = "order_id,status,order_currency,shipping_city,shipping_country,line_items\n"
    some = f"7,processing,EUR,Lyon,FR,{packed('Tray', 3, '120.00', -1)};{packed('Cup', 2, '10.00', 2)}\n"
    (order,), problems = orders_of(head + some)
    assert not problems
    assert [(i.description, i.quantity) for i in order.items] == [("Tray", 2)]
    assert str(order.value) == "80.00 EUR"  # 120 for three pieces, two of them left

    orders, (refused,) = orders_of(head + f"8,processing,EUR,Lyon,FR,{packed('Cup', 2, '10.00', 2)}\n")
    assert not orders
    assert refused.field == "refunded_quantity"

    rows = (
        "Order Number,City (Shipping),Country Code (Shipping),Item Name,Quantity (- Refund),Item Cost\n"
        "10,Lyon,FR,Tray,0,40\n10,Lyon,FR,Cup,4,5\n11,Lyon,FR,Tray,0,40\n"
    )
    (order,), (refused,) = orders_of(rows, currency="EUR")
    assert [i.description for i in order.items] == ["Cup"]
    assert (refused.order_id, refused.field) == ("11", "quantity")


def test_what_a_shopify_shop_sent_already_is_not_sent_again() -> None:
    text = (
        "Name,Currency,Fulfillment Status,Lineitem quantity,Lineitem name,Lineitem price,Lineitem fulfillment status,"
        "Shipping City,Shipping Country\n#1,EUR,partial,1,Tray,40,fulfilled,Lyon,FR\n#1,,,2,Cup,5,pending,,\n"
    )
    (order,), problems = orders_of(text)
    assert not problems
    assert order.rows == (2, 3)
    assert [i.description for i in order.items] == ["Cup"]
    (whole,), _ = orders_of(text, include_fulfilled=True)
    assert [i.description for i in whole.items] == ["Tray", "Cup"]


SHOPIFY = (
    "Name,Financial Status,Currency,Subtotal,Discount Amount,Refunded Amount,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem discount,Lineitem requires shipping,Shipping City,Shipping Country\n"
)


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        # 20 % off the whole order, spread over its lines
        (
            "#1,paid,EUR,80.00,20.00,0,1,Tray,60,0.00,true,Lyon,FR\n#1,,,,,,2,Cup,20,0.00,true,,\n",
            ["48.00", "16.00"],
        ),
        # 10 off one line, then 10 % of what is left
        (
            "#1,paid,EUR,81.00,19.00,0,2,Tray,30,10.00,true,Lyon,FR\n#1,,,,,,1,Cup,40,0.00,true,,\n",
            ["22.50", "36.00"],
        ),
        # what needs no shipping had its share too
        (
            "#1,paid,EUR,50.00,50.00,0,1,Tray,60,0.00,true,Lyon,FR\n#1,,,,,,1,Voucher,40,0.00,false,,\n",
            ["30.00"],
        ),
        # freight for nothing is no discount on the goods; taxes and tips in the subtotal are no surcharge
        ("#1,paid,EUR,60.00,4.90,0,1,Tray,60,0.00,true,Lyon,FR\n", ["60"]),
        ("#1,paid,EUR,72.00,0.00,0,1,Tray,60,0.00,true,Lyon,FR\n", ["60"]),
        # given away: customs takes no goods without value
        ("#1,paid,EUR,0.00,60.00,0,1,Tray,60,0.00,true,Lyon,FR\n", ["60"]),
        # a subtotal that a refund lowered says nothing of the price
        ("#1,partially_refunded,EUR,40.00,0.00,20.00,1,Tray,60,0.00,true,Lyon,FR\n", ["60"]),
    ],
)
def test_the_price_paid_is_what_a_shop_s_discount_leaves(lines: str, values: list[str]) -> None:
    (order,), problems = orders_of(SHOPIFY + lines)
    assert not problems
    assert [item.unit_value.amount for item in order.items] == [Decimal(v) for v in values]
    told = [e for e in order.estimates if e.field.endswith("unit_value")]
    assert bool(told) == (values[0] not in {"60"} or "0.00,60.00" in lines)


def test_a_refund_that_names_no_pieces_is_pointed_out() -> None:
    (order,), _ = orders_of(
        SHOPIFY + "#1,partially_refunded,EUR,60.00,0.00,20.00,3,Cup,20,0.00,true,Lyon,FR\n"
    )
    assert [(e.field, e.value) for e in order.estimates if e.field == "pieces"] == [("pieces", "20.00")]
    (order,), _ = orders_of(SHOPIFY + "#1,paid,EUR,60.00,0.00,0.00,3,Cup,20,0.00,true,Lyon,FR\n")
    assert not [e for e in order.estimates if e.field == "pieces"]


def test_a_packed_total_counts_for_more_than_the_subtotal_before_it() -> None:
    head = "order_id,status,order_currency,shipping_city,shipping_country,line_items\n"
    for items in (
        "name:Oil|quantity:2|subtotal:40.00|total:28.00|refunded_qty:0",
        '"[{""name"":""Oil"",""quantity"":2,""subtotal"":""40.00"",""total"":""28.00""}]"',
    ):
        (order,), _ = orders_of(head + f"7,processing,EUR,Lyon,FR,{items}\n")
        assert str(order.items[0].unit_value) == "14.00 EUR"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("wc-completed", "sent already"),
        ("Completed", "sent already"),
        ("On Hold", "holds"),
        ("pending", "payment"),
        ("checkout-draft", "draft"),
        ("processing", ""),
    ],
)
def test_what_a_woocommerce_shop_has_sent_or_not_been_paid_for_stays(status: str, reason: str) -> None:
    text = (
        "order_id,status,order_currency,shipping_city,shipping_country,line_items\n"
        f"7,{status},EUR,Lyon,FR,name:Oil|quantity:2|total:28.00\n"
    )
    orders, problems = orders_of(text)
    assert len(orders) == (not reason)
    assert all(reason in str(p.reason) and p.field == "status" for p in problems)
    assert len(orders_of(text, include_fulfilled=True)[0]) == (reason in {"", "sent already"})


def test_currencies_by_sign_and_custom() -> None:
    for written, code in (("€", "EUR"), ("DH", "MAD"), ("元", "CNY"), ("usd", "USD"), ("FCFA", "XOF")):
        (order,), problems = orders_of(file({"currency": written}))
        assert not problems
        assert order.value.currency == code
    assert "--currency" in str(problem(currency="").remedy)


@pytest.mark.parametrize(
    ("price", "currency", "taken"),
    [
        ("$ 12", "CAD", "CAD"),
        ("$ 12", "USD", "USD"),
        ("¥12", "JPY", "JPY"),
        ("12 DH", "AED", "AED"),
        ("€12", "", "EUR"),
        ("€12", "USD", None),
        ("$12", "EUR", None),
        ("12 MAD", "EUR", None),
        ("¥12", "EUR", None),
    ],
)
def test_a_sign_at_the_price_and_the_currency_beside_it_agree(
    price: str, currency: str, taken: str | None
) -> None:
    if taken is None:
        found = problem(unit_price=price, currency=currency)
        assert (found.field, found.value) == ("unit_price", price)
        assert currency in str(found.reason)
        return
    (order,), _ = orders_of(file({"unit_price": price, "currency": currency}))
    assert order.value.currency == taken
    assert "currency" not in {e.field for e in order.estimates}


def test_a_sign_that_several_currencies_have_is_flagged_where_nothing_tells_which() -> None:
    (order,), _ = orders_of(file({"unit_price": "¥12", "currency": ""}))
    (note,) = (e for e in order.estimates if e.field == "currency")
    assert (order.value.currency, note.value, str(note.rule)) == ("CNY", "CNY", "what “¥” usually means")
    (order,), _ = orders_of(file({"unit_price": "¥12", "currency": ""}), currency="JPY")
    assert order.value.currency == "JPY"


def test_a_price_below_the_smallest_coin_is_no_value() -> None:
    assert problem(unit_price="0.0001").field == "unit_price"
    assert problem(unit_price="0.4", currency="JPY").field == "unit_price"
    (order,), _ = orders_of(file({"unit_price": "0.004", "quantity": "10"}))
    assert str(order.value) == "0.04 EUR"


def test_the_content_is_what_was_written_not_where_or_when() -> None:
    one = group(read_bytes(file({}).encode()))[0][0]
    other = group(read_bytes(file({"order_id": "B"}, {}).encode()))[0][1]
    changed = group(read_bytes(file({"quantity": "2"}).encode()))[0][0]
    assert content_of(one) == content_of(other)
    assert content_of(one) != content_of(changed)


def test_a_row_of_the_calendars_end_is_refused_and_the_others_go_on() -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency,ready_at,incoterm,insured\n"
    rows = (
        "1,FR,Lyon,Tray,1,2,EUR,9999-12-31T23:59:59Z,,\n2,FR,Lyon,Tray,1,2,EUR,0001-01-01T00:00:00+14:00,,\n"
        "3,FR,Lyon,Tray,1,2,EUR,,EXW,\n4,FR,Lyon,Tray,1,2,EUR,,,perhaps\n5,FR,Lyon,Tray,1,2,EUR,,DAP,no\n"
    )
    orders, problems = orders_of(head + rows)
    assert [order.id for order in orders] == ["5"]
    assert orders[0].taxes_paid_by == "receiver"
    assert {(p.order_id, p.field) for p in problems} == {
        ("1", "ready_at"),
        ("2", "ready_at"),
        ("3", "incoterm"),
        ("4", "insured"),
    }
    assert all(str(p.reason) and str(p.remedy) for p in problems)


@pytest.mark.parametrize(
    ("title", "hs", "flag"),
    [
        ("Lithium-Ion Akku 18 V", "", Goods.LITHIUM),
        ("Two power-banks", "", Goods.LITHIUM),
        ("Powerbanks x2", "", Goods.LITHIUM),
        ("Laptops for school", "", Goods.LITHIUM_BUILT_IN),
        ("Accu spare", "850760", Goods.LITHIUM),
        ("Galaxy handset", "851713", Goods.LITHIUM_BUILT_IN),
        ("Vaporisateur 50 ml", "330300", Goods.LIQUID_FLAMMABLE),
        ("Ceramic tray", "691200", Goods.NONE),
    ],
)
def test_words_however_they_are_joined_and_codes_raise_flags(title: str, hs: str, flag: Goods) -> None:
    head = "order_id,country,city,title,hs,quantity,unit_price,currency\n"
    orders, problems = orders_of(f"{head}1,FR,Lyon,{title},{hs},1,2,EUR\n")
    assert not problems
    assert orders[0].goods == flag
