"""What buyers and merchants are told of a return: asked for, and what came of it. Written where it happens, sent by the delivery floor."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.message import Message, Value
from qafila.core.money import Money
from qafila.delivery import notices
from qafila.delivery import store as deliveries
from qafila.delivery.delivery_messages import MERCHANT_FOUND, MERCHANT_GONE_BACK
from qafila.returns import returns_messages as m
from qafila.returns.model import TURNED, Return
from qafila.runtime.settings import settings


def asked(connection: Connection, given: Return, last: date | None, at: datetime) -> None:
    """A buyer asked: he is told how the goods go back and until which day of his place; the merchant, what comes and why."""
    if last is None:
        _buyer(connection, given, "return_asked", at)
    else:
        _buyer(connection, given, "return_until", at, last=last)
    _merchant(connection, given, m.MERCHANT_ASKED, "return_asked", at, cause=m.CAUSES[given.cause]())


def lost(connection: Connection, given: Return, why: Message, at: datetime) -> None:
    """It is gone on its way back: the buyer is told that it is not his to bear, the merchant that a claim is open."""
    _buyer(connection, given, "gone_back", at, why=why)
    notices.tell_merchant(
        connection,
        given.merchant_id,
        given.parcel,
        "merchant_gone",
        MERCHANT_GONE_BACK,
        "/money",
        at,
        why=why,
    )


def found(connection: Connection, given: Return, at: datetime) -> None:
    """It is found again."""
    _buyer(connection, given, "found", at)
    notices.tell_merchant(
        connection, given.merchant_id, given.parcel, "merchant_found", MERCHANT_FOUND, "/money", at
    )


def decided(connection: Connection, context: Context, given: Return, money: Money, how: str) -> None:
    """A refund is decided: who gets how much, and who pays it."""
    at = context.now()
    if given.cause not in TURNED:
        kind = "return_refunded" if money.amount else "return_unpaid"
        _buyer(connection, given, kind, at, **({"amount": money} if money.amount else {}))
    words = m.MERCHANT_REFUND if money.amount else m.MERCHANT_NOTHING
    said: dict[str, Value] = {"amount": money, "how": m.HOWS[how]()} if money.amount else {}
    _merchant(connection, given, words, "return_refunded", at, **said)


def _buyer(connection: Connection, given: Return, kind: str, at: datetime, **said: Value) -> None:
    delivery = deliveries.delivery(connection, given.parcel)
    if delivery is None:  # another brought it: nobody here knows how the buyer is reached
        return
    base = settings().public_address.rstrip("/")
    language = notices.language_for(delivery)
    link = f"{base}/{language.code}/r/{given.token}"
    notices.tell(connection, delivery, None, kind, at, number=given.number, link=link, **said)


def _merchant(
    connection: Connection, given: Return, words: notices.Words, kind: str, at: datetime, **said: Value
) -> None:
    notices.tell_merchant(
        connection,
        given.merchant_id,
        given.parcel,
        f"merchant_{kind}",
        words,
        f"/returns/{given.id}",
        at,
        number=given.number,
        **said,
    )
