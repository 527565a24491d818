"""What the office does: advices from files, bills, slotting, excursions, stock for shops."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qafila.core.fault import Fault
from qafila.runtime.database import administrator
from qafila.storage import (
    advice_file,
    billing,
    fetching,
    outbound,
    putting_away,
    releasing,
    reslotting,
    shelving,
    storage_receiving,
    store,
)
from qafila.storage.advices import AdviceLine
from qafila.storage.model import Goods, Product
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from qafila.storage.shops import shops_files
from qafila.storage.storage_receiving import Received
from tests.storage.houses import NOW, act, fill, owner, warehouse


def test_an_advice_is_read_from_a_file_of_a_spreadsheet() -> None:
    text = "Produit;Référence;Quantité;Lot;expires_on\nThé;TEA;12;T1;2027-11-30\n;;;;\nLampe;LAMP;4;;\n"
    assert advice_file.read(text.encode("cp1252")) == [
        AdviceLine("TEA", 12, "T1", date(2027, 11, 30)),
        AdviceLine("LAMP", 4),
    ]
    for broken, words in (
        ("sku,pieces\nTEA,1.5\n", "Row 2, column pieces: 1.5"),
        ("sku,pieces\n,1\n", "Row 2, column sku"),
        ("sku,pieces,expires_on\nTEA,1,10/11/2027\n", "Row 2, column expires_on"),
        ("name,number\nTEA,1\n", "its columns are name, number"),
        ("sku,pieces\n", "has 0 rows"),
        ("", "cannot be read"),
    ):
        with pytest.raises(Fault, match=words):
            advice_file.read(broken.encode())


def test_a_bill_is_the_sum_of_what_moved_and_lay() -> None:
    facility, merchant = warehouse(), owner()
    start = NOW - timedelta(days=10)
    goods = Goods(merchant, "LAMP")  # 300 × 200 × 200 mm: 12 litres
    storage_receiving.receive(act(at=start), facility, merchant, "", "DOCK-1", Received("LAMP", 10))
    putting_away.put_away(act(at=start), facility, "DOCK-1", "A-01-L-1", goods, 10)
    with administrator() as connection:
        lines, unknown = billing.bill(connection, merchant, start, NOW)
    told = {line.rate.kind: (line.quantity, line.amount.amount) for line in lines}
    assert told == {
        "receive": (Decimal(10), Decimal("0.60")),
        "put_away": (Decimal(10), Decimal("0.30")),
        "store": (Decimal("1.2000"), Decimal("0.66")),  # 10 × 0.012 m³ for 10 days
    }
    assert unknown == ()
    with (
        administrator() as connection
    ):  # the second half alone: what lay there when it began counts from then
        later, _ = billing.bill(connection, merchant, NOW - timedelta(days=5), NOW)
    assert [(x.rate.kind, x.quantity) for x in later] == [("store", Decimal("0.6000"))]


def test_slotting_moves_what_is_fetched_often_to_the_front() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 30, "C-10-R-1")
    fill(facility, merchant, "LAMP-B", 5, "A-01-L-1")
    for n in range(6):
        outbound.place_order(act(), OutboundOrder(f"O{n}", merchant, facility, (("LAMP", 1),)))
    releasing.release(act(), facility, Wish(compartments=1))
    while (seen := fetching.begin(act(), facility))["tour"]:
        while seen["next"]:
            seen = fetching.fetch(act(), seen["tour"], seen["next"]["pick"], 1)
    with administrator() as connection:
        found = reslotting.advise(connection, facility, NOW)
    assert found.tours == 6
    assert found.before == pytest.approx(6 * 2 * (8 + 10))
    assert found.exchanges[0]["sku"] == "LAMP"
    assert found.exchanges[0]["to"].startswith("A-01")
    assert found.after == pytest.approx(6 * 2 * 1)


def test_what_was_too_warm_is_held_and_the_rest_is_not() -> None:
    facility, merchant = warehouse(), owner()
    with administrator() as connection:
        for sku, bears in (("MILK", (2, 6)), ("CHEESE", (2, 14))):
            store.put_product(connection, merchant, Product(sku, sku.title(), by_lot=True, temperature=bears))
    fill(facility, merchant, "MILK", 5, "E-01-L-1", "M1")
    fill(facility, merchant, "CHEESE", 5, "E-02-L-1", "C1")
    found = shelving.excursion(
        act(), facility, "cold", 3, 11, NOW - timedelta(hours=1), NOW + timedelta(days=2000)
    )
    assert found["held"] == [{"owner": merchant, "sku": "MILK", "lot": "M1"}]
    assert (
        outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("MILK", 1),)))["state"]
        == "waiting"
    )
    assert (
        outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("CHEESE", 1),)))["state"]
        == "reserved"
    )


def test_shops_get_the_free_stock() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),)))
    with administrator() as connection:
        shopify = shops_files.rows(connection, merchant, "shopify")
        woo = shops_files.rows(connection, merchant, "woocommerce")
        with pytest.raises(Fault, match="shopify, woocommerce"):
            shops_files.rows(connection, merchant, "ebay")
    assert shopify[1] == ["lamp", "Lamp", "LAMP", "940520", "MA", facility, "3"]
    assert ["LAMP", "Lamp", "1", "3"] in woo
    assert ["TEA", "Mint tea", "0", "0"] in woo


def test_waves_of_many_orders_are_shorter_than_habit() -> None:
    facility, merchant = warehouse(), owner()
    dice = random.Random(2)
    for n in range(8):
        fill(facility, merchant, "LAMP", 8, f"{'ABC'[n % 3]}-{1 + n:02d}-L-1")
        fill(facility, merchant, "TEA", 30, f"{'ABC'[n % 3]}-{1 + n:02d}-R-1", f"T{n}", days=100 + n)
    for n in range(20):
        outbound.place_order(
            act(),
            OutboundOrder(
                f"O{n}", merchant, facility, (("LAMP", dice.randint(1, 3)), ("TEA", dice.randint(1, 6)))
            ),
        )
    wave = releasing.release(act(), facility, Wish(compartments=4))
    assert sum(t["orders"] for t in wave["tours"]) == 20
    assert all(t["metres"] <= t["habit_metres"] + 1e-6 for t in wave["tours"])
