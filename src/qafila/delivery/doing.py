"""What drivers do, told as their device sends it: parcels taken out, handed over, left, failed; and a vehicle that falls out.

Every act is done once, however often it is sent (`runtime/answered/acts.py`). What was done without connection comes later with the
time at which it was done.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.money import Money
from qafila.core.values import value
from qafila.delivery import guessing, notices, points, store
from qafila.delivery import messages as m
from qafila.delivery.dayplan import no_round, station
from qafila.delivery.gone import still_here
from qafila.delivery.model import (
    COUNTS,
    LARGEST_PHOTO,
    MOST_ATTEMPTS,
    OVER,
    TURNS_ROUND,
    Delivery,
    Left,
    Proof,
    Reason,
    State,
    amount,
    photo_kind,
)
from qafila.delivery.taking import Taken, due, refused, taken
from qafila.runtime.answered.acts import Act, perform
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.types import EVENT_TYPES, event


@value
class Told:
    """What a driver's device says. Fields that an act does not need are left out."""

    kind: str
    round: str = ""
    parcel: str = ""
    reason: str = ""
    left: str = ""  # where it is left: safe_place, neighbour, locker
    detail: str = ""  # which neighbour, which place
    point: str = ""  # of a locker
    name: str = ""
    signature: str = ""
    photo: str = ""  # base64
    code: str = ""
    collected: str = ""
    lat: float | None = None
    lon: float | None = None


_FIELDS = tuple(field.name for field in fields(Told))


def told_from(given: Mapping[str, Any]) -> Told:
    """An act from what JSON holds; unknown fields are left out. Raises Fault where a field is not what it should be."""
    values: dict[str, Any] = {}
    for name in _FIELDS:
        found = given.get(name)
        if found is None or found == "":
            continue
        number = name in ("lat", "lon")
        if number and isinstance(found, int | float) and not isinstance(found, bool) and abs(found) <= 180:
            values[name] = float(found)
        elif not number and isinstance(found, str | int | float):
            values[name] = str(found)
        else:
            raise Fault(m.BAD_ROW(value=str(found)[:40], field=name), field=name, value=str(found)[:40])
    return Told(**{"kind": "", **values})


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
    asked = {name: getattr(told, name) for name in _FIELDS if getattr(told, name)}
    if told.photo:
        asked["photo"] = sha256(told.photo.encode()).hexdigest()
    at_door = _AtDoor(context, act, source, facility, late)
    return perform(act, f"door-{told.kind}", facility, asked, lambda c: _KINDS[told.kind](at_door, c, told))


@value
class _AtDoor:
    """What every act at a door stands on."""

    context: Context
    act: Act
    source: Source
    facility: str
    late: bool = False

    def happened(
        self,
        connection: Connection,
        delivery: Delivery,
        type: str,
        details: Mapping[str, Any],
        facility: str | None = None,
    ) -> None:
        """Writes an event of the parcel."""
        made = event(
            EVENT_TYPES[type],
            Subject(SubjectKind.PARCEL.value, delivery.parcel),
            self.act.at,
            self.source,
            facility=facility,
            details={k: v for k, v in details.items() if v},
        )
        history.append_new(connection, delivery.merchant_id, [made])

    def tell(self, connection: Connection, parcel: str, kind: str, **values: Any) -> None:
        """Writes what the buyer is to be told."""
        known = store.delivery(connection, parcel)
        assert known is not None
        notices.tell(connection, known, station(self.context, self.facility), kind, self.act.at, **values)

    def delivery(self, connection: Connection, told: Told) -> Delivery:
        """The delivery that is meant, locked. Raises NotFound, and Conflict where it is over."""
        number = "".join(told.parcel.split()).upper()
        found = store.delivery(connection, number, lock=True)
        if found is None or found.facility != self.facility:
            raise NotFound(
                m.NO_DELIVERY(parcel=told.parcel[:40]), m.SCAN_IT(), field="parcel", value=told.parcel[:40]
            )
        if found.state in OVER:
            raise Conflict(
                m.OVER(parcel=found.parcel, state=m.STATES[found.state]()),
                m.LOOK_AGAIN(),
                field="parcel",
                value=found.parcel,
            )
        return found


