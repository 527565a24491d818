"""Parcels handed over between networks: one leaves here at a facility, another comes in with a document that is signed.

The document is plain JSON in the form in which the API takes orders; the key of the log of whoever hands over signs its hash.
Each side records the hand-over in its own log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.openness import openness_recording
from qafila.openness.model import Decision
from qafila.openness.verifier import Broken, Key, read_note, verified
from qafila.runtime.database import merchant_transaction
from qafila.runtime.database.connection import act_for_operator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Subject
from qafila.runtime.events.events_types import event
from qafila.shipping import handing_messages as m
from qafila.shipping.bookings import bookings_telling, capacity, records, store
from qafila.shipping.bookings.capacity import Demand
from qafila.shipping.handing_document import FORMAT, document
from qafila.shipping.handing_event import HANDED_ON
from qafila.tracking.status import FINISHED, status

KIND = "shipping.handover"


@dataclass(frozen=True, slots=True)
class Handover:
    """Parcels that left together: the document, and the signed note over its hash."""

    parcels: tuple[str, ...]
    document: bytes
    note: bytes

    @property
    def parcel(self) -> str:
        """The number of the first, by which the document is called."""
        return self.parcels[0]


def hand_on(context: Context, numbers: Sequence[str], facility: str, to: str) -> Handover:
    """Lets parcels of one shipment leave this network where they are now; what they had booked behind that is given back.

    Once: asked again it is the same. Of a shipment some may leave and others ride on.

    Args:
        context: the merchant, the network and the clock.
        numbers: the parcels', all of one shipment; or one number, with `whole_shipment` for those beside it.
        facility: where they are.
        to: the network or carrier that takes them, in words.

    Raises:
        NotFound: the merchant has no such parcel, or the network no such facility.
        Conflict: one is not there, its way is over, they are of several shipments, or a part of them left already.
    """
    place = context.network.feed.facility.get(facility)
    if place is None:
        raise NotFound(m.NO_FACILITY(facility=facility), field="facility", value=facility)
    asked = list(dict.fromkeys(numbers))
    now = context.now()
    with merchant_transaction(context.tenant) as db:
        record = records.record(db, asked[0]) if asked else None
        if record is None:
            raise NotFound(
                m.NO_PARCEL(number=asked[0] if asked else ""), field="parcel", value=asked[0] if asked else ""
            )
        booking = store.lock_booking(db, record.entry.booking_id)
        assert booking is not None
        if strange := [number for number in asked if number not in booking.parcels]:
            raise Conflict(m.OTHER_SHIPMENT(number=strange[0]), field="parcel", value=strange[0])
        chosen = [number for number in booking.parcels if number in asked]
        known = _left_before(db, chosen)  # whoever came first may have done it while we waited
        if known is not None:
            return known
        _all_there(db, record, chosen, facility, booking.cancelled_at is not None, now)
        whole = len(chosen) == len(booking.parcels)
        if record.order.cash_on_delivery is not None and not whole:
            raise Conflict(m.CASH_TOGETHER(number=chosen[0]), field="parcel", value=chosen[0])
        boxes = dict(zip(booking.parcels, record.order.boxes, strict=True))
        leaving = [(number, boxes[number]) for number in chosen]
        written = document(context, record.order, leaving, facility, to, whole)
        digest = hashlib.sha256(written).hexdigest()
        note = _note(digest)
        for number in chosen:
            _insert(db, context.tenant, "out", number, to, facility, digest, written, note, now)
        history.append(
            db,
            context.tenant,
            [
                event(HANDED_ON, Subject("parcel", n), now, NETWORK, facility=facility, details={"to": to})
                for n in chosen
            ],
        )
        _give_back(db, context, booking, record, chosen, facility)
        for number in chosen:
            _tell(db, context, number, "out", digest, {"parcel": number, "to": to, "facility": facility})
    return Handover(tuple(chosen), written, note)


def whole_shipment(tenant: str, number: str) -> tuple[str, ...]:
    """The numbers of all parcels of a parcel's shipment. Raises NotFound where it is none of the merchant's."""
    with merchant_transaction(tenant) as db:
        found = records.entry(db, number)
    if found is None:
        raise NotFound(m.NO_PARCEL(number=number), field="parcel", value=number)
    return found.parcels


def of_parcel(tenant: str, number: str) -> Handover | None:
    """With what a parcel left this network, for whoever needs it again; None where it did not."""
    with merchant_transaction(tenant) as db:
        return _left_before(db, [number], alone=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A parcel that left, or came in."""

    direction: str  # out or in
    parcel: str
    other: str
    reference: str
    facility: str
    at: datetime
    last: str = ""  # what the other network told last, as a type of event
    told_at: str = ""


