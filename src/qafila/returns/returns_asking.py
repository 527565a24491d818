"""Return labels before they are asked for, and buyers who ask: what the law and the merchant's terms give them.

A buyer asks by a link that cannot be guessed; the law that held when he got the goods is kept with his return.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import Country, Message
from qafila.core.message_json import from_json, to_json
from qafila.core.values import value
from qafila.delivery import wishes
from qafila.returns import law, notifying, returns_goods, returns_happenings, returns_stations, store
from qafila.returns import returns_messages as m
from qafila.returns.law import Right
from qafila.returns.model import Cause, Payer, Policy, Return, State, Wish, new_token
from qafila.returns.returns_goods import Sent
from qafila.runtime.database import Role, acting_as
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EventType, event

_TOKEN = 32  # characters


@value
class Terms:
    """What holds for a buyer who changes his mind, or finds something wrong.

    Attributes:
        right: the law; `gives` its words and those of the seller's better terms.
        until: the last instant to ask; None where the parcel did not come yet.
        may: whether he may ask now.
        freight_by: who bears the way back.
    """

    right: Right
    gives: tuple[Message, ...]
    until: datetime | None
    may: bool
    freight_by: str


def terms(of: Sent, cause: Cause, policy: Policy, now: datetime) -> Terms:
    """What holds for a parcel and a cause at an instant."""
    received = of.delivered or now
    right = law.right(
        "conformity" if cause is Cause.FAULTY else "withdrawal",
        of.country,
        received.astimezone(ZoneInfo(of.zone)).date(),
    )
    consumer = of.inside.trade == "b2c"
    excepted = cause is Cause.WITHDRAWAL and of.perishable and "perishable" in right.not_for
    days = right.days if consumer and not excepted else 0
    gives: list[Message] = []
    if cause is Cause.WITHDRAWAL:
        if days:
            said = m.LAW_WORKING if right.working else m.LAW
            gives.append(said(country=Country(of.country), days=days, basis=right.legal_basis))
        elif not policy.days:
            gives.append(m.EXCEPTED(basis=right.legal_basis) if excepted else m.NO_LAW())
    until = replace_days(right, days).until(received, of.zone)
    if cause is Cause.WITHDRAWAL and policy.days > days:
        gives.append(m.SELLER_GIVES(days=policy.days))
        until = max(until, replace_days(right, policy.days, False).until(received, of.zone))
        days = policy.days
    payer = (
        Payer.MERCHANT if cause is Cause.FAULTY or policy.freight == "merchant" else Payer(right.freight_by)
    )
    return Terms(
        right,
        tuple(gives),
        until if of.delivered else None,
        bool(of.delivered and days and now <= until),
        payer.value,
    )


def replace_days(right: Right, days: int, working: bool | None = None) -> Right:
    """The right with another time."""
    return replace(right, days=days, working=right.working if working is None else working)


def offer(
    connection: Connection, context: Context, parcel: str, language: str = "", of: Sent | None = None
) -> Return:
    """The return that waits for a parcel's buyer, with a label that can be printed at once: the one that is there, or a new one.

    Raises:
        NotFound: none of the parcels that the connection sees has this number.
        Conflict: its booking is cancelled.
    """
    store.queue(connection, parcel)
    known = store.of_parcel(connection, parcel)
    waiting = next((r for r in known if r.state is State.OFFERED), None)
    if waiting is not None:
        return waiting
    of = of or returns_goods.sent(connection, context, parcel)
    made = begun(connection, context, of, parcel, Cause.WITHDRAWAL, State.OFFERED, language, len(known) + 1)
    store.add(connection, made)
    return made


def begun(
    connection: Connection,
    context: Context,
    of: Sent,
    parcel: str,
    cause: Cause,
    state: State,
    language: str,
    n: int,
) -> Return:
    """A return of all goods of a parcel, not kept yet."""
    policy, now = store.policy(connection, of.owner), context.now()
    facility = (
        policy.facility or of.inside.sender.facility_id or of.record.offer.itinerary.legs[0].from_facility
    )
    return Return(
        of.owner,
        new_id("ret"),
        parcel,
        f"{parcel}-R{n}",
        new_token(),
        cause,
        state,
        Wish.REFUND,
        facility,
        language,
        "",
        {},
        None,
        "",
        None,
        "",
        None,
        "",
        "",
        now,
        None,
        None,
        None,
        None,
        None,
        returns_goods.lines(of),
    )


def found(connection: Connection, token: str, lock: bool = False) -> Return:
    """The return of a link. Raises NotFound; the same for whatever is no link."""
    sound = len(token) == _TOKEN and token.isascii() and token.replace("-", "a").replace("_", "a").isalnum()
    known = store.by_token(connection, token, lock) if sound else None
    if known is None or known.state is State.VOID:
        raise NotFound(m.NO_LINK())
    return known


def from_delivery(context: Context, token: str) -> Return:
    """The return that a buyer opens from the page of his parcel. Raises NotFound, and Conflict before it is delivered."""
    with acting_as(Role.OPERATOR) as connection:  # the link is the right: it opens one parcel
        delivery = wishes.found(connection, token)
        of = returns_goods.sent(connection, context, delivery.parcel)
        known = store.of_parcel(connection, delivery.parcel)
        if of.delivered is None and not known:
            raise Conflict(m.NOT_RECEIVED(parcel=delivery.parcel), m.REFUSE_IT(), field="parcel")
        more = any(returns_goods.left(connection, delivery.parcel, of).values())
        open_ = next((r for r in known if r.state is State.OFFERED), None)
        if not more and known:
            return open_ or known[0]
        return offer(connection, context, delivery.parcel, delivery.language, of)


@value
class View:
    """What a buyer sees of his return: the return, what can still come back, and what holds for each cause."""

    given: Return
    of: Sent
    left: dict[int, int]
    withdrawal: Terms
    faulty: Terms
    policy: Policy
    said: tuple[Message, ...]
    outward: str  # the token of the parcel's page; empty where there is none


def view(context: Context, token: str) -> View:
    """What the buyer of a link sees now. Raises NotFound."""
    with acting_as(Role.OPERATOR) as connection:
        given = found(connection, token)
        of = returns_goods.sent(connection, context, given.parcel)
        policy = store.policy(connection, given.merchant_id)
        now = context.now()
        held = terms(of, Cause.WITHDRAWAL, policy, now)
        return View(
            given,
            of,
            returns_goods.left(connection, given.parcel, of, given.id),
            held,
            terms(of, Cause.FAULTY, policy, now),
            policy,
            _said(given, of, held),
            store.token_of_delivery(connection, given.parcel),
        )


def _day(last: datetime, of: Sent) -> date:
    """The day on which a time is over, as it is counted where the goods were delivered."""
    return last.astimezone(ZoneInfo(of.zone)).date()


def _said(given: Return, of: Sent, held: Terms) -> tuple[Message, ...]:
    """What a buyer is told of time, freight and refund: before he asks what would hold, afterwards what holds."""
    before = given.state is State.OFFERED
    found: list[Message] = []
    if before and held.may and held.until is not None:
        found.append(m.UNTIL(day=_day(held.until, of)))
    days = held.right.refund_days if before else int(given.rule.get("refund_days") or 0)
    if days and (held.right.days or not before) and given.refund is None:
        found.append(m.REFUND_WITHIN(days=days))
    if not before and given.freight is not None and given.freight_by == Payer.BUYER:
        found.append(m.BUYER_PAYS(amount=given.freight))
    elif (given.freight_by or held.freight_by) == Payer.MERCHANT:
        found.append(m.MERCHANT_PAYS())
    found += [from_json(told) for told in given.rule.get("station", ())]
    if before and held.right.confidence == "indicative":
        found.append(m.INDICATIVE())
    return tuple(found)


@value
class Asked:
    """What a buyer asks.

    Attributes:
        pieces: how many of each line, by its place; empty: all that can come back.
        sku: for what he wants it exchanged; empty: for the same.
    """

    cause: str
    pieces: dict[int, int]
    wish: str = Wish.REFUND.value
    sku: str = ""
    said: str = ""
    language: str = ""


def ask(context: Context, token: str, told: Asked) -> Return:
    """A buyer sends goods back. Asked again as before, nothing changes.

    Raises:
        NotFound: the link leads nowhere.
        Conflict: the time is over, there is no such right, or the parcel did not come yet.
        Fault: cause, wish or pieces cannot be.
    """
    with acting_as(Role.OPERATOR) as connection:
        given = found(connection, token)
        store.queue(connection, given.parcel)
        given = found(connection, token, lock=True)
        return asked(connection, context, given, told, NETWORK)


def asked(connection: Connection, context: Context, given: Return, told: Asked, source: Source) -> Return:
    """Writes what was asked, in the caller's transaction, with the return locked. Raises as `ask` does."""
    now = context.now()
    cause = _cause(told.cause)
    of = returns_goods.sent(connection, context, given.parcel)
    policy = store.policy(connection, given.merchant_id)
    pieces = _pieces(connection, given, of, told)
    if given.state is State.ASKED and _same(given, cause, pieces, told):
        return given
    if given.state is not State.OFFERED:
        raise Conflict(
            m.WRONG_STATE(number=given.number, state=m.STATES[given.state]()), m.LOOK_AGAIN(), field="state"
        )
    held = terms(of, cause, policy, now)
    _allowed(given, of, cause, held)
    if told.wish not in set(Wish):
        raise Fault(m.USE(known=", ".join(Wish)), field="wish", value=told.wish[:40])
    if told.wish == Wish.EXCHANGE and not policy.exchange:
        raise Conflict(m.NO_EXCHANGE(), m.REFUND_INSTEAD(), field="wish", value=told.wish)
    chosen = tuple(replace(line, asked=pieces.get(line.line, 0)) for line in given.lines)
    for line in chosen:
        store.change_line(connection, given.id, line.line, asked=line.asked)
    cost = returns_goods.freight(context, of, chosen, now)
    with as_the_house(connection):
        station = returns_stations.choose(connection, context, given.facility, now)
    store.change(
        connection,
        given.id,
        facility=station.facility,
        for_day=station.day,
        state=State.ASKED.value,
        cause=cause.value,
        wish=told.wish,
        exchange_sku=told.sku.strip()[:80],
        said=told.said.strip()[:1000],
        language=told.language[:8],
        asked_at=now,
        freight=cost.amount,
        freight_by=held.freight_by,
        rule={
            "basis": held.right.legal_basis,
            "country": of.country,
            "until": held.until,
            "refund_days": held.right.refund_days,
            "outward_refunded": held.right.outward_refunded,
            "confidence": held.right.confidence,
            "station": [to_json(reason) for reason in station.why],
        },
    )
    happened(
        connection,
        given,
        returns_happenings.ASKED,
        now,
        source,
        details={"cause": cause.value, "return": given.number},
    )
    now_asked = returns_goods.again(connection, given.id)
    last = None if held.until is None else _day(held.until, of)
    with as_the_house(connection):
        notifying.asked(connection, now_asked, last, now)
    return now_asked


