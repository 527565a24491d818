"""Returns that are stolen, lost or destroyed on their way back: the merchant has a claim, the buyer what he is owed.

The parcel's history says it, whoever reports it. Of a parcel that turned round at the door the delivery floor settles what follows;
of what a buyer sends back, this does. The refund is decided as if all had come back that was sent: the way is not the buyer's to bear.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.delivery import delivery_messages, gone
from qafila.delivery import store as deliveries
from qafila.ledger.cash.model import Act
from qafila.ledger.model import By
from qafila.returns import notifying, store
from qafila.returns.model import TURNED, Return, State
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Reporter
from qafila.tracking.status import State as TrackState
from qafila.tracking.status import status

_log = logging.getLogger(__name__)


def follow(connection: Connection, parcels: Sequence[str], now: datetime) -> None:
    """Brings returns to what their parcels' histories say: gone, or on their way again.

    Args:
        connection: of the house.
        parcels: those of which something was recorded.
        now: when.
    """
    told = histories.histories(connection, list(parcels))
    for given in store.moving(connection, parcels):
        lost = status(told.get(given.parcel, []), now).state is TrackState.LOST
        if lost and given.state is State.ON_WAY:
            store.change(connection, given.id, state=State.GONE.value)
        elif not lost and given.state is State.GONE:
            if store.settled(connection, given.id) and given.cause not in TURNED:
                notifying.found(connection, given, now)
            store.change(connection, given.id, state=State.ON_WAY.value, settled_at=None)


def settle(context: Context) -> list[str]:
    """Opens the claim of each return that is gone and tells buyer and merchant, once; returns their numbers.

    One that cannot be settled keeps no other from it.
    """
    done = []
    with acting_as(Role.OPERATOR) as connection:
        for given in store.to_settle(connection):
            try:
                with connection.begin_nested():
                    if given.cause not in TURNED:
                        _settle(connection, context, given)
                    store.change(connection, given.id, settled_at=context.now())
                    done.append(given.number)
            except Fault as fault:
                _log.warning("%s is gone and cannot be settled: %s", given.number, fault)
    return done


def _settle(connection: Connection, context: Context, given: Return) -> None:
    now = context.now()
    events = histories.histories(connection, [given.parcel]).get(given.parcel, [])
    times = [e.time for e in events if e.type == TrackState.LOST.value]
    when = max(times).isoformat() if times else ""
    act = Act(
        key=f"gone:{given.number}:{when}"[:200],
        by=By("", "clock"),
        at=now,
        reporter=Reporter.OPERATOR.value,
        late=True,
    )
    nothing = given.lines[0].value * 0
    asked: Money = sum((line.value * line.asked for line in given.lines), nothing).rounded()
    why, report = gone.how(events)
    gone.claim(connection, context, act, given.parcel, report, asked)
    if deliveries.delivery(connection, given.parcel) is not None:
        notifying.lost(connection, given, delivery_messages.GONE[why](), now)
