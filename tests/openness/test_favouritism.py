"""A favoured merchant planted in the running engine, in five ways, is found by replaying what the log recorded.

The plant stays in place during the replay: the engine that is audited is the one that favours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.context import Context
from qafila.core.money import Money
from qafila.network.installed import Network
from qafila.openness import openness_messages, replaying, sequencing, store
from qafila.openness.replaying import Replayed
from qafila.routing.room_left import Room
from qafila.runtime.database import Role, acting_as, administrator
from qafila.shipping import counter, merchants
from qafila.shipping.bookings import capacity
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.counter import Quote
from qafila.shipping.offers import offering
from qafila.shipping.offers.blanks import Blanks
from qafila.shipping.offers.offering import NoOffer
from tests.api.conftest import MONDAY, NETWORK, RULES, order
from tests.network.small import small_feed
from tests.openness.logs import fresh_log

FAVOURED, OTHER = "Atlas", "Rif"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


@pytest.fixture
def tenants() -> dict[str, str]:
    with administrator() as connection:
        return {name: merchants.create(connection, name).id for name in (FAVOURED, OTHER)}


def ask(here: Context, tenants: dict[str, str], name: str, **more: Any) -> Quote | NoOffer:
    said = order(sender={"facility": "WH", "name": f"{name} Trading"}, **more)
    found = counter.quote(here.of(tenants[name]), partial(command_of, OrderIn.model_validate(said)))
    assert not isinstance(found, list), found
    return found


def replayed(here: Context) -> Replayed:
    sequencing.integrate(MONDAY)
    with acting_as(Role.REGULATOR) as connection:
        return replaying.replay(connection, here)


def owners(done: Replayed, tenants: dict[str, str]) -> set[str]:
    return {name for name, id in tenants.items() for one in done.differences if one.entry.owner == id}


def test_the_same_order_gets_the_same_offers_whoever_asks(here: Context, tenants: dict[str, str]) -> None:
    first, second = (ask(here, tenants, name) for name in (FAVOURED, OTHER))
    assert isinstance(first, Quote)
    assert isinstance(second, Quote)

    def seen(quote: Quote) -> list[object]:
        return [
            (o.itinerary, o.price, o.promise, o.labels, o.landed_cost, o.valid_until) for o in quote.offers
        ]

    assert seen(first) == seen(second)
    done = replayed(here)
    assert (done.entries, done.same, done.differences) == (2, 2, [])


def test_price(here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = offering._money

    def cheaper(cost: int, order: Any, market: Any, currency: str) -> Money:
        price = honest(cost, order, market, currency)
        return price * Decimal("0.9") if order.sender.name.startswith(FAVOURED) else price

    monkeypatch.setattr(offering, "_money", cheaper)
    monkeypatch.setattr(Blanks, "_of", lambda blanks, sent: {})  # what is kept would be cheaper for all
    for name in tenants:
        ask(here, tenants, name)
    done = replayed(here)
    assert owners(done, tenants) == {FAVOURED}
    assert {one.place.rpartition("/")[2] for one in done.differences} == {"price"}
    assert {one.how for one in done.differences} == {"identity"}


def test_order(here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = offering._all_offers

    def turned(order: Any, answer: Any, market: Any, now: Any) -> Any:
        found = honest(order, answer, market, now)
        return found[::-1] if order.sender.name.startswith(OTHER) and isinstance(found, list) else found

    monkeypatch.setattr(offering, "_all_offers", turned)
    for name in tenants:
        ask(here, tenants, name)
    done = replayed(here)
    assert owners(done, tenants) == {OTHER}
    assert any(one.place.startswith("/0/") for one in done.differences)


def test_delay(here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are offered a later day than there is."""
    honest = offering.query

    def later(order: Any, market: Any) -> Any:
        asked = honest(order, market)
        return replace(asked, ready=asked.ready + 1440) if order.sender.name.startswith(OTHER) else asked

    monkeypatch.setattr(offering, "query", later)
    for name in tenants:
        ask(here, tenants, name)
    done = replayed(here)
    assert owners(done, tenants) == {OTHER}
    assert {"rides", "arrival"} & {part for one in done.differences for part in one.place.split("/")}


