"""A driver's bag: what is in it to begin with, handed over by count with two sign-offs, and what is stolen of it."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.money import ExchangeRates, Money
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting
from qafila.ledger import store as books
from qafila.ledger.cash import cash_happenings, store
from qafila.ledger.cash.collecting import open_for
from qafila.ledger.cash.model import Act, BagState, Count, Driver, Till, bag_account, short_account
from qafila.ledger.cash.store import Bag
from qafila.ledger.model import Draft, Line, OwnerKind, Purpose, credit, debit, hub, merchant
from qafila.runtime.database.connection import as_the_house


@value
class HandedOver:
    """What came of a count by two.

    `difference` is counted less expected: below zero the driver has to make it good.
    """

    bag: str
    state: str  # handed_over, or recount: the two counts differ, and both count again
    expected: Money | None = None
    counted: Money | None = None
    suspect: Money | None = None
    difference: Money | None = None


def begin(
    connection: Connection,
    act: Act,
    driver: Driver,
    station: str,
    territory: str,
    change: Money,
    rates: ExchangeRates,
) -> Bag:
    """Opens a driver's bag, or finds his open one, and gives him money to change with out of the safe.

    Raises NotThere where the safe holds less, Fault where the sum is none.
    """
    if change.amount < 0 or change.amount != change.rounded().amount:
        raise Fault(m.NO_SUM(money=change), m.WRITE_SUM(), field="change", value=str(change.amount))
    with as_the_house(connection):
        bag = open_for(connection, driver, station, territory, change.currency, act, rates)
        if change.amount:
            till = Till(station, act.by.tenant)
            posting.post(
                connection,
                Draft(
                    key=f"bag-change:{act.key}",
                    kind="bag_change",
                    at=act.at,
                    by=act.by,
                    subject=bag.id,
                    lines=(
                        debit(bag_account(bag.id, bag.tenant, bag.currency), change),
                        credit(till.account(Purpose.SAFE, bag.currency), change),
                    ),
                ),
            )
    return bag


def declare(connection: Connection, act: Act, id: str, count: Count) -> Bag:
    """The driver counts his bag and signs: the first of two. What he collects from now on goes into another bag.

    Raises NotFound, Conflict where the bag is closed, Fault where the count is none or in another currency.
    """
    with as_the_house(connection):
        bag = _bag(connection, act, id)
        _currency(bag, count)
        count.whole()
        if bag.state == BagState.DECLARED:
            return bag
        if bag.state not in (BagState.OPEN, BagState.RECOUNT):
            raise Conflict(m.BAG_CLOSED(bag=id), field="bag", value=id)
        store.add_count(connection, bag, count.written(), _sign(act), act.at)
        store.set_bag(connection, id, BagState.DECLARED.value)
        cash_happenings.tell(
            connection,
            cash_happenings.DECLARED,
            id,
            act.at,
            act.source,
            bag.tenant,
            bag.station,
            {"counted": str(count.whole())},
        )
        found = store.bag(connection, id)
    assert found is not None
    return found


def receive(connection: Connection, act: Act, id: str, count: Count, final: str = "") -> HandedOver:
    """The station counts what it is handed and signs: the second of two.

    Where both counts agree the cash is booked into the safe, with what is missing or too much by whom; where they do not, both
    count again.

    Args:
        count: what the station's person counted.
        final: why the station's count decides though the driver's differs; empty: it does not.

    Raises:
        NotFound: there is no such bag.
        Conflict: the driver has not signed, or the same person signs twice.
        Fault: the count is none, or in another currency.
    """
    with as_the_house(connection):
        bag = _bag(connection, act, id)
        _currency(bag, count)
        good, suspect = count.good(), count.doubted()
        if bag.state == BagState.HANDED_OVER:
            return _known(connection, bag)
        if bag.state != BagState.DECLARED:
            raise Conflict(m.NOT_DECLARED(bag=id), m.DRIVER_FIRST(), field="bag", value=id)
        last = store.counts(connection, id)[0]
        if last.driver_sign == _sign(act):
            raise Conflict(m.SAME_PERSON(name=act.by.name), m.TWO_PEOPLE(), field="by", value=act.by.name)
        expected = Money(books.balance(connection, bag_account(id, bag.tenant, bag.currency)), bag.currency)
        says = last.driver_says
        driver_count = Count(bag.currency, says["pieces"], says["suspect"])
        agreed = (driver_count.good(), driver_count.doubted()) == (good, suspect)
        if not agreed and not final.strip():
            store.close_count(
                connection, id, last.n, count.written(), _sign(act), act.at, expected.amount, "differs"
            )
            store.set_bag(connection, id, BagState.RECOUNT.value)
            return HandedOver(id, BagState.RECOUNT.value)
        outcome = "agreed" if agreed else "settled"
        store.close_count(
            connection, id, last.n, count.written(), _sign(act), act.at, expected.amount, outcome
        )
        difference = good + suspect - expected
        _book(connection, act, bag, good, suspect, difference)
        store.set_bag(connection, id, BagState.HANDED_OVER.value, act.at)
        told = {"counted": str(good), "expected": str(expected), "difference": str(difference)}
        if final.strip():
            told["why"] = final.strip()[:500]
        cash_happenings.tell(
            connection, cash_happenings.HANDED_OVER, id, act.at, act.source, bag.tenant, bag.station, told
        )
        if suspect.amount:
            cash_happenings.tell(
                connection,
                cash_happenings.SUSPECTED,
                id,
                act.at,
                act.source,
                bag.tenant,
                bag.station,
                {"amount": str(suspect)},
            )
    return HandedOver(id, BagState.HANDED_OVER.value, expected, good, suspect, difference)


def _book(connection: Connection, act: Act, bag: Bag, good: Money, suspect: Money, difference: Money) -> None:
    till, currency = Till(bag.station, act.by.tenant), bag.currency
    lines: list[Line] = []
    if good.amount:
        lines.append(debit(till.account(Purpose.SAFE, currency), good))
    if suspect.amount:
        lines.append(debit(till.account(Purpose.SUSPECT, currency), suspect))
    if difference.amount < 0:
        missing = difference * -1
        lines.append(debit(short_account(OwnerKind.DRIVER, bag.driver, bag.tenant, currency), missing))
    elif difference.amount > 0:
        lines.append(credit(till.account(Purpose.SURPLUS, currency), difference))
    inside = good + suspect - difference
    if inside.amount:
        lines.append(credit(bag_account(bag.id, bag.tenant, currency), inside))
    if lines:
        posting.post(
            connection,
            Draft(
                key=f"bag:{bag.id}",
                kind="bag_handed_over",
                lines=tuple(lines),
                at=act.at,
                by=act.by,
                subject=bag.id,
            ),
        )


def _known(connection: Connection, bag: Bag) -> HandedOver:
    last = store.counts(connection, bag.id)[0]
    says = Count(bag.currency, last.station_says["pieces"], last.station_says["suspect"])
    expected = Money(last.expected, bag.currency)
    return HandedOver(bag.id, bag.state, expected, says.good(), says.doubted(), says.whole() - expected)


def stolen(connection: Connection, act: Act, id: str, money: Money | None, report: str) -> Bag:
    """Books what was stolen from a bag; the merchants are owed it all the same.

    Args:
        money: how much; None: all of it.
        report: the number of the report to the police.

    Raises:
        NotFound, Conflict where the bag is closed, Fault where no report is named, NotThere where less was in it.
    """
    if not report.strip():
        raise Fault(m.NO_REPORT(), m.REPORT_IT(), field="report")
    with as_the_house(connection):
        bag = _bag(connection, act, id)
        if bag.state == BagState.STOLEN:
            return bag
        if bag.state == BagState.HANDED_OVER:
            raise Conflict(m.BAG_CLOSED(bag=id), field="bag", value=id)
        account = bag_account(id, bag.tenant, bag.currency)
        inside = Money(books.balance(connection, account), bag.currency)
        gone = inside if money is None else money
        if gone.amount:
            posting.post(
                connection,
                Draft(
                    key=f"stolen:{act.key}",
                    kind="cash_stolen",
                    at=act.at,
                    by=act.by,
                    subject=id,
                    lines=(debit(hub(Purpose.LOSSES, bag.currency), gone), credit(account, gone)),
                    told={"report": report.strip()[:200]},
                ),
            )
        if gone == inside:
            _owe(connection, act, bag)
            store.set_bag(connection, id, BagState.STOLEN.value, act.at)
        cash_happenings.tell(
            connection,
            cash_happenings.STOLEN,
            id,
            act.at,
            act.source,
            bag.tenant,
            bag.station,
            {"amount": str(gone), "report": report.strip()[:200]},
        )
        found = store.bag(connection, id)
    assert found is not None
    return found


def _owe(connection: Connection, act: Act, bag: Bag) -> None:
    """What was carried to merchants' own banks and is gone, the hub owes them now."""
    theirs: dict[str, Decimal] = {}
    for one in store.collections(connection, bag=bag.id, limit=100_000):
        if one.regime == "own_bank" and one.outcome in ("collected", "short"):
            theirs[one.tenant] = theirs.get(one.tenant, Decimal(0)) + one.kept
    for tenant, amount in sorted(theirs.items()):
        money = Money(amount, bag.currency)
        posting.post(
            connection,
            Draft(
                key=f"stolen:{bag.id}:{tenant}",
                kind="cash_stolen",
                at=act.at,
                by=act.by,
                subject=bag.id,
                lines=(
                    debit(merchant(tenant, Purpose.CUSTODY, bag.currency), money),
                    credit(merchant(tenant, Purpose.OWED, bag.currency), money),
                ),
            ),
        )


def _bag(connection: Connection, act: Act, id: str) -> Bag:
    """The bag, locked. Raises NotFound where there is none, or it is another organisation's."""
    found = store.bag(connection, id, lock=True)
    if found is None or (act.reporter != "operator" and found.tenant != act.by.tenant):
        raise NotFound(m.NO_BAG(bag=id[:80]), field="bag", value=id[:80])
    return found


def _currency(bag: Bag, count: Count) -> None:
    if count.currency != bag.currency:
        raise Fault(
            m.OTHER_CURRENCY(money=Money(Decimal(0), count.currency), currency=bag.currency),
            field="currency",
            value=count.currency,
        )


def _sign(act: Act) -> str:
    return act.person or f"{act.by.tenant}:{act.by.name}"