def _start(door: _AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
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


def _deliver(door: _AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    delivery = door.delivery(connection, told)
    proof = _proof(delivery, told)
    if not proof.enough:
        raise Fault(m.PROOF(parcel=delivery.parcel), m.GIVE_PROOF(), field="name")
    money = _taken(door, connection, delivery, proof.collected)
    if delivery.state is State.AT_POINT:
        points.leave(connection, delivery.parcel, door.act.at, "collected")
    _finished(door, connection, delivery, proof, State.DELIVERED, "delivered", "delivered")
    return {"parcel": delivery.parcel, "state": "delivered", **_money(money)}


def _taken(
    door: _AtDoor, connection: Connection, delivery: Delivery, collected: Money | None
) -> Taken | None:
    asked = due(connection, delivery.parcel)
    if asked is None:
        return None
    if collected is None:
        raise Fault(m.COLLECT(amount=asked, parcel=delivery.parcel), m.SAY_COLLECTED(), field="collected")
    return taken(connection, door.act, door.source, delivery, collected, door.context, door.late)


def _money(money: Taken | None) -> dict[str, Any]:
    return {} if money is None else {"collected": str(money.collected.amount), "currency": money.collected.currency, "cash": money.outcome}  # fmt: skip


def _leave(door: _AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
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
    proof = _proof(delivery, told)
    if told.left == Left.LOCKER:
        stay = points.put(connection, door.context, delivery, told.point or delivery.point, door.act.at)
        _kept(door, connection, delivery, proof, "left", left=told.left)
        store.change(
            connection, delivery.parcel, state=State.AT_POINT.value, point=stay.facility, round_id=None
        )
        door.happened(connection, delivery, "awaiting_pickup", {"expires_at": stay.expires_at.isoformat() if stay.expires_at else ""}, stay.facility)  # fmt: skip
        place = station(door.context, stay.facility)
        last = (stay.expires_at or door.act.at).date()
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
    if not proof.enough:
        raise Fault(m.PROOF(parcel=delivery.parcel), m.GIVE_PROOF(), field="photo")
    _finished(door, connection, delivery, proof, State.DELIVERED, "delivered", "left", told.left, told.detail)
    return {"parcel": delivery.parcel, "state": "delivered", "left": told.left}


def _fail(door: _AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
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
    _kept(door, connection, delivery, _proof(delivery, told), "failed", reason=reason.value)
    day = (door.act.at + timedelta(days=1)).date()
    store.change(
        connection, delivery.parcel, state=(State.RETURNING if turns else State.FAILED).value, attempts=attempts, round_id=None,
        place=0, told_from=None, told_until=None, day=day if reason is not Reason.NOT_REACHED else None,
    )  # fmt: skip
    door.happened(connection, delivery, "delivery_failed", {"reason": reason.value, "attempt": attempts})
    if reason is Reason.REFUSED:
        refused(connection, door.act, door.source, delivery, reason.value, door.context)
    if turns:
        door.happened(connection, delivery, "returning", {"reason": reason.value}, door.facility)
        door.tell(connection, delivery.parcel, "returning")
    elif reason is not Reason.NOT_REACHED:
        door.tell(connection, delivery.parcel, "failed", reason=m.REASONS[reason]())
    return {"parcel": delivery.parcel, "state": "returning" if turns else "failed", "attempts": attempts}


def _end(door: _AtDoor, connection: Connection, told: Told) -> dict[str, Any]:
    """The driver is back: what is still on his round was not reached."""
    row = store.round_row(connection, told.round, lock=True)
    if row is None or row.facility != door.facility:
        raise no_round(told.round)
    if row.state == "planned":
        raise Conflict(m.NOT_STARTED(round=told.round), m.START_FIRST(), field="round", value=told.round)
    left = store.deliveries(connection, "d.round_id = :r AND d.state IN ('planned', 'out')", r=told.round)
    rest = still_here(connection, left, door.context.now())
    for delivery in rest:
        _fail(door, connection, Told("fail", parcel=delivery.parcel, reason=Reason.NOT_REACHED.value))
    if row.state == "out":
        store.change_round(connection, told.round, state="ended", ended_at=door.act.at)
    return {"round": told.round, "not_reached": [d.parcel for d in rest]}


_KINDS: dict[str, Callable[[_AtDoor, Connection, Told], dict[str, Any]]] = {
    "start": _start,
    "deliver": _deliver,
    "leave": _leave,
    "fail": _fail,
    "end": _end,
}
"""What each kind of act calls."""

KINDS = tuple(_KINDS)
_PATH = re.compile(r"(?:M\d{1,4} \d{1,4}(?:L\d{1,4} \d{1,4})*){1,200}")


def _proof(delivery: Delivery, told: Told) -> Proof:
    """The proof that was given, checked. Raises Fault."""
    photo = b""
    if told.photo:
        try:
            photo = base64.b64decode(told.photo, validate=True)
        except (binascii.Error, ValueError):
            photo = b"?"
        if len(photo) > LARGEST_PHOTO or not photo_kind(photo):
            raise Fault(
                m.TOO_LARGE_PHOTO(size=len(photo)), m.SMALLER_PHOTO(most=LARGEST_PHOTO), field="photo"
            )
    if told.signature and (len(told.signature) > 60_000 or not _PATH.fullmatch(told.signature)):
        raise Fault(
            m.PROOF(parcel=delivery.parcel), m.GIVE_PROOF(), field="signature", value=told.signature[:40]
        )
    if told.code:
        guessing.check(guessing.AT_DOOR, delivery.parcel)
    if told.code and told.code.strip() != delivery.code:
        guessing.wrong(guessing.AT_DOOR, delivery.parcel)
        raise Fault(m.WRONG_CODE(parcel=delivery.parcel), m.ASK_CODE(), field="code", value=told.code[:20])
    collected = amount(told.collected, delivery.collect.currency) if delivery.collect is not None else None
    return Proof(
        told.name.strip()[:120], told.signature, photo, told.code.strip(), collected, told.lat, told.lon
    )


def _kept(
    door: _AtDoor,
    connection: Connection,
    delivery: Delivery,
    proof: Proof,
    outcome: str,
    reason: str = "",
    left: str = "",
) -> None:
    number = len(store.proofs(connection, delivery.parcel)) + 1
    collected = proof.collected
    store.add_proof(
        connection,
        {"merchant_id": delivery.merchant_id, "parcel": delivery.parcel, "attempt": number, "outcome": outcome, "reason": reason,
         "left_at": left, "name": proof.name, "signature": proof.signature, "photo": proof.photo or None, "by_code": bool(proof.code),
         "collected": None if collected is None else collected.amount, "currency": "" if collected is None else collected.currency,
         "lat": proof.lat, "lon": proof.lon, "by": door.act.by.name, "at": door.act.at},
    )  # fmt: skip


def _finished(
    door: _AtDoor, connection: Connection, delivery: Delivery, proof: Proof, state: State, type: str, outcome: str,
    left: str = "", detail: str = "",
) -> None:  # fmt: skip
    _kept(door, connection, delivery, proof, outcome, left=f"{left}: {detail}" if detail else left)
    store.change(connection, delivery.parcel, state=state.value)
    zone = ZoneInfo(station(door.context, door.facility).timezone)
    door.tell(connection, delivery.parcel, "delivered", first=f"{door.act.at.astimezone(zone):%H:%M}")
    shown = "code" if proof.code else "signature" if proof.signature else "photo"
    collected = "" if proof.collected is None else str(proof.collected.amount)
    door.happened(
        connection, delivery, type,
        {"proof": shown, "left": left, "collected": collected, "currency": proof.collected.currency if proof.collected else ""},
    )  # fmt: skip
