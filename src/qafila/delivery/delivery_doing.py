"""What drivers do, told as their device sends it: parcels taken out, handed over, left, failed; and a vehicle that falls out.

Every act is done once, however often it is sent (`runtime/answered/acts.py`). What was done without connection comes later with the
time at which it was done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.delivery import calling, delivery_points, gone, store
from qafila.delivery import delivery_messages as m
from qafila.delivery.at_door import FIELDS, AtDoor, Told, kept, proof
from qafila.delivery.dayplan import no_round, station
from qafila.delivery.delivery_taking import Taken, due, refused, taken
from qafila.delivery.model import (
    COUNTS,
    MOST_ATTEMPTS,
    TURNS_ROUND,
    Delivery,
    Gone,
    Left,
    Proof,
    Reason,
    State,
)
from qafila.ledger.model import By
from qafila.runtime.answered.acts import Act, perform
from qafila.runtime.events.envelope import Source


def do(
    context: Context, act: Act, source: Source, facility: str, told: Told, late: bool = False
) -> dict[str, Any]:
    """Does an act of a driver.

    Args:
        context: the network and the clock.
        act: who acts, when it was done, and its key.
        source: as whom events are told.
        facility: the station.
        told: what was done.
        late: it was done without connection: money that was taken is booked whatever its limits say.

    Raises:
        Fault: it cannot be done as it was told.
    """
    if told.kind not in _KINDS:
        raise Fault(
            m.NO_ACT(kind=told.kind[:40]), m.USE(known=", ".join(_KINDS)), field="kind", value=told.kind[:40]
        )
    asked = {name: getattr(told, name) for name in FIELDS if getattr(told, name)}
    if told.photo:
        asked["photo"] = sha256(told.photo.encode()).hexdigest()
    at_door = AtDoor(context, act, source, facility, late)
    return perform(act, f"door-{told.kind}", facility, asked, lambda c: _KINDS[told.kind](at_door, c, told))


def _start(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """The driver leaves with all that is on his round, or with the one parcel that he scans."""
    row = store.round_row(connection, told.round, lock=True)
    if row is None or row.facility != door.facility:
        raise no_round(told.round)
    if row.state in ("ended", "fallen_out"):
        raise Conflict(m.ENDED(round=told.round), field="round", value=told.round)
    if row.state == "planned":
        store.change_round(connection, told.round, state="out", started_at=door.act.at)
    loaded = store.deliveries(connection, "d.round_id = :r AND d.state = 'planned'", lock=True, r=told.round)
    for delivery in loaded:
        store.change(connection, delivery.parcel, state=State.OUT.value)
        door.happened(connection, delivery, "out_for_delivery", {"round": told.round}, door.facility)
        if delivery.told is not None:
            door.tell(connection, delivery.parcel, "out")
    return {"round": told.round, "parcels": [d.parcel for d in loaded]}


def _deliver(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    delivery = door.delivery(connection, told)
    shown = proof(delivery, told)
    if not shown.enough:
        raise Fault(m.PROOF(parcel=delivery.parcel), m.GIVE_PROOF(), field="name")
    money = _taken(door, connection, delivery, shown.collected)
    if delivery.state is State.AT_POINT:
        delivery_points.leave(connection, delivery.parcel, door.act.at, "collected")
    _finished(door, connection, delivery, shown, State.DELIVERED, "delivered", "delivered")
    return {"parcel": delivery.parcel, "state": "delivered", **_money(money)}


def _taken(door: AtDoor, connection: Connection, delivery: Delivery, collected: Money | None) -> Taken | None:
    asked = due(connection, delivery.parcel)
    if asked is None:
        return None
    if collected is None:
        raise Fault(m.COLLECT(amount=asked, parcel=delivery.parcel), m.SAY_COLLECTED(), field="collected")
    return taken(connection, door.act, door.source, delivery, collected, door.context, door.late)


def _money(money: Taken | None) -> dict[str, Any]:
    return (
        {}
        if money is None
        else {
            "collected": str(money.collected.amount),
            "currency": money.collected.currency,
            "cash": money.outcome,
        }
    )


def _leave(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """Left with a neighbour, in a safe place, or in a locker."""
    delivery = door.delivery(connection, told)
    if told.left not in set(Left):
        raise Fault(
            m.NO_PLACE_LEFT(place=told.left[:40]),
            m.USE(known=", ".join(Left)),
            field="left",
            value=told.left[:40],
        )
    if told.left != Left.LOCKER and due(connection, delivery.parcel) is not None:
        raise Conflict(
            m.LEFT_UNPAID(),
            m.CALL_DRIVER() if told.left == Left.LOCKER else None,
            field="left",
            value=told.left,
        )
    shown = proof(delivery, told)
    if told.left == Left.LOCKER:
        stay = delivery_points.put(
            connection, door.context, delivery, told.point or delivery.point, door.act.at
        )
        kept(door, connection, delivery, shown, "left", left=told.left)
        store.change(
            connection,
            delivery.parcel,
            state=State.AT_POINT.value,
            point=stay.facility,
            round_id=None,
            gone_why="",
            gone_report="",
        )
        door.happened(
            connection,
            delivery,
            "awaiting_pickup",
            {"expires_at": stay.expires_at.isoformat() if stay.expires_at else ""},
            stay.facility,
        )
        if delivery.state is State.GONE:  # taken for lost since then, it is found again
            found = replace(door, act=replace(door.act, at=door.context.now()))
            found.happened(connection, delivery, "seen", {}, stay.facility)
        place = station(door.context, stay.facility)
        last = place.day_at(stay.expires_at or door.act.at)
        door.tell(connection, delivery.parcel, "waiting", point=place.name, last=last, code=stay.code)
        return {
            "parcel": delivery.parcel,
            "state": "at_point",
            "point": stay.facility,
            "compartment": stay.compartment,
        }
    if told.left == Left.NEIGHBOUR and not (told.name or told.detail):
        raise Fault(m.SAY_NEIGHBOUR(), field="name")
    if told.left == Left.SAFE_PLACE and not told.detail and not delivery.wish_detail:
        raise Fault(m.SAY_WHERE(), field="detail")
    if not shown.enough:
        raise Fault(m.PROOF(parcel=delivery.parcel), m.GIVE_PROOF(), field="photo")
    _finished(door, connection, delivery, shown, State.DELIVERED, "delivered", "left", told.left, told.detail)
    return {"parcel": delivery.parcel, "state": "delivered", "left": told.left}


def _fail(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """An attempt that failed: the parcel waits for another day, or turns round."""
    delivery = door.delivery(connection, told)
    if told.reason not in set(Reason):
        raise Fault(
            m.NO_REASON(reason=told.reason[:40]),
            m.USE(known=", ".join(Reason)),
            field="reason",
            value=told.reason[:40],
        )
    reason = Reason(told.reason)
    attempts = delivery.attempts + (1 if reason in COUNTS else 0)
    turns = reason in TURNS_ROUND or attempts >= MOST_ATTEMPTS
    kept(door, connection, delivery, proof(delivery, told), "failed", reason=reason.value)
    day = station(door.context, door.facility).day_at(door.act.at) + timedelta(days=1)
    store.change(
        connection,
        delivery.parcel,
        state=(State.RETURNING if turns else State.FAILED).value,
        attempts=attempts,
        round_id=None,
        place=0,
        told_from=None,
        told_until=None,
        day=day if reason is not Reason.NOT_REACHED else None,
    )
    door.happened(connection, delivery, "delivery_failed", {"reason": reason.value, "attempt": attempts})
    if reason is Reason.REFUSED:
        refused(connection, door.act, door.source, delivery, reason.value, door.context)
    if turns:
        door.happened(connection, delivery, "returning", {"reason": reason.value}, door.facility)
        door.tell(connection, delivery.parcel, "returning")
    elif reason is not Reason.NOT_REACHED:
        door.tell(connection, delivery.parcel, "failed", reason=m.REASONS[reason]())
    return {"parcel": delivery.parcel, "state": "returning" if turns else "failed", "attempts": attempts}


def _end(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """The driver is back: what is still on his round was not reached."""
    row = store.round_row(connection, told.round, lock=True)
    if row is None or row.facility != door.facility:
        raise no_round(told.round)
    if row.state == "planned":
        raise Conflict(m.NOT_STARTED(round=told.round), m.START_FIRST(), field="round", value=told.round)
    left = store.deliveries(connection, "d.round_id = :r AND d.state IN ('planned', 'out')", r=told.round)
    rest = gone.still_here(connection, left, door.context.now())
    for delivery in rest:
        _fail(door, connection, Told("fail", parcel=delivery.parcel, reason=Reason.NOT_REACHED.value))
    if row.state == "out":
        store.change_round(connection, told.round, state="ended", ended_at=door.act.at)
    return {"round": told.round, "not_reached": [d.parcel for d in rest]}


def _gone(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """Stolen, lost or destroyed on the way: the parcel is on no round any more, and what follows is settled at once."""
    delivery = door.delivery(connection, told)
    if told.reason not in set(Gone):
        raise Fault(
            m.NO_GONE(why=told.reason[:40]),
            m.USE(known=", ".join(Gone)),
            field="reason",
            value=told.reason[:40],
        )
    if told.reason == Gone.STOLEN and not told.detail.strip():
        raise Fault(m.REPORT_THEFT(), m.SAY_REPORT(), field="detail")
    kept(door, connection, delivery, proof(delivery, told), "gone", reason=told.reason)
    door.happened(
        connection,
        delivery,
        "lost",
        {"reason": told.reason, "report": told.detail.strip()[:300]},
        door.facility,
    )
    gone.follow(connection, [delivery.parcel], door.act.at)
    if delivery.state is State.GONE:  # told by others before: who had it says how it went
        store.change(connection, delivery.parcel, gone_why=told.reason, gone_report=told.detail.strip()[:300])
    by = By(door.act.by.tenant, door.act.by.name)
    gone.settle(connection, door.context, delivery.parcel, door.act.key, door.source, by)
    return {"parcel": delivery.parcel, "state": State.GONE.value, "reason": told.reason}


def _call(door: AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """What a call to a buyer before the door came to."""
    delivery = door.delivery(connection, told)
    answer, day = calling.said(door.context, delivery, told.answer, told.day)
    became = calling.note(connection, door.context, delivery, answer, day, door.act.at)
    details = {"answer": answer.value, "day": day.isoformat() if day else "", "round": delivery.round_id}
    door.happened(connection, delivery, "buyer_called", details, door.facility)
    if became is State.FAILED and delivery.state is State.OUT:  # it is on the van, and comes back with it
        door.happened(
            connection, delivery, "delivery_failed", {"reason": Reason.LATER.value, "called": "yes"}
        )
    return {"parcel": delivery.parcel, "state": became.value, "answer": answer.value}


_KINDS: dict[str, Callable[[AtDoor, Connection, Told], dict[str, Any]]] = {
    "start": _start,
    "deliver": _deliver,
    "leave": _leave,
    "fail": _fail,
    "end": _end,
    "gone": _gone,
    "call": _call,
}
"""What each kind of act calls."""

KINDS = tuple(_KINDS)


def _finished(
    door: AtDoor,
    connection: Connection,
    delivery: Delivery,
    shown: Proof,
    state: State,
    type: str,
    outcome: str,
    left: str = "",
    detail: str = "",
) -> None:
    kept(door, connection, delivery, shown, outcome, left=f"{left}: {detail}" if detail else left)
    store.change(connection, delivery.parcel, state=state.value, gone_why="", gone_report="")
    zone = ZoneInfo(station(door.context, door.facility).timezone)
    door.tell(connection, delivery.parcel, "delivered", first=f"{door.act.at.astimezone(zone):%H:%M}")
    kind = "code" if shown.code else "signature" if shown.signature else "photo"
    collected = "" if shown.collected is None else str(shown.collected.amount)
    door.happened(
        connection,
        delivery,
        type,
        {
            "proof": kind,
            "left": left,
            "collected": collected,
            "currency": shown.collected.currency if shown.collected else "",
        },
    )
