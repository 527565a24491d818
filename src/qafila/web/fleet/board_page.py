"""/fleet: the fleet board by tail and by station; a flight and what a change would do; outages; the cheapest repair."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.fleet import board_drawing, schedule, service
from qafila.fleet.model import Change, Key
from qafila.fleet.service import By
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)

Reader = Annotated[Actor, Depends(requires("fleet:read"))]
Manager = Annotated[Actor, Depends(requires("fleet:manage"))]
DAYS = 3
SECONDS = 10.0


def _by(actor: Actor) -> By:
    return By(actor.tenant, actor.name)


@router.get("/fleet")
def board(request: Request, actor: Reader) -> Response:
    """The schedule of some days: `since` a date, `view` tail or station."""
    return _shown(request, actor)


@router.get("/fleet/{service}/{day}/{call}")
def flight(request: Request, service: str, day: int, call: int, actor: Reader) -> Response:
    """The same with one flight, what is booked on it, and what can be done with it."""
    return _shown(request, actor, chosen=(service[:80], day, call))


@router.post("/fleet/{service}/{day}/{call}")
def change(
    request: Request,
    service: str,
    day: int,
    call: int,
    actor: Manager,
    tail: Annotated[str, Form(max_length=20)] = "",
    delay: Annotated[str, Form(max_length=6)] = "",
    cancelled: Annotated[bool, Form()] = False,
    because: Annotated[str, Form(max_length=500)] = "",
    do: Annotated[str, Form(max_length=10)] = "see",
) -> Response:
    """Shows what a change does to parcels (`see`), or puts it in place (`do`)."""
    key = service[:80], day, call
    late = int(delay) if delay.isdecimal() else 0
    wanted = Change(key, tail.strip(), late, cancelled, because.strip())
    try:
        if do == "do":
            _service_put(request, [wanted], actor)
            return RedirectResponse(link(request, f"/fleet/{key[0]}/{day}/{call}?done=1#flight"), 303)
        effect = _effect(request, actor, wanted)
    except Fault as fault:
        return _shown(request, actor, chosen=key, fault=fault, wanted=wanted, status=422)
    return _shown(request, actor, chosen=key, wanted=wanted, effect=effect)


def _service_put(request: Request, changes: list[Change], actor: Actor, version: str = "") -> None:
    service.put_in_place(context_of(request), changes, _by(actor), version)


def _effect(request: Request, actor: Actor, wanted: Change) -> service.Affected:
    begins, ends = service.around([wanted])
    with acting(actor) as connection:
        seen = service.window(connection, context_of(request), begins, ends)
    return service.affected(seen.board, seen.aboard, {wanted.key: wanted})


@router.post("/fleet/outages")
def out_of_use(
    request: Request,
    actor: Manager,
    kind: Annotated[str, Form(max_length=10)],
    subject: Annotated[str, Form(max_length=80)],
    begins: Annotated[str, Form(max_length=40)],
    ends: Annotated[str, Form(max_length=40)],
    because: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Takes a tail or a facility out of use; times are UTC."""
    try:
        since, until = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (begins, ends))
        service.out_of_use(
            context_of(request),
            "tail" if kind == "tail" else "facility",
            subject.strip(),
            since,
            until,
            because.strip(),
            _by(actor),
        )
    except Fault as fault:
        return _shown(request, actor, fault=fault, status=422)
    except ValueError:
        return _shown(request, actor, unread=begins or ends, status=422)
    return RedirectResponse(link(request, f"/fleet?since={since.date()}"), 303)


@router.post("/fleet/outages/{outage}")
def in_use_again(request: Request, outage: str, actor: Manager) -> Response:
    """Ends an outage."""
    try:
        service.in_use_again(context_of(request), outage[:80], _by(actor))
    except Fault as fault:
        return _shown(request, actor, fault=fault, status=422)
    return RedirectResponse(link(request, "/fleet"), 303)


