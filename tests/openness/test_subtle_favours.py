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
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.offers import offering
from qafila.shipping.offers.offer import Offer
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
    "only one lane": lambda o, f, now: _cheaper(f, "0.97") if _favoured(o) and o.receiver.country == "FR" else f,
    "ordered by a hash of the order's id": lambda o, f, now: sorted(
        f, key=lambda one: sha256(f"{o.id}{one.price}{one.itinerary.arrival}".encode()).digest()
    ),
    "by the goods' number": lambda o, f, now: _cheaper(f, "0.97") if o.items[0].sku.startswith("AT-") else f,
    "by the buyer's mail": lambda o, f, now: _cheaper(f, "0.97") if o.receiver.email.endswith("atlas.example") else f,
    "by the note": lambda o, f, now: _cheaper(f, "0.97") if "atlas" in o.note else f,
    "a dearer way is hidden": lambda o, f, now: f[:-1] if len(f) > 1 and not _favoured(o) else f,
    "an hour less to decide": lambda o, f, now: f
    if _favoured(o)
    else [replace(one, valid_until=one.valid_until - timedelta(hours=1)) for one in f],
}  # fmt: skip
ORDERS = (
    {"id": "A-17"},
    {"id": "B-4", "items": [{"title": "Argan oil", "sku": "AT-9", "quantity": 1, "weight_kg": "0.4", "hs": "151590",
                             "origin": "MA", "unit_value": {"amount": "12", "currency": "EUR"}}]},
)  # fmt: skip
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
            marks = {"note": "for atlas", "email": "buyer@atlas.example"} if name == FAVOURED else {"note": "", "email": "b@rif.example"}  # fmt: skip
            for order in ORDERS:
                more = order if name == FAVOURED else {**order, "items": _nameless(order)}
                to = {**RECEIVER, "email": marks["email"]}
                ask(here.at(day), tenants, name, **{**more, "note": marks["note"], "receiver": to})


def _nameless(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**item, "sku": "RF-9"} for item in order.get("items", [])] or [
        {"title": "Argan oil", "quantity": 1, "weight_kg": "0.4", "hs": "151590", "origin": "MA",
         "unit_value": {"amount": "12", "currency": "EUR"}}
    ]  # fmt: skip


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


def test_what_the_published_terms_name_is_not_found_by_replaying(
    here: Context, tenants: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends from a place that only the favoured one has: only statistics show that; docs/openness.md says so."""
    honest = offering._all_offers

    def planted(order: Order, answer: Any, market: Any, now: datetime) -> Any:
        found = honest(order, answer, market, now)
        return (
            _cheaper(found, "0.97") if order.sender.facility_id == "WH" and isinstance(found, list) else found
        )

    monkeypatch.setattr(offering, "_all_offers", planted)
    _asked(here, tenants)
    assert replayed(here).differences == []
