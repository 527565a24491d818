"""The scanner's page in a real browser whose network is cut: a day's work by keyboard, everything once, nothing lost."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from sqlalchemy import text

from qafila.runtime.database import administrator
from qafila.storage import fetching, outbound, releasing, shelving, storage_orders, store
from qafila.storage.model import Goods, Product
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from tests.storage.houses import act, fill, free, owner, warehouse


def _open(page: Page, facility: str, job: str) -> None:
    page.goto(f"/storage/{facility}/scan#{job}")
    page.wait_for_selector("#scanner[data-ready=yes][data-put-by=yes]")


def _scan(page: Page, *codes: str) -> None:
    """As a keyboard wedge does: the code, then Enter; the next when the page has taken it."""
    for code in codes:
        page.locator("#scan").fill(code)
        page.keyboard.press("Enter")
        page.wait_for_selector("#scanner:not([data-busy])")


def _stock(facility: str) -> dict[str, int]:
    with administrator() as connection:
        rows = connection.execute(
            text("SELECT place, sum(pieces) AS n FROM stock WHERE facility = :f AND pieces > 0 GROUP BY 1"),
            {"f": facility},
        )
        return {r.place: int(r.n) for r in rows}


@pytest.mark.browser
def test_goods_are_received_and_put_away_by_keyboard(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    with administrator() as connection:  # its goods alone are known by the code
        connection.execute(
            text("UPDATE product_codes SET code = :c WHERE merchant_id = :m AND sku = 'LAMP'"),
            {"c": f"L-{merchant}", "m": merchant},
        )
    code = f"L-{merchant}"
    _open(phone, facility, "receive")
    _scan(phone, code, "4")
    expect(phone.locator("[data-part=answer]")).to_have_text("4 × Lamp")
    expect(phone.locator("[data-part=word]")).to_have_text("Done")
    put_at = phone.locator("[data-part=more]").inner_text().removeprefix("Put it at ")
    phone.locator("[data-job=put-away]").click()
    _scan(phone, code, "3", put_at)
    expect(phone.locator("[data-part=more]")).to_have_text(f"→ {put_at}")
    assert _stock(facility) == {"DOCK-1": 1, put_at: 3}
    _scan(phone, code, "2", put_at)  # one is left
    expect(phone.locator("[data-part=word]")).to_have_text("Stop")
    expect(phone.locator("[data-part=answer]")).to_contain_text("not 2 free pieces")
    assert _stock(facility) == {"DOCK-1": 1, put_at: 3}


@pytest.mark.browser
def test_a_tour_is_walked_without_connection_and_sent_once(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-02-L-1")
    fill(facility, merchant, "TEA", 5, "B-04-R-1", "T1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2), ("TEA", 1))))
    releasing.release(act(), facility, Wish())
    _open(phone, facility, "pick")
    phone.get_by_role("button", name="Next tour").click()
    target = phone.locator("[data-part=target]")
    expect(target).to_have_text("A-02-L-1")
    _scan(phone, "A-09-L-1")
    expect(phone.locator("[data-part=word]")).to_have_text("Stop")
    phone.context.set_offline(True)
    _scan(phone, "A-02-L-1")
    expect(target).to_have_text("2 × Lamp")
    _scan(phone, "LAMP")
    expect(phone.locator("[data-part=more]")).to_contain_text("sent when there is a connection")
    expect(target).to_have_text("B-04-R-1")
    phone.reload()  # the page itself comes from the service worker, the tour and the queue from the browser's database
    phone.wait_for_selector("#scanner[data-ready=yes]")
    expect(target).to_have_text("B-04-R-1")
    _scan(phone, "B-04-R-1", "TEA")
    expect(phone.locator("[data-part=waiting]")).to_have_text("2 scans wait to be sent")
    assert _stock(facility) == {"A-02-L-1": 5, "B-04-R-1": 5}
    phone.context.set_offline(False)
    expect(phone.locator("[data-part=waiting]")).to_have_text("Everything is sent", timeout=15_000)
    there = _stock(facility)
    assert (there["A-02-L-1"], there["B-04-R-1"]) == (3, 4)
    with administrator() as connection:
        assert storage_orders.told(connection, merchant, "O1")["state"] == "picked"
        moved = connection.execute(
            text("SELECT count(*) FROM stock_movements WHERE facility = :f AND reason = 'pick'"),
            {"f": facility},
        ).scalar_one()
        assert shelving.audit(connection) == []
    assert moved == 2


@pytest.mark.browser
def test_packing_begins_without_connection_and_is_sent_once(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-02-L-1")
    fill(facility, merchant, "TEA", 5, "B-04-R-1", "T1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),)))
    outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("TEA", 1),)))
    releasing.release(act(), facility, Wish())
    while (seen := fetching.begin(act(), facility))["tour"]:
        for stop in seen["stops"]:
            fetching.fetch(act(), seen["tour"], stop["pick"], stop["pieces"])
    _open(phone, facility, "pack")
    phone.wait_for_selector("#scanner[data-to-pack='2']")
    phone.context.set_offline(True)
    phone.reload()  # nothing of what follows comes from the server
    phone.wait_for_selector("#scanner[data-ready=yes]")
    answer, more = phone.locator("[data-part=answer]"), phone.locator("[data-part=more]")
    _scan(phone, "O9")
    expect(answer).to_have_text("O9 is not kept on this device")
    expect(more).to_contain_text("you can pack the orders that this device knew when it had one: O1, O2.")
    _scan(phone, "O1")
    expect(answer).to_contain_text("O1 → ")
    expect(more).to_contain_text("2 × Lamp")
    expect(phone.locator("[data-part=picture] svg")).to_be_visible()
    _scan(phone, "9999")
    expect(answer).to_contain_text("The carton weighs 9999 g, and its contents say ")
    _scan(phone, "0")
    expect(more).to_contain_text("sent when there is a connection")
    _scan(phone, "O1")  # it is packed
    expect(answer).to_have_text("O1 is not kept on this device")
    _scan(phone, "O2", "0")
    expect(phone.locator("[data-part=waiting]")).to_have_text("2 scans wait to be sent")
    phone.context.set_offline(False)
    expect(phone.locator("[data-part=waiting]")).to_have_text("Everything is sent", timeout=15_000)
    with administrator() as connection:
        states = [storage_orders.told(connection, merchant, order)["state"] for order in ("O1", "O2")]
        packed = connection.execute(
            text("SELECT sum(pieces) FROM stock_movements WHERE facility = :f AND reason = 'pack'"),
            {"f": facility},
        ).scalar_one()
        assert shelving.audit(connection) == []
    assert (states, packed) == (["packed", "packed"], 3)


@pytest.mark.browser
def test_a_late_scan_that_conflicts_is_counted_and_not_lost(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 3, "A-01-L-1")
    _open(phone, facility, "move")
    phone.context.set_offline(True)
    _scan(phone, "A-01-L-1", "LAMP", "3", "B-01-L-1")
    expect(phone.locator("[data-part=waiting]")).to_have_text("1 scans wait to be sent")
    shelving.shift(
        act(by="Badr"), facility, "A-01-L-1", "C-01-L-1", goods, 2
    )  # meanwhile somebody takes two of them
    phone.context.set_offline(False)
    expect(phone.locator("[data-part=answer]")).to_have_text("This is to be counted", timeout=15_000)
    assert _stock(facility) == {"A-01-L-1": 1, "C-01-L-1": 2}
    with administrator() as connection:
        row = connection.execute(
            text("SELECT place, sku, because, details FROM counts WHERE facility = :f"), {"f": facility}
        ).one()
    assert (row.place, row.because, row.details["pieces"]) == ("A-01-L-1", "conflict", 3)
    assert free(facility, merchant, "LAMP") == (3, 0)


@pytest.mark.browser
def test_an_answer_that_is_lost_on_its_way_does_nothing_twice(phone: Page) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    _open(phone, facility, "move")
    lost = []

    def lose(route: object) -> None:
        if not lost:  # the server does it, the scanner never hears of it
            lost.append(route.fetch())  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    phone.route("**/act", lose)
    _scan(phone, "A-01-L-1", "LAMP", "2", "B-01-L-1")
    expect(phone.locator("[data-part=waiting]")).to_have_text("Everything is sent", timeout=15_000)
    assert _stock(facility) == {"A-01-L-1": 3, "B-01-L-1": 2}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_fit_a_phone(phone: Page, language: str) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    for path in (f"/storage/{facility}", f"/storage/{facility}/scan"):
        phone.goto(f"/{language}{path}")
        wide = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path}: {wide} px too wide"


def test_the_supervisor_releases_and_sees(client: TestClient) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),)))
    outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("TEA", 2),)))
    page = client.get(f"/storage/{facility}")
    assert page.status_code == 200
    assert "TEA" in page.text
    assert "<svg" in page.text
    done = client.post(f"/storage/{facility}/release", data={"key": "once"})
    assert done.headers["location"].endswith(f"/storage/{facility}?released=1-1")
    assert (
        client.post(f"/storage/{facility}/release", data={"key": "once"}).headers["location"]
        == done.headers["location"]
    )
    assert client.get("/storage/nowhere").status_code == 404
    assert Goods(merchant, "LAMP")


def test_a_delivery_is_announced_by_a_file(client: TestClient) -> None:
    facility = warehouse()
    with administrator() as connection:
        store.put_product(connection, "local", Product("MUG", "Mug"))
    sent = client.post(
        f"/storage/{facility}/advice",
        data={"id": facility},
        files={"file": ("in.csv", b"sku,pieces\nMUG,7\n")},
    )
    assert sent.headers["location"].endswith(f"/storage/{facility}?announced=1")
    assert f">{facility}</bdi>" in client.get(f"/storage/{facility}").text
    wrong = client.post(
        f"/storage/{facility}/advice", data={"id": "x"}, files={"file": ("in.csv", b"sku,pieces\nMUG,many\n")}
    )
    assert wrong.status_code >= 400
    assert "Row 2, column pieces: many" in wrong.text


def test_a_stranger_scans_nothing(stranger: TestClient) -> None:
    facility = warehouse()
    assert stranger.get(f"/storage/{facility}/scan").headers["location"].startswith("/sign-in")
    assert stranger.post(f"/storage/{facility}/act", json={"key": "x", "kind": "begin"}).status_code == 303
