"""Parcels handed over between networks: one leaves here at a facility, another comes in with a document that is signed.

The document is plain JSON in the form in which the API takes orders; the key of the log of whoever hands over signs its hash.
Each side records the hand-over in its own log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import template
from qafila.openness import recording
from qafila.openness.model import Decision
from qafila.openness.verifier import Broken, Key, read_note, verified
from qafila.runtime.database import merchant_transaction
from qafila.runtime.database.connection import act_for_operator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Subject
from qafila.runtime.events.types import event
from qafila.shipping.bookings import capacity, records, store, telling
from qafila.shipping.bookings.capacity import Demand
from qafila.shipping.handing_event import HANDED_ON
from qafila.shipping.orders.order import Address, Order
from qafila.tracking.status import FINISHED, status

FORMAT = "qafila-handover/1"
KIND = "shipping.handover"
NO_PARCEL = template("handing.no_parcel", "There is no parcel {number} of yours.")
NOT_THERE = template("handing.not_there", "The parcel {number} is not at {facility}.")
BRING_IT = template(
    "handing.bring_it", "A parcel is handed on where it was last scanned: scan it there first."
)
OVER = template("handing.over", "The journey of the parcel {number} is over.")
SEVERAL = template(
    "handing.several", "The shipment of {number} has several parcels; hand on shipments of one parcel."
)
NO_FACILITY = template("handing.no_facility", "The network has no facility {facility}.")
UNREADABLE = template("handing.unreadable", "The document cannot be read: {why}.")
NOT_SIGNED = template(
    "handing.not_signed", "The document is not signed by a network that is known here: {why}."
)
ASK_FOR_KEY = template("handing.ask_for_key", "Put the key of its log into QAFILA_PARTNER_NETWORKS.")


@dataclass(frozen=True, slots=True)
class Handover:
    """A parcel that left: the document, the signed note over its hash, and when it was made anew."""

    parcel: str
    document: bytes
    note: bytes


def hand_on(context: Context, number: str, facility: str, to: str) -> Handover:
    """Lets a parcel leave this network where it is now; what it had booked behind that is given back. Once: asked again it is the same.

    Args:
        context: the merchant, the network and the clock.
        number: the parcel's.
        facility: where it is.
        to: the network or carrier that takes it, in words.

    Raises:
        NotFound: the merchant has no such parcel, or the network no such facility.
        Conflict: it is not there, its way is over, or its shipment has several parcels.
    """
    place = context.network.feed.facility.get(facility)
    if place is None:
        raise NotFound(NO_FACILITY(facility=facility), field="facility", value=facility)
    now = context.now()
    with merchant_transaction(context.tenant) as db:
        known = _row(db, "out", number)
        if known is not None:
            return Handover(number, known["document"].encode(), known["note"].encode())
        record = records.record(db, number)
        if record is None:
            raise NotFound(NO_PARCEL(number=number), field="parcel", value=number)
        booking = store.lock_booking(db, record.entry.booking_id)
        assert booking is not None
        known = _row(db, "out", number)  # whoever came first may have done it while we waited
        if known is not None:
            return Handover(number, known["document"].encode(), known["note"].encode())
        if len(booking.parcels) > 1:
            raise Conflict(SEVERAL(number=number), field="parcel", value=number)
        seen = status(history.history(db, Subject("parcel", number)), now)
        if seen.state in FINISHED or booking.cancelled_at is not None:
            raise Conflict(OVER(number=number), field="parcel", value=number)
        legs = record.offer.itinerary.legs
        here = (
            seen.facility
            if seen.facility is not None
            else legs[0].from_facility
            if seen.state == "booked"
            else None
        )
        if here != facility:
            raise Conflict(
                NOT_THERE(number=number, facility=facility), BRING_IT(), field="facility", value=facility
            )
        rest = next((n for n, leg in enumerate(legs) if leg.from_facility == facility), len(legs))
        document = _document(context, record.order, number, facility, to)
        digest = hashlib.sha256(document).hexdigest()
        note = _note(digest)
        _insert(db, context.tenant, "out", number, to, facility, digest, document, note, now)
        history.append(
            db, context.tenant,
            [event(HANDED_ON, Subject("parcel", number), now, NETWORK, facility=facility, details={"to": to})],
        )  # fmt: skip
        act_for_operator(db)
        if legs[rest:]:
            back = Demand(capacity.departures(legs[rest:]), booking.grams, booking.cm3, booking.service_class)
            capacity.give_back(db, back)
            store.ride_on(db, context.tenant, booking.booking_id, booking.offer_id, legs[:rest])
            telling.tell_cancelled(db, context.tenant, booking.booking_id, back, now)
        _tell(db, context, number, "out", digest, {"parcel": number, "to": to, "facility": facility})
    return Handover(number, document, note)


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
        raise Fault(UNREADABLE(why=str(error)[:200]), field="document") from None
    try:
        signed = read_note(note)
        wanted = _said(str(said.get("from")), hashlib.sha256(document).hexdigest())
        if signed.text != wanted or not any(
            one.key.name == said.get("from") for one in verified(signed, keys)
        ):
            raise Broken("the note is over another document or by another network")
    except Broken as broken:
        raise Fault(NOT_SIGNED(why=str(broken)), ASK_FOR_KEY(), field="note") from None
    return said


def known_here(tenant: str, document: bytes) -> str | None:
    """The number under which a document's parcel came in; None where it has not."""
    with merchant_transaction(tenant) as db:
        found: str | None = db.execute(
            text("SELECT parcel FROM handovers WHERE direction = 'in' AND digest = :d"),
            {"d": hashlib.sha256(document).hexdigest()},
        ).scalar()
    return found


