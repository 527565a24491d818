"""What a buyer gets back: worked out by the law and the inspection, booked where the money lies, told to the merchant.

Cash that was collected for the merchant and is still with the hub pays the buyer; what the buyer paid the merchant himself, the
merchant pays back, by the figures told here. The way back is charged to the merchant in either case; where the buyer bears it,
it is taken off what he gets.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.money import Money
from qafila.core.values import value
from qafila.ledger import charging, posting
from qafila.ledger import store as books
from qafila.ledger.law import licences
from qafila.ledger.model import By, Draft, Purpose, credit, debit, hub, merchant
from qafila.openness import openness_telling as openness
from qafila.returns import (
    notifying,
    returns_goods,
    returns_happenings,
    returns_receiving,
    returns_telling,
    store,
)
from qafila.returns import returns_messages as m
from qafila.returns.model import TURNED, Basis, Return, State, Wish, basis, due, proposed
from qafila.returns.returns_asking import happened
from qafila.returns.returns_goods import Sent
from qafila.runtime.answered.acts import Act
from qafila.runtime.database import Role
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events.envelope import Source
from qafila.storage.storage_acting import perform


@value
class Proposal:
    """What the terms come to.

    Attributes:
        amount: what the buyer gets.
        parts: goods, deducted, delivery, freight, each with its sign.
        most: what he paid, at most; None where it is not known here.
        how: through_us, by_merchant, or nothing_paid.
        basis: what it follows from.
    """

    amount: Money
    parts: tuple[tuple[str, Money], ...]
    most: Money | None
    how: str
    basis: Basis


def propose(connection: Connection, context: Context, given: Return) -> Proposal:
    """What the buyer of an inspected return gets by the terms."""
    of = returns_goods.sent(connection, context, given.parcel)
    way, paid = returns_goods.paid(connection, of)
    currency = given.lines[0].value.currency
    nothing = Money(Decimal(0), currency)
    if given.cause in TURNED and way == "cash":
        of_nothing = basis(given, None, nothing=True)
        return Proposal(
            nothing, (), nothing, "nothing_paid", of_nothing
        )  # what was paid before goes back whole
    policy = store.policy(connection, given.merchant_id)
    fee = None
    if given.rule.get("outward_refunded") and policy.delivery_fee:
        fee = context.rules.rates.convert(
            Money(policy.delivery_fee, policy.currency), currency, context.now().date()
        ).rounded()
    made = basis(given, fee, nothing=given.wish is Wish.EXCHANGE and bool(given.exchange_order))
    _, parts = proposed(made)
    if made.nothing:
        return Proposal(nothing, tuple(parts), paid, "nothing_paid", made)
    if way == "cash" and paid is not None:
        back = (
            context.rules.rates.convert(paid, currency, context.now().date()).rounded()
            if paid.currency != currency
            else paid
        )
        made = basis(given, fee, back)
    amount = due(made)
    return Proposal(amount, tuple(parts), paid, _how(connection, context, given, of, amount, way), made)


def _how(connection: Connection, context: Context, given: Return, of: Sent, amount: Money, way: str) -> str:
    if not amount.amount:
        return "nothing_paid"
    if way != "cash":
        return "by_merchant"
    with as_the_house(connection):
        through = licences.regime_of(connection, of.country, context.now().date()).through_us
        owed = -books.balance(connection, merchant(given.merchant_id, Purpose.OWED, amount.currency))
    # never with the money of others: only out of what this merchant has with us
    return "through_us" if through and owed >= amount.amount else "by_merchant"


def decide(
    context: Context, act: Act, source: Source, id: str, amount: Money | None = None, why: str = ""
) -> dict[str, Any]:
    """Decides the refund of a return that was inspected, or lost on its way back, and books it.

    Args:
        context: the network, the rates and the clock.
        act: who decides, when, and the key.
        source: as whom it is told.
        id: the return.
        amount: what the buyer gets; None: what the terms come to.
        why: needed where it is another amount.

    Raises:
        NotFound: there is no such return.
        Conflict: it was neither inspected nor lost on its way, or is decided already.
        Fault: the amount cannot be, or the reason is missing.
    """

    def do(connection: Connection) -> dict[str, Any]:
        given = store.one(connection, id, lock=True)
        if given is None:
            raise NotFound(m.NO_RETURN(code=id[:60]), field="return", value=id[:60])
        if given.state not in (State.INSPECTED, State.GONE) or given.refund_how:
            state = m.STATES[given.state]()
            raise Conflict(
                m.WRONG_STATE(number=given.number, state=state), m.LOOK_AGAIN(), field="return", value=id
            )
        said = propose(connection, context, given)
        money = _amount(given, said, amount, why)
        how = said.how if money.amount else "nothing_paid"
        if how == "through_us":
            _book(connection, act, given, money)
        elif money.amount and said.how == "nothing_paid":
            how = "by_merchant"
        _charge(connection, context, act, given)
        store.change(connection, given.id, refund=money.amount, refund_how=how)
        openness.tell(
            connection, [returns_telling.decision(given, said.basis, said.amount, money, why, act.at)]
        )
        happened(
            connection,
            given,
            returns_happenings.REFUNDED,
            act.at,
            source,
            None,
            {
                "return": given.number,
                "amount": str(money.amount),
                "currency": money.currency,
                "how": how,
                "why": why.strip()[:300],
            },
        )
        with as_the_house(connection):
            notifying.decided(connection, context, given, money, how)
        returns_receiving.closed(connection, given.id, act.at)
        return refund_data(returns_goods.again(connection, given.id))

    asked = {"return": id, "amount": "" if amount is None else str(amount), "why": why}
    return perform(act, "return-refund", "", asked, do)


def _amount(given: Return, said: Proposal, amount: Money | None, why: str) -> Money:
    if amount is None:
        return said.amount
    bought = sum((line.value * line.bought for line in given.lines), Money(Decimal(0), said.amount.currency))
    most = said.most if said.most is not None else bought.rounded()
    sound = amount.currency == said.amount.currency and amount.amount.is_finite()
    if (
        not sound
        or not 0 <= amount.amount <= max(most.amount, said.amount.amount)
        or amount != amount.rounded()
    ):
        raise Fault(
            m.NO_AMOUNT(amount=str(amount), most=most), m.WRITE_AMOUNT(), field="amount", value=str(amount)
        )
    if amount != said.amount and not why.strip():
        raise Fault(m.SAY_WHY(amount=said.amount), field="why")
    return amount


def _book(connection: Connection, act: Act, given: Return, money: Money) -> None:
    posting.post(
        connection,
        Draft(
            key=f"refund:{given.id}",
            kind="refund_decided",
            at=act.at,
            by=By(act.by.tenant, act.by.name),
            subject=given.parcel,
            lines=(
                debit(merchant(given.merchant_id, Purpose.OWED, money.currency), money, given.number),
                credit(merchant(given.merchant_id, Purpose.REFUNDING, money.currency), money, given.number),
            ),
            told={"return": given.number},
        ),
    )


def _charge(connection: Connection, context: Context, act: Act, given: Return) -> None:
    """The merchant is charged the way back; what the buyer bears of it was taken off the buyer's refund."""
    if given.freight is None or not given.freight.amount or given.state is State.GONE:
        return  # who loses it is paid nothing for the way
    known = context.network.feed.facility.get(given.facility)
    charging.charge(
        connection,
        charging.Pending(
            f"return:{given.id}",
            given.merchant_id,
            "return_freight",
            given.number,
            given.parcel,
            given.freight,
            str(given.rule.get("country", "")),
            known.country if known else "",
            act.at,
        ),
    )


