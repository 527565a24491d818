"""The pages of a warehouse beside the scanner's: docks, stock, products, lots, cold zones, kits, slotting, bill, shops."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from qafila.core.fault import Fault
from qafila.runtime.database import administrator
from qafila.runtime.language import LANGUAGES
from qafila.storage import advices, outbound, packing, storage_messages, store
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Product
from qafila.storage.outbound import OutboundOrder
from tests.storage.houses import act, fill, name, owner, warehouse

PAGES = ("", "/docks", "/stock", "/products", "/lots", "/cold", "/kits", "/slotting", "/bill", "/shops")
HERE = {"sec-fetch-site": "same-origin"}


def _announced(facility: str, merchant: str) -> str:
    number = name("PO-")
    advices.announce(act(), Advice(number, merchant, facility, (AdviceLine("LAMP", 5),), "Atelier Nour"))
    return number


def test_each_page_opens_in_four_languages_and_leads_to_the_others(client: TestClient) -> None:
    facility = warehouse()
    for code in LANGUAGES:
        for at in PAGES:
            answer = client.get(f"/{code}/storage/{facility}{at}")
            assert answer.status_code == 200, (code, at)
            there = set(re.findall(rf'href="/{code}/storage/{facility}([^"?]*)"', answer.text))
            assert there >= {*PAGES, "/scan"}, (code, at)
    assert client.get("/storage/nowhere/stock").status_code == 404


def test_what_is_written_wrong_is_said_and_kept(client: TestClient) -> None:
    facility, merchant = warehouse(), owner()
    number = _announced(facility, merchant)
    told = {
        "advice": f"{merchant}|{number}",
        "dock": "DOCK-1",
        "day": "2026-12-01",
        "at": "nine",
        "minutes": "60",
    }
    answer = client.post(f"/storage/{facility}/docks", data=told, headers=HERE)
    assert answer.status_code == 422
    assert "2026-12-01 nine" in answer.text
    cold = {
        "zone": "cold",
        "coldest": "7",
        "warmest": "4",
        "since": "2026-11-30T08:00",
        "until": "2026-11-30T09:00",
    }
    assert client.post(f"/storage/{facility}/cold", data=cold, headers=HERE).status_code == 422
    kit = {"code": "SET", "place": "A-01-L-1", "pieces": "many"}
    answer = client.post(f"/storage/{facility}/kits", data=kit, headers=HERE)
    assert (answer.status_code, 'value="many"' in answer.text) == (422, True)
    shop = {"shop": "shopify", "address": "ftp://x", "secret": "shpat_12345678"}
    answer = client.post(f"/storage/{facility}/shops", data=shop, headers=HERE)
    assert (answer.status_code, "shpat_12345678" in answer.text) == (422, False)
    product = {"owner": merchant, "sku": "NEW", "title": "", "grams": "10"}
    answer = client.post(f"/storage/{facility}/products", data=product, headers=HERE)
    assert (answer.status_code, 'value="NEW"' in answer.text) == (422, True)
    assert client.get(f"/storage/{facility}/bill?since=x&until=y").status_code == 422


def test_a_product_that_is_changed_keeps_its_cases_and_parts(client: TestClient) -> None:
    facility, merchant = warehouse(), owner()
    told = {"owner": merchant, "sku": "TEA", "title": "Tea, green", "grams": "260", "length": "120", "width": "80",
            "height": "60", "barcode": "6111234567895", "by_lot": "1", "expires": "1", "least_days": "12",
            "coldest": "-2", "warmest": "30", "value": "4.75", "currency": "EUR", "hs": "090210", "origin": "ma"}  # fmt: skip
    answer = client.post(f"/storage/{facility}/products", data=told, headers=HERE)
    assert answer.status_code == 303
    with administrator() as connection:
        kept = store.products(connection, merchant, ["TEA"])["TEA"]
    assert (kept.title, kept.grams, kept.origin, kept.temperature) == ("Tea, green", 260, "MA", (-2, 30))
    assert kept.barcodes == (("6111234567895", 1), ("16111234567892", 12))
    assert (kept.by_lot, kept.expires, kept.by_serial, kept.least_days) == (True, True, False, 12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grams": "1,5 kg"}, "1,5 kg is no weight of a piece in grams."),
        ({"grams": "-5"}, "-5 is no weight"),
        ({"length": "12 cm"}, "12 cm is no side of a piece in millimetres."),
        ({"width": "-80"}, "-80 is no side"),
        ({"least_days": "ten"}, "ten is no number of days."),
        ({"coldest": "2"}, "2 to – is no range of temperatures."),
        ({"coldest": "8", "warmest": "2"}, "8 to 2 is no range of temperatures."),
    ],
)
def test_what_is_wrong_with_a_product_is_said_as_what_it_is(
    client: TestClient, wrong: dict[str, str], said: str
) -> None:
    facility, merchant = warehouse(), owner()
    told = {"owner": merchant, "sku": "NEW", "title": "New", "grams": "10"} | wrong
    answer = client.post(f"/storage/{facility}/products", data=told, headers=HERE)
    assert answer.status_code == 422
    assert said in re.sub(r"<[^>]*>", "", answer.text)
    with administrator() as connection:
        assert "NEW" not in store.products(connection, merchant, ["NEW"])


def test_a_zone_that_was_too_warm_holds_what_does_not_bear_it(client: TestClient) -> None:
    facility, merchant = warehouse(), owner()
    cheese = Product("CHEESE", "Cheese", by_lot=True, temperature=(2, 6), grams=300, size_mm=(100, 100, 50))
    with administrator() as connection:
        store.put_product(connection, merchant, cheese)
    fill(facility, merchant, "CHEESE", 8, "E-01-L-1", "C7")
    told = {
        "zone": "cold",
        "coldest": "3",
        "warmest": "11",
        "since": "2026-11-30T08:00",
        "until": "2099-11-30T10:00",
    }
    answer = client.post(f"/storage/{facility}/cold", data=told, headers=HERE)
    assert answer.headers["location"].endswith("/cold?held=1")
    page = client.get(
        f"/storage/{facility}/lots", params={"owner": merchant, "sku": "CHEESE", "lot": "C7"}
    ).text
    assert "3 to 11 °C" in page
    let_go = {"owner": merchant, "sku": "CHEESE", "lot": "C7", "do": "free"}
    assert client.post(f"/storage/{facility}/lots", data=let_go, headers=HERE).status_code == 303
    with administrator() as connection:
        assert [lot.held for lot in store.lots(connection, merchant, "CHEESE")] == [""]


def test_stock_on_a_cart_is_not_said_to_be_free(client: TestClient) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 7, "A-02-L-1")
    outbound.place_order(act(), OutboundOrder(name("O"), merchant, facility, (("LAMP", 2),)))
    page = client.get(f"/storage/{facility}/stock?q=lamp").text
    figures = re.findall(r"<dd>(\d+)</dd><dt>", page)
    assert figures == ["7", "5", "1"]
    assert "Nothing here is called that" in client.get(f"/storage/{facility}/stock?q=%25").text


def test_what_is_in_the_way_of_the_list_to_pack_is_said_to_the_scanner(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    facility = warehouse()
    told = client.get(f"/storage/{facility}/to-pack").json()
    assert (told["state"], told["orders"]) == ("done", [])

    def ahead(*_: object) -> None:
        raise Fault(storage_messages.NO_ORDER(order="O-1"))

    monkeypatch.setattr(packing, "ahead", ahead)
    told = client.get(f"/storage/{facility}/to-pack").json()
    assert (told["state"], "O-1" in told["said"]) == ("refused", True)
    assert client.get("/storage/nowhere/to-pack").status_code == 404