def taken_in(
    context: Context, said: Mapping[str, Any], document: bytes, note: bytes, number: str, facility: str
) -> None:
    """Notes that a parcel of another network came in under a number of ours; once.

    Args:
        context: the tenant that stands for the other network here.
        said: of `received`.
        document: as it came, with its note.
        number: the parcel's here.
        facility: where it came in.
    """
    digest = hashlib.sha256(document).hexdigest()
    with merchant_transaction(context.tenant) as db:
        other = str(said["from"])
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
            str(said["parcel"]),
        )
        if fresh:
            _tell(
                db, context, number, "in", digest, {"parcel": number, "from": other, "there": said["parcel"]}
            )


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
        text("SELECT document, note FROM handovers WHERE direction = :d AND parcel = :p"),
        {"d": direction, "p": number},
    ).one_or_none()
    return None if row is None else dict(row._mapping)


def _insert(
    db: Connection, tenant: str, direction: str, number: str, other: str, facility: str, digest: str, document: bytes,
    note: bytes, at: Any, reference: str = "",
) -> bool:  # fmt: skip
    return bool(
        db.execute(
            text(
                "INSERT INTO handovers (merchant_id, direction, parcel, other, reference, facility, digest, document, note, at) "
                "VALUES (:t, :d, :p, :other, :ref, :f, :digest, :document, :note, :at) ON CONFLICT DO NOTHING"
            ),
            {"t": tenant, "d": direction, "p": number, "other": other, "ref": reference, "f": facility, "digest": digest,
             "document": document.decode(), "note": note.decode(), "at": at},
        ).rowcount
    )  # fmt: skip


def _tell(
    db: Connection, context: Context, number: str, direction: str, digest: str, hidden: Mapping[str, Any]
) -> None:
    said = {"direction": direction, "document": f"sha256:{digest}"}
    recording.record(db, [Decision(KIND, number, context.now(), said, dict(hidden), context.tenant)])


def _document(context: Context, order: Order, number: str, facility: str, to: str) -> bytes:
    place = context.network.feed.facility[facility]
    return json.dumps(
        {
            "format": FORMAT, "id": new_id("hnd"), "from": recording.keys().signer.name, "to": to, "parcel": number,
            "facility": {"id": place.id, "name": place.name, "city": place.city, "country": place.country,
                         "unlocode": place.unlocode, "gln": place.gln},
            "at": context.now().isoformat(), "order": _as_asked(order, number, place.city, place.country),
        },
        ensure_ascii=False, indent=1,
    ).encode()  # fmt: skip


def _as_asked(order: Order, number: str, city: str, country: str) -> dict[str, Any]:
    """The order in the form of the API, sent from where the parcel is now."""
    sender = {
        **_address(order.sender),
        "city": city,
        "country": country,
        "line1": "",
        "line2": "",
        "postcode": "",
        "region": "",
    }
    pieces = sum(item.quantity for item in order.items)
    return {
        "id": number, "sender": sender, "receiver": _address(order.receiver),
        "items": [
            {
                "title": item.description, "quantity": item.quantity, "hs": item.hs or "", "origin": item.origin or "",
                "unit_value": {"amount": f"{item.unit_value.amount:f}", "currency": item.unit_value.currency},
                "weight_kg": f"{item.unit_kg if item.unit_kg is not None else order.grams / 1000 / pieces:.3f}",
                "category": item.category,
            }
            for item in order.items
        ],
        "insured": order.insured, "taxes_paid_by": order.taxes_paid_by, "trade": order.trade, "note": order.note,
    }  # fmt: skip


def _address(one: Address) -> dict[str, str]:
    return {name: getattr(one, name) for name in
            ("country", "city", "name", "company", "line1", "line2", "region", "postcode", "phone", "email", "tax_id")}  # fmt: skip


def _said(origin: str, digest: str) -> str:
    return f"qafila handover v1\n{origin}\nsha256 {digest}\n"


def _note(digest: str) -> bytes:
    signer = recording.keys().signer
    return signer.note(_said(signer.name, digest))
