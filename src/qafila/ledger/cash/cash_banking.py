"""From the safe to the bank, and what is decided of suspect notes and of differences."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting
from qafila.ledger import store as books
from qafila.ledger.cash import cash_happenings, store
from qafila.ledger.cash.model import Act, Till, transit_account
from qafila.ledger.cash.store import Deposit
from qafila.ledger.model import (
    Account,
    Draft,
    Line,
    NotThere,
    OwnerKind,
    Posted,
    Purpose,
    credit,
    debit,
    hub,
    merchant,
)
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database.connection import as_the_house


def send(
    connection: Connection,
    act: Act,
    till: Till,
    money: Money,
    slip: str,
    carrier: str = "",
    for_merchant: str = "",
) -> Deposit:
    """Cash leaves the safe for a bank.

    Args:
        money: how much.
        slip: the number of the paying-in slip or of the sealed bag.
        carrier: who brings it (a tenant); empty: the station's own people.
        for_merchant: whose own bank it goes to; empty: the hub's account for clients' money.

    Raises:
        Fault: no slip is named, or the sum is none.
        NotThere: the safe holds less, or less of it is the merchant's.
    """
    _check(money)
    if not slip.strip():
        raise Fault(m.NO_SLIP(), field="slip")
    with as_the_house(connection):
        made = Deposit(
            f"dep_{act.key}" if act.key else new_id("dep"),
            for_merchant,
            till.station,
            till.tenant,
            carrier or till.tenant,
            money.currency,
            money.amount,
            slip.strip()[:80],
            "sent",
            None,
            "",
            act.at,
            None,
        )
        store.queue(connection, f"deposit|{made.id}", f"carried|{for_merchant}")
        known = store.deposit(connection, made.id)
        if known is not None:
            if (known.amount, known.currency, known.slip) != (made.amount, made.currency, made.slip):
                raise KeyReused(act.key)
            return known
        if for_merchant and money.amount > (theirs := carried_for(connection, for_merchant, money.currency)):
            raise NotThere(
                m.LESS_CARRIED(money=money, there=Money(theirs, money.currency)),
                m.COUNT_AGAIN(),
                field="amount",
                value=str(money.amount),
            )
        store.add_deposit(connection, made)
        posting.post(
            connection,
            Draft(
                key=f"deposit:{made.id}",
                kind="cash_sent",
                at=act.at,
                by=act.by,
                subject=made.id,
                lines=(
                    debit(transit_account(made.carrier, money.currency), money),
                    credit(till.account(Purpose.SAFE, money.currency), money),
                ),
                told={"slip": made.slip},
            ),
        )
        cash_happenings.tell(
            connection,
            cash_happenings.SENT,
            made.id,
            act.at,
            act.source,
            for_merchant or till.tenant,
            till.station,
            {"amount": str(money), "slip": made.slip},
        )
    return made


def carried_for(connection: Connection, tenant: str, currency: str) -> Decimal:
    """What lies in safes and is a merchant's, to be brought to his own bank: neither in open bags nor under way."""
    return Decimal(
        connection.execute(
            text(
                "SELECT coalesce((SELECT sum(c.kept) FROM cash_collections c JOIN cash_bags b USING (bag) "
                "  WHERE c.tenant_id = :t AND c.currency = :c AND c.regime = 'own_bank' AND c.outcome IN ('collected', 'short') "
                "  AND b.state = 'handed_over'), 0) "
                "- coalesce((SELECT sum(amount) FROM cash_deposits WHERE tenant_id = :t AND currency = :c), 0)"
            ),
            {"t": tenant, "c": currency},
        ).scalar_one()
    )


def credited(
    connection: Connection, act: Act, id: str, money: Money, reference: str, counterfeit: Money | None = None
) -> Deposit:
    """The bank has credited a deposit, whole or less of it.

    What the bank kept as counterfeit is lost; what else is missing, who brought it has to make good; what is more is surplus
    of the station.

    Args:
        money: what was credited.
        reference: the bank's.
        counterfeit: what the bank kept as counterfeit.

    Raises NotFound, Fault; Conflict where it was credited with another sum before.
    """
    fake = counterfeit or Money(Decimal(0), money.currency)
    if money.amount < 0 or fake.amount < 0 or money.amount != money.rounded().amount:
        raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
    with as_the_house(connection):
        found = store.deposit(connection, id, lock=True)
        if found is None:
            raise NotFound(m.NO_DEPOSIT(deposit=id[:80]), field="deposit", value=id[:80])
        if found.state == "banked":
            if found.credited != money.amount:
                raise Conflict(m.BANKED_ALREADY(deposit=id), field="amount", value=str(money.amount))
            return found
        if money.currency != found.currency or fake.currency != found.currency:
            raise Fault(
                m.OTHER_CURRENCY(money=money, currency=found.currency), field="currency", value=money.currency
            )
        posting.post(
            connection,
            Draft(
                key=f"banked:{id}",
                kind="cash_banked",
                at=act.at,
                by=act.by,
                subject=id,
                lines=tuple(_banked(found, money, fake)),
                told={"reference": reference.strip()[:200]},
            ),
        )
        store.banked(connection, id, money, fake, reference.strip()[:200], act.at)
        cash_happenings.tell(
            connection,
            cash_happenings.BANKED,
            id,
            act.at,
            act.source,
            found.tenant or found.station_tenant,
            found.station,
            {"amount": str(money), "sent": str(Money(found.amount, found.currency))},
        )
        after = store.deposit(connection, id)
    assert after is not None
    return after


