"""/places: how much pick-up points, lockers and return stations take, as an operator sets it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.delivery import dayplan, delivery_limits, delivery_points, delivery_rooms, lockers
from qafila.delivery.delivery_limits import Kind
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Planner = Annotated[Actor, Depends(requires("delivery:plan"))]

_TYPED = ("name", "count", "length", "width", "height", "adapter")


@router.get("/places")
def every(request: Request, actor: Planner) -> Response:
    """The places that take parcels, with their limits and what today leaves of them."""
    context = context_of(request)
    known = context.network.feed.facility
    with acting(actor) as connection:
        rows = [
            _room(connection, known[f], context.now())
            for f in delivery_rooms.places(connection)
            if f in known
        ]
    shown = {row["place"].id for row in rows}
    others = sorted((f for f in known.values() if f.id not in shown), key=lambda f: f.name)
    return page(request, "places.html", rows=rows, others=others)


@router.get("/places/open")
def open(request: Request, actor: Planner, facility: str = "") -> Response:
    """Goes to a place that was chosen."""
    place = dayplan.station(context_of(request), facility.strip())
    return RedirectResponse(link(request, f"/places/{place.id}"), 303)


@router.get("/places/{facility}")
def one(request: Request, facility: str, actor: Planner, done: str = "") -> Response:
    """A place's limits and compartments, to be changed."""
    return _shown(request, actor, facility, done=done == "yes")


@router.post("/places/{facility}/limits")
def limits(
    request: Request, facility: str, actor: Planner, point: str = Form(""), returns: str = Form("")
) -> Response:
    """Sets both limits; an empty field is none."""
    context = context_of(request)
    dayplan.station(context, facility)
    try:
        told = {Kind.POINT: delivery_rooms.per_day(point, "point")}
        told[Kind.RETURNS] = delivery_rooms.per_day(returns, "returns")
    except Fault as fault:
        return _shown(request, actor, facility, 422, fault=fault, typed={"point": point, "returns": returns})
    with acting(actor) as connection:
        for kind, most in told.items():
            delivery_limits.put(connection, facility, kind, most, actor.name, context.now())
    return RedirectResponse(link(request, f"/places/{facility}?done=yes"), 303)


@router.post("/places/{facility}/compartments")
def add(
    request: Request,
    facility: str,
    actor: Planner,
    name: str = Form(""),
    count: str = Form(""),
    length: str = Form(""),
    width: str = Form(""),
    height: str = Form(""),
    adapter: str = Form(""),
) -> Response:
    """Adds compartments of one size, or gives one another size."""
    dayplan.station(context_of(request), facility)
    try:
        made = delivery_rooms.compartments(facility, name, count, (length, width, height), adapter)
        with acting(actor) as connection:
            delivery_points.put_compartments(connection, made)
    except Fault as fault:
        typed = {"name": name, "count": count, "length": length, "width": width, "height": height}
        return _shown(request, actor, facility, 422, fault=fault, typed=typed | {"adapter": adapter})
    return RedirectResponse(link(request, f"/places/{facility}?done=yes"), 303)


@router.post("/places/{facility}/order")
def order(
    request: Request, facility: str, actor: Planner, compartment: str = Form(""), broken: str = Form("")
) -> Response:
    """A compartment is out of order, or works again."""
    try:
        with acting(actor) as connection:
            delivery_rooms.out_of_order(connection, facility, compartment, broken == "yes")
    except Fault as fault:
        return _shown(request, actor, facility, 422, fault=fault)
    return RedirectResponse(link(request, f"/places/{facility}?done=yes"), 303)


def _room(connection: Any, place: Any, now: Any) -> dict[str, Any]:
    day = place.day_at(now)
    rows = delivery_points.overview(connection, place.id)
    return {
        "place": place,
        "day": day,
        "compartments": rows,
        "free": sum(r["parcel"] is None and not r["broken"] for r in rows),
        "limits": {kind.value: delivery_limits.limit(connection, place.id, kind) for kind in Kind},
        "left": {kind.value: delivery_limits.left(connection, place.id, kind, day) for kind in Kind},
    }


def _shown(request: Request, actor: Actor, facility: str, status: int = 200, **told: Any) -> Response:
    context = context_of(request)
    place = dayplan.station(context, facility)
    with acting(actor) as connection:
        room = _room(connection, place, context.now())
    limits = {k: "" if v is None else str(v) for k, v in room["limits"].items()}
    typed = {**dict.fromkeys(_TYPED, ""), **limits, **told.pop("typed", {})}
    given: dict[str, Any] = {"fault": None, "done": False, **told}
    return page(request, "place.html", status, typed=typed, adapters=lockers.known(), **room, **given)
