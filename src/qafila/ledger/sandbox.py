"""A day of cash that did not happen: collected, short, refused, told twice, miscounted, suspect, stolen, banked.

For the practice mode, for demonstrations and for tests: it goes through the same acts as drivers and stations. The same seed on
the same parcels tells the same day, and told twice it is booked once.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from qafila.core.money import ExchangeRates, Money
from qafila.ledger import posting
from qafila.ledger import store as books
from qafila.ledger.cash import cash_bags as bags
from qafila.ledger.cash import cash_banking, collecting, denominations, store
from qafila.ledger.cash.model import (
    Act,
    AlreadyCollected,
    AtDoor,
    BagFull,
    Count,
    Driver,
    OverLimit,
    Till,
    bag_account,
)
from qafila.ledger.cash.store import Deposit
from qafila.ledger.model import By, Purpose
from qafila.runtime.database import Role, acting_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the day is like; shares of one.

    Attributes:
        station: the facility to which drivers bring their bags.
        territory: whose law holds there.
        tenant: for whom drivers and station work.
        at: when the first door opens; the others follow, five minutes each.
        seed: two days of one seed are the same.
        drivers: how many share the parcels.
        refused, short, agreed, twice: of the doors; of those that come short `agreed` had the merchant's consent.
        miscounted, suspect, stolen: of the bags.
    """

    station: str
    territory: str
    tenant: str
    at: datetime
    seed: int = 1
    drivers: int = 3
    refused: float = 0.08
    short: float = 0.03
    agreed: float = 0.7
    twice: float = 0.1
    miscounted: float = 0.1
    suspect: float = 0.1
    stolen: float = 0.03


@dataclass(slots=True)
class Told:
    """What happened: how often each outcome, and the sums collected, stolen and banked by currency."""

    doors: Counter[str] = field(default_factory=Counter)
    bags: Counter[str] = field(default_factory=Counter)
    collected: dict[str, Decimal] = field(default_factory=dict)
    stolen: dict[str, Decimal] = field(default_factory=dict)
    banked: dict[str, Decimal] = field(default_factory=dict)


