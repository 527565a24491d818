"""Cash from the door to the bank: at each step it is somewhere, and whoever lacks it owes it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault, Forbidden, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money
from qafila.ledger import posting, store
from qafila.ledger.cash import cash_bags, cash_banking, collecting
from qafila.ledger.cash import store as rows
from qafila.ledger.cash.model import (
    AlreadyCollected,
    BagFull,
    Count,
    Driver,
    OverLimit,
    Till,
    bag_account,
    short_account,
    transit_account,
)
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.model import Account, NotThere, OwnerKind, Purpose, hub, merchant
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events.envelope import Reporter
from tests.ledger.tills import AT, RATES, act, collect, count, door, driver, handed_over, mad, parcel, shop

LICENCE = Licence("MA", "payment_institution", "Bank Al-Maghrib", "EP-7", date(2026, 1, 1))


@pytest.fixture
def licensed() -> None:
    with administrator() as connection:
        licences.state(connection, LICENCE, "test")
        connection.execute(text("UPDATE ledger_licences SET valid_to = NULL"))


@pytest.fixture
def unlicensed() -> None:
    with administrator() as connection:
        connection.execute(text("UPDATE ledger_licences SET valid_to = '2026-01-02'"))


def on(account: Account) -> Decimal:
    with administrator() as connection:
        return store.balance(connection, account)


def till() -> Till:
    return Till(new_id("ST"), "local")


def in_bag(bag: str | None) -> Decimal:
    assert bag is not None
    return on(bag_account(bag, "local", "MAD"))


@pytest.mark.usefixtures("licensed")
def test_what_is_collected_is_owed_to_the_merchant_and_lies_in_the_bag() -> None:
    souk, who = shop(), driver()
    number = parcel(souk, mad(250))
    done = collect(door(number, who, tendered=mad(300), change=mad(50)))
    assert (done.outcome, done.kept, done.regime, done.tenant) == ("collected", 250, "through_us", souk)
    assert in_bag(done.bag) == 250
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -250
    with acting_as(Role.MERCHANT, souk) as connection:
        assert [(c.parcel, c.kept) for c in rows.collections(connection)] == [(number, 250)]
        told = connection.execute(
            text("SELECT type FROM events WHERE subject_kind = 'cash' AND subject_id = :c"), {"c": done.id}
        )
        assert list(told.scalars()) == ["cash_collected"]
    with acting_as(Role.MERCHANT, shop()) as connection:
        assert rows.collections(connection) == []


@pytest.mark.usefixtures("licensed")
def test_told_twice_is_collected_once() -> None:
    souk, who, by = shop(), driver(), act()
    number = parcel(souk, mad(99))
    first, again = collect(door(number, who), by), collect(door(number, who), by)
    assert first.entry == again.entry
    with pytest.raises(AlreadyCollected):
        collect(door(number, who))
    with pytest.raises(Conflict):
        collect(door(parcel(souk, mad(99)), who), by)
    assert in_bag(first.bag) == 99


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"tendered": mad(90), "change": mad(0), "refused": "no money"}, "refused"),
        ({"tendered": mad(200)}, "kept"),
        ({"tendered": Money(Decimal(100), "EUR")}, "EUR"),
        ({"tendered": mad("-5")}, "sum"),
        ({"tendered": mad("99.999")}, "sum"),
        ({"tendered": mad(50), "change": mad(50)}, "nothing"),
    ],
)
def test_amounts_that_cannot_be_are_refused(more: dict[str, object], what: str) -> None:
    number = parcel(shop(), mad(100))
    with pytest.raises(Fault, match=what):
        collect(door(number, driver(), **more))
    with administrator() as connection:
        assert collecting.due_for(connection, number) is not None


@pytest.mark.usefixtures("licensed")
def test_no_cash_is_due_where_the_order_says_none() -> None:
    with pytest.raises(NotFound):
        collect(door(parcel(shop(), None), driver()))


@pytest.mark.usefixtures("licensed")
def test_refused_once_and_paid_the_next_day() -> None:
    souk, who = shop(), driver()
    number = parcel(souk, mad(80))
    refused = collect(door(number, who, refused="changed her mind"))
    assert (refused.outcome, refused.bag, on(merchant(souk, Purpose.OWED, "MAD"))) == ("refused", None, 0)
    assert collect(door(number, who)).outcome == "collected"
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -80


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize(("agreed", "owed", "driver_owes"), [(True, 60, 0), (False, 80, 20)])
def test_short_is_the_merchants_loss_only_where_he_agreed(agreed: bool, owed: int, driver_owes: int) -> None:
    souk, who = shop(), driver()
    done = collect(door(parcel(souk, mad(80)), who, tendered=mad(60), agreed=agreed))
    assert done.outcome == "short"
    assert in_bag(done.bag) == 60
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -owed
    assert on(short_account(OwnerKind.DRIVER, who.id, "local", "MAD")) == driver_owes


@pytest.mark.usefixtures("licensed")
def test_a_carrier_agrees_to_nothing_and_what_it_took_before_it_could_ask_is_booked_all_the_same() -> None:
    souk, who = shop(), driver()
    told = door(parcel(souk, mad(80)), who, tendered=mad(60), agreed=True)
    with pytest.raises(Forbidden):
        collect(told, replace(act(), reporter=Reporter.CARRIER.value))
    done = collect(told, replace(act(late=True), reporter=Reporter.CARRIER.value))
    assert in_bag(done.bag) == 60
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -80  # its word is not taken: the merchant is owed all
    assert on(short_account(OwnerKind.DRIVER, who.id, "local", "MAD")) == 20


@pytest.mark.usefixtures("licensed")
def test_limits_hold_at_the_door_and_not_for_money_that_was_taken_already() -> None:
    souk, who = shop(), driver()
    first = collect(door(parcel(souk, mad(7990)), who))
    with pytest.raises(BagFull, match="8000"):
        collect(door(parcel(souk, mad(11)), who))
    with pytest.raises(OverLimit, match="193"):
        collect(door(parcel(souk, mad(20000)), driver()))
    late = collect(door(parcel(souk, mad(20000)), who), act(late=True))
    assert late.bag == first.bag
    assert in_bag(first.bag) == 27990


@pytest.mark.usefixtures("licensed")
def test_two_people_count_and_the_difference_is_the_drivers() -> None:
    souk, who = shop(), driver()
    done = collect(door(parcel(souk, mad(500)), who))
    assert done.bag is not None
    bag, four = done.bag, count(("200", 2), ("50", 1), suspect={"20": 1})
    with pytest.raises(Conflict):  # the driver has not signed
        posting.transact(lambda c: cash_bags.receive(c, act("Salma"), bag, four))
    posting.transact(lambda c: cash_bags.declare(c, act("Driss"), bag, four))
    with pytest.raises(Conflict, match="Driss"):
        posting.transact(lambda c: cash_bags.receive(c, act("Driss"), bag, four))
    other = posting.transact(lambda c: cash_bags.receive(c, act("Salma"), bag, count(("200", 2))))
    assert other.state == "recount"
    assert in_bag(bag) == 500
    assert handed_over(bag, four).difference == mad(-30)
    assert posting.transact(lambda c: cash_bags.receive(c, act("Salma"), bag, four)).difference == mad(
        -30
    )  # sent again
    assert in_bag(bag) == 0
    safe = Till("CAS-DS", "local")
    assert on(safe.account(Purpose.SUSPECT, "MAD")) >= 20
    owes = short_account(OwnerKind.DRIVER, who.id, "local", "MAD")
    assert on(owes) == 30
    posting.transact(lambda c: cash_banking.settle(c, act(), owes, mad(10), safe, "paid"))
    posting.transact(lambda c: cash_banking.settle(c, act(), owes, mad(20), None, "torn notes, seen by two"))
    assert on(owes) == 0
    with pytest.raises(NotThere):
        posting.transact(lambda c: cash_banking.settle(c, act(), owes, mad(1), None, "more"))
    with pytest.raises(Conflict):
        posting.transact(lambda c: cash_bags.declare(c, act("Driss"), bag, four))
    with pytest.raises(Fault):
        posting.transact(lambda c: cash_bags.declare(c, act("Driss"), bag, Count("EUR", {"5": 1})))
    with pytest.raises(Fault):
        count(("0.003", 1)).good()


@pytest.mark.usefixtures("licensed")
def test_where_the_counts_never_agree_the_stations_decides_with_a_reason() -> None:
    done = collect(door(parcel(shop(), mad(100)), driver()))
    assert done.bag is not None
    bag = done.bag
    posting.transact(lambda c: cash_bags.declare(c, act("Driss"), bag, count(("100", 1))))
    settled = posting.transact(
        lambda c: cash_bags.receive(c, act("Salma"), bag, count(("100", 1), ("10", 1)), "third count, filmed")
    )
    assert settled.difference == mad(10)
    assert on(Till("CAS-DS", "local").account(Purpose.SURPLUS, "MAD")) <= -10


@pytest.mark.usefixtures("licensed")
def test_what_is_stolen_the_merchant_is_owed_all_the_same() -> None:
    souk, who = shop(), driver()
    done = collect(door(parcel(souk, mad(300)), who))
    assert done.bag is not None
    bag, lost = done.bag, on(hub(Purpose.LOSSES, "MAD"))
    with pytest.raises(Fault):
        posting.transact(lambda c: cash_bags.stolen(c, act(), bag, None, ""))
    with pytest.raises(NotThere):
        posting.transact(lambda c: cash_bags.stolen(c, act(), bag, mad(301), "PV 12"))
    posting.transact(lambda c: cash_bags.stolen(c, act(), bag, mad(100), "PV 12"))
    assert posting.transact(lambda c: cash_bags.stolen(c, act(), bag, None, "PV 12")).state == "stolen"
    assert (in_bag(bag), on(hub(Purpose.LOSSES, "MAD")) - lost) == (0, 300)
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -300


@pytest.mark.usefixtures("licensed")
def test_a_wrong_collection_is_undone_while_the_bag_is_open() -> None:
    souk, who = shop(), driver()
    number = parcel(souk, mad(70))
    done = collect(door(number, who, tendered=mad(60), agreed=True))
    for _ in range(2):
        assert (
            posting.transact(lambda c: collecting.correct(c, act(), done.id, "typed 60 for 70")).outcome
            == "corrected"
        )
    assert (in_bag(done.bag), on(merchant(souk, Purpose.OWED, "MAD"))) == (0, 0)
    again = collect(door(number, who))
    assert again.bag is not None
    handed_over(again.bag, count(("50", 1), ("20", 1)))
    with pytest.raises(Conflict):
        posting.transact(lambda c: collecting.correct(c, act(), again.id, "late"))


@pytest.mark.usefixtures("licensed")
def test_the_bank_credits_less_and_it_is_known_by_whom() -> None:
    souk, who = shop(), driver()
    done = collect(door(parcel(souk, mad(1000)), who))
    assert done.bag is not None
    handed_over(done.bag, count(("200", 5)))
    safe, by, clients = Till("CAS-DS", "local"), act(), on(hub(Purpose.CLIENTS, "MAD"))
    carrier = new_id("van")
    sent = posting.transact(lambda c: cash_banking.send(c, by, safe, mad(1000), "S-1", carrier))
    assert posting.transact(lambda c: cash_banking.send(c, by, safe, mad(1000), "S-1", carrier)) == sent
    with pytest.raises(Conflict):
        posting.transact(lambda c: cash_banking.send(c, by, safe, mad(900), "S-1", carrier))
    assert on(transit_account(carrier, "MAD")) == 1000
    for _ in range(2):
        posting.transact(lambda c: cash_banking.credited(c, act(), sent.id, mad(700), "BK 9", mad(200)))
    with pytest.raises(Conflict):
        posting.transact(lambda c: cash_banking.credited(c, act(), sent.id, mad(1000), "BK 9"))
    assert on(transit_account(carrier, "MAD")) == 0
    assert on(hub(Purpose.CLIENTS, "MAD")) - clients == 700
    assert on(Account("carrier", carrier, "short", "MAD")) == 100
    with pytest.raises(NotThere):
        posting.transact(lambda c: cash_banking.send(c, act(), Till(new_id("ST"), "local"), mad(1), "S-2"))


@pytest.mark.usefixtures("unlicensed")
def test_without_a_licence_cash_is_carried_to_the_merchants_own_bank() -> None:
    souk, other, who = shop(), shop(), driver()
    done = collect(door(parcel(souk, mad(400)), who))
    collect(door(parcel(other, mad(50)), who))
    assert (done.regime, on(merchant(souk, Purpose.OWED, "MAD"))) == ("own_bank", 0)
    assert on(merchant(souk, Purpose.CUSTODY, "MAD")) == -400
    safe = Till("CAS-DS", "local")
    with pytest.raises(NotThere):  # still in the bag
        posting.transact(lambda c: cash_banking.send(c, act(), safe, mad(400), "S-3", "", souk))
    assert done.bag is not None
    handed_over(done.bag, count(("200", 2), ("50", 1)))
    with pytest.raises(NotThere):  # the other's
        posting.transact(lambda c: cash_banking.send(c, act(), safe, mad(450), "S-3", "", souk))
    clients = on(hub(Purpose.CLIENTS, "MAD"))
    sent = posting.transact(lambda c: cash_banking.send(c, act(), safe, mad(400), "S-3", "", souk))
    posting.transact(lambda c: cash_banking.credited(c, act(), sent.id, mad(390), "BK 10"))
    assert on(merchant(souk, Purpose.CUSTODY, "MAD")) == 0
    assert on(merchant(souk, Purpose.OWED, "MAD")) == -10  # a debt of the hub
    assert on(hub(Purpose.CLIENTS, "MAD")) == clients


@pytest.mark.usefixtures("unlicensed")
def test_what_was_carried_and_stolen_becomes_a_debt_of_the_hub() -> None:
    souk = shop()
    done = collect(door(parcel(souk, mad(40)), driver()))
    assert done.bag is not None
    bag = done.bag
    posting.transact(lambda c: cash_bags.stolen(c, act(), bag, None, "PV 13"))
    assert (on(merchant(souk, Purpose.CUSTODY, "MAD")), on(merchant(souk, Purpose.OWED, "MAD"))) == (0, -40)


@pytest.mark.usefixtures("licensed")
def test_two_devices_of_one_driver_at_once() -> None:
    souk, who, errors = shop(), driver(), []
    numbers = [parcel(souk, mad(10 + n)) for n in range(6)]
    told = [(door(number, who), act()) for number in numbers]

    def send(n: int) -> None:
        try:
            collect(*told[n % 6])
        except Exception as error:  # told below, by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with administrator() as connection:
        open_now = rows.open_bag(connection, "local", who.id, "MAD")
    assert open_now is not None
    assert in_bag(open_now.id) == sum(10 + n for n in range(6))


def test_who_has_no_right_to_a_bag_finds_none() -> None:
    done = collect(door(parcel(shop(), mad(10)), driver()))
    assert done.bag is not None
    bag = done.bag
    from dataclasses import replace

    stranger = replace(act("Nadir", of="elsewhere"), reporter="carrier")
    with pytest.raises(NotFound):
        posting.transact(lambda c: cash_bags.declare(c, stranger, bag, count(("10", 1))))


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.integers(1, 900), st.sampled_from(["paid", "short", "agreed", "refused", "twice"])),
        max_size=5,
    ),
    st.integers(-40, 40),
    st.sampled_from(["counted", "stolen", "open"]),
    st.booleans(),
)
def test_whatever_happens_nothing_appears_and_nothing_is_lost(
    doors: list[tuple[int, str]], off: int, end: str, through_us: bool
) -> None:
    """Cash and what is owed for it are equal after any day: bags, safes, debts of drivers and losses on one side."""
    with administrator() as connection:
        licences.state(connection, LICENCE, "test")
        connection.execute(
            text("UPDATE ledger_licences SET valid_to = :d"), {"d": None if through_us else date(2026, 1, 2)}
        )
    souk, who = shop(), driver()
    bag, kept, owed = None, 0, 0
    for due, how in doors:
        number, by = parcel(souk, mad(due)), act(late=True)
        paid = due if how in ("paid", "twice") or due == 1 else due - 1
        told = (
            door(number, who, refused="no")
            if how == "refused"
            else door(number, who, tendered=mad(paid), agreed=how == "agreed")
        )
        for _ in range(2 if how == "twice" else 1):
            done = collect(told, by)
        if how != "refused":
            bag, kept, owed = done.bag, kept + paid, owed + (due if how == "short" else paid)
    losses = on(hub(Purpose.LOSSES, "MAD"))
    if bag is not None and end == "counted":
        found = max(kept + off, 0)
        handed_over(bag, count(("1", found)))
        assert in_bag(bag) == 0
        short = on(short_account(OwnerKind.DRIVER, who.id, "local", "MAD"))
        assert short == max(kept - found, 0) + sum(1 for due, how in doors if how == "short" and due > 1)
    elif bag is not None and end == "stolen":
        posting.transact(lambda c: cash_bags.stolen(c, act(), bag, None, "PV"))
        assert on(hub(Purpose.LOSSES, "MAD")) - losses == kept
    elif bag is not None:
        assert in_bag(bag) == kept
    assert on(merchant(souk, Purpose.OWED, "MAD")) + on(merchant(souk, Purpose.CUSTODY, "MAD")) == -owed
    with administrator() as connection:
        assert posting.audit(connection) == []


def test_a_bag_begins_with_change_from_the_safe() -> None:
    who = Driver(new_id("d"), "Driss", "local")
    with pytest.raises(NotThere):
        posting.transact(lambda c: cash_bags.begin(c, act(), who, new_id("ST"), "MA", mad(200), RATES))
    bag = posting.transact(lambda c: cash_bags.begin(c, act(), who, "CAS-DS", "MA", mad(0), RATES))
    assert (
        posting.transact(lambda c: cash_bags.begin(c, act(), who, "CAS-DS", "MA", mad(0), RATES)).id == bag.id
    )
    assert bag.opened_at == AT
