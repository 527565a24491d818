"""Parcels that are stolen, lost or destroyed on the way: out of their rounds, their cash noted, a claim opened, people told.

Whoever reports it (a driver's act, a scan, a file of a carrier), the history says `lost`, and the delivery is `gone` as soon as
that event is followed. What then follows for buyer and merchant is settled once, by the driver's act or by the sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_points, notices, store
from qafila.delivery.delivery_taking import due, unpaid
from qafila.delivery.model import Delivery, Gone, State
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act as CashAct
from qafila.ledger.claims import claims_deciding
from qafila.ledger.claims import store as claims
from qafila.ledger.model import By
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Source, TimeKind
from qafila.tracking.status import FINISHED, standing, status
from qafila.tracking.status import State as TrackState

_log = logging.getLogger(__name__)
_BECOMES = {
    TrackState.LOST: State.GONE,
    TrackState.DELIVERED: State.DELIVERED,
    TrackState.HANDED_ON: State.DELIVERED,
    TrackState.RETURNING: State.RETURNING,
    TrackState.RETURNED: State.RETURNING,
    TrackState.CANCELLED: State.RETURNING,
}
"""What a delivery becomes by how its parcel's history stands; by the others it is still to be brought."""


def still_here(connection: Connection, deliveries: Iterable[Delivery], now: datetime) -> list[Delivery]:
    """Those whose parcels are still to be brought. The others leave their rounds, and no attempt is told of them: nobody stood at
    a door with what was stolen before.
    """
    asked = list(deliveries)
    told = history.histories(connection, [d.parcel for d in asked])
    here = []
    for delivery in asked:
        events = told.get(delivery.parcel, [])
        ended = status(events, now).state
        if ended not in FINISHED:
            here.append(delivery)
            continue
        _out(connection, delivery.parcel, _BECOMES.get(ended, State.RETURNING), events)
    return here


def _out(connection: Connection, parcel: str, became: State, events: Sequence[Event]) -> None:
    why, report = how(events) if became is State.GONE else ("", "")
    store.change(
        connection,
        parcel,
        state=became.value,
        round_id=None,
        place=0,
        told_from=None,
        told_until=None,
        gone_why=why,
        gone_report=report,
    )


def how(events: Sequence[Event]) -> tuple[str, str]:
    """How the history says that a parcel went (a value of `Gone`), and the report of it."""
    last = max((e for e in events if e.type == TrackState.LOST.value), key=lambda e: e.time, default=None)
    told = {} if last is None else last.details
    why = str(told.get("reason", ""))
    return (why if why in set(Gone) else Gone.LOST.value), str(told.get("report", ""))[:300]


def follow(connection: Connection, parcels: Sequence[str], now: datetime) -> None:
    """Brings deliveries to what their histories say of being lost: gone, or found again and waiting for another day; what turned
    round before it was lost is on its way back again.

    Args:
        connection: of the house.
        parcels: those of which something was recorded.
        now: when.
    """
    open_ = "d.parcel = ANY(:p) AND d.state <> 'delivered'"
    known = store.deliveries(connection, open_, p=list(parcels))
    told = history.histories(connection, [d.parcel for d in known]) if known else {}
    stands = {number: status(events, now).state for number, events in told.items()}
    lost = {number for number, state in stands.items() if state is TrackState.LOST}
    changed = [d.parcel for d in known if (d.parcel in lost) != (d.state is State.GONE)]
    if not changed:  # whoever only looks waits for nobody
        return
    for delivery in store.deliveries(connection, open_, lock=True, p=changed):
        if delivery.parcel in lost and delivery.state is not State.GONE:
            delivery_points.leave(connection, delivery.parcel, now, "cancelled")
            _out(connection, delivery.parcel, State.GONE, told[delivery.parcel])
        elif delivery.parcel not in lost and delivery.state is State.GONE:
            waits = State.FAILED if delivery.attempts else State.OPEN
            if turned(told[delivery.parcel]):
                waits = State.RETURNING
            back = _BECOMES.get(stands[delivery.parcel], waits)
            if store.settled(connection, delivery.parcel):  # who was told of the loss is told of this
                _tell_found(connection, delivery, now, back is State.DELIVERED)
            store.change(
                connection,
                delivery.parcel,
                state=back.value,
                gone_why="",
                gone_report="",
                settled_at=None,
                day=None,
            )


def turned(events: Sequence[Event]) -> bool:
    """Whether a parcel had turned round before anything that its history says last of being lost or found."""
    return any(
        e.type == TrackState.RETURNING.value and e.time_kind == TimeKind.ACTUAL for e in standing(events)
    )


