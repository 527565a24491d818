"""The pages in a real browser: nothing on the console, nothing too wide, nothing too heavy, the keyboard enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from qafila.context import of_this_home
from qafila.runtime.accounts.sessions import first_link
from qafila.web.network.atlas import atlas
from tests.web.browser import browser
from tests.web.test_ship import QUESTION

pytestmark = pytest.mark.browser

ASK = "/ship?" + "&".join(f"{k}={v.replace(' ', '+')}" for k, v in QUESTION.items())
PLAIN = [
    "/welcome", "/ship", "/ship/file", "/shipments", "/t", "/t/HA999999996MA", "/saved", "/pickups", "/sign-in", "/docs", "/account", "/people",
    "/keys", "/organisations", ASK,
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    """One browser for all."""
    with browser() as launched:
        yield launched


@pytest.fixture
def tab(chromium: Browser, address: str) -> Iterator[Page]:
    """A fresh tab that fails the test on any error of the page."""
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    yield from _watched(context)


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """The same on a small phone."""
    context = chromium.new_context(base_url=address, viewport={"width": 360, "height": 740}, has_touch=True)
    yield from _watched(context)


def _watched(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda m: said.append(m.text) if m.type == "error" and "status of 4" not in m.text else None,
    )
    yield page
    context.close()
    assert said == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_facility_s_departures_fit_a_phone(phone: Page, language: str) -> None:
    phone.goto(f"/{language}/network/facility/SC-MA-CASABLANCA", wait_until="domcontentloaded")
    over = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert phone.locator(".departures li").count() > 5
    assert over <= 0


@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh"])
def test_no_page_is_too_wide_or_too_heavy(phone: Page, language: str) -> None:
    for path in [*PLAIN, "/today"]:
        weights: dict[str, int] = {}
        session = phone.context.new_cdp_session(phone)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on(
            "Network.loadingFinished",
            lambda e, w=weights: w.update({e["requestId"]: int(e["encodedDataLength"])}),
        )
        phone.goto(f"/{language}{path}", wait_until="load")
        phone.evaluate("document.fonts.ready.then(() => 0)")
        phone.wait_for_timeout(100)  # the last sizes come in
        wide = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path}: {wide} px too wide"
        if path != "/today":  # the hub's own has the map
            assert sum(weights.values()) < 300_000, f"{path}: {sum(weights.values())} bytes"
        assert phone.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        session.detach()


def test_the_map_shows_every_facility_and_opens_one(tab: Page) -> None:
    tab.goto("/network")
    tab.wait_for_selector("[data-map][data-ready=yes]", timeout=60_000)
    tab.locator("[name=mode][value=belly]").uncheck()
    busiest = atlas(of_this_home()).search("")[0]
    canvas = tab.locator("canvas.maplibregl-canvas")
    expect(canvas).to_be_visible()
    tab.goto(f"/network/facility/{busiest.id}")
    tab.wait_for_selector("[data-map][data-ready=yes]", timeout=60_000)
    expect(tab.locator("#panel h2")).to_have_text(busiest.name)
    onward = tab.locator("#panel .departures a").first
    name = onward.inner_text()
    onward.click()  # htmx swaps the panel, the address follows
    expect(tab.locator("#panel h2")).to_have_text(name)
    assert "/network/facility/" in tab.url
    tab.go_back()
    expect(tab.locator("#panel h2")).to_have_text(busiest.name)


def test_the_list_answers_while_one_types(tab: Page) -> None:
    tab.goto("/network")
    tab.locator("#q").press_sequentially("tanger")
    tab.wait_for_url("**/network?q=tanger*")
    expect(tab.locator("#found tbody tr").first).to_contain_text("Tanger")


def test_a_parcel_is_booked_with_the_keyboard_alone(tab: Page) -> None:
    tab.goto("/ship")
    tab.keyboard.press("Tab")
    expect(tab.locator(":focus")).to_have_text("Skip to the content")
    tab.keyboard.press("Enter")
    for name, value in (
        ("sender_city", "Casablanca"),
        ("sender_country", "Morocco"),
        ("city", "Lyon"),
        ("country", "France"),
    ):
        tab.keyboard.press("Tab")
        while tab.evaluate("document.activeElement.name") != name:
            tab.keyboard.press("Tab")
        tab.keyboard.type(value)
    for name, value in (("title", "leather handbag"), ("quantity", "1"), ("unit_price", "900")):
        while tab.evaluate("document.activeElement.name") != name:
            tab.keyboard.press("Tab")
        tab.keyboard.type(value)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/ship?*")
    choose = tab.get_by_role("link", name="Choose").first
    expect(choose).to_be_visible()
    choose.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/ship/offer?*")
    for name, value in (
        ("sender_name", "A"),
        ("sender_line1", "1 Rue X"),
        ("name", "B"),
        ("line1", "2 Rue Y"),
    ):
        while tab.evaluate("document.activeElement.name") != name:
            tab.keyboard.press("Tab")
        tab.keyboard.type(value)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/shipments/*")
    expect(tab.get_by_text("Booked.", exact=True)).to_be_visible()
    tab.wait_for_selector("[data-map][data-ready=yes]", timeout=60_000)
    tab.go_back()
    expect(tab.locator("#name")).to_be_visible()


def test_what_has_the_focus_is_seen(tab: Page) -> None:
    tab.goto("/")
    for _ in range(12):
        tab.keyboard.press("Tab")
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", tab.evaluate("document.activeElement.outerHTML")


def test_forms_work_without_javascript(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    page.goto(ASK)
    assert page.get_by_role("link", name="Choose").count() > 1
    page.goto("/network")
    page.locator("#q").fill("casablanca")
    page.locator("#q").press("Enter")
    expect(page.locator("#found tbody tr").first).to_contain_text("Casablanca")
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_offers_print_on_two_pages_at_most(tab: Page, language: str, tmp_path: Path) -> None:
    question = (
        "sender_city=Casablanca&sender_country=MA&city=Paris&country=FR&title=ceramic+bowl&quantity=1"
        "&unit_price=100&currency=MAD&weight_kg=0.6"
    )
    tab.goto(f"/{language}/ship?{question}", wait_until="load")
    offers = tab.locator(".offers > li").count()
    assert offers >= 3
    printed = tmp_path / "offers.pdf"
    tab.pdf(path=printed, format="A4")
    pages = pypdfium2.PdfDocument(printed)
    assert 1 <= len(pages) <= 2
