"""/rounds: a station's day for the dispatcher, and the driver's page with its acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.delivery import (
    at_door,
    dayplan,
    delivery_doing,
    delivery_messages,
    delivery_places,
    delivery_points,
    store,
    wishes,
)
from qafila.delivery.model import Delivery
from qafila.network.model import Facility
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.accounts_signing import hand
from qafila.runtime.accounts.model import Actor
from qafila.runtime.answered import acts
from qafila.runtime.language import render
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.page_frame import first_place, language_of, link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.delivery.delivery_words import words

router = APIRouter(include_in_schema=False)

Reader = Annotated[Actor, Depends(requires("delivery:read"))]
Planner = Annotated[Actor, Depends(requires("delivery:plan"))]
Driver = Annotated[Actor, Depends(requires("delivery:drive"))]


def _act(actor: Actor, key: str, at: datetime, name: str = "", device: str = "") -> acts.Act:
    by = actor.name if actor.person else hand(actor, name)
    return acts.Act(key, acts.Actor(actor.tenant, by, device, ROLES[actor.kind].value), at)


@router.get("/rounds")
def stations(request: Request, actor: Reader) -> Response:
    """The first station with a fleet; a page that says how to make one where there is none."""
    with acting(actor) as connection:
        found = store.stations(connection)
    _ = translate(request)
    return first_place(
        request,
        "/rounds",
        found,
        _("No station has a vehicle yet"),
        _("Add one: qafila rounds vehicle STATION ID --kind van --driver NAME. `qafila demo` adds some."),
    )


@router.get("/rounds/{facility}")
def day(request: Request, facility: str, actor: Reader, on: str = "") -> Response:
    """A station's day: rounds with their progress, what is due and on none, and the fleet."""
    context = context_of(request)
    place = dayplan.station(context, facility)
    today = place.day_at(context.now())
    try:
        chosen = date.fromisoformat(on) if on else today
    except ValueError:
        chosen = today
    with acting(actor) as connection:
        rounds = store.rounds(connection, facility, chosen)
        due = dayplan.due(connection, context, place, chosen)
        fleet = store.vehicles(connection, facility)
        others = store.stations(connection)
        planned = {
            d.parcel for d in store.deliveries(connection, "d.facility = :f AND d.round_id <> ''", f=facility)
        }
    return page(
        request,
        "rounds.html",
        facility=facility,
        place=place,
        day=chosen,
        rounds=rounds,
        fleet=fleet,
        others=others,
        due=[d for d in due if d.parcel not in planned],
        key=new_id("plan"),
        may_plan=actor.may("delivery:plan"),
    )


@router.post("/rounds/{facility}/plan")
async def plan(request: Request, facility: str, actor: Planner) -> Response:
    """Plans a day, and shows it."""
    form = await request.form()
    context = context_of(request)
    try:
        chosen = date.fromisoformat(str(form.get("day", "")))
    except ValueError:
        raise HTTPException(422) from None
    act = _act(actor, str(form.get("key", ""))[:200] or new_id("plan"), context.now())
    coming = form.get("coming") == "yes"
    await run_in_threadpool(dayplan.plan_rounds, context, act, actor.source(), facility, chosen, coming)
    return RedirectResponse(link(request, f"/rounds/{facility}?on={chosen.isoformat()}"), 303)


@router.get("/rounds/{facility}/drive/{round}")
def drive(request: Request, facility: str, round: str, actor: Driver) -> Response:
    """The driver's page. It opens without connection, too, once it was opened with."""
    with acting(actor) as connection:
        row = store.round_row(connection, round[:80])
        stops = store.deliveries(connection, "d.round_id = :r", r=round[:80])
        lockers = delivery_points.facilities(connection)
    if row is None or row.facility != facility:
        raise HTTPException(404)
    return driven(request, row, stops, lockers, f"/rounds/{facility}/act")


