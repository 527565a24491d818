"""What the tracking page says as a parcel goes its way, and when it goes silent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.context import of_this_home
from qafila.network import installed
from qafila.runtime.database import merchant_transaction
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Event, Source, identify
from qafila.shipping import counter, merchants
from qafila.shipping.bookings import records
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import command_of
from qafila.shipping.orders.reading import Row
from qafila.tracking.promised import destination_zone
from qafila.tracking.status import status
from qafila.web.shipping.journey import journey
from tests.web.test_ship import PEOPLE, QUESTION


@pytest.fixture
def parcel(client: TestClient, request: pytest.FixtureRequest) -> tuple[str, Offer]:
    """A booked parcel's number and its offer."""
    client.get("/shipments")  # makes the merchant of this machine
    here = of_this_home(merchants.LOCAL)
    cells = {**QUESTION, **PEOPLE}
    raw = RawOrder(f"T-{request.node.name}", (1,), cells, (Row(1, cells),))
    quoted = counter.quote(here, partial(command_of, raw))
    assert isinstance(quoted, counter.Quote)
    offer = min(quoted.offers, key=lambda o: o.itinerary.arrival)
    booked = counter.book(here, offer.id)
    assert isinstance(booked, Booked)
    return booked.parcel, offer


@pytest.fixture
def clock(app: FastAPI) -> Iterator[Callable[[datetime], None]]:
    """Sets the hour at which the page is asked for."""

    def at(moment: datetime) -> None:
        app.state.context = lambda: of_this_home().at(moment)

    yield at
    app.state.context = of_this_home


def happened(number: str, type: str, time: datetime, facility: str | None, leg: int) -> None:
    """Records what a scanner saw."""
    event = Event(
        number,
        identify(number, type, "actual", time, facility, leg),
        type,
        "actual",
        time,
        Source("carrier", "car_1", "Scanner 7"),
        facility,
        leg,
    )
    with merchant_transaction(merchants.LOCAL) as connection:
        store.append(connection, merchants.LOCAL, [event])


def test_on_its_way_and_late(
    client: TestClient, parcel: tuple[str, Offer], clock: Callable[[datetime], None]
) -> None:
    number, offer = parcel
    first, second = offer.itinerary.legs[:2]
    happened(number, "collected", first.depart + timedelta(minutes=40), None, 0)
    happened(number, "arrived", first.arrive + timedelta(minutes=40), first.to_facility, 0)
    clock(first.arrive + timedelta(minutes=50))
    page = client.get(f"/t/{number}").text
    assert "At a facility" in page
    assert installed.feed().facility[first.to_facility].name in page
    assert "Scanner 7" not in page
    assert "planned" in page  # beside the actual time, 40 minutes later
    assert "Overdue" not in page
    assert second.service_id not in page  # what runs it is nobody's business here


def test_delivered_is_told_with_its_time_and_nothing_is_expected_any_more(
    client: TestClient, parcel: tuple[str, Offer], clock: Callable[[datetime], None]
) -> None:
    number, offer = parcel
    legs = offer.itinerary.legs
    happened(number, "collected", legs[0].depart, None, 0)
    there = offer.itinerary.arrival.replace(second=0) + timedelta(hours=3)
    happened(number, "arrived", legs[-1].depart, legs[-1].from_facility, len(legs) - 2)
    happened(number, "delivered", there, None, len(legs) - 1)
    clock(there + timedelta(hours=1))
    page = client.get(f"/t/{number}").text
    local = there.astimezone(ZoneInfo("Europe/Paris"))
    facts = page.split('<dl class="facts">')[1].split("</dl>")[0]
    assert f'<dt>Delivered</dt><dd><time datetime="{local.isoformat(timespec="minutes")}">' in facts
    assert "Arrives" not in facts
    assert "xpected" not in page
    with merchant_transaction(merchants.LOCAL) as connection:
        events = store.histories(connection, [number])[number]
    told = journey(events, installed.feed().facility, there + timedelta(hours=1))
    assert (told.here, told.way["at"]) == (None, None)  # at a door, and not where it was read last


