"""/points: the counter of a pick-up point. A code is typed or read, what is due is paid, the parcel is handed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.delivery import dayplan, delivery_points, handing_out
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.answered import acts
from qafila.runtime.database import Role, acting_as
from qafila.web.chassis.page_frame import first_place, link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Attendant = Annotated[Actor, Depends(requires("delivery:point"))]


@router.get("/points")
def first(request: Request, actor: Attendant) -> Response:
    """The first point with compartments; a page that says how to make one where there is none."""
    with acting(actor) as connection:
        found = delivery_points.facilities(connection)
    _ = translate(request)
    return first_place(
        request,
        "/points",
        found,
        _("There is no pick-up point yet"),
        _(
            "Give a facility compartments or shelves: PUT /delivery/points/FACILITY/compartments. `qafila demo` adds some."
        ),
    )


@router.get("/points/{facility}")
def counter(request: Request, facility: str, actor: Attendant, done: str = "") -> Response:
    """What lies here, what is free, and the field for a code."""
    return _shown(request, actor, facility, done=done[:40])


@router.post("/points/{facility}/find")
def find(request: Request, facility: str, actor: Attendant, code: str = Form("")) -> Response:
    """What a code means: which parcel, where it lies, what is to be paid. Nothing is handed out yet."""
    try:
        with acting_as(
            Role.OPERATOR
        ) as connection:  # the code is the right; buyers' parcels are the hub's to hand out
            seen = handing_out.find(connection, facility[:80], code[:80], context_of(request).now())
    except Fault as fault:
        return _shown(request, actor, facility, 422, fault=fault, code=code[:20])
    return _shown(request, actor, facility, found=seen, code=code[:80])


@router.post("/points/{facility}/hand-out")
def hand_out(
    request: Request,
    facility: str,
    actor: Attendant,
    code: str = Form(""),
    name: str = Form(""),
    collected: str = Form(""),
    key: str = Form(""),
) -> Response:
    """Hands the parcel out; what is wrong is said with what was typed kept."""
    context = context_of(request)
    act = acts.Act(
        f"{actor.tenant}:{key[:100] or new_id('page')}",
        acts.Actor(actor.tenant, actor.name, "counter", ROLES[actor.kind].value),
        context.now(),
    )
    try:
        given = handing_out.hand_out(
            context, act, actor.source("counter"), facility[:80], code[:80], name[:120], collected[:20]
        )
    except Fault as fault:
        with acting_as(Role.OPERATOR) as connection:
            try:
                seen = handing_out.find(connection, facility[:80], code[:80], context.now())
            except Fault:
                seen = None
        return _shown(request, actor, facility, 422, fault=fault, code=code[:80], found=seen, name=name[:120])
    return RedirectResponse(link(request, f"/points/{facility}?done={given['parcel']}"), 303)


def _shown(request: Request, actor: Actor, facility: str, status: int = 200, **told: Any) -> Response:
    context = context_of(request)
    with acting(actor) as connection:
        every = delivery_points.facilities(connection)
        if facility not in every:
            raise HTTPException(404)
        rows = delivery_points.overview(connection, facility)
    now = context.now()
    lying = [r for r in rows if r["parcel"] is not None]
    given: dict[str, Any] = {"fault": None, "found": None, "code": "", "name": "", "done": "", **told}
    return page(
        request,
        "point.html",
        status,
        facility=facility,
        place=dayplan.station(context, facility),
        others=every,
        rows=lying,
        free=sum(r["parcel"] is None and not r["broken"] for r in rows),
        soon=now + timedelta(days=1),
        key=new_id("out"),
        **given,
    )