def paid_out(act: Act, source: Source, id: str, reference: str) -> dict[str, Any]:
    """The buyer has his money: the bank's reference is noted, and what the hub paid is booked.

    Raises NotFound, and Conflict where nothing is to be paid, or it is paid.
    """

    def do(connection: Connection) -> dict[str, Any]:
        given = store.one(connection, id, lock=True)
        if given is None:
            raise NotFound(m.NO_RETURN(code=id[:60]), field="return", value=id[:60])
        if given.refund is None or not given.refund.amount or given.refunded_at is not None:
            state = m.STATES[given.state]()
            raise Conflict(
                m.WRONG_STATE(number=given.number, state=state), m.LOOK_AGAIN(), field="return", value=id
            )
        if given.refund_how == "through_us":
            if act.by.role == Role.MERCHANT:
                raise Conflict(m.HUB_PAYS(), field="return", value=id)
            money = given.refund
            posting.post(
                connection,
                Draft(
                    key=f"refund-paid:{given.id}",
                    kind="refund_paid",
                    at=act.at,
                    by=By(act.by.tenant, act.by.name),
                    subject=given.parcel,
                    told={"return": given.number, "reference": reference.strip()[:200]},
                    lines=(
                        debit(
                            merchant(given.merchant_id, Purpose.REFUNDING, money.currency),
                            money,
                            given.number,
                        ),
                        credit(hub(Purpose.CLIENTS, money.currency), money, given.number),
                    ),
                ),
            )
        store.change(connection, given.id, refunded_at=act.at)
        returns_receiving.closed(connection, given.id, act.at)
        return refund_data(returns_goods.again(connection, given.id))

    return perform(act, "return-paid", "", {"return": id, "reference": reference}, do)


def refund_data(given: Return) -> dict[str, Any]:
    """A refund as a merchant's shop takes it over: per line and whole, who pays it and whether it is paid."""
    refund = given.refund
    return {
        "return": given.number,
        "id": given.id,
        "parcel": given.parcel,
        "cause": given.cause.value,
        "state": given.state.value,
        "wish": given.wish.value,
        "exchange_order": given.exchange_order,
        "refund": None if refund is None else {"amount": f"{refund.amount:f}", "currency": refund.currency},
        "how": given.refund_how,
        "paid_at": given.refunded_at,
        "freight": None
        if given.freight is None
        else {
            "amount": f"{given.freight.amount:f}",
            "currency": given.freight.currency,
            "by": given.freight_by,
        },
        "lines": [
            {
                "line": x.line,
                "sku": x.sku,
                "description": x.description,
                "asked": x.asked,
                "found": x.found,
                "grade": x.grade,
                "disposal": x.disposal,
                "place": x.place,
                "unit_value": f"{x.value.amount:f}",
                "currency": x.value.currency,
                "deducted": f"{x.deducted:f}",
                "note": x.note,
                "done_at": x.done_at,
            }
            for x in given.lines
        ],
    }
