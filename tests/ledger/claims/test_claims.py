"""Claims: what law and terms give, and that what is granted is booked once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.message_json import from_json
from qafila.core.money import Money, exchange_rates
from qafila.ledger import posting, store
from qafila.ledger.claims import claims_deciding, judging, liability
from qafila.ledger.claims import store as rows
from qafila.ledger.claims.judging import Evidence
from qafila.ledger.claims.liability import Ride
from qafila.ledger.model import Purpose, hub, merchant
from qafila.network.timetable import Mode
from qafila.openness import store as log
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from tests.ledger.tills import RATES, act, parcel, shop
from tests.shipping.bookables import EPOCH

AIR, ROAD, VAN = Ride(Mode.AIR, "MA", "FR"), Ride(Mode.ROAD, "FR", "DE"), Ride(Mode.DELIVERY, "FR", "FR")
PROMISED = datetime(2026, 6, 10, 18, tzinfo=UTC)


def eur(amount: str | int) -> Money:
    return Money(Decimal(amount), "EUR")


def seen(**more: object) -> Evidence:
    told: dict[str, object] = {
        "parcel": "RX1",
        "state": "in_transit",
        "promised": PROMISED,
        "delivered": None,
        "last": PROMISED - timedelta(days=3),
        "last_leg": None,
        "rides": (AIR, VAN),
        "grams": 2000,
        "value": eur(40),
        "freight": eur(12),
        "insured": False,
        "shipped": PROMISED - timedelta(days=5),
        **more,
    }
    return Evidence(**told)  # type: ignore[arg-type]


def test_limits_are_those_of_the_convention_and_of_the_day() -> None:
    for on, per_kg in (
        (date(2009, 12, 29), 17),
        (date(2009, 12, 30), 19),
        (date(2019, 12, 28), 22),
        (date(2024, 12, 27), 22),
        (date(2024, 12, 28), 26),
        (date(2026, 6, 1), 26),
    ):
        assert liability.limit_of(AIR, on).per_kg == per_kg
    day = date(2026, 6, 1)
    assert liability.limit_of(ROAD, day).sdr(3000) == Decimal("24.99")
    assert liability.limit_of(VAN, day).regime == "own"
    sea = liability.limit_of(Ride(Mode.SEA, "CN", "MA"), day)
    assert sea.sdr(1000) == Decimal("666.67")
    assert sea.sdr(1_000_000) == 2000
    post = next(x for x in liability.limits() if x.regime == "upu")
    assert post.sdr(2000) == 49
    # known where: the law of that leg; else the highest, and no less than for what lies in a facility
    assert liability.limit_for((AIR, ROAD), 1, 1000, day).regime == "cmr"
    assert liability.limit_for((ROAD,), None, 1000, day).sdr(1000) == 26
    assert liability.limit_for((Ride(Mode.SEA, "CN", "MA"), AIR), None, 1000, day).regime == "hague-visby"
    for one in liability.limits():
        assert one.source
        assert one.confidence in ("official", "secondary", "indicative")


LATE = PROMISED + timedelta(days=30)


@pytest.mark.parametrize(
    ("kind", "asked", "more", "now", "paid", "said"),
    [
        ("lost", 100, {}, LATE, "52", "worth"),  # goods of 40 within 2 kg × 26 SDR, and the freight
        ("lost", 30, {}, LATE, "30", "No more than"),
        (
            "lost",
            500,
            {"value": eur(300)},
            LATE,
            "72.75",
            "SDR",
        ),  # 52 SDR at 0.856 to the euro: 60.75, and 12
        ("lost", 500, {"value": eur(300), "insured": True}, LATE, "312", "insured"),
        ("lost", 500, {"value": eur(300), "last_leg": 1}, LATE, "31.46", "within a country"),
        ("lost", 100, {}, PROMISED + timedelta(days=20), "0", "before"),
        ("lost", 100, {"state": "lost"}, PROMISED + timedelta(days=1), "52", "last sign"),
        ("lost", 100, {"delivered": PROMISED}, LATE, "0", "was delivered"),
        ("lost", 100, {}, PROMISED + timedelta(days=112), "0", "over"),
        ("damaged", 25, {"delivered": PROMISED}, PROMISED + timedelta(days=14), "25", "damage"),
        ("damaged", 25, {"delivered": PROMISED}, PROMISED + timedelta(days=15), "0", "over"),
        ("damaged", 25, {}, PROMISED, "0", "not delivered"),
        ("late", 25, {"delivered": PROMISED + timedelta(seconds=1)}, LATE, "0", "over"),
        (
            "late",
            25,
            {"delivered": PROMISED + timedelta(seconds=1)},
            PROMISED + timedelta(days=2),
            "1.20",
            "1 day after",
        ),
        (
            "late",
            25,
            {"delivered": PROMISED + timedelta(days=2, hours=1)},
            PROMISED + timedelta(days=5),
            "3.60",
            "3 days",
        ),
        (
            "late",
            25,
            {"delivered": PROMISED + timedelta(days=8)},
            PROMISED + timedelta(days=9),
            "6.00",
            "50 %",
        ),
        ("late", 25, {"delivered": PROMISED}, PROMISED + timedelta(days=5), "0", "promised for"),
    ],
)
def test_what_the_terms_propose(
    kind: str, asked: int, more: dict[str, object], now: datetime, paid: str, said: str
) -> None:
    found = judging.propose(kind, eur(asked), seen(**more), now, exchange_rates())
    assert found.amount == eur(paid)
    assert any(said in str(reason) for reason in found.reasons), [str(r) for r in found.reasons]


def tell(number: str, owner: str, type: str, at: datetime, leg: int | None = None) -> None:
    with administrator() as connection:
        histories.append(
            connection,
            owner,
            [
                event(
                    EVENT_TYPES[type],
                    Subject("parcel", number),
                    at,
                    Source(Reporter.OPERATOR.value, "local"),
                    leg=leg,
                )
            ],
        )


def test_a_claim_from_the_history_to_the_merchants_account() -> None:
    souk = shop()
    number = parcel(souk, None)
    tell(number, souk, "delivered", EPOCH + timedelta(days=2))
    now = EPOCH + timedelta(days=3)

    def filed(asked: Money, kind: str = "late", doing: object = None) -> rows.Claim:
        by = doing or replace(act("Amina", at=now), reporter="merchant")

        def do(c: Connection) -> rows.Claim:
            return claims_deciding.file(c, by, number, kind, asked, "two days late", {}, RATES)  # type: ignore[arg-type]  # kinds are drawn as texts

        return posting.transact(do, Role.MERCHANT, souk)

    by = act("Amina", at=now)
    claim = filed(eur(5), doing=by)
    assert filed(eur(5), doing=by).id == claim.id
    with pytest.raises(Conflict):
        filed(eur(5))
    with pytest.raises(Fault):
        filed(eur(5), "eaten")
    with pytest.raises(Fault):
        filed(eur(0), "damaged")
    with pytest.raises(NotFound):
        posting.transact(
            lambda c: claims_deciding.file(c, act(at=now), number, "late", eur(5), "", {}, RATES),
            Role.MERCHANT,
            shop(),
        )
    assert claim.evidence["state"] == "delivered"
    proposed = Decimal(claim.proposed["amount"])
    assert proposed == Decimal("0.20")  # two days begun, 10 % each, of a freight of one euro
    with pytest.raises(Fault, match="propose"):
        posting.transact(lambda c: claims_deciding.decide(c, act(), claim.id, eur(1), ""))
    with pytest.raises(Fault):
        posting.transact(lambda c: claims_deciding.decide(c, act(), claim.id, eur(6), "generous"))
    with administrator() as connection:
        before = store.balance(connection, hub(Purpose.PROMISES, "EUR"))
    for _ in range(2):
        done = posting.transact(lambda c: claims_deciding.decide(c, act(), claim.id, eur("0.20"), ""))
    with pytest.raises(Conflict):
        posting.transact(lambda c: claims_deciding.decide(c, act(), claim.id, None, "no"))
    assert (done.state, done.granted) == ("granted", proposed)
    assert done.reasons
    assert "2 days after" in str(from_json(done.reasons[0]))
    with administrator() as connection:
        (told,) = log.about(connection, claim.id)
        assert b'"by_the_terms":true' in told.entry
        assert told.owner == souk
        assert store.balance(connection, hub(Purpose.PROMISES, "EUR")) - before == proposed
        assert store.balance(connection, merchant(souk, Purpose.OWED, "EUR")) == -proposed
    with acting_as(Role.MERCHANT, souk) as connection:
        assert [c.id for c in rows.listed(connection)] == [claim.id]
    with acting_as(Role.MERCHANT, shop()) as connection:
        assert rows.listed(connection) == []


def test_a_refused_claim_can_be_filed_anew() -> None:
    souk = shop()
    number = parcel(souk, None)
    now = EPOCH + timedelta(days=1)
    first = posting.transact(
        lambda c: claims_deciding.file(c, act(at=now), number, "lost", eur(9), "", {}, RATES),
        Role.MERCHANT,
        souk,
    )
    assert first.proposed["amount"] == "0"
    refused = posting.transact(lambda c: claims_deciding.decide(c, act(), first.id, None, ""))
    assert (refused.state, refused.granted, refused.entry) == ("refused", None, None)
    tell(number, souk, "lost", now)
    again = posting.transact(
        lambda c: claims_deciding.file(c, act(at=now), number, "lost", eur(9), "", {}, RATES),
        Role.MERCHANT,
        souk,
    )
    assert Decimal(again.proposed["amount"]) == 9
    with pytest.raises(NotFound):
        posting.transact(lambda c: claims_deciding.decide(c, act(), "clm_none", None, "no"))
