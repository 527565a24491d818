"""/handovers: parcels leave for another network with a signed document, and come in with one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.api.shipping.taking_in import take_in
from qafila.core.fault import Fault
from qafila.runtime.accounts.model import Actor
from qafila.runtime.settings import settings
from qafila.shipping import handing, partners
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("bookings:read"))]
Writer = Annotated[Actor, Depends(requires("bookings:write"))]
_MOST = 200_000  # bytes of a document


@router.get("/handovers")
def shown(request: Request, actor: Reader, parcel: str = "", facility: str = "", sent: str = "") -> Response:
    """Those that left and came, and the two forms."""
    return _shown(request, actor, parcels=parcel[:400], facility=facility[:80], sent=sent[:40])


def _shown(request: Request, actor: Actor, fault: Fault | None = None, **typed: str) -> Response:
    said = {"parcels": "", "facility": "", "to": "", "sent": "", "came": "", **typed}
    return page(
        request,
        "handovers.html",
        422 if fault else 200,
        listed=handing.listed(actor.tenant),
        fault=fault,
        partners=bool(settings().partner_networks),
        **said,
    )


@router.post("/handovers")
def send(
    request: Request,
    actor: Writer,
    parcels: Annotated[str, Form()] = "",
    facility: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
    whole: Annotated[str, Form()] = "",
) -> Response:
    """Lets them leave; the document and its signature can be had from then on."""
    numbers = parcels.upper().replace(",", " ").split()[:99]
    try:
        chosen = handing.whole_shipment(actor.tenant, numbers[0]) if whole and numbers else numbers
        done = handing.hand_on(
            context_of(request, actor.tenant), chosen, facility.strip(), to.strip()[:200] or "–"
        )
    except Fault as fault:
        return _shown(request, actor, fault, parcels=parcels, facility=facility, to=to)
    return RedirectResponse(link(request, f"/handovers?sent={done.parcel}"), 303)


@router.post("/handovers/received")
def receive(
    request: Request,
    actor: Writer,
    document: UploadFile,
    note: UploadFile,
    facility: Annotated[str, Form()] = "",
) -> Response:
    """Takes parcels in."""
    keys = partners.keys_for(actor.tenant, context_of(request).now())
    read = [one.file.read(_MOST) for one in (document, note)]
    try:
        done = take_in(context_of(request, actor.tenant), read[0], read[1], facility.strip()[:80], keys)
    except Fault as fault:
        return _shown(request, actor, fault)
    pairs = ", ".join(f"{there} → {here}" for there, here in zip(done.there, done.parcels, strict=True))
    return _shown(request, actor, came=pairs)


@router.get("/handovers/{parcel}.{form}")
def download(request: Request, actor: Reader, parcel: str, form: str) -> Response:
    """The document (json) or its signature (note) of a parcel that left."""
    found = handing.of_parcel(actor.tenant, parcel[:40]) if form in ("json", "note") else None
    if found is None:
        raise HTTPException(404)
    name = f"{found.parcel}.handover.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    content, media = (
        (found.document, "application/json") if form == "json" else (found.note, "text/plain; charset=utf-8")
    )
    return Response(content, media_type=media, headers=headers)
