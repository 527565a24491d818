"""The office of a warehouse in a real browser: every form is filled in, on a desk and on a phone, and does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import text

from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from qafila.storage import advices, outbound, shelving, store
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Product
from qafila.storage.outbound import OutboundOrder
from tests.storage.houses import act, fill, name, owner, warehouse
from tests.storage.shops.recorded import TOKEN, Shop, serving, shopify
from tests.web.browser import browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    """One browser for all."""
    with browser() as launched:
        yield launched


def _rows(query: str, **values: object) -> list[Any]:
    with administrator() as connection:
        return list(connection.execute(text(query), values).all())


class Desk:
    """Somebody at the pages of one warehouse."""

    def __init__(self, page: Page, language: str, facility: str) -> None:
        self.page, self.at = page, f"/{language}/storage/{facility}"

    def open(self, path: str) -> None:
        """Opens a page and looks whether it fits."""
        self.page.goto(self.at + path)
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path}: {wide} px too wide"

    def send(self, button: str = "main form[method=post] button", **fields: str) -> None:
        """Fills in fields by their ids and presses the button."""
        for field, value in fields.items():
            at = self.page.locator(f"#{field}")
            if at.evaluate("e => e.tagName") == "SELECT":
                at.select_option(value)
            else:
                at.fill(value)
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        assert self.page.locator("[aria-invalid=true]").count() == 0


@pytest.mark.parametrize(("language", "width", "theme"), [("fr", 1440, "light"), ("ar", 360, "dark")])
def test_every_form_of_the_office_does_what_it_says(
    chromium: Browser, address: str, language: str, width: int, theme: Any
) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 10, "A-01-L-1", "T1", 700)
    fill(facility, merchant, "LAMP", 9, "A-01-L-1")
    cheese = Product("CHEESE", "Cheese", by_lot=True, temperature=(2, 6), grams=300, size_mm=(100, 100, 50))
    with administrator() as connection:
        store.put_product(connection, merchant, cheese)
    fill(facility, merchant, "CHEESE", 8, "E-01-L-1", "C7")
    number, order = name("PO-"), name("O-")
    advices.announce(act(), Advice(number, merchant, facility, (AdviceLine("LAMP", 5),), "Atelier Nour"))
    outbound.place_order(act(), OutboundOrder(order, merchant, facility, (("LAMP", 2),)))
    context = chromium.new_context(
        base_url=address, viewport={"width": width, "height": 760}, color_scheme=theme
    )
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    desk = Desk(page, language, facility)

    desk.open("")
    desk.send()  # releases
    assert _rows("SELECT state FROM outbound WHERE order_id = :o", o=order)[0].state == "released"

    desk.open("/docks")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    desk.send(advice=f"{merchant}|{number}", dock="DOCK-2", on=tomorrow, at="10:30", minutes="60")
    booked = _rows("SELECT dock, expected_at FROM advices WHERE advice_id = :a", a=number)[0]
    assert (booked.dock, booked.expected_at.strftime("%H:%M")) == ("DOCK-2", "10:30")
    assert number in page.locator("main").inner_text()

    desk.open(f"/products?owner={merchant}")
    page.locator("#p-sku").fill("VASE")
    page.locator("#p-title").fill("Vase bleu")
    page.locator("#p-value").fill("12,50")
    desk.send("main form.stack[method=post] button")
    with administrator() as connection:
        vase = store.products(connection, merchant, ["VASE"])["VASE"]
    assert (vase.title, vase.value, vase.currency) == ("Vase bleu", Decimal("12.50"), "EUR")
    desk.open("/stock")
    page.locator("main input[type=search]").fill("lamp")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lamp**")
    assert "A-01-L-1" in page.locator("main").inner_text()

    lot = f"/lots?owner={merchant}&sku=TEA&lot=T1"
    for said in ("Recall 7", ""):  # held, and let go again
        desk.open(lot)
        desk.send(**({"because": said} if said else {}))
        with administrator() as connection:
            assert [one.held for one in store.lots(connection, merchant, "TEA")] == [said]

    desk.open("/cold")
    began, ended = (datetime.now(UTC) + timedelta(hours=h) for h in (-2, 24 * 365))
    desk.send(
        zone="cold",
        coldest="3",
        warmest="11",
        since=f"{began:%Y-%m-%dT%H:%M}",
        until=f"{ended:%Y-%m-%dT%H:%M}",
    )
    with administrator() as connection:
        assert store.lots(connection, merchant, "CHEESE")[0].held

    desk.open("/kits")
    desk.send(code="SET", place="A-01-L-1", pieces="2")
    made = _rows("SELECT pieces FROM stock WHERE facility = :f AND sku = 'SET'", f=facility)
    assert [row.pieces for row in made] == [2]

    desk.open("/bill")
    page.locator("#owner").select_option(merchant)
    # the page begins with this month, and the goods came some hours ago: perhaps last month
    page.locator("#since").fill(f"{began - timedelta(days=7):%Y-%m-%d}")
    page.locator("main form[method=get] button").first.click()
    page.wait_for_url("**owner=**")
    assert page.locator("main table tbody tr").count() >= 3
    desk.open("/slotting")

    with serving(Shop({"LAMP": -1, "TEA": -1}), shopify) as shop:
        desk.open("/shops")
        desk.send("main form[autocomplete=off] button", shop="shopify", address=shop.url, secret=TOKEN)
        assert TOKEN not in page.content()
        kept = _rows("SELECT shop FROM shop_links WHERE address = :a", a=shop.url)
        assert [row.shop for row in kept] == ["shopify"]
    with administrator() as connection:
        assert shelving.audit(connection) == []
    context.close()
    assert broken == []
