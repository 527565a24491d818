"""Favours that are rarely given, or small, or follow from something that only looks innocent: which the audit finds, and which not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.network.installed import Network
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.offers import offering
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.order import Order
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import FAVOURED, OTHER, ask, owners, replayed

Plant = Callable[[Order, list[Offer], datetime], list[Offer]]


def _cheaper(found: list[Offer], by: str) -> list[Offer]:
    return [replace(one, price=(one.price * Decimal(by)).rounded()) for one in found]


def _favoured(order: Order) -> bool:
    return order.sender.name.startswith(FAVOURED)


PLANTS: dict[str, Plant] = {
    "two percent": lambda o, f, now: _cheaper(f, "1.02") if not _favoured(o) else f,
    "only on Tuesdays": lambda o, f, now: _cheaper(f, "0.97") if _favoured(o) and now.weekday() == 1 else f,
    "only small parcels": lambda o, f, now: _cheaper(f, "0.97") if _favoured(o) and o.grams < 1000 else f,
    "only one lane": lambda o, f, now: (
        _cheaper(f, "0.97") if _favoured(o) and o.receiver.country == "FR" else f
    ),
    "ordered by a hash of the order's id": lambda o, f, now: sorted(
        f, key=lambda one: sha256(f"{o.id}{one.price}{one.itinerary.arrival}".encode()).digest()
    ),
    "by the goods' number": lambda o, f, now: _cheaper(f, "0.97") if o.items[0].sku.startswith("AT-") else f,
    "by the buyer's mail": lambda o, f, now: (
        _cheaper(f, "0.97") if o.receiver.email.endswith("atlas.example") else f
    ),
    "by the note": lambda o, f, now: _cheaper(f, "0.97") if "atlas" in o.note else f,
    "a dearer way is hidden": lambda o, f, now: f[:-1] if len(f) > 1 and not _favoured(o) else f,
    "an hour less to decide": lambda o, f, now: (
        f if _favoured(o) else [replace(one, valid_until=one.valid_until - timedelta(hours=1)) for one in f]
    ),
}
ORDERS = (
    {"id": "A-17"},
    {
        "id": "B-4",
        "items": [
            {
                "title": "Argan oil",
                "sku": "AT-9",
                "quantity": 1,
                "weight_kg": "0.4",
                "hs": "151590",
                "origin": "MA",
                "unit_value": {"amount": "12", "currency": "EUR"},
            }
        ],
    },
)
RECEIVER = {
    "country": "FR",
    "city": "Lyon",
    "line1": "3 rue Mercière",
    "postcode": "69002",
    "name": "Amélie Roux",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


@pytest.fixture
def tenants() -> dict[str, str]:
    with administrator() as connection:
        return {name: merchants.create(connection, name).id for name in (FAVOURED, OTHER)}


def _asked(here: Context, tenants: dict[str, str]) -> None:
    for day in (MONDAY, MONDAY + timedelta(days=1)):
        for name in tenants:
            marks = (
                {"note": "for atlas", "email": "buyer@atlas.example"}
                if name == FAVOURED
                else {"note": "", "email": "b@rif.example"}
            )
            for order in ORDERS:
                more = order if name == FAVOURED else {**order, "items": _nameless(order)}
                to = {**RECEIVER, "email": marks["email"]}
                ask(here.at(day), tenants, name, **{**more, "note": marks["note"], "receiver": to})


def _nameless(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**item, "sku": "RF-9"} for item in order.get("items", [])] or [
        {
            "title": "Argan oil",
            "quantity": 1,
            "weight_kg": "0.4",
            "hs": "151590",
            "origin": "MA",
            "unit_value": {"amount": "12", "currency": "EUR"},
        }
    ]


@pytest.mark.parametrize("what", list(PLANTS))
def test_it_is_found(
    here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    honest, plant = offering._all_offers, PLANTS[what]

    def planted(order: Order, answer: Any, market: Any, now: datetime) -> Any:
        found = honest(order, answer, market, now)
        return plant(order, found, now) if isinstance(found, list) else found

    monkeypatch.setattr(offering, "_all_offers", planted)
    _asked(here, tenants)
    done = replayed(here)
    assert done.differences, what
    assert {one.how for one in done.differences} == {"identity"}
    if "hash" not in what:
        assert len(owners(done, tenants)) == 1


def test_an_honest_engine_is_not_accused(here: Context, tenants: dict[str, str]) -> None:
    _asked(here, tenants)
    done = replayed(here)
    assert (done.differences, done.same) == ([], 8)


PLACES: dict[str, Plant] = {
    "cheaper from a warehouse": lambda o, f, now: _cheaper(f, "0.95") if o.sender.facility_id == "WH" else f,
    "later from a hub": lambda o, f, now: [one for one in f if "CMN" not in _stops(one)] or f[:1],
    "in another order from a place": lambda o, f, now: f[::-1] if "WH" in _stops(f[0]) else f,
}


def _stops(one: Offer) -> set[str]:
    return {place for leg in one.itinerary.legs for place in (leg.from_facility, leg.to_facility)}


@pytest.mark.parametrize("name", PLACES)
def test_a_place_of_departure_that_is_favoured_for_its_own_sake_is_found(
    here: Context, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with administrator() as connection:
        tenants = {one: merchants.create(connection, one).id for one in (FAVOURED, OTHER)}
    honest = offering._all_offers

    def planted(order: Order, answer: Any, market: Any, now: datetime) -> Any:
        found = honest(order, answer, market, now)
        return PLACES[name](order, found, now) if isinstance(found, list) else found

    monkeypatch.setattr(offering, "_all_offers", planted)
    ask(here, tenants, OTHER)
    done = replayed(here)
    assert done.entries == 1
    assert done.differences
    assert {one.how for one in done.differences} == {"identity"}


def test_a_refusal_says_the_same_of_places_without_their_names(here: Context) -> None:
    with administrator() as connection:
        tenants = {one: merchants.create(connection, one).id for one in (FAVOURED, OTHER)}
    heavy = [
        {
            "title": "Anvil",
            "quantity": 1,
            "weight_kg": "140",
            "hs": "820590",
            "origin": "MA",
            "length_cm": "60",
            "width_cm": "50",
            "height_cm": "40",
            "unit_value": {"amount": "12", "currency": "EUR"},
        }
    ]
    few = tuple(replace(one, kg=100) for one in here.network.feed.capacities)
    here = replace(here, network=Network.of(replace(here.network.feed, capacities=few)))
    assert isinstance(ask(here, tenants, OTHER, items=heavy), NoOffer)
    done = replayed(here)
    assert (done.entries, done.same, done.differences) == (1, 1, [])
