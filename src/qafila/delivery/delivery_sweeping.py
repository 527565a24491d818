"""What time brings: reservations and stays that run out, reminders, messages that are due. Done again, it does nothing twice."""

from __future__ import annotations

from typing import Any

from qafila.context import Context
from qafila.delivery import delivery_limits, delivery_points, gone, notices, senders, store
from qafila.delivery.model import State
from qafila.delivery.unsent import NotSent
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event


def sweep(context: Context, send: bool = True) -> dict[str, Any]:
    """Looks at the clock once.

    Args:
        context: the network and the clock.
        send: whether messages are sent that are due.

    Returns:
        expired: parcels whose time at a point ended; reminded: those whose buyers are told; gone: parcels of whose loss
        everybody is told; sent, failed: messages.
    """
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        settled = gone.settle_all(connection, context)
        delivery_limits.fill_days(connection, context.network.feed.facility.values())
    with acting_as(Role.OPERATOR) as connection:
        expired, remind = delivery_points.run_out(connection, now)
        for stay in [*expired, *remind]:
            delivery = store.delivery(connection, stay.parcel, lock=True)
            place = context.network.feed.facility.get(stay.facility)
            if delivery is None or place is None:
                continue
            if stay in expired:
                store.change(connection, stay.parcel, state=State.RETURNING.value)
                back = event(
                    EVENT_TYPES["returning"],
                    Subject(SubjectKind.PARCEL.value, stay.parcel),
                    now,
                    Source("operator", None, "clock"),
                    facility=stay.facility,
                    details={"reason": "not_fetched"},
                )
                history.append_new(connection, delivery.merchant_id, [back])
                notices.tell(connection, delivery, place, "returning", now)
            else:
                last = place.day_at(stay.expires_at or now)
                notices.tell(
                    connection, delivery, place, "reminder", now, point=place.name, last=last, code=stay.code
                )
    count = deliver_notices(context) if send else {"sent": 0, "failed": 0}
    return {
        "expired": [s.parcel for s in expired],
        "reminded": [s.parcel for s in remind],
        "gone": settled,
        **count,
    }


def deliver_notices(context: Context) -> dict[str, int]:
    """Sends what is due, each in a transaction of its own; what cannot be sent now is tried again later.

    Killed between sending and noting, a message is sent once more: its id is the same, and programs show it once.
    """
    count = {"sent": 0, "failed": 0}
    with acting_as(Role.OPERATOR) as connection:
        notices.tell_merchants(connection, context.now())
    while True:
        with acting_as(Role.OPERATOR) as connection:
            due = notices.waiting(connection, context.now(), 1)
            for notice in due:
                error, permanent = "", False
                try:
                    senders.sender(notice.channel).send(notice)
                except NotSent as failure:
                    error, permanent = str(failure) or "not sent", failure.permanent
                    if failure.stopped:
                        notices.stop_address(connection, notice.address, context.now())
                notices.sent(connection, notice, context.now(), error, permanent)
                count["failed" if error else "sent"] += 1
        if not due:
            return count
