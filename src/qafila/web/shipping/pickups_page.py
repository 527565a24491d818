"""/pickups: parcels that wait to be fetched, a van asked for, and the manifests to be signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import merchant_transaction
from qafila.shipping import printed
from qafila.shipping.bookings.records import Record
from qafila.shipping.pickups import manifest, service
from qafila.shipping.pickups.model import Pickup, coming_window
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("bookings:read"))]
Writer = Annotated[Actor, Depends(requires("bookings:write"))]
ROWS = 50


@router.get("/pickups")
def pickups(request: Request, actor: Reader) -> Response:
    """What waits, the form, and the pick-ups that there are."""
    return _page(request, actor)


@router.post("/pickups")
async def book(request: Request, actor: Writer) -> Response:
    """Books a pick-up of the parcels that were chosen."""
    form = await request.form()
    chosen = [str(value) for value in form.getlist("parcel")]
    said = {name: str(form.get(name) or "") for name in ("day", "from", "to", "address", "note")}
    return await run_in_threadpool(_book, request, actor, chosen, said)


def _book(request: Request, actor: Actor, chosen: Sequence[str], said: Mapping[str, str]) -> Response:
    context = context_of(request, actor.tenant)
    waiting = {r.entry.parcel: r for r in service.waiting(context)}
    first = next((waiting[number] for number in chosen if number in waiting), None)
    station = (
        context.network.feed.facility.get(first.offer.itinerary.legs[0].from_facility) if first else None
    )
    zone = ZoneInfo(station.timezone if station else "UTC")
    try:
        opens, closes = (
            datetime.fromisoformat(f"{said['day']}T{said[end]}").replace(tzinfo=zone)
            for end in ("from", "to")
        )
    except ValueError:
        return _page(request, actor, 422, said=said, chosen=chosen, bad_time=True)
    try:
        made = service.book(context, chosen, opens, closes, said["address"].splitlines(), said["note"])
    except Fault as fault:
        return _page(request, actor, 422, said=said, chosen=chosen, fault=fault)
    return RedirectResponse(link(request, f"/pickups/{made.id}"), 303)


@router.get("/pickups/{pickup_id}")
def pickup(request: Request, actor: Reader, pickup_id: str) -> Response:
    """One of them, with its parcels and its manifests."""
    one = service.find(actor.tenant, pickup_id)
    context = context_of(request, actor.tenant)
    with merchant_transaction(actor.tenant) as connection:
        found = manifest.lines(service.bookings_of(connection, one.parcels), context.network.feed)
    carriers = list(dict.fromkeys(line.carrier for line in found))
    return page(
        request,
        "pickup.html",
        pickup=one,
        lines=found,
        carriers=carriers,
        zone=_zone(request, one),
        station=context.network.feed.facility.get(one.station),
    )


@router.post("/pickups/{pickup_id}/cancel")
def cancel(request: Request, actor: Writer, pickup_id: str) -> Response:
    """Cancels it; its parcels wait for another."""
    service.cancel(context_of(request, actor.tenant), pickup_id)
    return RedirectResponse(link(request, f"/pickups/{pickup_id}"), 303)


@router.get("/pickups/{pickup_id}/manifest.{form}")
def its_manifest(
    request: Request, actor: Reader, pickup_id: str, form: str, carrier: str | None = None
) -> Response:
    """The manifest as `pdf` or `csv`, of all carriers or of one."""
    one = service.find(actor.tenant, pickup_id)
    if form not in ("pdf", "csv"):
        raise HTTPException(404)
    context = context_of(request, actor.tenant)
    feed = context.network.feed
    with merchant_transaction(actor.tenant) as connection:
        found = service.bookings_of(connection, one.parcels)
    some = manifest.of_carrier(manifest.lines(found, feed), carrier or None)
    if form == "csv":
        return _file(manifest.as_csv(some), "text/csv; charset=utf-8", f"manifest-{one.id}.csv")
    return _file(
        manifest.as_pdf(some, feed.facility, context.now(), one), "application/pdf", f"manifest-{one.id}.pdf"
    )


@router.get("/print")
def together(request: Request, actor: Reader, what: str = "labels") -> Response:
    """Several papers at once: `labels`, `a4` (four a sheet), `zpl` or `documents` of the shipments that are named."""
    ids = request.query_params.getlist("shipment")[: printed.MOST]
    with sending(actor) as connection:
        found = [one for one in printed.booked(connection, ids) if one is not None]
    context = context_of(request)
    if not found or what not in ("labels", "a4", "zpl", "documents"):
        raise HTTPException(404)
    if what == "documents":
        try:
            made = printed.papers(found, context)
        except ValueError:
            raise HTTPException(404) from None
    else:
        made = printed.labels(found, context, "pdf" if what == "labels" else what)
    return _file(made.content, made.media_type, f"{what}.{made.ending}")


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)


def _zone(request: Request, one: Pickup) -> str:
    station = context_of(request).network.feed.facility.get(one.station)
    return station.timezone if station else "UTC"


def _coming(context: Context, waiting: Sequence[Record]) -> dict[str, str]:
    """The form as it is first shown: a window in which the parcels that wait can still be fetched."""
    now = context.now()
    legs = [record.offer.itinerary.legs[0] for record in waiting]
    station = context.network.feed.facility.get(legs[0].from_facility) if legs else None
    zone = ZoneInfo(station.timezone if station else "UTC")
    opens, closes = coming_window(
        now, zone, min((leg.arrive for leg in legs if leg.arrive > now), default=None)
    )
    told = {"day": f"{opens:%Y-%m-%d}", "from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}"}
    return {**told, "address": "", "note": ""}


def _page(
    request: Request,
    actor: Actor,
    status: int = 200,
    said: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    fault: Fault | None = None,
    bad_time: bool = False,
) -> Response:
    context = context_of(request, actor.tenant)
    listed = service.listed(actor.tenant, limit=ROWS)
    waiting = service.waiting(context)
    return page(
        request,
        "pickups.html",
        status,
        waiting=waiting,
        listed=listed,
        chosen=chosen,
        fault=fault,
        bad_time=bad_time,
        said=said or _coming(context, waiting),
        zones={one.id: _zone(request, one) for one in listed},
        facilities=context.network.feed.facility,
    )