def _tell_found(connection: Connection, delivery: Delivery, now: datetime, has_it: bool) -> None:
    if not has_it:
        notices.tell(connection, delivery, None, "found", now)
    notices.tell_merchant(
        connection, delivery.merchant_id, delivery.parcel, "merchant_found", m.MERCHANT_FOUND, "/money", now
    )


def settle(
    connection: Connection, context: Context, parcel: str, act_key: str, source: Source, by: By
) -> bool:
    """What follows once a parcel is gone: no cash is asked for it, a claim is open for its merchant, and both sides are told.

    Args:
        connection: of the house; the whole is one transaction.
        context: rates, facilities and the clock.
        parcel: one that is gone.
        act_key: under which cash and claim are noted.
        source: as whom the cash is told.
        by: who tells it.

    Returns whether anything was done: False where it is settled already, or is not gone.
    """
    delivery = store.delivery(connection, parcel, lock=True)
    if delivery is None or delivery.state is not State.GONE or store.settled(connection, parcel):
        return False
    now, why = context.now(), m.GONE[delivery.gone or Gone.LOST.value]()
    act = CashAct(key=f"gone:{parcel}:{act_key}"[:200], by=by, at=now, reporter=source.role, late=True)
    asked = due(connection, parcel) is not None and _last_of_shipment(connection, parcel)
    if asked and not cash.refused(connection, parcel):  # who refused it at the door was noted then
        unpaid(connection, act, delivery, delivery.gone or Gone.LOST.value, context)
    events = history.histories(connection, [parcel]).get(parcel, [])
    _, report = how(events)
    claim(connection, context, act, parcel, report)
    place = context.network.feed.facility.get(delivery.facility)
    back = turned(events)
    notices.tell(connection, delivery, place, "gone_back" if back else "gone", now, why=why)
    words = m.MERCHANT_GONE_BACK if back else m.MERCHANT_GONE
    notices.tell_merchant(
        connection, delivery.merchant_id, parcel, "merchant_gone", words, "/money", now, why=why
    )
    store.change(connection, parcel, settled_at=now)
    return True


def _last_of_shipment(connection: Connection, parcel: str) -> bool:
    """Whether no other parcel of its shipment is still to come: the cash is asked for with those."""
    others = store.deliveries(
        connection,
        "(d.merchant_id, d.parcel) IN (SELECT o.merchant_id, o.number FROM parcels o JOIN parcels p USING (merchant_id, shipment_id) "
        "WHERE p.number = :p AND o.number <> :p) AND d.state NOT IN ('gone', 'returning', 'delivered')",
        p=parcel,
    )
    return not others


def claim(
    connection: Connection,
    context: Context,
    act: CashAct,
    parcel: str,
    said: str,
    asked: Money | None = None,
) -> None:
    """Opens a claim for a loss in the merchant's name; none where he has one, or where another installation carried the parcel.

    Args:
        connection: of the house.
        context: rates, facilities and the clock.
        act: who files it, and under which key: the same key is the same claim.
        parcel: which is lost.
        said: what was reported, in the reporter's own words.
        asked: for how much; None: for all that the parcel can be worth.
    """
    if claims.standing(connection, parcel, "lost") is not None or claims.booked_elsewhere(connection, parcel):
        return
    facilities, rates = context.network.feed.facility, context.rules.rates
    _, seen = claims_deciding.evidence(connection, parcel, facilities, act.at)
    if asked is None:
        asked = seen.value.rounded()
        if not seen.back:  # the way out of what was on its way back is done
            asked += rates.convert(seen.freight, asked.currency, act.at.date()).rounded()
    if asked.amount <= 0:
        return
    try:
        claims_deciding.file(connection, act, parcel, "lost", asked, said, facilities, rates)
    except Conflict:  # its merchant was quicker
        return


def settle_all(connection: Connection, context: Context) -> list[str]:
    """Settles what is gone and is not settled yet; returns the parcels. One that cannot be settled keeps no other from it."""
    waiting = store.to_settle(connection)
    told = history.histories(connection, waiting) if waiting else {}
    done = []
    for parcel in waiting:
        # found and lost again, it is another loss with a claim of its own
        times = [e.time for e in told.get(parcel, ()) if e.type == TrackState.LOST.value]
        key = f"sweep:{max(times).isoformat()}" if times else "sweep"
        try:
            with connection.begin_nested():
                source = Source("operator", None, "clock")
                if settle(connection, context, parcel, key, source, By("", "clock")):
                    done.append(parcel)
        except Fault as fault:
            _log.warning("%s is gone and cannot be settled: %s", parcel, fault)
    return done