def listed(tenant: str, limit: int = 200) -> list[Listed]:
    """A tenant's parcels that left or came, the newest first."""
    with merchant_transaction(tenant) as db:
        rows = db.execute(
            text(
                "SELECT direction, parcel, other, reference, facility, at, coalesce(told->>'last', ''), coalesce(told->>'at', '') "
                "FROM handovers ORDER BY at DESC, position LIMIT :n"
            ),
            {"n": limit},
        )
        return [Listed(*row) for row in rows]


def _left_before(db: Connection, chosen: Sequence[str], alone: bool = False) -> Handover | None:
    rows = [row for number in chosen if (row := _row(db, "out", number)) is not None]
    if not rows:
        return None
    same = {row["digest"] for row in rows}
    if len(rows) < len(chosen) or len(same) > 1:
        gone = next(number for number in chosen if _row(db, "out", number) is not None)
        raise Conflict(m.LEFT_ALREADY(number=gone), field="parcel", value=gone)
    together = json.loads(rows[0]["document"]).get("parcels") or [json.loads(rows[0]["document"])["parcel"]]
    if not alone and sorted(together) != sorted(chosen):
        raise Conflict(m.LEFT_ALREADY(number=chosen[0]), field="parcel", value=chosen[0])
    return Handover(tuple(together), rows[0]["document"].encode(), rows[0]["note"].encode())


def _all_there(
    db: Connection,
    record: records.Record,
    chosen: Sequence[str],
    facility: str,
    cancelled: bool,
    now: datetime,
) -> None:
    for number in chosen:
        seen = status(history.history(db, Subject("parcel", number)), now)
        if seen.state in FINISHED or cancelled:
            raise Conflict(m.OVER(number=number), field="parcel", value=number)
        first = record.offer_for(number).itinerary.legs[0].from_facility
        here = seen.facility if seen.facility is not None else first if seen.state == "booked" else None
        if here != facility:
            told = m.NOT_THERE(number=number, facility=facility)
            raise Conflict(told, m.BRING_IT(), field="facility", value=facility)


def _give_back(
    db: Connection,
    context: Context,
    booking: store.KnownBooking,
    record: records.Record,
    chosen: Sequence[str],
    facility: str,
) -> None:
    """Gives back what the parcels had booked behind the facility; those that ride on keep theirs."""
    act_for_operator(db)
    boxes = store.riding(db, booking)
    groups: dict[str | None, list[store.Riding]] = {}
    for box in boxes:
        if box.number in chosen:
            groups.setdefault(box.offer_id, []).append(box)
    for own, group in groups.items():
        offer = record.offer_for(group[0].number)
        legs = offer.itinerary.legs
        rest = next((n for n, leg in enumerate(legs) if leg.from_facility == facility), len(legs))
        if not legs[rest:]:
            continue
        grams, cm3 = sum(box.grams for box in group), sum(box.cm3 for box in group)
        back = Demand(capacity.departures(legs[rest:]), grams, cm3, booking.service_class)
        capacity.give_back(db, back)
        if own is None and len(group) == sum(box.offer_id is None for box in boxes):
            store.ride_on(db, context.tenant, booking.booking_id, booking.offer_id, legs[:rest])
        else:
            store.ride_alone(db, context.tenant, booking, group, offer.id, legs[:rest])
        bookings_telling.tell_cancelled(db, context.tenant, booking.booking_id, back, context.now())