def _banked(found: Deposit, money: Money, fake: Money) -> list[Line]:
    currency, sent = found.currency, Money(found.amount, found.currency)
    lines = [credit(transit_account(found.carrier, currency), sent)]
    if money.amount:
        to = (
            merchant(found.tenant, Purpose.CUSTODY, currency)
            if found.tenant
            else hub(Purpose.CLIENTS, currency)
        )
        # a merchant's own bank took no more than was his; what it was credited above that is the station's surplus
        lines.append(debit(to, money if not found.tenant or money.amount <= sent.amount else sent))
    if fake.amount:
        lines.append(debit(hub(Purpose.LOSSES, currency), fake))
    rest = sent - fake - money
    if rest.amount > 0:
        who = Account(OwnerKind.CARRIER.value, found.carrier, Purpose.SHORT.value, currency, found.carrier)
        lines.append(debit(who, rest))
    elif rest.amount < 0 and not found.tenant:
        till = Till(found.station, found.station_tenant)
        lines.append(credit(till.account(Purpose.SURPLUS, currency), rest * -1))
    if found.tenant and (missing := sent - money).amount > 0:
        # the merchant is owed what did not reach his bank: it is a debt of the hub now, and no cash of his any more
        lines += [
            debit(merchant(found.tenant, Purpose.CUSTODY, currency), missing),
            credit(merchant(found.tenant, Purpose.OWED, currency), missing),
        ]
    return lines


def judge(connection: Connection, act: Act, till: Till, money: Money, genuine: bool, receipt: str) -> Posted:
    """Suspect notes come back from examination: good ones into the safe, counterfeit ones are lost and stay with the authority.

    Args:
        receipt: the number under which the central bank or the police took them.

    Raises Fault where no receipt is named, NotThere where less is under examination.
    """
    _check(money)
    if not receipt.strip():
        raise Fault(m.NO_RECEIPT(), m.HAND_IN(), field="receipt")
    to = till.account(Purpose.SAFE, money.currency) if genuine else hub(Purpose.LOSSES, money.currency)
    with as_the_house(connection):
        done = posting.post(
            connection,
            Draft(
                key=f"judged:{act.key}",
                kind="genuine" if genuine else "counterfeit",
                at=act.at,
                by=act.by,
                subject=till.owner,
                told={"receipt": receipt.strip()[:200]},
                lines=(debit(to, money), credit(till.account(Purpose.SUSPECT, money.currency), money)),
            ),
        )
        if done.new:
            cash_happenings.tell(
                connection,
                cash_happenings.JUDGED,
                f"judged-{act.key}",
                act.at,
                act.source,
                till.tenant,
                till.station,
                {"amount": str(money), "genuine": genuine, "receipt": receipt.strip()[:200]},
            )
    return done


def settle(
    connection: Connection, act: Act, who: Account, money: Money, till: Till | None, why: str
) -> Posted:
    """A difference is made good in cash, or the hub bears it.

    Args:
        who: an account of purpose SHORT: whose difference it is; or of SURPLUS: what nobody could explain.
        money: how much of it.
        till: the safe into which it is paid; None: the hub bears it, or keeps the surplus.
        why: the reason.

    Raises Fault where no reason is given or the sum is none; Conflict where less is open.
    """
    _check(money)
    if not why.strip():
        raise Fault(m.SAY_WHY(), field="why")
    surplus = who.purpose == Purpose.SURPLUS.value
    if who.purpose not in (Purpose.SHORT.value, Purpose.SURPLUS.value):
        raise Fault(m.NO_DIFFERENCE(account=who.owner), field="account", value=who.owner)
    other = till.account(Purpose.SAFE, money.currency) if till else hub(Purpose.LOSSES, money.currency)
    lines = (
        (debit(who, money), credit(other, money)) if surplus else (debit(other, money), credit(who, money))
    )
    with as_the_house(connection):
        known = books.by_key(connection, f"settled:{act.key}")
        if known is None and not surplus and money.amount > books.balance(connection, who):
            raise NotThere(m.NOT_THERE(account=who.owner), field="amount", value=str(money.amount))
        return posting.post(
            connection,
            Draft(
                key=f"settled:{act.key}",
                kind="difference_settled",
                lines=lines,
                at=act.at,
                by=act.by,
                subject=who.owner,
                told={"why": why.strip()[:500]},
            ),
        )


def _check(money: Money) -> None:
    if not money.amount.is_finite() or money.amount <= 0 or money.amount != money.rounded().amount:
        raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
