"""Before the door: somebody of the station calls the buyer, in the order of the round, and notes what he says.

Who confirms is known to be there. Who wants another day gets it, and his parcel leaves the round without an attempt. Where
nobody answers, or the number is wrong, he is sent a message with the link by which he can answer.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_points, notices, store, wishes
from qafila.delivery.dayplan import station
from qafila.delivery.model import Answer, Delivery, State, Wish


def said(context: Context, delivery: Delivery, answer: str, day: str) -> tuple[Answer, date | None]:
    """What was answered, and the day that was asked for.

    Args:
        context: the network and the clock.
        delivery: the parcel of whose buyer it is told.
        answer: an `Answer`.
        day: as YYYY-MM-DD, of another day; empty else.

    Raises:
        Fault: there is no such answer, or the day cannot be chosen.
        Conflict: the parcel waits at a pick-up point.
    """
    if answer not in set(Answer):
        raise Fault(
            m.NO_ANSWER(answer=answer[:40]), m.USE(known=", ".join(Answer)), field="answer", value=answer[:40]
        )
    if delivery.state is State.AT_POINT:
        raise Conflict(m.CALL_TOO_LATE(parcel=delivery.parcel), field="parcel", value=delivery.parcel)
    if answer != Answer.OTHER_DAY:
        return Answer(answer), None
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        chosen = date.min
    wishes.may_choose(station(context, delivery.facility), context.now(), chosen, day)
    return Answer.OTHER_DAY, chosen


def note(
    connection: Connection,
    context: Context,
    delivery: Delivery,
    answer: Answer,
    day: date | None,
    at: datetime,
) -> State:
    """Writes what a call came to, and sends what follows from it; returns what the delivery is now."""
    values: dict[str, Any] = {"called": answer.value, "called_at": at}
    became = delivery.state
    if answer is Answer.CONFIRMED:
        values |= {"confirmed_at": at}
    elif answer is Answer.OTHER_DAY:
        delivery_points.leave(connection, delivery.parcel, at, "cancelled")
        tried = delivery.attempts > 0 or delivery.state is State.OUT
        became = State.FAILED if tried else State.OPEN
        values |= {
            "wish": Wish.DAY.value, "wish_detail": "", "point": "", "confirmed_at": at, "day": day, "slot_from": None, "slot_until": None,
            "state": became.value, "round_id": None, "place": 0, "told_from": None, "told_until": None,
        }  # fmt: skip
    store.change(connection, delivery.parcel, **values)
    if answer is Answer.OTHER_DAY and day is not None:
        wishes.tell_day(connection, delivery, day, at)
    elif answer in (Answer.NO_ANSWER, Answer.WRONG_NUMBER):
        place = context.network.feed.facility.get(delivery.facility)
        notices.tell(connection, delivery, place, "confirm", at)
        if answer is Answer.WRONG_NUMBER:
            notices.tell_merchant(
                connection,
                delivery.merchant_id,
                delivery.parcel,
                "merchant_number",
                m.MERCHANT_NUMBER,
                f"/t/{delivery.parcel}",
                at,
            )
    return became