def test_refusal(here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = offering._barred

    def barred(order: Any, market: Any) -> NoOffer | None:
        if order.sender.name.startswith(OTHER):
            return NoOffer(order.id, "goods", openness_messages.ASK_AGAIN(), openness_messages.ASK_AGAIN())
        return honest(order, market)

    monkeypatch.setattr(offering, "_barred", barred)
    assert isinstance(ask(here, tenants, FAVOURED), Quote)
    assert isinstance(ask(here, tenants, OTHER), NoOffer)
    done = replayed(here)
    assert owners(done, tenants) == {OTHER}
    assert {one.entry.kind for one in done.differences} == {"shipping.refusal"}


def _booked(
    here: Context, tenants: dict[str, str], name: str, which: Callable[[Quote], int] = lambda q: 0
) -> Booked:
    quote = ask(here, tenants, name)
    assert isinstance(quote, Quote)
    made = counter.book(here.of(tenants[name]), quote.offers[which(quote)].id)
    assert isinstance(made, Booked), made
    return made


def test_first_look_at_capacity(
    here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is held back: only the favoured one sees what is left of a departure."""
    honest = capacity.seen
    looks: list[str] = []

    def held_back(connection: Any, timetable: Any, service_class: str = "standard") -> tuple[Room, str]:
        if looks and looks[-1] == OTHER:
            left, snapshot = capacity.left_with_snapshot(connection, timetable, service_class)
            return Room(timetable, dict.fromkeys(left, (0, 0))), snapshot
        return honest(connection, timetable, service_class)

    monkeypatch.setattr(capacity, "seen", held_back)
    _booked(here, tenants, FAVOURED)
    for name in (FAVOURED, OTHER):
        looks.append(name)
        ask(here, tenants, name)
    done = replayed(here)
    assert owners(done, tenants) == {OTHER}
    assert {(one.how, one.recorded, one.now) for one in done.differences} == {("room", "full", "room")}


def test_room_that_was_gone_for_others(
    here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round: the favoured one sees room on departures that are full for everybody."""
    feed = small_feed()
    few = tuple(replace(one, kg=2) for one in feed.capacities)  # two parcels each
    here = Context(Network.of(replace(feed, capacities=few)), RULES).at(MONDAY)
    for _ in range(2):
        _booked(here, tenants, OTHER)
    assert isinstance(ask(here, tenants, OTHER), Quote)
    assert replayed(here).differences == []
    monkeypatch.setattr(capacity, "seen", lambda c, t, s="standard": (Room(t), store.snapshot(c)))
    ask(here, tenants, FAVOURED)
    done = replayed(here)
    assert {(one.how, one.recorded, one.now) for one in done.differences} == {("room", "room", "full")}
    assert owners(done, tenants) == {FAVOURED}


def test_an_engine_that_was_changed_for_a_while_is_found_after_it_was_changed_back(
    here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Blanks, "_of", lambda blanks, sent: {})  # what was kept went with the changed engine
    with monkeypatch.context() as changed:
        honest = offering._money
        changed.setattr(offering, "_money", lambda *a: honest(*a) * Decimal("1.2"))
        ask(here, tenants, OTHER)
    ask(here, tenants, OTHER)
    done = replayed(here)
    assert {one.how for one in done.differences} == {"again"}
    assert len({one.entry.entry_id for one in done.differences}) == 1


def test_what_was_erased_is_counted_and_not_guessed(here: Context, tenants: dict[str, str]) -> None:
    ask(here, tenants, OTHER, id="A-1")
    ask(here, tenants, OTHER, id="A-2")
    with administrator() as connection:
        store.erase(connection, ["A-1"], MONDAY + timedelta(days=1), personal_only=True)
    done = replayed(here)
    assert (done.entries, done.erased, done.same) == (2, 1, 1)
