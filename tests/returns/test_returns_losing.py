"""What a buyer sends back and is lost on the way: gone, claimed, refunded as if it had come; found again, it goes on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qafila.delivery import notices
from qafila.delivery.model import State as DeliveryState
from qafila.ledger.claims import store as claims
from qafila.returns import returns_following, returns_receiving, returns_sweeping
from qafila.returns.model import Return, State
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.runtime.events.projection import Recorded
from tests.delivery.stations import SOURCE
from tests.returns.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def told(shop: Shop, number: str, type: str, **details: str) -> None:
    """Something is recorded of a parcel, and followed."""
    shop.now += timedelta(hours=1)
    made = event(
        EVENT_TYPES[type], Subject(SubjectKind.PARCEL.value, number), shop.now, SOURCE, details=details
    )
    with administrator() as connection:
        history.append_new(connection, shop.merchant, [made])
        rows = [Recorded(n, None, e) for n, e in enumerate(history.histories(connection, [number])[number])]
        returns_following.GONE.handle(connection, rows)


def sent(shop: Shop, number: str) -> Return:
    """A return of two of three glasses that is on its way."""
    given = shop.asked(number, pieces={0: 2})
    shop.now += timedelta(hours=1)
    returns_receiving.hand_in(shop.context, shop.act(), SOURCE, given.number, shop.id)
    return shop.now_of(given)


def test_what_is_stolen_on_its_way_back_is_claimed_and_refunded_as_if_it_had_come(shop: Shop) -> None:
    number = shop.delivered()
    given = sent(shop, number)
    told(shop, number, "lost", reason="stolen", report="PV 5/2027")
    assert shop.now_of(given).state is State.GONE
    assert returns_sweeping.sweep(shop.context)["gone"] == [given.number]
    assert returns_sweeping.sweep(shop.context)["gone"] == []
    assert shop.delivery(number).state is DeliveryState.DELIVERED
    with administrator() as connection:
        made = claims.standing(connection, number, "lost")
        said = [n["kind"] for n in notices.of_parcel(connection, number)]
    assert made is not None
    assert (made.asked, made.currency, made.said) == (Decimal("25.00"), "EUR", "PV 5/2027")
    assert said.count("gone_back") == 2  # by mail and on the phone
    decided = shop.refunded(given)
    assert decided["refund"] == {"amount": "25.00", "currency": "EUR"}  # no way back is taken off
    assert decided["how"] == "by_merchant"


def test_what_was_refunded_as_lost_and_is_found_goes_to_its_warehouse(shop: Shop) -> None:
    number = shop.delivered()
    given = sent(shop, number)
    told(shop, number, "lost")
    shop.refunded(given)
    from qafila.returns import refunding

    refunding.paid_out(shop.act(), SOURCE, given.id, "R-1")
    assert shop.now_of(given).state is State.CLOSED
    shop.back(given)
    after = shop.now_of(given)
    assert after.refund is not None
    assert (after.state, after.refund.amount, after.lines[0].found) == (State.CLOSED, Decimal("25.00"), 2)


def test_what_is_found_on_its_way_back_goes_on(shop: Shop) -> None:
    number = shop.delivered()
    given = sent(shop, number)
    told(shop, number, "lost")
    returns_sweeping.sweep(shop.context)
    told(shop, number, "seen")
    assert shop.now_of(given).state is State.ON_WAY
    with administrator() as connection:
        assert "found" in [n["kind"] for n in notices.of_parcel(connection, number)]
    shop.back(given)
    assert shop.now_of(given).state is State.INSPECTED