def received(document: bytes, note: bytes, keys: Sequence[Key]) -> dict[str, Any]:
    """What a document of another network says, once its signature is that of a known one.

    Args:
        document: as the other network gave it.
        note: its signed note.
        keys: of the logs of networks that are known.

    Raises:
        Fault: the document is none, or nobody known has signed it.
    """
    try:
        said = json.loads(document)
        if (
            not isinstance(said, dict)
            or said.get("format") != FORMAT
            or not isinstance(said.get("order"), dict)
        ):
            raise ValueError(f"it is not of the format {FORMAT}")
    except (ValueError, RecursionError) as error:
        raise Fault(m.UNREADABLE(why=str(error)[:200]), field="document") from None
    try:
        signed = read_note(note)
        wanted = _said(str(said.get("from")), hashlib.sha256(document).hexdigest())
        if signed.text != wanted or not any(
            one.key.name == said.get("from") for one in verified(signed, keys)
        ):
            raise Broken("the note is over another document or by another network")
    except Broken as broken:
        raise Fault(m.NOT_SIGNED(why=str(broken)), m.ASK_FOR_KEY(), field="note") from None
    return said


def numbers_there(said: Mapping[str, Any]) -> list[str]:
    """The numbers of a document's parcels at the network that handed them over."""
    several = said.get("parcels")
    return (
        [str(one) for one in several] if isinstance(several, list) and several else [str(said.get("parcel"))]
    )


def known_here(tenant: str, document: bytes) -> list[str]:
    """The numbers under which a document's parcels came in, in their order; none where they have not."""
    with merchant_transaction(tenant) as db:
        found = db.execute(
            text("SELECT parcel FROM handovers WHERE direction = 'in' AND digest = :d ORDER BY position"),
            {"d": hashlib.sha256(document).hexdigest()},
        ).scalars()
        return list(found)


def taken_in(
    context: Context,
    said: Mapping[str, Any],
    document: bytes,
    note: bytes,
    numbers: Sequence[str],
    facility: str,
) -> None:
    """Notes that parcels of another network came in under numbers of ours; once.

    Args:
        context: the tenant that stands for the other network here.
        said: of `received`.
        document: as it came, with its note.
        numbers: the parcels' here, in the order of the document.
        facility: where they came in.
    """
    digest, other = hashlib.sha256(document).hexdigest(), str(said["from"])
    with merchant_transaction(context.tenant) as db:
        for n, (number, there) in enumerate(zip(numbers, numbers_there(said), strict=True)):
            fresh = _insert(
                db,
                context.tenant,
                "in",
                number,
                other,
                facility,
                digest,
                document,
                note,
                context.now(),
                there,
                n,
            )
            if fresh:
                _tell(db, context, number, "in", digest, {"parcel": number, "from": other, "there": there})


def refer(tenant: str, number: str, reference: str) -> bool:
    """Notes the number that the other network gave to a parcel; False where it did not leave."""
    with merchant_transaction(tenant) as db:
        return bool(
            db.execute(
                text("UPDATE handovers SET reference = :r WHERE direction = 'out' AND parcel = :p"),
                {"r": reference[:100], "p": number},
            ).rowcount
        )


def _row(db: Connection, direction: str, number: str) -> Mapping[str, Any] | None:
    row = db.execute(
        text("SELECT document, note, digest FROM handovers WHERE direction = :d AND parcel = :p"),
        {"d": direction, "p": number},
    ).one_or_none()
    return None if row is None else dict(row._mapping)


def _insert(
    db: Connection,
    tenant: str,
    direction: str,
    number: str,
    other: str,
    facility: str,
    digest: str,
    document: bytes,
    note: bytes,
    at: Any,
    reference: str = "",
    position: int = 0,
) -> bool:
    return bool(
        db.execute(
            text(
                "INSERT INTO handovers (merchant_id, direction, parcel, other, reference, facility, digest, document, note, at, position) "
                "VALUES (:t, :d, :p, :other, :ref, :f, :digest, :document, :note, :at, :n) ON CONFLICT DO NOTHING"
            ),
            {
                "t": tenant,
                "d": direction,
                "p": number,
                "other": other,
                "ref": reference,
                "f": facility,
                "digest": digest,
                "document": document.decode(),
                "note": note.decode(),
                "at": at,
                "n": position,
            },
        ).rowcount
    )


def _tell(
    db: Connection, context: Context, number: str, direction: str, digest: str, hidden: Mapping[str, Any]
) -> None:
    said = {"direction": direction, "document": f"sha256:{digest}"}
    openness_recording.record(db, [Decision(KIND, number, context.now(), said, dict(hidden), context.tenant)])


def _said(origin: str, digest: str) -> str:
    return f"qafila handover v1\n{origin}\nsha256 {digest}\n"


def _note(digest: str) -> bytes:
    signer = openness_recording.keys().signer
    return signer.note(_said(signer.name, digest))
