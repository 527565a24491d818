"""A run: drafts for every merchant to whom something is owed, sent to the bank, paid or come back.

A draft books nothing and can be given up. What is sent leaves the merchant's account at once, and stands as under way until the
bank has paid it or sent it back. Twice the same is once.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import Country, Message
from qafila.core.message_json import to_json
from qafila.core.money import ExchangeRates, Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import parties, posting
from qafila.ledger import store as books
from qafila.ledger.cash import cash_happenings
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act
from qafila.ledger.invoices import store as invoices
from qafila.ledger.law import law_rules, licences
from qafila.ledger.model import Account, Draft, Line, OwnerKind, Purpose, credit, debit, hub, merchant
from qafila.ledger.remitting import store
from qafila.ledger.remitting.store import Ready, Remittance
from qafila.runtime.database.connection import as_the_house


def run(
    connection: Connection, at: datetime, until: datetime, rates: ExchangeRates, only: str = ""
) -> list[Remittance]:
    """Drafts for every merchant to whom more is owed than fees and open invoices take; drafts that there are stay.

    Args:
        at: now, which dates terms and taxes.
        until: only what was collected before then.
        only: one merchant's id; empty: all.
    """
    made = []
    with as_the_house(connection):
        for tenant, currency, owed in store.owed_to(connection):
            if only and tenant != only:
                continue
            cash.queue(connection, f"remit|{tenant}|{currency}")
            if store.draft_of(connection, tenant, currency) is None:
                draft = _draft(connection, tenant, Money(owed, currency), at, until, rates)
                if draft is not None:
                    made.append(draft)
    return made


def _draft(
    connection: Connection, tenant: str, owed: Money, at: datetime, until: datetime, rates: ExchangeRates
) -> Remittance | None:
    currency, nothing = owed.currency, Decimal(0)
    items = store.ready(connection, tenant, currency, until)
    collected = sum((item.kept for item in items), nothing)
    # owed is also what lies in bags still, and what was collected after `until`
    later = sum((c.kept for c in store.ready(connection, tenant, currency, at) if c.at >= until), nothing)
    brought = owed.amount - collected - later - store.waiting(connection, tenant, currency)
    home = parties.find(connection, tenant)
    own = parties.find(connection, parties.HUB)
    territory = items[0].territory if items else home.country if home else ""
    fees = [_fee(item, currency, at, rates) for item in items]
    fee = Money(sum((f.amount for f in fees), nothing), currency)
    tax_rule = law_rules.tax("service", own.country if own else territory, at.date())
    tax = (fee * (tax_rule.rate / 100)).rounded()
    left = collected + brought - fee.amount - tax.amount
    set_off: list[tuple[str, Decimal]] = []
    if home is not None and home.set_off:
        for number, open_sum in invoices.open_of(connection, tenant, currency):
            taken = min(open_sum, left)
            if taken > 0:
                set_off.append((number, taken))
                left -= taken
    if left <= 0:
        return None
    regime = licences.regime_of(connection, territory, at.date()) if territory else None
    through_us = regime is not None and regime.through_us
    document = {
        "items": [asdict(item) | {"fee": str(f.amount)} for item, f in zip(items, fees, strict=True)],
        "set_off": [[number, str(taken)] for number, taken in set_off],
        "to": asdict(home) if home else None,
        "tax": {
            "rate": str(tax_rule.rate),
            "category": tax_rule.category,
            "basis": tax_rule.legal_basis,
            "territory": own.country if own else territory,
        },
        "why": None if regime is None else to_json(regime.why()),
        "abroad": to_json(abroad)
        if (abroad := _abroad(territory, home.country if home else "", at))
        else None,
        "owed": str(owed.amount),
    }
    made = Remittance(
        new_id("rem"),
        tenant,
        currency,
        until,
        collected,
        brought,
        fee.amount,
        tax.amount,
        sum((taken for _, taken in set_off), nothing),
        left,
        "draft",
        "through_us" if through_us else "own_bank",
        document,
        at,
        None,
        None,
        "",
    )
    store.add(connection, made)
    store.take(connection, made.id, [item.collection for item in items])
    return made


def _abroad(territory: str, home: str, at: datetime) -> Message | None:
    """What exchange control says of money that leaves the territory where it was collected; None where nothing is on record."""
    if not territory or not home or home == territory:
        return None
    rule = law_rules.rule("remit_abroad", territory, at.date())
    return None if rule is None else m.ABROAD(country=Country(territory), basis=rule.law())


def _fee(item: Ready, currency: str, at: datetime, rates: ExchangeRates) -> Money:
    """The fee for one collection by the terms, never more than what was collected."""
    share = law_rules.term("cash_fee_percent", at.date()) / 100
    least = law_rules.sum_of("cash_fee_least", currency, at.date(), rates)
    fee = max((Money(item.kept, currency) * share).rounded().amount, least.amount)
    return Money(min(fee, item.kept), currency)


def give_up(connection: Connection, id: str, at: datetime) -> None:
    """Gives a draft up: what it was about goes into the next one. Raises NotFound, Conflict where it is sent."""
    with as_the_house(connection):
        found = _found(connection, id)
        if found.state == "void":
            return
        if found.state != "draft":
            raise Conflict(m.REMITTANCE_SENT(remittance=id), field="remittance", value=id)
        store.give_back(connection, id)
        store.set_state(connection, id, "void", at)


def send(connection: Connection, act: Act, id: str) -> Remittance:
    """Sends a draft to the bank: the merchant's account is cleared, fees and their tax are earned.

    Raises:
        NotFound: there is no such draft.
        Conflict: it was given up, or something was booked on the merchant's account meanwhile that takes what it remits.
        Fault: the merchant has named no bank account.
        NotThere: the clients' bank account holds less: the cash is not banked yet.
    """
    with as_the_house(connection):
        found = _found(connection, id)
        if found.state in ("sent", "paid", "returned"):
            return found
        if found.state != "draft":
            raise Conflict(m.REMITTANCE_GONE(remittance=id), field="remittance", value=id)
        party = parties.find(connection, found.tenant)
        if party is None or not party.iban:
            raise Fault(m.NO_BANK(merchant=found.tenant), m.SAY_PARTY(), field="iban", value="")
        owed = -books.balance(connection, merchant(found.tenant, Purpose.OWED, found.currency))
        if owed < found.collected + found.brought:
            raise Conflict(
                m.LESS_OWED(money=Money(owed, found.currency)), m.DRAFT_ANEW(), field="remittance", value=id
            )
        posting.post(connection, _sent(act, found))
        for number, taken in found.document["set_off"]:
            posting.post(connection, _set_off(act, found, number, Money(Decimal(taken), found.currency)))
        store.set_state(connection, id, "sent", act.at)
        after = store.one(connection, id)
    assert after is not None
    return after


def _sent(act: Act, found: Remittance) -> Draft:
    currency = found.currency
    fee, tax, net = (Money(x, currency) for x in (found.fee, found.tax, found.net))
    earned = fee + tax
    lines: list[Line] = [
        debit(merchant(found.tenant, Purpose.OWED, currency), net + earned),
        credit(merchant(found.tenant, Purpose.REMITTING, currency), net),
    ]
    if fee.amount:
        lines.append(credit(hub(Purpose.CASH_FEE, currency), fee))
    if tax.amount:
        lines.append(credit(_tax_account(found.document["tax"]["territory"], currency), tax))
    if (
        earned.amount and found.regime == "through_us"
    ):  # what is earned is the hub's own, and leaves the clients' account
        lines += [debit(hub(Purpose.BANK, currency), earned), credit(hub(Purpose.CLIENTS, currency), earned)]
    return Draft(
        key=f"remitted:{found.id}",
        kind="remitted",
        lines=tuple(lines),
        at=act.at,
        by=act.by,
        subject=found.id,
    )


def _tax_account(territory: str, currency: str) -> Account:
    return Account(OwnerKind.AUTHORITY.value, territory, Purpose.VAT.value, currency)


def _set_off(act: Act, found: Remittance, number: str, taken: Money) -> Draft:
    """An open invoice is paid by what is owed to the merchant."""
    lines = [
        debit(merchant(found.tenant, Purpose.OWED, found.currency), taken),
        credit(merchant(found.tenant, Purpose.RECEIVABLE, found.currency), taken, number),
    ]
    if found.regime == "through_us":
        lines += [
            debit(hub(Purpose.BANK, found.currency), taken),
            credit(hub(Purpose.CLIENTS, found.currency), taken),
        ]
    return Draft(
        key=f"set-off:{found.id}:{number}",
        kind="set_off",
        lines=tuple(lines),
        at=act.at,
        by=act.by,
        subject=number,
    )


def paid(connection: Connection, act: Act, id: str, reference: str) -> Remittance:
    """The bank has paid. Raises NotFound, Conflict where it was not sent, NotThere where the clients' account holds less."""
    return _ended(connection, act, id, "paid", reference)


