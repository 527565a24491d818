"""A parcel leaves a pick-up point: by its code to its buyer, or back to the station."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Fault, NotFound
from qafila.core.money import Money
from qafila.core.values import value
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_points, notices, store
from qafila.delivery.dayplan import station
from qafila.delivery.delivery_taking import taken
from qafila.delivery.model import State, amount
from qafila.runtime.answered.acts import Act, perform
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event


@value
class Found:
    """What a code means at a point: which parcel, where it lies, and what is to be paid for it; None: nothing."""

    parcel: str
    compartment: str
    due: Money | None


def find(connection: Connection, facility: str, code: str, at: datetime) -> Found:
    """Looks a code up before anything is handed out or unlocked.

    Raises:
        NotFound: no parcel here has the code.
        Conflict: its time is over, or too many wrong codes were tried.
    """
    stay = delivery_points.by_code(connection, facility, code, at)
    delivery = store.delivery(connection, stay.parcel)
    if delivery is None or delivery.state is not State.AT_POINT:
        raise NotFound(m.NO_STAY(), m.ASK_CODE_AGAIN(), field="code")
    due = delivery.collect if delivery.collect is not None and delivery.collect.amount else None
    return Found(stay.parcel, stay.compartment, due)


def hand_out(
    context: Context, act: Act, source: Source, facility: str, code: str, name: str = "", collected: str = ""
) -> dict[str, Any]:
    """Hands a parcel out to whoever tells its code.

    Args:
        context: the network and the clock.
        act: who hands out, and the key of the act.
        source: as whom events are told.
        facility: the point.
        code: six digits, or what the picture says.
        name: of who took it, where it was asked.
        collected: what was paid, of a parcel with cash on delivery.

    Raises:
        NotFound: no parcel here has the code.
        Conflict: its time is over.
        Fault: cash is to be collected, and nothing is said of it.
    """

    def write(connection: Connection) -> dict[str, Any]:
        stay = delivery_points.by_code(connection, facility, code, act.at)
        delivery = store.delivery(connection, stay.parcel, lock=True)
        if delivery is None or delivery.state is not State.AT_POINT:
            raise NotFound(m.NO_STAY(), m.ASK_CODE_AGAIN(), field="code")
        money = None
        if delivery.collect is not None and delivery.collect.amount:
            told = amount(collected, delivery.collect.currency)
            if told is None:
                raise Fault(
                    m.COLLECT(amount=delivery.collect, parcel=delivery.parcel),
                    m.SAY_COLLECTED(),
                    field="collected",
                )
            money = taken(connection, act, source, delivery, told, context).collected
        delivery_points.unlock(connection, stay)  # once what is due is paid
        delivery_points.leave(connection, stay.parcel, act.at, "collected")
        number = len(store.proofs(connection, stay.parcel)) + 1
        store.add_proof(
            connection,
            {
                "merchant_id": delivery.merchant_id,
                "parcel": stay.parcel,
                "attempt": number,
                "outcome": "delivered",
                "reason": "",
                "left_at": "",
                "name": name.strip()[:120],
                "signature": "",
                "photo": None,
                "by_code": True,
                "collected": None if money is None else money.amount,
                "currency": "" if money is None else money.currency,
                "lat": None,
                "lon": None,
                "by": act.by.name,
                "at": act.at,
            },
        )
        store.change(connection, stay.parcel, state=State.DELIVERED.value)
        details = {"proof": "code"} | (
            {} if money is None else {"collected": str(money.amount), "currency": money.currency}
        )
        given = event(
            EVENT_TYPES["delivered"],
            Subject(SubjectKind.PARCEL.value, stay.parcel),
            act.at,
            source,
            facility=facility,
            details=details,
        )
        history.append_new(connection, delivery.merchant_id, [given])
        place = station(context, facility)
        at = act.at.astimezone(ZoneInfo(place.timezone))
        notices.tell(connection, delivery, place, "delivered", act.at, first=f"{at:%H:%M}")
        return {"parcel": stay.parcel, "compartment": stay.compartment, "state": "delivered"}

    with acting_as(Role.OPERATOR) as connection:
        if facility not in delivery_points.facilities(connection):
            raise NotFound(m.NO_POINT(point=facility[:60]), field="facility", value=facility[:60])
    return perform(act, "hand-out", facility, {"code": code, "collected": collected}, write)
