"""/shipments: what a merchant has booked, and each of them: its way, its times, its cost, its papers."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.identifiers import s10
from qafila.ledger.claims import store as claims
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.shipping import counter, printed
from qafila.shipping.bookings import booking, records
from qafila.shipping.bookings.rebooking import NoWayOn
from qafila.shipping.papers.labels import BookedShipment
from qafila.sorting import measuring, units
from qafila.tracking.promised import destination_zone, late_first, promised
from qafila.tracking.status import Status, status
from qafila.tracking.whole import whole
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.shipping.journey import journey

router = APIRouter(include_in_schema=False)
ROWS = 50
Reader = Annotated[Actor, Depends(requires("bookings:read"))]
Writer = Annotated[Actor, Depends(requires("bookings:write"))]


@router.get("/shipments")
def shipments(request: Request, actor: Reader, q: str = "", before: str = "") -> Response:
    """The newest first, or the one that is looked for by its order, parcel or shipment."""
    now = context_of(request).now()
    wanted = q.strip()
    with sending(actor) as connection:
        if wanted:
            number = wanted.replace(" ", "").upper()
            hit = records.entry(connection, number if s10.is_valid(number) else wanted)
            found = [hit] if hit else records.entries(connection, None, ROWS, order_id=wanted)
        else:
            found = records.entries(connection, before or None, ROWS + 1)
        histories = history.histories(connection, [n for e in found for n in e.parcels])
    states: dict[str, Status] = {
        e.parcel: whole([status(histories.get(n, []), now) for n in e.parcels]).behind for e in found
    }
    facilities = context_of(request).network.feed.facility
    zones = {number: destination_zone(events, facilities) for number, events in histories.items()}
    more = len(found) > ROWS
    found = found[:ROWS]
    return page(
        request,
        "shipments.html",
        q=q,
        entries=found,
        states=states,
        zones=zones,
        before=before,
        older=link(request, "/shipments?" + urlencode({"before": found[-1].booking_id})) if more else None,
    )


@router.get("/shipments/{shipment_id}")
def shipment(
    request: Request,
    actor: Reader,
    shipment_id: str,
    booked: str = "",
    kept: str = "",
    onward: str = "",
    parcel: str = "",
) -> Response:
    """One shipment; of several parcels, the way of one."""
    return _shown(
        request, actor, shipment_id, parcel=parcel, booked=bool(booked), kept=kept, onward=bool(onward)
    )


def _shown(
    request: Request, actor: Actor, shipment_id: str, code: int = 200, parcel: str = "", **said: object
) -> Response:
    """The page of a shipment, with the way of one of its parcels, and with what is said of an action on it."""
    now = context_of(request).now()
    with sending(actor) as connection:
        record = records.record(connection, shipment_id)
        if record is None:
            raise HTTPException(404)
        claimed = {n: claims.standing(connection, n, "lost") for n in record.entry.parcels}
        told = history.histories(connection, record.entry.parcels)
        boxes = records.of_shipment(connection, record.entry.shipment_id)
    facilities = context_of(request).network.feed.facility
    shipment = whole([status(told.get(n, []), now) for n in record.entry.parcels])
    number = parcel if parcel in record.entry.parcels else shipment.behind.parcel
    events = told.get(number, [])
    with acting_as(Role.OPERATOR) as connection:  # of the merchant's own parcel: what holds it is the hub's
        within = units.whereabouts(connection, number)
        measured = measuring.measures(connection, number)
    way = journey(events, facilities, now, language=language_of(request))
    zone = destination_zone(events, facilities)
    last = late_first(shipment.statuses, record.entry.promise_by)
    said = {"booked": False, "kept": "", "onward": False, "no_way": None, **said}
    return page(
        request,
        "shipment.html",
        code,
        within=within,
        record=record,
        entry=record.entry,
        order=record.order,
        offer=record.offer,
        journey=way,
        promised=promised(record.entry.promise_by, last, zone, now),
        zone=zone,
        facilities=facilities,
        known=len(events),
        number=number,
        shipment=shipment,
        boxes=boxes,
        claim=claimed[number],
        measured=measured,
        **said,
    )


@router.post("/shipments/{shipment_id}/cancel")
def cancel(request: Request, actor: Writer, shipment_id: str) -> Response:
    """Cancels the booking, or says why it cannot be."""
    entry = _entry(actor, shipment_id)
    kept = ""
    try:
        booking.cancel(actor.tenant, entry.booking_id, context_of(request).now())
    except booking.NotCancellable:
        kept = "?kept=1"
    return RedirectResponse(link(request, f"/shipments/{entry.shipment_id}{kept}"), 303)


@router.post("/shipments/{shipment_id}/rebook")
def rebook(request: Request, actor: Writer, shipment_id: str) -> Response:
    """Books a parcel that missed a connection on the next way, or says why there is none."""
    entry = _entry(actor, shipment_id)
    try:
        outcome = counter.rebook(context_of(request, actor.tenant), entry.booking_id)
    except booking.UnknownBooking:  # cancelled meanwhile
        raise HTTPException(404) from None
    if isinstance(outcome, NoWayOn):
        return _shown(request, actor, shipment_id, 422, no_way=outcome.refusal)
    return RedirectResponse(link(request, f"/shipments/{entry.shipment_id}?onward=1"), 303)


@router.get("/shipments/{shipment_id}/label.{form}")
def label(request: Request, actor: Reader, shipment_id: str, form: str, dpi: int = 203) -> Response:
    """The label: `pdf` is 4 × 6 inches, `a4` four a sheet, `zpl` for label printers."""
    parcel = _booked(actor, shipment_id)
    try:
        made = printed.labels([parcel], context_of(request), form, dpi)
    except ValueError:
        raise HTTPException(404) from None
    return _sent(made, f"label-{parcel.number}")


@router.get("/shipments/{shipment_id}/documents.pdf")
def documents(request: Request, actor: Reader, shipment_id: str) -> Response:
    """Invoice and customs forms."""
    parcel = _booked(actor, shipment_id)
    if parcel.void:
        raise HTTPException(404)
    return _sent(printed.papers([parcel], context_of(request)), f"documents-{parcel.number}")


def _entry(actor: Actor, shipment_id: str) -> records.Entry:
    with sending(actor) as connection:
        entry = records.entry(connection, shipment_id)
    if entry is None:
        raise HTTPException(404)
    return entry


def _booked(actor: Actor, shipment_id: str) -> BookedShipment:
    with sending(actor) as connection:
        (found,) = printed.booked(connection, [shipment_id])
    if found is None:
        raise HTTPException(404)
    return found


def _sent(made: printed.Printed, name: str) -> Response:
    headers = {
        "content-disposition": f'inline; filename="{name}.{made.ending}"',
        "cache-control": "private, no-store",
    }
    return Response(made.content, media_type=made.media_type, headers=headers)