def returned(connection: Connection, act: Act, id: str, reference: str) -> Remittance:
    """The bank has sent it back: it is owed again, and goes into the next run. Raises NotFound, Conflict."""
    return _ended(connection, act, id, "returned", reference)


def _ended(connection: Connection, act: Act, id: str, state: str, reference: str) -> Remittance:
    with as_the_house(connection):
        found = _found(connection, id)
        if found.state == state:
            return found
        if found.state != "sent":
            raise Conflict(m.REMITTANCE_NOT_SENT(remittance=id), field="remittance", value=id)
        net = Money(found.net, found.currency)
        source = Purpose.CLIENTS if found.regime == "through_us" else Purpose.BANK
        to = (
            hub(source, found.currency)
            if state == "paid"
            else merchant(found.tenant, Purpose.OWED, found.currency)
        )
        posting.post(
            connection,
            Draft(
                key=f"remittance-{state}:{id}",
                kind=f"remittance_{state}",
                at=act.at,
                by=act.by,
                subject=id,
                lines=(
                    debit(merchant(found.tenant, Purpose.REMITTING, found.currency), net),
                    credit(to, net),
                ),
                told={"reference": reference.strip()[:200]},
            ),
        )
        store.set_state(connection, id, state, act.at, reference.strip()[:200])
        if state == "paid":
            cash_happenings.tell(
                connection,
                cash_happenings.REMITTED,
                id,
                act.at,
                act.source,
                found.tenant,
                details={"net": str(net)},
            )
        after = store.one(connection, id)
    assert after is not None
    return after


def _found(connection: Connection, id: str) -> Remittance:
    found = store.one(connection, id, lock=True)
    if found is None:
        raise NotFound(m.NO_REMITTANCE(remittance=id[:80]), field="remittance", value=id[:80])
    return found