def _cause(told: str) -> Cause:
    known = (Cause.WITHDRAWAL, Cause.FAULTY)
    if told not in set(known):
        raise Fault(
            m.NO_CAUSE(cause=told[:40]), m.USE(known=", ".join(known)), field="cause", value=told[:40]
        )
    return Cause(told)


def _pieces(connection: Connection, given: Return, of: Sent, told: Asked) -> dict[int, int]:
    most = returns_goods.left(connection, given.parcel, of, given.id)
    pieces = dict(told.pieces) or most
    for n, asked in pieces.items():
        if n not in most:
            raise Fault(m.NO_LINE(number=given.number, line=n), field="pieces", value=str(n))
        if not 0 <= asked <= most[n]:
            raise Fault(
                m.MANY_PIECES(description=given.lines[n].description, left=most[n], asked=asked),
                m.CHOOSE(),
                field="pieces",
                value=str(asked),
            )
    if not sum(pieces.values()):
        raise Fault(m.NO_PIECES(), m.CHOOSE(), field="pieces", value="0")
    return pieces


def _same(given: Return, cause: Cause, pieces: dict[int, int], told: Asked) -> bool:
    return (
        given.cause is cause
        and given.wish == told.wish
        and all(line.asked == pieces.get(line.line, 0) for line in given.lines)
    )


