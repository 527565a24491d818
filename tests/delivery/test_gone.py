"""A parcel that is stolen, lost or destroyed on the way: a state of its own, its cash, its claim, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.delivery import (
    at_door,
    delivery_doing,
    delivery_following,
    delivery_messages,
    delivery_points,
    delivery_sweeping,
    gone,
    notices,
    store,
    wishes,
)
from qafila.delivery.model import State
from qafila.ledger import ledger_following, posting
from qafila.ledger import store as books
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act as CashAct
from qafila.ledger.claims import claims_deciding, claims_finding
from qafila.ledger.claims import store as claims
from qafila.ledger.model import By, Purpose, merchant
from qafila.runtime.database import administrator
from qafila.runtime.events import advancing
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from tests.delivery.stations import SOURCE, Station
from tests.delivery.test_delivery_doing import JPEG


def told(station: Station, parcel: str, type: str, **details: str) -> None:
    """Something is recorded of a parcel, and followed."""
    made = event(
        EVENT_TYPES[type],
        Subject(SubjectKind.PARCEL.value, parcel),
        station.now,
        SOURCE,
        facility=station.id,
        details=details,
    )
    with administrator() as connection:
        history.append_new(connection, station.merchant, [made])
        recorded = list(_recorded(connection, parcel))
        for projection in (delivery_following.GONE, ledger_following.FOUND):
            projection.handle(connection, recorded)


def late(station: Station, kind: str, at: datetime, **told: str) -> None:
    """An act of a driver that comes later than it was done."""
    act = replace(station.act(), at=at)
    given = at_door.told_from({"kind": kind, **told})
    delivery_doing.do(station.context, act, SOURCE, station.id, given, True)


def _recorded(connection, parcel: str):  # type: ignore[no-untyped-def]  # rows as the projection is handed them
    from qafila.runtime.events.projection import Recorded

    for n, found in enumerate(history.histories(connection, [parcel])[parcel]):
        yield Recorded(n, None, found)


def test_a_theft_is_a_state_with_its_event_its_claim_and_no_cash() -> None:
    station = Station()
    number = station.out(cash="80")
    with pytest.raises(Fault, match="theft"):
        station.do("gone", parcel=number, reason="stolen")
    with pytest.raises(Fault):
        station.do("gone", parcel=number, reason="eaten")
    once = station.do("gone", f"gone:{number}", parcel=number, reason="stolen", detail="PV 114/2027")
    again = station.do("gone", f"gone:{number}", parcel=number, reason="stolen", detail="PV 114/2027")
    assert (once["state"], again["repeated"]) == ("gone", True)
    delivery = station.delivery(number)
    assert (delivery.state, delivery.gone, delivery.round_id) == (State.GONE, "stolen", "")
    status = station.status(number)
    assert (status.state.value, status.eta, status.last.details["reason"]) == ("lost", None, "stolen")  # type: ignore[union-attr]  # `last` is there: something was told
    with administrator() as connection:
        made = claims.standing(connection, number, "lost")
        (note,) = [c for c in cash.collections(connection, station.merchant) if c.parcel == number]
        said = [n["kind"] for n in notices.of_parcel(connection, number)]
        (proof,) = store.proofs(connection, number)
    assert made is not None
    assert (made.state, made.tenant) == ("open", station.merchant)
    assert Decimal(made.proposed["amount"]) > 0
    assert made.asked >= Decimal(made.proposed["amount"])
    assert (note.outcome, note.kept, note.entry) == ("refused", Decimal(0), None)
    assert said.count("gone") == len([n for n in said if n == "gone"]) >= 1
    assert (proof.outcome, proof.reason) == ("gone", "stolen")
    with pytest.raises(Conflict, match="already"):
        station.do("deliver", parcel=number, photo=JPEG, collected="80")
    assert delivery_sweeping.sweep(station.context, send=False)["gone"] == []


def test_what_others_report_lost_leaves_its_round_at_once_and_is_settled_by_the_sweep() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    delivery = station.delivery(number)
    assert (delivery.state, delivery.gone, delivery.round_id) == (State.GONE, "lost", "")
    assert number in delivery_sweeping.sweep(station.context, send=False)["gone"]
    assert number not in delivery_sweeping.sweep(station.context, send=False)["gone"]
    with administrator() as connection:
        assert claims.standing(connection, number, "lost") is not None
        on_round = (
            connection.execute(text("SELECT round_id FROM rounds WHERE facility = :f"), {"f": station.id})
            .scalars()
            .all()
        )
    for round in on_round:
        station.do("end", round=round)
    assert station.delivery(number).state is State.GONE
    assert station.delivery(number).attempts == 0


def test_the_projection_follows_what_is_recorded() -> None:
    station = Station()
    number = station.out()
    while advancing.advance(delivery_following.GONE):
        pass
    lost = event(
        EVENT_TYPES["lost"],
        Subject(SubjectKind.PARCEL.value, number),
        station.now,
        SOURCE,
        facility=station.id,
    )
    with administrator() as connection:
        history.append_new(connection, station.merchant, [lost])
    for _ in range(50):
        advancing.advance(delivery_following.GONE)
        if station.delivery(number).state is State.GONE:
            break
    assert station.delivery(number).state is State.GONE


def test_what_is_found_again_waits_for_another_day() -> None:
    station = Station()
    number = station.out()
    station.do("gone", parcel=number, reason="lost")
    station.now += timedelta(hours=5)
    told(station, number, "seen")
    delivery = station.delivery(number)
    assert (delivery.state, delivery.gone) == (State.OPEN, "")
    assert number in [d.parcel for d in due_tomorrow(station)]


def due_tomorrow(station: Station):  # type: ignore[no-untyped-def]  # what the plan of the next day is made of
    from qafila.delivery import dayplan
    from tests.delivery.stations import DAY

    with administrator() as connection:
        return dayplan.due(
            connection, station.context, dayplan.station(station.context, station.id), DAY + timedelta(days=1)
        )


def test_an_old_scan_that_comes_late_does_not_bring_it_back() -> None:
    station = Station()
    number = station.out()
    station.do("gone", parcel=number, reason="destroyed")
    station.now -= timedelta(hours=2)
    told(station, number, "seen")
    station.now += timedelta(hours=2)
    assert station.delivery(number).state is State.GONE


def test_what_was_handed_over_before_is_told_late_and_holds() -> None:
    station = Station()
    number = station.out(cash="30")
    station.do("gone", parcel=number, reason="lost")
    from qafila.delivery import at_door, delivery_doing

    told_late = at_door.told_from({"kind": "deliver", "parcel": number, "photo": JPEG, "collected": "30"})
    station.now += timedelta(minutes=1)
    done = delivery_doing.do(station.context, station.act(), SOURCE, station.id, told_late, late=True)
    assert (done["state"], done["cash"]) == ("delivered", "collected")


def test_the_cash_of_a_shipment_is_asked_for_with_the_parcels_that_are_left() -> None:
    station = Station()
    second = station.parcel(cash="50", boxed=2)
    (first,) = set(station.numbers()) - {second}
    for round in station.plan()["rounds"]:
        station.do("start", round=round)
    station.do("gone", parcel=first, reason="lost")
    with administrator() as connection:
        assert cash.collections(connection, station.merchant) == []
    station.do("gone", parcel=second, reason="lost")
    with administrator() as connection:
        (note,) = cash.collections(connection, station.merchant)
    assert (note.outcome, note.parcel) == ("refused", second)


def test_the_buyers_link_says_it_before_the_worker_followed() -> None:
    station = Station()
    number = station.out()
    lost = event(
        EVENT_TYPES["lost"],
        Subject(SubjectKind.PARCEL.value, number),
        station.now,
        SOURCE,
        details={"reason": "stolen"},
    )
    with administrator() as connection:
        history.append_new(connection, station.merchant, [lost])
    seen = wishes.view(station.context, station.delivery(number).token)
    assert (seen.delivery.state, seen.delivery.gone) == (State.GONE, "stolen")
    with pytest.raises(Conflict):
        wishes.wish(station.context, seen.delivery.token, "neighbour", detail="Ali")


def test_what_was_lost_and_came_to_its_buyer_all_the_same_is_delivered() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    station.now += timedelta(hours=1)
    told(station, number, "delivered")
    assert station.delivery(number).state is State.DELIVERED


def test_what_was_lost_and_is_on_its_way_back_turns_round() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    station.now += timedelta(hours=1)
    told(station, number, "returning")
    assert station.delivery(number).state is State.RETURNING


def test_who_has_his_parcel_is_told_of_no_loss() -> None:
    station = Station()
    number = station.out()
    came = station.now
    station.now += timedelta(hours=1)
    told(station, number, "lost")
    late(station, "deliver", came, parcel=number, photo=JPEG)
    delivery = station.delivery(number)
    assert (delivery.state, delivery.gone) == (State.DELIVERED, "")


def test_what_was_put_into_a_locker_before_it_was_taken_for_lost_stays_there_with_its_code() -> None:
    station = Station()
    station.compartments((200, 200, 200))
    number = station.out()
    came = station.now
    station.now += timedelta(hours=1)
    told(station, number, "lost")
    late(station, "leave", came, parcel=number, left="locker", point=station.point)
    with administrator() as connection:
        delivery_following.GONE.handle(connection, list(_recorded(connection, number)))
        assert delivery_points.standing(connection, number) is not None
    assert station.delivery(number).state is State.AT_POINT


def test_late_attempts_at_what_is_gone_do_not_turn_it_round() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    with pytest.raises(Conflict):
        late(station, "fail", station.now, parcel=number, reason="nobody_home")
    assert station.delivery(number).state is State.GONE


def test_who_had_it_says_how_it_went() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    late(station, "gone", station.now, parcel=number, reason="stolen", detail="PV 9/2027")
    assert station.delivery(number).gone == "stolen"


def test_what_is_lost_once_more_has_a_claim_of_its_own() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    delivery_sweeping.sweep(station.context, send=False)
    with administrator() as connection:
        first = claims.standing(connection, number, "lost")
        assert first is not None
        connection.execute(
            text("UPDATE claims SET state = 'refused', reasons = '[]' WHERE claim = :i"), {"i": first.id}
        )
    for type in ("seen", "lost"):
        station.now += timedelta(hours=1)
        told(station, number, type)
    delivery_sweeping.sweep(station.context, send=False)
    with administrator() as connection:
        second = claims.standing(connection, number, "lost")
    assert second is not None
    assert second.id != first.id


def test_one_that_cannot_be_settled_keeps_no_other_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    station = Station()
    numbers = [station.out(), station.out()]
    for number in numbers:
        told(station, number, "lost")
    honest = gone.claim

    def odd(connection: Connection, context: Context, act: CashAct, parcel: str, said: str) -> None:
        if parcel == numbers[0]:
            raise Conflict(delivery_messages.SAY_REPORT())
        honest(connection, context, act, parcel, said)

    monkeypatch.setattr(gone, "claim", odd)
    settled = delivery_sweeping.sweep(station.context, send=False)["gone"]
    assert numbers[0] not in settled
    assert numbers[1] in settled


def granted(station: Station, number: str) -> claims.Claim:
    """The claim for a loss, granted as proposed."""
    with administrator() as connection:
        made = claims.standing(connection, number, "lost")
    assert made is not None
    act = CashAct(key=f"grant:{made.id}", by=By("local", "Amal"), at=station.now, reporter="operator")
    money = Money(Decimal(made.proposed["amount"]), made.currency)
    return posting.transact(lambda c: claims_deciding.decide(c, act, made.id, money, ""))


def claimed(station: Station, id: str) -> claims.Claim:
    """A claim as it stands, after what was recorded was followed and time looked at."""
    claims_finding.take_back(station.now)
    with administrator() as connection:
        found = claims.one(connection, id)
    assert found is not None
    return found


def owed(station: Station, currency: str) -> Decimal:
    with administrator() as connection:
        return -books.balance(connection, merchant(station.merchant, Purpose.OWED, currency))


def reasons(claim: claims.Claim) -> list[str]:
    return [said["id"] for said in claim.reasons or []]


def test_what_is_stolen_on_its_way_back_is_gone_with_a_claim_for_the_goods_alone() -> None:
    station = Station()
    number = station.out(cash="80")
    station.do("fail", parcel=number, reason="refused")
    assert station.delivery(number).state is State.RETURNING
    station.now += timedelta(hours=1)
    told(station, number, "lost", reason="stolen", report="PV 3/2027")
    delivery = station.delivery(number)
    assert (delivery.state, delivery.gone) == (State.GONE, "stolen")
    assert number in delivery_sweeping.sweep(station.context, send=False)["gone"]
    assert number not in delivery_sweeping.sweep(station.context, send=False)["gone"]
    with administrator() as connection:
        made = claims.standing(connection, number, "lost")
        notes = [c for c in cash.collections(connection, station.merchant) if c.parcel == number]
        said = {n["kind"] for n in notices.of_parcel(connection, number)}
    assert made is not None
    assert made.evidence["back"] is True
    assert made.asked == Decimal(made.evidence["of_value"][0])
    ids = [r["id"] for r in made.proposed["reasons"]]
    assert "ledger.claim.way_back" in ids
    assert "ledger.claim.freight_back" not in ids
    assert [n.outcome for n in notes] == ["refused"]
    assert "gone_back" in said
    assert "gone" not in said
    station.now += timedelta(hours=1)
    told(station, number, "seen")
    assert station.delivery(number).state is State.RETURNING
    after = claimed(station, made.id)
    assert (after.state, reasons(after)) == ("withdrawn", ["ledger.claim.found"])
    station.now += timedelta(hours=1)
    told(station, number, "lost")
    assert number in delivery_sweeping.sweep(station.context, send=False)["gone"]
    with administrator() as connection:
        second = claims.standing(connection, number, "lost")
    assert second is not None
    assert second.id != made.id


def test_what_was_granted_goes_back_once_what_was_found_is_delivered() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    delivery_sweeping.sweep(station.context, send=False)
    claim = granted(station, number)
    assert claim.granted is not None
    assert owed(station, claim.currency) == claim.granted
    station.now += timedelta(hours=1)
    told(station, number, "seen")
    waits = claimed(station, claim.id)
    assert (waits.state, reasons(waits)[-1]) == ("granted", "ledger.claim.found_paid")
    assert owed(station, claim.currency) == claim.granted
    station.now += timedelta(hours=1)
    told(station, number, "delivered")
    back = claimed(station, claim.id)
    assert (back.state, back.granted, reasons(back)[-1]) == (
        "taken_back",
        claim.granted,
        "ledger.claim.taken_back",
    )
    assert owed(station, claim.currency) == 0
    assert claims_finding.take_back(station.now) == []
    with administrator() as connection:
        assert posting.audit(connection) == []


def test_what_was_granted_holds_where_it_is_lost_once_more() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    delivery_sweeping.sweep(station.context, send=False)
    claim = granted(station, number)
    for type in ("seen", "lost"):
        station.now += timedelta(hours=1)
        told(station, number, type)
    delivery_sweeping.sweep(station.context, send=False)
    after = claimed(station, claim.id)
    assert (after.state, reasons(after)) == ("granted", reasons(claim))
    assert owed(station, claim.currency) == claim.granted


def test_a_claim_that_was_withdrawn_is_open_again_where_who_found_it_takes_that_back() -> None:
    station = Station()
    number = station.out()
    told(station, number, "lost")
    delivery_sweeping.sweep(station.context, send=False)
    with administrator() as connection:
        made = claims.standing(connection, number, "lost")
    assert made is not None
    station.now += timedelta(hours=1)
    told(station, number, "seen")
    assert claimed(station, made.id).state == "withdrawn"
    with administrator() as connection:
        (seen,) = [e for e in history.histories(connection, [number])[number] if e.type == "seen"]
    station.now += timedelta(hours=1)
    told(station, number, "retracted", event=seen.id)
    assert station.delivery(number).state is State.GONE
    delivery_sweeping.sweep(station.context, send=False)
    after = claimed(station, made.id)
    assert (after.state, after.reasons) == ("open", None)