def test_silent_past_its_plan(
    client: TestClient, parcel: tuple[str, Offer], clock: Callable[[datetime], None]
) -> None:
    number, offer = parcel
    first = offer.itinerary.legs[0]
    happened(number, "collected", first.depart, None, 0)
    happened(number, "arrived", first.arrive, first.to_facility, 0)
    clock(offer.itinerary.arrival + timedelta(days=3))
    page = client.get(f"/t/{number}").text
    assert "Overdue" in page
    assert "Nothing was recorded for" in page
    assert "Scanner 7" not in page  # free text of whoever reported
    arabic = client.get(f"/ar/t/{number}").text
    assert "متأخر بلا خبر" in arabic
    assert "No sign" not in arabic


def test_the_way_on_the_map_is_the_itinerary(parcel: tuple[str, Offer]) -> None:
    number, offer = parcel
    with merchant_transaction(merchants.LOCAL) as connection:
        events = store.histories(connection, [number])[number]
    facilities = installed.feed().facility
    told = journey(events, facilities, datetime.now(UTC))
    moved = [leg for leg in offer.itinerary.legs if leg.from_facility != leg.to_facility]
    assert [leg["mode"] for leg in told.way["legs"]] == [leg.mode.name.lower() for leg in moved]
    start = facilities[moved[0].from_facility]
    assert told.way["legs"][0]["from"] == [start.lon, start.lat]
    assert told.way["at"] is None  # not collected yet
    assert told.steps[0].type == "booked"
    assert [s.at for s in told.steps] == sorted(s.at for s in told.steps if s.at)


def test_a_promised_day_is_a_day_at_its_destination(client: TestClient, parcel: tuple[str, Offer]) -> None:
    number, offer = parcel
    last = installed.feed().facility[offer.itinerary.legs[-1].to_facility]
    with merchant_transaction(merchants.LOCAL) as connection:
        events = store.histories(connection, [number])[number]
    assert destination_zone(events, installed.feed().facility) == last.timezone == "Europe/Paris"
    day = offer.promise.by.astimezone(ZoneInfo("Europe/Paris"))
    assert f"{day.day} {day:%b} {day.year}" in client.get("/shipments", params={"q": number}).text


def test_a_missed_connection_is_booked_on_from_its_page(
    client: TestClient, parcel: tuple[str, Offer]
) -> None:
    number, offer = parcel
    first, second = offer.itinerary.legs[:2]
    happened(number, "collected", first.depart, None, 0)
    happened(number, "arrived", second.board_by + timedelta(days=1), first.to_facility, 0)
    with merchant_transaction(merchants.LOCAL) as connection:
        entry = records.entry(connection, number)
    assert entry is not None
    page = f"/shipments/{entry.shipment_id}"
    button = f'action="{page}/rebook"'
    assert button in client.get(page).text
    answer = client.post(f"{page}/rebook")
    assert answer.status_code == 303
    after = client.get(answer.headers["location"]).text
    assert "It is booked on the next way." in after
    assert button not in after
    assert "missed a connection" not in after
    with merchant_transaction(merchants.LOCAL) as connection:
        events = store.histories(connection, [number])[number]
    arrival = status(events, datetime.now(UTC)).eta
    assert arrival is not None
    there = arrival.astimezone(ZoneInfo("Europe/Paris"))
    days = (there.date() - offer.promise.by.astimezone(ZoneInfo("Europe/Paris")).date()).days
    assert days >= 1  # the flight is a weekly one: the promise does not hold, and that is said
    assert f"Now expected {there:%a} {there.day} {there:%b} {there.year}: {days} day" in after.replace(
        ",", ""
    )
    for code, words in (("fr", "Arrivée désormais prévue"), ("ar", "الوصول متوقع الآن"), ("zh", "现预计")):
        assert words in client.get(f"/{code}{page}").text
    assert client.post(f"{page}/rebook").status_code == 303  # twice pressed
    run = CliRunner()
    promised = json.loads(run.invoke(app, ["track", number, "--json"]).output)["promise"]
    assert (promised["standing"], promised["days_late"]) == ("late", days)
    shown = run.invoke(app, ["track", number]).output
    assert f": now expected {there:%Y-%m-%d}, {days} day" in " ".join(shown.split())
    assert shown.count(" delivered ") == 1  # the plan that holds, and not the one before
    assert "misses no connection" in run.invoke(app, ["track", "rebook", number]).output
    assert run.invoke(app, ["track", "rebook", "HA999999998MA"]).exit_code == 2
