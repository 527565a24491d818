"""/d: the buyer's page, by a secret link and without an account: when his parcel comes, and what he wants instead."""

from __future__ import annotations

import re
from datetime import date

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.delivery import delivery_messages, notices, wishes
from qafila.delivery.model import State
from qafila.openness.privacy import reads
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.language import render
from qafila.shipping.papers.barcodes import qr_svg
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of
from qafila.web.shipping.journey import journey

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
_POINT = re.compile(r"(-?\d{1,2}\.\d{2,})\s*(?:,|%2C|\s)\s*(-?\d{1,3}\.\d{2,})", re.I)


@router.get("/d/{token}")
def show(request: Request, token: str) -> Response:
    """Where the parcel is, when it comes, and what can be chosen."""
    return _shown(request, token)


def _shown(request: Request, token: str, fault: Fault | None = None, status: int = 200) -> Response:
    context = context_of(request)
    try:
        seen = wishes.view(context, token)
    except NotFound:
        raise HTTPException(404) from None
    reads.note_link(token, f"{request.method} {reads.door(request)}", seen.delivery.parcel, context.now())
    with acting_as(Role.PUBLIC) as connection:
        told = history.histories(connection, [seen.delivery.parcel]).get(seen.delivery.parcel, [])
    language = language_of(request)
    facilities = context.network.feed.facility
    picture = (
        Markup(qr_svg(f"{seen.stay.facility}:{seen.stay.code}"))
        if seen.stay is not None and seen.stay.state == "held"
        else ""
    )
    said = request.query_params.get("said", "")
    answer = page(
        request,
        "door.html",
        status,
        seen=seen,
        d=seen.delivery,
        token=token,
        picture=picture,
        zone=seen.place.timezone,
        journey=journey(told, facilities, context.now(), public=True, language=language),
        facilities=facilities,
        known=len(told),
        state=render(
            (
                delivery_messages.GONE[seen.delivery.gone]
                if seen.delivery.state is State.GONE and seen.delivery.gone
                else delivery_messages.STATES[seen.delivery.state]
            )(),
            language,
        ),
        fault=fault,
        public=True,
        said=said if said in ("kept", "stopped") else "",
        wishes={k: render(t(), language) for k, t in delivery_messages.WISHES.items()},
    )
    answer.headers["permissions-policy"] = "geolocation=(self), camera=(), microphone=()"
    answer.headers["referrer-policy"] = "no-referrer"
    answer.headers["cache-control"] = "private, no-store"
    return answer


@router.post("/d/{token}/wish")
async def wish(request: Request, token: str) -> Response:
    """Another day, a neighbour, a safe place, a pick-up point, or the door after all."""
    form = await request.form()
    text = _texts(form)
    try:
        chosen = date.fromisoformat(text("day")) if text("day") else None
    except ValueError:
        chosen = None
    return await _done(
        request,
        token,
        wishes.wish,
        context_of(request),
        token,
        text("wish"),
        chosen,
        text("detail"),
        text("point"),
    )


@router.post("/d/{token}/door")
async def door(request: Request, token: str) -> Response:
    """The buyer will be there, and shows where his door is."""
    form = await request.form()
    text = _texts(form)
    found = _POINT.search(text("where")) or _POINT.search(f"{text('lat')},{text('lon')}")
    lat, lon = (float(found[1]), float(found[2])) if found else (None, None)
    if lat is not None and lon is not None and not (abs(lat) <= 90 and abs(lon) <= 180):
        lat = lon = None
    return await _done(
        request,
        token,
        wishes.show_door,
        context_of(request),
        token,
        lat,
        lon,
        text("landmark"),
        language_of(request).code,
    )


@router.get("/d/{token}/stop")
def ask_stop(request: Request, token: str) -> Response:
    """One button: no more messages."""
    try:
        with acting_as(Role.OPERATOR) as connection:
            wishes.found(connection, token)
    except NotFound:
        raise HTTPException(404) from None
    return page(request, "notices_stop.html", token=token)


@router.post("/d/{token}/stop")
async def stop(request: Request, token: str) -> Response:
    """No more messages to the addresses of this parcel. Mail programs call it by themselves (RFC 8058), without a redirect."""
    by_program = (await request.form()).get("List-Unsubscribe") == "One-Click"

    def do() -> None:
        with acting_as(Role.OPERATOR) as connection:  # the link is the right: it opens one parcel
            notices.stop(connection, wishes.found(connection, token, lock=True), context_of(request).now())

    try:
        await run_in_threadpool(do)
    except NotFound:
        raise HTTPException(404) from None
    if by_program:
        return Response(status_code=204)
    return RedirectResponse(link(request, f"/d/{token}?said=stopped"), 303)


def _texts(form: FormData):  # type: ignore[no-untyped-def]  # any of the acts of this page
    def text(name: str) -> str:
        found = form.get(name, "")
        return found.strip()[:500] if isinstance(found, str) else ""

    return text


async def _done(request: Request, token: str, do, *given: object) -> Response:  # type: ignore[no-untyped-def]  # any of the acts of this page
    try:
        await run_in_threadpool(do, *given)
    except NotFound as fault:
        if fault.field != "point":
            raise HTTPException(404) from None
        return _shown(request, token, fault, 404)
    except Fault as fault:
        return _shown(request, token, fault, 409 if fault.kind == "conflict" else 422)
    return RedirectResponse(link(request, f"/d/{token}?said=kept"), 303)