def simulate(parcels: Sequence[str], day: Day, rates: ExchangeRates) -> Told:
    """Tells a day for some parcels; those with no cash due, or whose cash was collected by others, are passed over."""
    told, touched = Told(), set[str]()
    for n, parcel in enumerate(sorted(parcels)):
        chance = random.Random(f"{day.seed}|{parcel}")
        driver = Driver(
            f"sandbox-{day.seed}-{n % day.drivers + 1}", f"Driver {n % day.drivers + 1}", day.tenant
        )
        act = _act(day, f"door|{parcel}", driver.name, day.at + timedelta(minutes=5 * (n // day.drivers)))
        with acting_as(Role.OPERATOR) as connection:
            known = store.collection(connection, act.key)
            due = None if known else collecting.due_for(connection, parcel)
        if known is None and due is None:
            continue
        money = Money(known.due, known.currency) if known else due.amount  # type: ignore[union-attr]  # the sandbox makes them of what it drew
        door = _door(parcel, money, driver, day, chance)
        for _ in range(2 if chance.random() < day.twice else 1):
            try:
                done = posting.transact(lambda c, a=act, d=door: collecting.collect(c, a, d, rates))  # type: ignore[misc]  # the sandbox makes them of what it drew
            except (AlreadyCollected, OverLimit, BagFull) as fault:
                told.doors[type(fault).__name__] += 1
                break
        else:
            told.doors[done.outcome] += 1
            if done.bag is not None:
                touched.add(done.bag)
                told.collected[done.currency] = told.collected.get(done.currency, Decimal(0)) + done.kept
    end = day.at + timedelta(minutes=5 * (len(parcels) // day.drivers + 6))
    for bag in sorted(touched):
        close_bag(bag, day, end, told)
    return told


def _act(day: Day, key: str, name: str, at: datetime) -> Act:
    return Act(key=f"{day.tenant}:sandbox:{day.seed}:{key}", by=By(day.tenant, name), person=name, at=at)


def _door(parcel: str, due: Money, driver: Driver, day: Day, chance: random.Random) -> AtDoor:
    where = {"parcel": parcel, "driver": driver, "station": day.station, "territory": day.territory}
    drawn = chance.random()
    if drawn < day.refused:
        why = chance.choice(
            ("not at home with the money", "changed her mind", "opened it and did not like it")
        )
        return AtDoor(**where, refused=why)  # type: ignore[arg-type]  # the sandbox makes them of what it drew
    if drawn < day.refused + day.short and due.amount > 10:
        less = Money(Decimal(chance.randint(1, 9)), due.currency)
        return AtDoor(**where, tendered=due - less, agreed=chance.random() < day.agreed)  # type: ignore[arg-type]  # the sandbox makes them of what it drew
    note = Decimal(200)
    over = Money((due.amount // note + 1) * note, due.currency)
    if chance.random() < 0.5:
        return AtDoor(**where, tendered=over, change=over - due)  # type: ignore[arg-type]  # the sandbox makes them of what it drew
    return AtDoor(**where)  # type: ignore[arg-type]  # the sandbox makes them of what it drew


def close_bag(id: str, day: Day, at: datetime, told: Told) -> None:
    """A bag is stolen, or counted by two, and what is in it banked."""
    with acting_as(Role.OPERATOR) as connection:
        bag = store.bag(connection, id)
        assert bag is not None
        inside = Money(books.balance(connection, bag_account(id, bag.tenant, bag.currency)), bag.currency)
        owners = {
            c.tenant: Decimal(0)
            for c in store.collections(connection, bag=id, limit=10_000)
            if c.regime == "own_bank"
        }
    chance = random.Random(f"{day.seed}|{bag.driver}|{bag.currency}")
    if bag.state == "stolen":
        told.bags[bag.state] += 1
        return
    if chance.random() < day.stolen and bag.state != "handed_over":
        posting.transact(
            lambda c: bags.stolen(
                c, _act(day, f"stolen|{id}", bag.driver_name, at), id, None, f"report {day.seed}"
            )
        )
        told.bags["stolen"] += 1
        told.stolen[bag.currency] = told.stolen.get(bag.currency, Decimal(0)) + inside.amount
        return
    found = inside.amount
    if chance.random() < day.miscounted:
        found = max(Decimal(0), found + chance.choice((-20, -5, 5)))
    counted = _count(found, bag.currency, chance.random() < day.suspect)
    if bag.state != "handed_over":  # else it was, and the day was cut off before the bank
        posting.transact(
            lambda c: bags.declare(c, _act(day, f"declare|{id}", bag.driver_name, at), id, counted)
        )
    done = posting.transact(lambda c: bags.receive(c, _act(day, f"receive|{id}", "Station", at), id, counted))
    told.bags[done.state] += 1
    if owners:  # cash that is carried goes to each merchant's own bank
        with acting_as(Role.OPERATOR) as connection:
            owners = {tenant: cash_banking.carried_for(connection, tenant, bag.currency) for tenant in owners}
    till = Till(day.station, day.tenant)
    with acting_as(Role.OPERATOR) as connection:
        left = books.balance(connection, till.account(Purpose.SAFE, bag.currency))
    left = min(left, done.counted.amount if done.counted else left)
    for tenant, amount in sorted(owners.items()) or [("", left)]:
        act = _act(day, f"bank|{id}|{tenant}", "Station", at + timedelta(hours=1))
        with acting_as(Role.OPERATOR) as connection:
            sent = store.deposit(connection, f"dep_{act.key}")  # the day may have been cut off behind it
        taken = Money(
            min(amount, left), bag.currency
        )  # what is suspect or missing waits until it is made good
        if sent is None and taken.amount > 0:
            left -= taken.amount
            sent = _sent(act, till, taken, f"S-{id[-6:]}", tenant)
        if sent is not None:
            whole = _credited(act, sent, f"BK-{id[-6:]}")
            told.banked[sent.currency] = told.banked.get(sent.currency, Decimal(0)) + whole.amount


def _sent(act: Act, till: Till, money: Money, slip: str, tenant: str) -> Deposit:
    return posting.transact(lambda c: cash_banking.send(c, act, till, money, slip, "", tenant))


def _credited(act: Act, sent: Deposit, reference: str) -> Money:
    whole = Money(sent.amount, sent.currency)
    posting.transact(lambda c: cash_banking.credited(c, act, sent.id, whole, reference))
    return whole


def _count(amount: Decimal, currency: str, with_suspect: bool) -> Count:
    """A sum in notes and coins, the largest first; the smallest note of it put aside where one is suspect."""
    pieces: dict[str, int] = {}
    left = amount
    for face in denominations.faces(currency):
        number = int(left // Decimal(face))
        if number:
            pieces[face] = number
            left -= number * Decimal(face)
    if left:
        pieces[f"{left:f}"] = 1
    suspect: dict[str, int] = {}
    if with_suspect and pieces:
        face = next(iter(pieces))
        pieces[face] -= 1
        suspect[face] = 1
    return Count(currency, pieces, suspect)