def driven(
    request: Request, row: Any, stops: Sequence[Delivery], lockers: Sequence[str], act: str
) -> Response:
    """The page of a round for whoever drives it; `act`: where what he does is told."""
    context, facility, language = context_of(request), row.facility, language_of(request)
    place = dayplan.station(context, facility)
    shown = [_stop(d, place, Formats(language), n) for n, d in enumerate(stops, 1)]
    known = context.network.feed.facility
    answer = page(
        request,
        "drive.html",
        act=act,
        facility=facility,
        place=place,
        round=row,
        stops=shown,
        words=words(translate(request), language),
        reasons=[
            (k, render(t(), language)) for k, t in delivery_messages.REASONS.items() if k != "not_reached"
        ],
        gone=[(k, render(t(), language)) for k, t in delivery_messages.GONE.items()],
        answers=[(k, render(t(), language)) for k, t in delivery_messages.ANSWERS.items()],
        days=wishes.days(place, context.now()),
        left=[(k, render(t(), language)) for k, t in delivery_messages.LEFT.items()],
        lockers=[known[f] for f in lockers if f in known],
    )
    answer.headers["permissions-policy"] = "geolocation=(self), camera=(self), microphone=()"
    return answer


def _stop(delivery: Delivery, place: Facility, formats: Formats, number: int) -> dict[str, Any]:
    """A stop as the driver's program needs it."""
    door, receiver = delivery_places.door(delivery, place), delivery.receiver
    zone = ZoneInfo(place.timezone)
    return {
        "parcel": delivery.parcel,
        "n": number,
        "state": delivery.state.value,
        "name": receiver["name"] or receiver["company"],
        "address": ", ".join(
            t for t in (receiver["line1"], receiver["line2"], receiver["postcode"], receiver["city"]) if t
        ),
        "phone": receiver["phone"],
        "landmark": delivery.landmark,
        "lat": round(door.lat, 6),
        "lon": round(door.lon, 6),
        "sure": door.sure,
        "window": [t.astimezone(zone).strftime("%H:%M") for t in delivery.told] if delivery.told else [],
        "wish": delivery.wish,
        "detail": delivery.wish_detail,
        "grams": delivery.grams,
        "called": delivery.called,
        "collect": ""
        if delivery.collect is None or not delivery.collect.amount
        else formats.money(delivery.collect),
        "due": "" if delivery.collect is None else str(delivery.collect.amount),
    }


@router.post("/rounds/{facility}/act")
async def act(request: Request, facility: str, actor: Driver) -> Response:
    """An act of the driver's page: {key, at, by, late, kind, …}. Answers `done` or `refused`."""

    def do(key: str, at: datetime, told: dict[str, Any]) -> dict[str, Any]:
        made = _act(actor, key, at, str(told.get("by") or "")[:80], "phone")
        wish = at_door.told_from(told)
        return delivery_doing.do(
            context_of(request), made, actor.source("phone"), facility, wish, bool(told.get("late"))
        )

    return await acted(request, do)


async def acted(request: Request, do: Callable[[str, datetime, dict[str, Any]], dict[str, Any]]) -> Response:
    """Reads what a driver's page tells, does it, and answers `done` or `refused`; `do` takes its key, when, and the whole."""
    try:
        told = await request.json()
    except ValueError:
        raise HTTPException(422) from None
    if not isinstance(told, dict) or not isinstance(told.get("key"), str) or not told["key"]:
        raise HTTPException(422)
    try:
        at = datetime.fromisoformat(str(told.get("at")))
    except ValueError:
        raise HTTPException(422) from None
    now = context_of(request).now()
    when = min(at, now) if at.tzinfo is not None else now
    try:
        answer = await run_in_threadpool(do, told["key"][:200], when, told)
    except Fault as fault:
        language = language_of(request)
        remedy = render(fault.remedy, language) if fault.remedy else ""
        return _json({"state": "refused", "said": render(fault.message, language), "remedy": remedy})
    return _json({"state": "done", "answer": answer})


def _json(told: dict[str, Any]) -> Response:
    return Response(orjson.dumps(told, default=str), media_type="application/json")