def _allowed(given: Return, of: Sent, cause: Cause, held: Terms) -> None:
    if of.delivered is None:
        raise Conflict(m.NOT_RECEIVED(parcel=given.parcel), m.REFUSE_IT(), field="parcel", value=given.parcel)
    if held.may:
        return
    assert held.until is not None
    day = _day(held.until, of)
    if cause is Cause.FAULTY:
        raise Conflict(m.CONFORMITY_OVER(day=day, basis=held.right.legal_basis), field="cause", value=cause)
    if of.perishable and "perishable" in held.right.not_for:
        raise Conflict(m.EXCEPTED(basis=held.right.legal_basis), m.ASK_SELLER(), field="cause", value=cause)
    if not held.right.days:
        raise Conflict(m.NO_RIGHT(), m.ASK_SELLER(), field="cause", value=cause)
    raise Conflict(
        m.TOO_LATE(day=day, basis=held.right.legal_basis), m.ASK_SELLER(), field="cause", value=cause
    )


def happened(
    connection: Connection,
    given: Return,
    type: EventType,
    at: datetime,
    source: Source,
    facility: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Writes an event of the parcel, as the house."""
    made = event(
        type,
        Subject(SubjectKind.PARCEL.value, given.parcel),
        at,
        source,
        facility=facility,
        details=details or {},
    )
    history.append_new(connection, given.merchant_id, [made])
