"""The scanner's page, by a newcomer with a keyboard: what goods are kept by is asked for, cartons, handing over, the camera."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import zint
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from qafila.storage import advices, outbound, releasing, shelving, storage_orders, store
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from tests.storage.houses import act, fill, name, owner, warehouse
from tests.web.browser import browser
from tests.web.test_scanner import _open, _scan, _stock

SEEN = name("CAM-")
"""What the camera sees."""


@pytest.fixture(scope="module")
def chromium(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera films a bar code."""
    film = tmp_path_factory.mktemp("film") / "code.y4m"
    _film(film, SEEN)
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with browser(*fake, f"--use-file-for-fake-video-capture={film}") as launched:
        yield launched


def _page(chromium: Browser, address: str) -> Page:
    context = chromium.new_context(base_url=address, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    return page


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """A handheld scanner."""
    page = _page(chromium, address)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    page.context.close()
    assert broken == []


def _own_code(merchant: str, sku: str, code: str = "") -> str:
    """A code by which only this merchant's goods are known."""
    code = code or name(f"{sku}-")
    with administrator() as connection:
        connection.execute(
            text("UPDATE product_codes SET code = :c WHERE merchant_id = :m AND code = :s"),
            {"c": code, "m": merchant, "s": sku},
        )
    return code


@pytest.mark.browser
def test_a_newcomer_s_day_by_keyboard(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    tea, ham = _own_code(merchant, "TEA"), _own_code(merchant, "HAM")
    delivery = name("PO-")
    lines = (AdviceLine("TEA", 10), AdviceLine("HAM", 1))
    advices.announce(act(), Advice(delivery, merchant, facility, lines))

    # he receives: the lot and the day are asked for because tea is kept by them, the weight because ham is weighed
    _open(phone, facility, "receive")
    phone.locator("#scanner summary").click()
    phone.locator("#advice").fill(delivery)
    phone.locator("#who").fill("Nadia")
    asked, answer = phone.locator("[data-part=ask]"), phone.locator("[data-part=answer]")
    _scan(phone, tea, "9")
    expect(asked).to_have_text("Scan or type the lot")
    _scan(phone, "L7")
    expect(asked).to_have_text("Until when does it keep? Day, month and year")
    _scan(phone, "next summer")
    expect(phone.locator("[data-part=word]")).to_have_text("Stop")
    _scan(phone, "31/8/2027")
    expect(answer).to_have_text("9 × Mint tea")
    phone.get_by_role("button", name="It is damaged").click()
    _scan(phone, tea, "1", "L7")
    expect(answer).to_have_text("1 × Mint tea")
    _scan(phone, ham, "1", "H1")
    expect(asked).to_have_text("What does it weigh, in grams? 0 without a scale")
    _scan(phone, "6500")
    expect(answer).to_have_text("1 × Ham")
    phone.get_by_role("button", name="The delivery is complete").click()
    expect(phone.locator("[data-part=more]")).to_have_text("TEA 10/10")  # one of them damaged
    with administrator() as connection:
        told = {r.lot: r.expires_on for r in store.lots(connection, merchant)}
        seen = connection.execute(
            text("SELECT state, differences FROM advices WHERE merchant_id = :m"), {"m": merchant}
        ).one()
        lay = store.stock(connection, "s.facility = :f", f=facility)
    assert told == {"L7": date(2027, 8, 31), "H1": None}
    assert (seen.state, seen.differences[0]["damaged"]) == ("received", 1)
    assert sorted((s.goods.sku, s.goods.condition, s.pieces, s.grams) for s in lay) == [
        ("HAM", "good", 1, 6500),
        ("TEA", "damaged", 1, 0),
        ("TEA", "good", 9, 0),
    ]

    # he picks: of three pieces he finds two, and the ham is weighed again
    fill(facility, merchant, "LAMP", 3, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 3), ("HAM", 1))))
    releasing.release(act(), facility, Wish())
    phone.locator("[data-job=pick]").click()
    phone.get_by_role("button", name="Next tour").click()
    target = phone.locator("[data-part=target]")
    expect(target).to_have_text("DOCK-1")  # ham was not put away: it goes from the dock
    _scan(phone, "DOCK-1", ham, "6480")
    expect(target).to_have_text("A-01-L-1")
    phone.get_by_role("button", name="It is not there").click()
    expect(asked).to_have_text("How many pieces are there?")
    _scan(phone, "9")
    expect(phone.locator("[data-part=word]")).to_have_text("Stop")
    _scan(phone, "2")
    expect(answer).to_have_text("The tour is done")
    with administrator() as connection:
        told_order = storage_orders.told(connection, merchant, "O1")
    assert [(x["sku"], x["picked"], x["short"]) for x in told_order["lines"]] == [
        ("LAMP", 2, 1),
        ("HAM", 1, 0),
    ]

    # he packs and hands over
    phone.locator("[data-job=pack]").click()
    _scan(phone, "O1", "0")
    expect(phone.locator("[data-part=word]")).to_have_text("Done")
    phone.locator("[data-job=hand-over]").click()
    _scan(phone, "TRUCK-7", "O1")
    expect(phone.locator("[data-part=more]")).to_have_text("→ TRUCK-7")
    with administrator() as connection:
        assert storage_orders.told(connection, merchant, "O1")["state"] == "handed_over"
        assert shelving.audit(connection) == []


