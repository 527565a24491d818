"""The driver's page in a real browser: a theft is not told without its report, and a carrier's driver goes on without connection."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from qafila.cli.chassis.serve import listen
from qafila.delivery.model import State
from qafila.runtime.accounts import sessions
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.web.chassis import assets
from tests.delivery.test_hauling import Hauled
from tests.web.browser import CHROMIUM, browser
from tests.web.visitors import member

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def station() -> Hauled:
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    if CHROMIUM is None or shutil.which(CHROMIUM) is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    return Hauled()


@pytest.fixture(scope="module")
def served(station: Hauled) -> Iterator[str]:
    from qafila.web.portal import create_app

    socket = listen("127.0.0.1", 18500)
    app = create_app(lambda: station.context)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def phone(station: Hauled, served: str) -> Iterator[Page]:
    """The phone of a carrier's driver."""
    with doorkeeping() as connection:
        link = sessions.link_for(connection, member(station.ours, "driver"), datetime.now(UTC))
    with browser() as launched:
        context = launched.new_context(base_url=served, viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.goto(f"/enter/{link}")
        yield page
        context.close()


def test_a_theft_is_not_told_without_its_report_and_the_page_opens_without_connection(
    station: Hauled, phone: Page
) -> None:
    round, number = station.by[station.ours]
    phone.goto("/hauled")
    phone.get_by_role("link", name="Drive").click()
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    phone.reload()  # what it is made of is kept by now
    gone = phone.locator("form[data-form=gone]")
    phone.get_by_text("It is gone").click()
    gone.locator("select").select_option("stolen")
    gone.get_by_role("button").click()
    report = gone.locator("input[name=detail]")
    assert report.evaluate("field => field.validity.valueMissing")
    assert station.delivery(number).state is State.OUT
    gone.locator("select").select_option("lost")
    assert not report.evaluate("field => field.validity.valueMissing")  # a loss needs none
    gone.locator("select").select_option("stolen")
    phone.context.set_offline(True)
    phone.reload()
    assert phone.url.endswith(f"/hauled/{round}")
    phone.get_by_text("It is gone").click()
    gone.locator("select").select_option("stolen")
    report.fill("PV 12/2027")
    gone.get_by_role("button").click()
    expect(phone.locator("[data-part=waiting]")).to_have_attribute("data-n", "1")
    assert station.delivery(number).state is State.OUT
    phone.context.set_offline(False)
    expect(phone.locator("[data-part=waiting]")).to_have_attribute("data-n", "0")
