"""At the door: cash is collected, comes short or is refused. The delivery floor calls it in its own transaction.

with acting(actor) as connection:
    …  # the parcel is delivered
    collecting.collect(connection, act, AtDoor(parcel=number, driver=driver, station=…, territory=…), rates)
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, Forbidden, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.money import ExchangeRates, Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting
from qafila.ledger import store as books
from qafila.ledger.cash import cash_happenings, store
from qafila.ledger.cash.model import (
    Act,
    AlreadyCollected,
    AtDoor,
    BagFull,
    Driver,
    Outcome,
    OverLimit,
    bag_account,
    short_account,
)
from qafila.ledger.cash.store import Bag, Collection
from qafila.ledger.law import law_rules, licences
from qafila.ledger.model import Draft, OwnerKind, Purpose, credit, debit, merchant
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events.envelope import Reporter
from qafila.shipping.bookings.records import Due, cash_on_delivery


def due_for(connection: Connection, parcel: str) -> Due | None:
    """What is still to be collected with a parcel; None where nothing is, or it was collected already."""
    with as_the_house(connection):
        found = cash_on_delivery(connection, [parcel]).get(parcel)
        if found is None or store.standing(connection, found.shipment_id) is not None:
            return None
    return found


def collect(connection: Connection, act: Act, door: AtDoor, rates: ExchangeRates) -> Collection:
    """Books what happened at the door with the cash, in the caller's transaction, whoever that acts as.

    Args:
        act: its key is the collection's for good: told again, what was booked is returned.
        door: what happened.
        rates: for the limit of a bag in a currency for which the terms say none.

    Raises:
        NotFound: no cash is due for the parcel.
        Fault: the amounts cannot be.
        AlreadyCollected: the shipment's cash was collected by another act.
        Forbidden: a carrier or station says that the merchant agreed to less; of acts told late the word is not taken.
        OverLimit: the law of the territory forbids so much cash; not for acts told late.
        BagFull: the driver would carry more than his bag's limit; not for acts told late.
    """
    with as_the_house(connection):
        known = store.collection(connection, act.key)
        if known is not None:
            return _same(known, door)
        due = cash_on_delivery(connection, [door.parcel]).get(door.parcel)
        if due is None:
            raise NotFound(m.NOTHING_DUE(parcel=door.parcel), field="parcel", value=door.parcel)
        store.queue(connection, f"collect|{due.shipment_id}")
        known = store.collection(connection, act.key)  # another device may have told it while this one waited
        if known is not None:
            return _same(known, door)
        _not_twice(connection, due)
        agreed = door.agreed and act.reporter == Reporter.OPERATOR
        if (
            door.agreed and not agreed and not act.late
        ):  # money that was taken is booked, on nobody's word but the hub's
            raise Forbidden(m.NOT_YOURS_TO_AGREE(), m.HUB_SAYS_SO(), field="agreed")
        kept = door.kept(due.amount)
        day = act.at.date()
        held = licences.regime_of(connection, door.territory, day)
        outcome = (
            Outcome.REFUSED if door.refused else Outcome.COLLECTED if kept == due.amount else Outcome.SHORT
        )
        short_by = "" if outcome is not Outcome.SHORT else "buyer" if agreed else "driver"
        bag = None if outcome is Outcome.REFUSED else _bag(connection, act, door, kept, rates)
        made = Collection(
            act.key,
            due.merchant_id,
            door.driver.tenant,
            due.shipment_id,
            due.order_id,
            door.parcel,
            bag.id if bag else None,
            door.territory,
            due.amount.currency,
            due.amount.amount,
            kept.amount,
            short_by,
            outcome.value,
            door.refused.strip()[:500],
            held.name,
            act.at,
            None,
            None,
        )
        store.add_collection(connection, made, door.tendered, door.change)
        if bag is not None:
            posted = posting.post(connection, _draft(act, door, due, made, bag))
            store.set_entry(connection, made.id, posted.entry)
        type = {Outcome.COLLECTED: cash_happenings.COLLECTED, Outcome.SHORT: cash_happenings.SHORT}.get(
            outcome, cash_happenings.REFUSED
        )
        cash_happenings.tell(
            connection,
            type,
            made.id,
            act.at,
            act.source,
            due.merchant_id,
            details={"parcel": door.parcel, "due": str(due.amount), "kept": str(kept)}
            | ({"why": made.why} if made.why else {})
            | ({"short_by": short_by} if short_by else {}),
        )
    return made if bag is None else _read(connection, made.id)


def _read(connection: Connection, id: str) -> Collection:
    with as_the_house(connection):
        found = store.collection(connection, id)
    assert found is not None
    return found


def _same(known: Collection, door: AtDoor) -> Collection:
    """The collection that the act made before. Raises KeyReused where that was about another parcel."""
    if known.parcel != door.parcel:
        raise KeyReused(known.id)
    return known


def _not_twice(connection: Connection, due: Due) -> None:
    before = store.standing(connection, due.shipment_id)
    if before is not None:
        raise AlreadyCollected(
            m.ALREADY_COLLECTED(parcel=before.parcel),
            m.LOOK_AT_COLLECTION(collection=before.id),
            field="parcel",
            value=before.parcel,
        )


def _draft(act: Act, door: AtDoor, due: Due, made: Collection, bag: Bag) -> Draft:
    kept = Money(made.kept, made.currency)
    purpose = Purpose.OWED if made.regime == "through_us" else Purpose.CUSTODY
    owed = merchant(due.merchant_id, purpose, made.currency)
    lines = [debit(bag_account(bag.id, bag.tenant, made.currency), kept), credit(owed, kept)]
    if (
        made.short_by == "driver"
    ):  # handed over for less, and nobody had agreed: the merchant is owed all of it
        rest = due.amount - kept
        lines += [
            debit(short_account(OwnerKind.DRIVER, door.driver.id, door.driver.tenant, made.currency), rest),
            credit(merchant(due.merchant_id, Purpose.OWED, made.currency), rest),
        ]
    return Draft(
        key=f"cash:{made.id}",
        kind="cash_collected",
        lines=tuple(lines),
        at=act.at,
        by=act.by,
        subject=made.parcel,
        told={"collection": made.id, "order": due.order_id, "late": act.late},
    )


def _bag(connection: Connection, act: Act, door: AtDoor, kept: Money, rates: ExchangeRates) -> Bag:
    """The driver's open bag, opened now where there is none. Raises OverLimit and BagFull where the act is not late."""
    limit = law_rules.cash_limit(door.territory, act.at.date())
    if (
        limit is not None
        and not act.late
        and rates.convert(kept, limit[0].currency, act.at.date()).amount > limit[0].amount
    ):
        raise OverLimit(
            m.OVER_LIMIT(money=kept, most=limit[0], basis=limit[1].law()),
            m.PAY_OTHERWISE(),
            field="tendered",
            value=str(kept),
        )
    bag = open_for(connection, door.driver, door.station, door.territory, kept.currency, act, rates)
    inside = books.balance(connection, bag_account(bag.id, bag.tenant, bag.currency))
    if inside + kept.amount > bag.most and not act.late:
        raise BagFull(
            m.BAG_FULL(most=Money(bag.most, bag.currency), inside=Money(inside, bag.currency)),
            m.HAND_OVER_FIRST(),
            field="tendered",
            value=str(kept),
        )
    return bag


