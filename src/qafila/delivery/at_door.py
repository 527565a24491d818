"""What an act at a door stands on: what a device says, the delivery that is meant, and the proof that is kept."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.values import value
from qafila.delivery import delivery_messages as m
from qafila.delivery import gone, guessing, notices, store
from qafila.delivery.dayplan import station
from qafila.delivery.model import LARGEST_PHOTO, OVER, Delivery, Proof, State, amount, photo_kind
from qafila.runtime.answered.acts import Act
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event

_PATH = re.compile(r"(?:M\d{1,4} \d{1,4}(?:L\d{1,4} \d{1,4})*){1,200}")


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
    answer: str = ""  # of a call
    day: str = ""  # which the buyer wants, as YYYY-MM-DD


FIELDS = tuple(field.name for field in fields(Told))
"""The names of all of it."""


def told_from(given: Mapping[str, Any]) -> Told:
    """An act from what JSON holds; unknown fields are left out. Raises Fault where a field is not what it should be."""
    values: dict[str, Any] = {}
    for name in FIELDS:
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


@value
class AtDoor:
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
        if found.state not in OVER:
            gone.follow(connection, [number], self.act.at)
            found = store.delivery(connection, number, lock=True) or found
        # what was handed over before anybody took it for lost is told late, and holds; so is how it went
        holds = found.state is State.GONE and self.late and told.kind in ("deliver", "leave", "gone")
        if found.state in OVER and not holds:
            raise Conflict(
                m.OVER(parcel=found.parcel, state=m.STATES[found.state]()),
                m.LOOK_AGAIN(),
                field="parcel",
                value=found.parcel,
            )
        return found


def proof(delivery: Delivery, told: Told) -> Proof:
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


def kept(
    door: AtDoor,
    connection: Connection,
    delivery: Delivery,
    shown: Proof,
    outcome: str,
    reason: str = "",
    left: str = "",
) -> None:
    """Keeps what shows the outcome of an attempt."""
    number = len(store.proofs(connection, delivery.parcel)) + 1
    collected = shown.collected
    store.add_proof(
        connection,
        {
            "merchant_id": delivery.merchant_id,
            "parcel": delivery.parcel,
            "attempt": number,
            "outcome": outcome,
            "reason": reason,
            "left_at": left,
            "name": shown.name,
            "signature": shown.signature,
            "photo": shown.photo or None,
            "by_code": bool(shown.code),
            "collected": None if collected is None else collected.amount,
            "currency": "" if collected is None else collected.currency,
            "lat": shown.lat,
            "lon": shown.lon,
            "by": door.act.by.name,
            "at": door.act.at,
        },
    )
