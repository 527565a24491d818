"""The pages of a warehouse beside the scanner's: docks, stock, products, lots, cold zones, kits, slotting, bill, shops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from qafila.runtime.language import LANGUAGES
from qafila.storage import advices, outbound, store
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Product
from qafila.storage.outbound import OutboundOrder
from tests.storage.houses import act, fill, free, name, owner, warehouse
from tests.web.browser import browser

PAGES = ("", "/docks", "/stock", "/products", "/lots", "/cold", "/kits", "/slotting", "/bill", "/shops")
HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    """One browser for all."""
    with browser() as launched:
        yield launched


@pytest.fixture
def desk(chromium: Browser, address: str) -> Iterator[Page]:
    """Somebody in the office, at the narrowest screen."""
    context = chromium.new_context(base_url=address, viewport={"width": 360, "height": 760})
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: said.type == "error" and broken.append(said.text))
    yield page
    context.close()
    assert broken == []


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


@pytest.mark.browser
def test_a_dock_is_booked_by_keyboard_and_taken_for_the_next(desk: Page) -> None:
    facility, merchant = warehouse(), owner()
    first, second = _announced(facility, merchant), _announced(facility, merchant)
    desk.goto(f"/storage/{facility}")
    desk.locator(".sections a", has_text="Docks").focus()
    desk.keyboard.press("Enter")
    for number, found in ((first, "has its dock"), (second, "is taken from")):
        desk.wait_for_selector("#advice")
        desk.locator("#advice").focus()
        desk.keyboard.type(number)
        desk.locator("#at").focus()
        desk.keyboard.type("0915AM")
        desk.locator("#minutes").focus()
        desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        expect(desk.locator(".note").first).to_contain_text(found)
    with administrator() as connection:
        booked = connection.execute(
            text("SELECT advice_id, dock FROM advices WHERE facility = :f AND dock IS NOT NULL"),
            {"f": facility},
        ).all()
    assert [tuple(row) for row in booked] == [(first, "DOCK-1")]
    assert desk.locator("#advice").input_value() == f"{merchant}|{second}"


@pytest.mark.browser
def test_a_recall_goes_both_ways_and_holds_by_keyboard(desk: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 9, "B-04-R-1", "T9")
    order = name("O")
    outbound.place_order(act(), OutboundOrder(order, merchant, facility, (("TEA", 2),)))
    desk.goto(f"/storage/{facility}/lots?owner={merchant}&q=t9")
    desk.get_by_role("link", name="T9").focus()
    desk.keyboard.press("Enter")
    steps = desk.locator(".both-ways > li")
    expect(steps.nth(0)).to_contain_text("9")
    expect(steps.nth(1)).to_contain_text("B-04-R-1")
    expect(steps.nth(2)).to_contain_text(order)
    desk.locator("#because").focus()
    desk.keyboard.type("metal in it")
    desk.keyboard.press("Enter")
    expect(desk.locator(".note.done")).to_contain_text("held everywhere")
    assert free(facility, merchant, "TEA")[0] == 9
    with administrator() as connection:
        assert [lot.held for lot in store.lots(connection, merchant, "TEA")] == ["metal in it"]


@pytest.mark.browser
def test_kits_are_made_where_their_parts_lie(desk: Page) -> None:
    facility, merchant = warehouse(), owner()
    with administrator() as connection:  # its own code alone is known: other merchants have a SET too
        connection.execute(
            text("UPDATE product_codes SET code = :c WHERE merchant_id = :m AND sku = 'SET'"),
            {"c": f"SET-{merchant}", "m": merchant},
        )
        store.put_product(connection, merchant, Product("CUP", "Cup", grams=100, size_mm=(80, 80, 90)))
        store.put_product(connection, merchant, Product("PAIR", "Two cups", parts=(("CUP", 2),)))
        connection.execute(
            text("UPDATE product_codes SET code = :c WHERE merchant_id = :m AND sku = 'PAIR'"),
            {"c": f"PAIR-{merchant}", "m": merchant},
        )
    fill(facility, merchant, "CUP", 7, "A-03-L-1")
    desk.goto(f"/storage/{facility}/kits")
    row = desk.locator("tr", has_text="Two cups").filter(has_text="A-03-L-1")
    expect(row).to_contain_text("3 · A-03-L-1")
    desk.locator("#code").fill(f"PAIR-{merchant}")
    desk.locator("#place").fill("A-03-L-1")
    desk.locator("#pieces").fill("3")
    desk.keyboard.press("Enter")
    expect(desk.locator(".note.done")).to_contain_text("3 × PAIR")
    assert free(facility, merchant, "PAIR") == (3, 0)
    assert free(facility, merchant, "CUP") == (1, 0)


@pytest.mark.browser
def test_no_page_is_wider_than_a_phone(desk: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 9, "B-04-R-1", "A-LOT-WITH-A-LONG-NAME-2027-05-31")
    _announced(facility, merchant)
    for code in ("fr", "ar"):
        for at in PAGES:
            desk.goto(f"/{code}/storage/{facility}{at}")
            wide = desk.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (code, at)