@pytest.mark.browser
def test_an_order_in_several_cartons_is_packed_one_after_the_other(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 15, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("MANY", merchant, facility, (("LAMP", 15),)))
    releasing.release(act(), facility, Wish())
    _open(phone, facility, "pick")
    phone.get_by_role("button", name="Next tour").click()
    _scan(phone, "A-01-L-1", "LAMP")
    phone.locator("[data-job=pack]").click()
    _scan(phone, "MANY")
    more = phone.locator("[data-part=more]")
    expect(more).to_contain_text("carton 1 of")
    count = int(more.inner_text().split("of ")[1].split(":")[0])
    expect(phone.locator("[data-part=picture] svg")).to_be_visible()
    for n in range(count):
        expect(more).to_contain_text(f"carton {n + 1} of {count}")
        _scan(phone, "0")
    assert {p.split(":")[0] for p in _stock(facility)} == {"BOX"}
    assert len(_stock(facility)) == count


def _film(path: Path, code: str) -> None:
    """A film of a bar code (Code 128), as a camera would send it: two seconds of Y4M."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE128
    symbol.encode(code)
    bars = np.unpackbits(np.asarray(symbol.encoded_data)[:1], axis=1, bitorder="little")[0, : symbol.width]
    drawn = np.repeat(bars, 2)
    frame = np.full((480, 640), 235, np.uint8)
    begin = (640 - len(drawn)) // 2
    frame[150:330, begin : begin + len(drawn)] = np.where(drawn, 16, 235)
    grey = np.full((240, 320), 128, np.uint8).tobytes()
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(20):
            film.write(b"FRAME\n" + frame.tobytes() + grey + grey)


@pytest.mark.browser
def test_a_phone_s_camera_reads_the_code(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    _own_code(merchant, "LAMP", SEEN)
    phone.context.grant_permissions(["camera"])
    _open(phone, facility, "receive")
    assert not phone.evaluate("'BarcodeDetector' in window")  # so that it is our own reader that is tried
    phone.get_by_role("button", name="Camera").click()
    expect(phone.locator("[data-part=ask]")).to_have_text("How many pieces?", timeout=60_000)
    expect(phone.locator("[data-part=film]")).to_be_hidden()
    _scan(phone, "2")
    expect(phone.locator("[data-part=answer]")).to_have_text("2 × Lamp")
    assert _stock(facility) == {"DOCK-1": 2}
