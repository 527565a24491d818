"""The induction in a real browser whose network is cut: it names chutes on, and what it named is sent later, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Subject
from qafila.sorting import parcel_acts, sorting_setting_up
from qafila.sorting.induction import induction
from qafila.sorting.model import By
from tests.sorting.centres import booked, centre, heard, merchant

BY = By("local", station="desk")


@pytest.fixture
def belt(chromium: Browser, address: str) -> Iterator[Page]:
    """A terminal beside a belt."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def _at_work(count: int) -> tuple[str, list[str]]:
    """A centre with a plan, and parcels whose departure is open by the clock of the machine."""
    here, of = centre(), merchant()
    numbers = booked(of, here.facility, count=count)
    heard()
    now = datetime.now(UTC)
    with administrator() as connection:
        connection.execute(
            text("UPDATE sort_expected SET board_by = :t WHERE facility = :f"),
            {"t": now + timedelta(hours=6), "f": here.facility},
        )
    shift = sorting_setting_up.Shift("now", now - timedelta(hours=1), now + timedelta(days=1))
    sorting_setting_up.make_plan(here.facility, shift, BY, now, seconds=1)
    return here.facility, numbers


def _open(page: Page, facility: str) -> None:
    page.goto(f"/sorting/{facility}/scan")
    page.wait_for_selector("#induction[data-ready=yes][data-put-by=yes]")


def _scan(page: Page, code: str) -> str:
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_selector("#induction:not([data-busy])")
    return page.locator("[data-part=chute]").inner_text()


def _recorded(facility: str) -> list[tuple[str, str]]:
    with administrator() as connection:
        rows = connection.execute(
            text("SELECT code, chute FROM sort_scans WHERE facility = :f ORDER BY at"), {"f": facility}
        )
        return [(r.code, r.chute) for r in rows]


@pytest.mark.browser
def test_chutes_are_named_without_connection_and_sent_once(belt: Page) -> None:
    facility, numbers = _at_work(5)
    _open(belt, facility)
    with_it = _scan(belt, numbers[0])
    expect(belt.locator("[data-part=reason]")).to_contain_text("LYS")
    belt.context.set_offline(True)
    named = {number: _scan(belt, number) for number in numbers[1:4]}
    assert set(named.values()) == {with_it}
    expect(belt.locator("[data-part=reason]")).to_contain_text("by the sort plan. As it was known at")
    assert _scan(belt, "RA123456785FR") == "X1"
    expect(belt.locator("[data-part=waiting]")).to_have_text("4 scans wait to be sent")
    belt.reload()  # from the service worker; the queue and what is expected from the browser's database
    belt.wait_for_selector("#induction[data-ready=yes]")
    belt.locator("[data-part=damaged]").check()
    assert _scan(belt, numbers[4]) == "X2"
    expect(belt.locator("[data-part=waiting]")).to_have_text("5 scans wait to be sent")
    assert _recorded(facility) == [(numbers[0], with_it)]
    parcel_acts.recall([numbers[1]], "wrong goods", False, BY, datetime.now(UTC))  # nobody told the belt
    induction()._lines[next(key for key in induction()._lines if key[0] == facility)].refresh()
    belt.context.set_offline(False)
    expect(belt.locator("[data-part=waiting]")).to_have_text("Everything is sent", timeout=20_000)
    expect(belt.locator("[data-part=reason]")).to_contain_text(f"{numbers[1]} was put into chute {with_it}")
    assert belt.locator("[data-part=chute]").inner_text() == "X6"
    induction().recorder.wait(induction().recorder.add([]), 10)
    put = [
        (numbers[0], with_it),
        *((n, with_it) for n in numbers[1:4]),
        ("RA123456785FR", "X1"),
        (numbers[4], "X2"),
    ]
    assert _recorded(facility) == put
    with administrator() as connection:
        told = histories.history(connection, Subject("parcel", numbers[2]))
    assert [e.details["chute"] for e in told if e.type == "sorted"] == [with_it]


@pytest.mark.browser
def test_what_nothing_is_kept_for_is_put_aside(belt: Page) -> None:
    facility, numbers = _at_work(1)
    belt.route("**/kept.json", lambda route: route.abort())
    _open(belt, facility)
    belt.context.set_offline(True)
    assert _scan(belt, numbers[0]) == ""
    expect(belt.locator("[data-part=reason]")).to_contain_text("scan it again later")
    assert belt.locator("[data-part=waiting]").inner_text() == "Everything is sent"
