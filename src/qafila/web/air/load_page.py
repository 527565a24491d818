"""/air: a flight file in, its load plan drawn: the aircraft from the side, every ULD, and what stays behind and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from qafila.air import air_keeping, air_messages
from qafila.air.air_drawing import uld_picture
from qafila.air.air_explaining import explain
from qafila.air.air_papers import load_sheet, notoc
from qafila.air.air_soundness import unsound
from qafila.air.air_telling import decide
from qafila.air.arranging import arrange, places
from qafila.air.desk_drawing import desk
from qafila.air.loading import Loading, Lots, admitted
from qafila.api.air.carried_plan import flight_of, pack, plan_of, plan_text
from qafila.api.air.flight_schema import FlightIn
from qafila.api.air.load_plans import loading_of, who
from qafila.api.fleet.flights_to_load import flight_file
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language.rendering import render
from qafila.web.chassis.page_frame import language_of, link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
LARGEST = 16 * 2**20  # bytes
LONGEST = 60  # seconds

Planner = Annotated[Actor, Depends(requires("air:plan"))]


@router.get("/air")
def asked(request: Request, actor: Planner) -> Response:
    """The form, and the plans that are kept."""
    return page(
        request,
        "load_plan.html",
        loading=None,
        faults=(),
        seconds=10,
        plans=air_keeping.listed(actor.tenant),
        states=air_messages.PLAN_STATES,
    )


@router.get("/air/kept/{plan}")
def kept(request: Request, plan: str, actor: Planner) -> Response:
    """A plan that is kept, with what was done with it."""
    return _kept(request, actor, plan)


def _kept(request: Request, actor: Actor, plan: str, wrong: Sequence[str] = ()) -> Response:
    found, acts = air_keeping.read(actor.tenant, plan[:80])
    flight, loading = loading_of(found)
    return _desk(request, flight, loading, wrong, 10, kept=found, acts=acts)


@router.post("/air/kept/{plan}/{act}")
async def end(request: Request, plan: str, act: Literal["close", "withdraw"], actor: Planner) -> Response:
    """Closes or withdraws it."""
    form = await request.form()
    do_it = air_keeping.close if act == "close" else air_keeping.withdraw

    def do() -> Response:
        try:
            do_it(
                context_of(request),
                who(actor),
                plan[:80],
                _number(form.get("revision")),
                str(form.get("why") or "")[:500],
            )
        except NotFound:
            raise
        except Fault as fault:
            return _kept(request, actor, plan, [render(fault.message, language_of(request))])
        return RedirectResponse(link(request, f"/air/kept/{plan[:80]}"), 303)

    return await run_in_threadpool(do)


def _number(told: object) -> int:
    return int(told) if isinstance(told, str) and told.isdecimal() and len(told) < 9 else 0


@router.post("/air")
async def planned(request: Request, actor: Planner) -> Response:
    """The plan of a flight file, or one of its papers."""
    _ = translate(request)
    form = await request.form()
    file = form.get("flight")
    content = b"" if file is None or isinstance(file, str) else await file.read()
    given = str(form.get("seconds") or "10")
    seconds = min(LONGEST, max(1, int(given))) if given.isdecimal() else 10
    faults = []
    flight = None
    if not content:
        faults.append(_("Choose a flight file: this one is empty, or none was chosen."))
    elif len(content) > LARGEST:
        faults.append(_("The file is larger than 16 MB."))
    else:
        try:
            flight = FlightIn.model_validate_json(content)
        except ValidationError as wrong:
            faults += [
                f"{'/'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in wrong.errors()[:20]
            ]
    if flight is None:
        return await run_in_threadpool(
            page, request, "load_plan.html", 422, loading=None, faults=faults, seconds=seconds
        )
    return await run_in_threadpool(_plan, request, actor, flight, seconds, str(form.get("as") or ""))


@router.post("/air/{service}/{day}")
def planned_of_booked(
    request: Request,
    service: str,
    day: int,
    actor: Planner,
    fleet: Annotated[Actor, Depends(requires("fleet:read"))],
    ahead: Annotated[bool, Form()] = False,
) -> Response:
    """The plan of a flight of the fleet, made of what is booked on it."""
    try:
        with acting(actor) as connection:
            told = flight_file(connection, context_of(request), service[:80], day, ahead)
    except Fault as fault:
        lines = [render(m, language_of(request)) for m in (fault.message, fault.remedy) if m is not None]
        return page(
            request,
            "load_plan.html",
            404 if fault.kind == "not-found" else 422,
            loading=None,
            faults=lines,
            seconds=10,
        )
    return _plan(request, actor, FlightIn.model_validate(told), 10, "")


def _plan(request: Request, actor: Actor, flight: FlightIn, seconds: int, wanted: str) -> Response:
    papers = flight.papers()
    context = context_of(request)
    loading = decide(context, actor.tenant, flight.flight(), papers, flight.owners(), seconds)
    if wanted in ("load-sheet", "notoc"):
        return _paper(wanted, loading, papers)
    return _desk(request, flight, loading, (), seconds)


@router.post("/air/arranged")
async def arranged(request: Request, actor: Planner) -> Response:
    """The plan with ULDs where a planner put them: what is wrong with it, its balance, or its papers."""
    form = await request.form(max_part_size=LARGEST)
    told = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_arranged, request, actor, told)


def _arranged(request: Request, actor: Actor, told: Mapping[str, str]) -> Response:
    if not told.get("kept"):
        return _judged(request, actor, flight_of(told.get("flight", "")), told)
    standing = air_keeping.read(actor.tenant, told["kept"][:80])
    kept, wanted = standing[0], told.get("as", "")
    if wanted in ("load-sheet", "notoc"):  # of what is kept, whatever was moved on the page
        flight, loading = loading_of(kept)
        return _paper(wanted, loading, flight.papers())
    try:
        air_keeping.still(kept, _number(told.get("revision")))
    except Conflict as fault:
        said = [render(x, language_of(request)) for x in (fault.message, fault.remedy) if x is not None]
        if wanted == "json":
            return JSONResponse({"wrong": said})
        return _kept(request, actor, kept.id, said)
    return _judged(request, actor, flight_of(kept.asked), told, standing)


def _judged(
    request: Request,
    actor: Actor,
    flight: FlightIn,
    told: Mapping[str, str],
    standing: tuple[air_keeping.Kept | None, Sequence[Any]] = (None, ()),
) -> Response:
    """What is wrong with the plan of a page; `standing` is the kept plan that it shows, with its acts."""
    wanted = told.get("as", "")
    papers = flight.papers()
    let_in, stopped = admitted(flight.flight(), papers)
    kept = standing[0]  # what its ULDs hold is told by the database, not by the page
    plan = plan_of(told.get("plan", "") if kept is None else kept.document, let_in)
    at = {
        int(name[3:]): place[:40]
        for name, place in told.items()
        if name.startswith("at-") and name[3:].isdecimal()
    }
    made = arrange(let_in, plan, at)
    lines = [f"{let_in.legs[n].name}: {render(why, language_of(request))}" for n, why in made.wrong]
    if kept is None and wanted in ("keep", "load-sheet", "notoc"):
        lines += [render(why, language_of(request)) for why in unsound(let_in, made.plan)]
    if wanted == "json":
        balance = {"arms": made.plan.arms, "lateral": made.plan.lateral, "cost": made.plan.costs.total}
        return JSONResponse({"wrong": lines, **balance})
    shown = plan if lines else made.plan
    loading = Loading(let_in, shown, tuple(explain(let_in, shown)), stopped)
    if lines:
        loading = replace(loading, plan=arrange(let_in, plan, {}).plan)
    elif wanted in ("load-sheet", "notoc"):
        return _paper(wanted, loading, papers)
    elif wanted == "keep":
        answer = _keep(request, actor, flight, loading, told, kept)
        if isinstance(answer, Response):
            return answer
        lines = answer
    return _desk(request, flight, loading, lines, 10, *standing, told.get("why", "")[:500])


def _keep(
    request: Request,
    actor: Actor,
    flight: FlightIn,
    loading: Loading,
    told: Mapping[str, str],
    kept: air_keeping.Kept | None,
) -> Response | list[str]:
    """Keeps the plan of the page: a new one, or the next revision of the one it shows. What is wrong, where it cannot be."""
    context, why = context_of(request), told.get("why", "")
    cost, document = loading.plan.costs.total, plan_text(loading.plan)
    try:
        if kept is not None:
            before, after = places(plan_of(kept.document, loading.flight)), places(loading.plan)
            moves = {f"U{n + 1}": place for n, place in sorted(after.items()) if before.get(n) != place}
            made = air_keeping.change(
                context,
                who(actor),
                kept.id,
                _number(told.get("revision")),
                document,
                cost,
                moves,
                why,
            )
        else:
            file = pack(flight.model_dump_json(exclude_defaults=True).encode())
            made = air_keeping.keep(context, who(actor), loading.flight, loading.plan, file, document, why)
    except Fault as fault:
        said = [render(x, language_of(request)) for x in (fault.message, fault.remedy) if x is not None]
        return _kept(request, actor, kept.id, said) if kept and fault.kind == "conflict" else said
    return RedirectResponse(link(request, f"/air/kept/{made.id}"), 303)


def _paper(wanted: str, loading: Loading, papers: Lots) -> Response:
    pdf = load_sheet(loading) if wanted == "load-sheet" else notoc(loading, papers)
    name = f'attachment; filename="{wanted}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"content-disposition": name})


def _desk(
    request: Request,
    flight: FlightIn,
    loading: Loading,
    wrong: Sequence[str],
    seconds: int,
    kept: air_keeping.Kept | None = None,
    acts: Sequence[Any] = (),
    why: str = "",
) -> Response:
    _ = translate(request)
    made = loading.plan
    return page(
        request,
        "load_plan.html",
        422 if wrong else 200,
        loading=loading,
        faults=(),
        wrong=wrong,
        kept=kept,
        acts=acts,
        why=why,
        closed=kept is not None and kept.state in ("closed", "withdrawn"),
        states=air_messages.PLAN_STATES,
        seconds=seconds,
        legs=[(leg, Markup(desk(loading.flight, made, n))) for n, leg in enumerate(loading.flight.legs)],
        ulds=_ulds(loading),
        left=[*loading.stopped, *loading.behind],
        flight_text=pack(flight.model_dump_json(exclude_defaults=True).encode()),
        plan_text=plan_text(made),
        craft=_craft(loading),
        words={
            "balance": _("Centre of gravity {arm} cm; {side} kg·m more on one side"),
            "sound": _("This can fly: every rule is kept."),
            "unasked": _("The server did not answer: move again to ask it."),
            "lifted": _("{uld} is lifted: arrows choose a position, Enter puts it down, Escape leaves it."),
        },
    )


def _craft(loading: Loading) -> dict[str, Any]:
    """What the page's program reckons the balance from."""
    flight, made = loading.flight, loading.plan
    craft = flight.aircraft
    return {
        "empty_weight": craft.empty_weight,
        "empty_arm": craft.empty_arm,
        "forward": craft.forward,
        "aft": craft.aft,
        "positions": [
            {"name": p.name, "arm": p.arm, "lateral": p.lateral, "takes": sorted(p.takes)}
            for p in craft.positions
        ],
        "ulds": [{"type": u.type, "weight": u.weight} for u in made.ulds],
        "legs": [
            {"fuel": leg.fuel, "ulds": sorted(made.stands[n].values())} for n, leg in enumerate(flight.legs)
        ],
    }


def _ulds(loading: Loading) -> list[dict[str, object]]:
    kinds = {t.name: t for t in loading.flight.types}
    lots = {segment.name: segment.lots for segment in loading.flight.segments}
    at = places(loading.plan)
    return [
        {
            "id": f"U{n + 1}",
            "type": uld.type,
            "segment": uld.segment,
            "place": at[n],
            "number": n,
            "fits": [p.name for p in loading.flight.aircraft.positions if uld.type in p.takes],
            "pieces": len(uld.pieces),
            "weight": round(uld.weight),
            "fill": sum(lots[uld.segment][p.lot].kind.volume for p in uld.pieces)
            / kinds[uld.type].contour.volume,
            "picture": Markup(uld_picture(kinds[uld.type], uld, lots[uld.segment])),
        }
        for n, uld in enumerate(loading.plan.ulds)
    ]
