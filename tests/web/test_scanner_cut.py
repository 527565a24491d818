"""Each job of the scanner in a real browser whose network is cut in the middle, and whose answers are lost on their way: done
once, at once or later; what conflicts by then is kept to be counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from qafila.runtime.database import administrator
from qafila.storage import fetching, outbound, packing, releasing, shelving
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from tests.storage.houses import act, fill, name, owner, warehouse
from tests.web.test_scanner import _open, _scan, _stock

pytestmark = pytest.mark.browser


def _ready(job: str) -> tuple[str, str, dict[str, int]]:
    """A warehouse where the job is to be done twice; its code of the goods, and what will lie where afterwards."""
    facility, merchant = warehouse(), owner()
    code = name("LAMP-")
    with administrator() as connection:
        connection.execute(
            text("UPDATE product_codes SET code = :c WHERE merchant_id = :m AND code = 'LAMP'"),
            {"c": code, "m": merchant},
        )
    if job == "receive":
        return facility, code, {"DOCK-1": 5}
    if job == "put-away":
        fill(facility, merchant, "LAMP", 5, "A-01-L-1")
        shelving.shift(act(), facility, "A-01-L-1", "DOCK-1", _goods(merchant), 5)
        return facility, code, {"A-03-L-1": 2, "A-04-L-1": 3}
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    if job == "move":
        return facility, code, {"A-03-L-1": 2, "A-04-L-1": 3}
    if job == "count":
        return facility, code, {"A-01-L-1": 5}
    for n, pieces in ((1, 2), (2, 3)):
        outbound.place_order(act(), OutboundOrder(f"{code}-O{n}", merchant, facility, (("LAMP", pieces),)))
    releasing.release(act(), facility, Wish())
    if job == "pick":
        return facility, code, {"CART": 5}
    seen = fetching.begin(act(), facility)
    while seen["next"]:
        seen = fetching.fetch(act(), seen["tour"], seen["next"]["pick"], seen["next"]["pieces"])
    if job == "pack":
        return facility, code, {"BOX": 5}
    for n in (1, 2):
        packing.pack(act(), merchant, f"{code}-O{n}")
    return facility, code, {}


def _goods(merchant: str) -> shelving.Goods:
    return shelving.Goods(merchant, "LAMP")


SCANS = {
    "receive": (("{code}", "2"), ("{code}", "3")),
    "put-away": (("{code}", "2", "A-03-L-1"), ("{code}", "3", "A-04-L-1")),
    "move": (("A-01-L-1", "{code}", "2", "A-03-L-1"), ("A-01-L-1", "{code}", "3", "A-04-L-1")),
    "count": (("A-01-L-1", "{code}", "5"), ("A-01-L-1", "{code}", "5")),
    "pick": (("A-01-L-1", "{code}"), ("A-01-L-1", "{code}")),
    "pack": (("{code}-O1", "0"), ("{code}-O2", "0")),
    "hand-over": (("TRUCK-7", "{code}-O1"), ("{code}-O2",)),
}
"""What is scanned the first time, and the second."""


@pytest.mark.parametrize("job", SCANS)
def test_a_job_is_done_once_though_the_network_is_cut_and_an_answer_lost(phone: Page, job: str) -> None:
    facility, code, expected = _ready(job)
    first, second = ([one.format(code=code) for one in scans] for scans in SCANS[job])
    waiting = phone.locator("[data-part=waiting]")
    _open(phone, facility, job)
    if job == "pick":
        phone.get_by_role("button", name="Next tour").click()
        expect(phone.locator("[data-part=target]")).to_have_text("A-01-L-1")
    _scan(phone, *first[:-1])
    phone.context.set_offline(True)  # in the middle of it
    _scan(phone, first[-1])
    expect(phone.locator("[data-part=more]")).to_contain_text("sent when there is a connection")
    expect(waiting).to_have_text("1 scans wait to be sent")
    phone.context.set_offline(False)
    expect(waiting).to_have_text("Everything is sent", timeout=30_000)

    heard: list[int] = []

    def lose(route: Route) -> None:
        if not heard:  # the server does it, the scanner never hears of it
            heard.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    phone.route("**/act", lose)
    _scan(phone, *second)
    expect(waiting).to_have_text("Everything is sent", timeout=30_000)
    assert heard == [200]
    there: dict[str, int] = {}
    for place, pieces in _stock(facility).items():
        kind = place.split(":")[0]
        there[kind] = there.get(kind, 0) + pieces
    assert there == expected
    with administrator() as connection:
        done = connection.execute(
            text(
                "SELECT count(*) FROM storage_acts WHERE facility IN (:f, '') AND kind = :k AND device = 'scanner'"
            ),
            {"f": facility, "k": "move" if job == "move" else job},
        ).scalar_one()
        doubts = connection.execute(
            text("SELECT count(*) FROM counts WHERE facility = :f AND state <> 'done'"), {"f": facility}
        ).scalar_one()
        assert shelving.audit(connection) == []
    assert doubts == 0
    if job not in (
        "pick",
        "pack",
    ):  # these are told without their warehouse, and so counted with others' of this home
        assert done == 2


@pytest.mark.parametrize("job", ["pick", "pack", "hand-over"])
def test_what_was_cancelled_meanwhile_is_kept_to_be_counted(phone: Page, job: str) -> None:
    facility, code, _ = _ready(job)
    with administrator() as connection:
        merchant = connection.execute(
            text("SELECT DISTINCT merchant_id FROM outbound WHERE facility = :f"), {"f": facility}
        ).scalar_one()
    _open(phone, facility, job)
    if job == "pick":
        phone.get_by_role("button", name="Next tour").click()
        expect(phone.locator("[data-part=target]")).to_have_text("A-01-L-1")
    first = [one.format(code=code) for one in SCANS[job][0]]
    _scan(phone, *first[:-1])
    phone.context.set_offline(True)
    _scan(phone, first[-1])
    for n in (1, 2):
        outbound.cancel(act(), merchant, f"{code}-O{n}")
    before = _stock(facility)
    phone.context.set_offline(False)
    expect(phone.locator("[data-part=answer]")).to_have_text("This is to be counted", timeout=30_000)
    assert _stock(facility) == before
    with administrator() as connection:
        row = connection.execute(
            text("SELECT because, details FROM counts WHERE facility = :f"), {"f": facility}
        ).one()
    assert (row.because, row.details["kind"]) == ("conflict", job)


def test_a_server_that_is_asked_too_much_gets_the_scan_later(phone: Page) -> None:
    facility, code, _ = _ready("receive")
    _open(phone, facility, "receive")
    refused: list[str] = []

    def busy(route: Route) -> None:
        if not refused:
            refused.append(route.request.url)
            route.fulfill(status=429, body="{}", content_type="application/problem+json")
        else:
            route.continue_()

    phone.route("**/act", busy)
    _scan(phone, code, "4")
    expect(phone.locator("[data-part=waiting]")).to_have_text("Everything is sent", timeout=30_000)
    assert _stock(facility) == {"DOCK-1": 4}