@router.post("/fleet/repairs")
def repair(
    request: Request,
    actor: Manager,
    since: Annotated[str, Form(max_length=20)] = "",
    across: Annotated[bool, Form()] = False,
    changes: Annotated[str, Form(max_length=200_000)] = "",
    version: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Works out the cheapest repair; with `changes`, puts what was worked out in place."""
    try:
        if changes:
            told = [
                Change((c[0], int(c[1]), int(c[2])), str(c[3]), int(c[4]), bool(c[5]))
                for c in orjson.loads(changes)
            ]
            _service_put(request, told, actor, version)
            return RedirectResponse(link(request, f"/fleet?since={since[:10]}"), 303)
        begins = _since(context_of(request), since)
        made = service.propose(context_of(request), begins, begins + timedelta(days=DAYS), SECONDS, across)
    except Fault as fault:
        return _shown(request, actor, fault=fault, status=422, since=since)
    except (ValueError, TypeError, IndexError, KeyError):
        return _shown(request, actor, unread=changes[:40], status=422)
    return _shown(request, actor, proposal=made, since=since)


def _since(context: Context, since: str) -> datetime:
    try:
        begins = datetime.fromisoformat(since).replace(tzinfo=UTC)
    except ValueError:
        begins = context.now()
    return begins.replace(hour=0, minute=0, second=0, microsecond=0)


def _shown(
    request: Request,
    actor: Actor,
    *,
    chosen: Key | None = None,
    fault: Fault | None = None,
    wanted: Change | None = None,
    effect: service.Affected | None = None,
    proposal: service.Proposal | None = None,
    unread: str = "",
    status: int = 200,
    since: str = "",
) -> Response:
    context = context_of(request)
    begins = _since(context, since or request.query_params.get("since", ""))
    if chosen is not None and not since:
        try:
            begins = datetime.combine(schedule.date_of(chosen[1]), datetime.min.time(), UTC)
        except OverflowError:
            chosen = None
    view = "station" if request.query_params.get("view") == "station" else "tail"
    with acting(actor) as connection:
        seen = service.window(connection, context, begins, begins + timedelta(days=DAYS))
    shown = seen.board
    if proposal is not None:
        shown = shown.with_changes({c.key: c for c in proposal.repair.changes})
    wrong = {key: why for key, why in schedule.impossible(shown, seen.aboard).items() if why}
    draw = board_drawing.by_station if view == "station" else board_drawing.by_tail
    picture = draw(shown, 0, DAYS * 1440, wrong.keys(), link(request, "/fleet/"))
    one = next((f for f in seen.board.flown if f.sector.key == chosen), None)
    facilities = context.network.feed.facility
    return page(
        request,
        "fleet.html",
        404 if chosen is not None and one is None else status,
        board=shown,
        seen=seen,
        wrong=wrong,
        picture=Markup(picture),
        view=view,
        begins=begins,
        after=begins + timedelta(days=DAYS),
        before=begins - timedelta(days=DAYS),
        one=one,
        chosen=chosen,
        wanted=wanted,
        effect=effect,
        fault=fault,
        unread=unread,
        proposal=proposal,
        may_manage=actor.may("fleet:manage"),
        at=lambda minute: shown.epoch + timedelta(minutes=minute),
        zones=shown.zones,
        key=schedule_key,
        names={id: f.iata or board_drawing.short(id) for id, f in facilities.items()},
        packed=_packed(proposal),
        done="done" in request.query_params,
        stations=sorted({p for f in shown.flown for p in (f.sector.origin, f.sector.to)}),
        moment=context.now(),
    )


def schedule_key(key: Key) -> str:
    """A sector's part of an address."""
    return f"{key[0]}/{key[1]}/{key[2]}"


def _packed(proposal: service.Proposal | None) -> str:
    if proposal is None:
        return ""
    told: list[list[Any]] = [[*c.key, c.tail, c.delay, c.cancelled] for c in proposal.repair.changes]
    return orjson.dumps(told).decode()
