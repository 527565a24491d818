"""/hauled: the rounds that a carrier drives for the hub, for its drivers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from qafila.core.fault import NotFound
from qafila.delivery import delivery_points, hauling
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.web.chassis.page_frame import page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.delivery.rounds_page import acted, driven

router = APIRouter(include_in_schema=False)
Hauler = Annotated[Actor, Depends(requires("delivery:haul"))]


@router.get("/hauled")
def hauled(request: Request, actor: Hauler) -> Response:
    """One's own rounds."""
    context = context_of(request)
    return page(
        request,
        "hauled.html",
        rounds=hauling.rounds(actor.tenant, context.now().date()),
        facilities=context.network.feed.facility,
    )


@router.get("/hauled/{round}")
def drive(request: Request, round: str, actor: Hauler) -> Response:
    """The driver's page of a round; another's is as none."""
    try:
        row, stops = hauling.round_of(actor.tenant, round)
    except NotFound:
        raise HTTPException(404) from None
    with acting_as(Role.OPERATOR) as connection:  # where parcels may be left is no secret of the hub
        lockers = delivery_points.facilities(connection)
    return driven(request, row, stops, lockers, "/hauled/act")


@router.post("/hauled/act")
async def act(request: Request, actor: Hauler) -> Response:
    """An act of the driver's page. Answers `done` or `refused`."""
    context = context_of(request)

    def do(key, at, told):  # type: ignore[no-untyped-def]  # what `acted` read
        return hauling.act(context, actor, key, at, "phone", told, bool(told.get("late")))

    return await acted(request, do)
