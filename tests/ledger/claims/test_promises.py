"""A promise that was not kept is paid for once, unasked; one that was, or could not be by the buyer's doing, is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.message_json import from_json
from qafila.core.money import Money
from qafila.ledger import posting, promises, store
from qafila.ledger.claims import claims_deciding
from qafila.ledger.claims import store as rows
from qafila.ledger.ledger_following import PROMISES
from qafila.ledger.model import Purpose, hub, merchant
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.advancing import advance
from qafila.runtime.events.envelope import Reporter, Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from tests.api.conftest import NETWORK, RULES
from tests.ledger.tills import RATES, act, parcel, shop
from tests.shipping.bookables import EPOCH

NOW = EPOCH + timedelta(days=9)
HERE = Context(NETWORK, RULES).at(NOW)


def promised(number: str) -> datetime:
    with administrator() as connection:
        by: datetime = connection.execute(
            text(
                "SELECT promise_by FROM parcels JOIN shipments USING (merchant_id, shipment_id) "
                "JOIN bookings USING (merchant_id, booking_id) WHERE number = :n"
            ),
            {"n": number},
        ).scalar_one()
    return by


def tell(number: str, owner: str, type: str, at: datetime, **details: object) -> None:
    source = Source(Reporter.OPERATOR.value, "local")
    with administrator() as connection:
        made = event(EVENT_TYPES[type], Subject("parcel", number), at, source, details=details)
        histories.append(connection, owner, [made])


def followed() -> None:
    while advance(PROMISES):
        pass


def state(number: str) -> str | None:
    with administrator() as connection:
        return connection.execute(
            text("SELECT state FROM promises WHERE parcel = :p"), {"p": number}
        ).scalar_one_or_none()


def begin() -> None:
    """The projection begins with what comes in from now on, as in a hub that is upgraded."""
    advance(PROMISES)


def test_a_broken_promise_is_paid_for_once_without_being_asked() -> None:
    begin()
    souk = shop()
    late, kept = parcel(souk, None), parcel(souk, None)
    by = promised(late)
    tell(late, souk, "delivered", by + timedelta(days=1, hours=3))
    tell(late, souk, "delivered", by + timedelta(days=4))  # told again by another reader: the first counts
    tell(kept, souk, "delivered", by)
    followed()
    assert (state(late), state(kept)) == ("broken", "kept")
    with administrator() as connection:
        before = store.balance(connection, hub(Purpose.PROMISES, "EUR"))
    found = [paid for _ in range(3) for paid in promises.settle(HERE) if paid.tenant == souk]
    assert [(p.parcel, p.money) for p in found] == [
        (late, Money(Decimal("0.20"), "EUR"))
    ]  # two days of a euro
    assert state(late) == "paid"
    with administrator() as connection:
        assert store.balance(connection, hub(Purpose.PROMISES, "EUR")) - before == Decimal("0.20")
        assert store.balance(connection, merchant(souk, Purpose.OWED, "EUR")) == Decimal("-0.20")
        assert posting.audit(connection) == []
        told = histories.histories(connection, [found[0].claim], SubjectKind.CASH)[found[0].claim]
        owner = connection.execute(
            text("SELECT merchant_id FROM events WHERE subject_id = :c"), {"c": found[0].claim}
        ).scalar_one()
    assert ([e.type for e in told], owner) == (["promise_paid"], souk)  # his webhooks have it
    with acting_as(Role.MERCHANT, souk) as connection:
        (claim,) = rows.listed(connection)
        seen = promises.kept(connection, NOW, souk)
    assert (claim.state, claim.filed_by, claim.granted) == ("granted", "terms", Decimal("0.20"))
    assert any("without a claim" in str(from_json(r)) for r in claim.reasons or [])
    assert (seen.delivered, seen.kept, seen.broken, seen.paid) == (2, 1, 1, (Money(Decimal("0.20"), "EUR"),))
    with acting_as(Role.MERCHANT, shop()) as connection:
        assert promises.kept(connection, NOW).delivered == 0


def test_what_the_merchant_claimed_himself_is_not_paid_again() -> None:
    begin()
    souk = shop()
    number = parcel(souk, None)
    tell(number, souk, "delivered", promised(number) + timedelta(days=1))
    followed()

    def file(c: Connection) -> rows.Claim:
        by = replace(act("Amina", at=NOW), reporter="merchant")
        return claims_deciding.file(c, by, number, "late", Money(Decimal(5), "EUR"), "", {}, RATES)

    posting.transact(file, Role.MERCHANT, souk)
    assert [p for p in promises.settle(HERE) if p.tenant == souk] == []
    assert state(number) == "claimed"


def test_killed_before_the_end_nothing_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    begin()
    souk = shop()
    number = parcel(souk, None)
    tell(number, souk, "delivered", promised(number) + timedelta(days=1))
    followed()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(promises, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            promises.settle(HERE)
    with acting_as(Role.MERCHANT, souk) as connection:
        assert rows.listed(connection) == []
    assert len([p for p in promises.settle(HERE) if p.tenant == souk]) == 1


@pytest.mark.parametrize(
    ("type", "before", "details", "is_excused"),
    [
        ("delivery_failed", timedelta(hours=2), {}, True),
        ("delivery_failed", timedelta(hours=-2), {}, False),
        ("awaiting_pickup", timedelta(hours=2), {}, True),
        ("noted", timedelta(days=1), {"wish": "day", "day": "2999-01-01"}, True),
        ("noted", timedelta(days=1), {"wish": "day", "day": "1999-01-01"}, False),
        ("arrived", timedelta(days=1), {}, False),
    ],
)
def test_a_door_tried_in_time_or_a_day_of_the_buyers_own_breaks_no_promise(
    type: str, before: timedelta, details: dict[str, str], is_excused: bool
) -> None:
    by = EPOCH + timedelta(days=3)
    source = Source(Reporter.OPERATOR.value, "local")
    made = event(EVENT_TYPES[type], Subject("parcel", "RX1"), by - before, source, details=details)
    assert promises.excused([made], by, ZoneInfo("Africa/Casablanca")) is is_excused