def open_for(
    connection: Connection,
    driver: Driver,
    station: str,
    territory: str,
    currency: str,
    act: Act,
    rates: ExchangeRates,
) -> Bag:
    """The open bag of a driver in a currency, locked; a new one with the limit of the terms where there is none."""
    found = store.open_bag(connection, driver.tenant, driver.id, currency)
    if found is not None:
        return found
    most = _limit(currency, act.at.date(), rates)
    made = Bag(
        new_id("bag"),
        driver.tenant,
        driver.id,
        driver.name,
        station,
        territory,
        currency,
        most.amount,
        "open",
        act.at,
        None,
    )
    store.add_bag(connection, made)  # another act of the same driver may have been first
    found = store.open_bag(connection, driver.tenant, driver.id, currency)
    assert found is not None
    return found


def _limit(currency: str, on: date, rates: ExchangeRates) -> Money:
    return law_rules.sum_of("bag_limit", currency, on, rates)


def correct(connection: Connection, act: Act, id: str, why: str) -> Collection:
    """Undoes a collection that was told wrongly, while the bag it went into is open; then it can be told anew.

    Raises:
        NotFound: there is no such collection.
        Conflict: its bag is counted, it is remitted, or it brought no money.
        Fault: no reason is given.
    """
    if not why.strip():
        raise Fault(m.SAY_WHY(), field="why")
    with as_the_house(connection):
        found = store.collection(connection, id, lock=True)
        if found is None:
            raise NotFound(m.NO_COLLECTION(collection=id[:80]), field="collection", value=id[:80])
        if found.outcome == "corrected":
            return found
        bag = store.bag(connection, found.bag, lock=True) if found.bag else None
        if bag is None or bag.state != "open" or found.entry is None or found.remittance:
            raise Conflict(
                m.NOT_CORRECTABLE(collection=id), m.REVERSE_IN_LEDGER(), field="collection", value=id
            )
        posting.reverse(connection, found.entry, f"cash-correction:{id}", act.at, act.by, why)
        store.correct(connection, id, why.strip()[:500])
        cash_happenings.tell(
            connection,
            cash_happenings.CORRECTED,
            id,
            act.at,
            act.source,
            found.tenant,
            details={"why": why.strip()[:500]},
        )
    return _read(connection, id)
