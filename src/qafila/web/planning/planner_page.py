"""/plan: the network planner's plans. Asked for with a file, watched as bound and plan close in, then read:
what it costs and how good it is proven to be, where it is full at which hour, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.figures import NotAFigure, number
from qafila.core.message import Message
from qafila.core.message_json import from_json
from qafila.core.money import Money
from qafila.network.naming import named
from qafila.planning.reopening import NotAPlan
from qafila.planning.viewing import PlanView
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.runtime.language import render
from qafila.runtime.language.language_terms import TERMS
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import plans_messages as m
from qafila.shipping.plans import plans_replanning, reservations
from qafila.shipping.plans.asked_plans import Asked, PlanRefused
from qafila.web.chassis.page_frame import facility_name, language_of, link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.network.atlas import atlas

router = APIRouter(include_in_schema=False)
LARGEST, LARGEST_LINES = 64 * 2**20, 2**20  # bytes
ROWS = 25
_TYPED = (
    "name", "start", "seconds", "max_transfers", "ride_price", "co2e_price", "few_changes", "balance_price",
)  # fmt: skip
Reader = Annotated[Actor, Depends(requires("plans:read"))]
Writer = Annotated[Actor, Depends(requires("plans:write"))]


@router.get("/plan")
def listed(request: Request, actor: Reader) -> Response:
    """All plans, and the form for another."""
    return _list(request, actor, {})


def _list(
    request: Request, actor: Actor, asked: dict[str, str], fault: Message | None = None, status: int = 200
) -> Response:
    with acting_as(Role.REGULATOR) as connection:  # to read is enough, whoever may read plans
        holding = reservations.in_place(connection)
    return page(
        request,
        "plans.html",
        status,
        plans=plans.every(),
        asked=asked,
        fault=fault,
        holding=holding,
        suggested=f"plan-{context_of(request).now():%Y-%m-%d-%H%M}",
    )


@router.post("/plan")
async def begin(request: Request, actor: Writer) -> Response:
    """Begins to plan a demand file."""
    if int(request.headers.get("content-length") or 0) > LARGEST + 2**16:
        return _list(request, actor, {}, m.TOO_LARGE(), 413)
    form = await request.form()
    asked = {name: str(form.get(name) or "").strip() for name in _TYPED}
    content, lines = [
        b"" if file is None or isinstance(file, str) else await file.read()
        for file in (form.get("demand"), form.get("lines"))
    ]
    if not content:
        return await run_in_threadpool(_list, request, actor, asked, m.NO_FILE(), 422)
    context = context_of(request)
    ending = ".parquet" if content[:4] == b"PAR1" else ".csv"
    try:
        if len(lines) > LARGEST_LINES:
            raise PlanRefused(m.LINES_TOO_LARGE(), field="lines")
        wanted = _asked(asked, ending, context.now())
        await run_in_threadpool(plans.start, PLAN, wanted, content, lines)
    except PlanRefused as refused:
        return await run_in_threadpool(_list, request, actor, asked, refused.told, 422)
    return RedirectResponse(link(request, f"/plan/{wanted.name}"), 303)


def _asked(typed: dict[str, str], ending: str, now: datetime) -> Asked:
    """What the form asks for. Raises PlanRefused."""
    transfers, few = typed["max_transfers"], typed["few_changes"]
    return Asked(
        typed["name"] or f"plan-{now:%Y-%m-%d-%H%M%S}",
        now,
        demand=ending,
        start=_day(typed["start"]),
        seconds=_seconds(typed["seconds"]),
        max_transfers=_whole(transfers) if transfers else None,
        ride_price=_number(typed["ride_price"], 0.0),
        co2e_price=_number(typed["co2e_price"], 90.0),
        few_changes=_number(few, 0.0) / 100.0 if few else None,
        balance_price=_number(typed["balance_price"], 0.0),
    )


def _number(text: str, blank: float) -> float:
    try:
        return float(number(text)) if text else blank
    except NotAFigure:
        raise PlanRefused(m.NOT_A_NUMBER(), value=text) from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise PlanRefused(m.NOT_A_NUMBER(), value=text) from None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise PlanRefused(m.NOT_A_DATE(), value=text) from None


def _seconds(text: str) -> float:
    try:
        return float(number(text or "90"))
    except NotAFigure:
        raise PlanRefused(m.NOT_SECONDS(), value=text) from None


@router.get("/plan/{name}")
def shown(
    request: Request,
    actor: Reader,
    name: str,
    q: str = "",
    p: int = 1,
    unserved: str = "",
    c: str = "",
    making: bool = False,
) -> Response:
    """A plan, made or in the making."""
    if making and (kept := plans.find(name)) is not None and kept.state == "done":
        # the page that watched has no map: the browser goes to the one that has
        address = link(request, f"/plan/{name}")
        if "hx-request" in request.headers:
            return Response(headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)
    return _plan(request, actor, name, q, p, bool(unserved), c)


def _plan(
    request: Request,
    actor: Actor,
    name: str,
    q: str = "",
    number: int = 1,
    unserved: bool = False,
    chosen: str = "",
    fault: Message | None = None,
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    kept = plans.find(name)
    if kept is None:
        raise HTTPException(404)
    if kept.summary is None:
        return page(request, "plan_made.html", kept=kept)
    view = _view(name, kept.summary)
    found = view.search(q, unserved)
    pages = max(1, -(-len(found) // ROWS))
    number = min(max(number, 1), pages)
    commodity = view.commodity(chosen) if chosen else None
    currency = kept.summary["currency"]
    with acting_as(Role.REGULATOR) as connection:  # to read is enough, whoever may read plans
        holding = reservations.in_place(connection)

    def listing(**changed: Any) -> str:
        asked = {"q": q, "unserved": "1" if unserved else "", "p": number, **changed}
        return link(request, f"/plan/{name}?" + urlencode({k: v for k, v in asked.items() if v}) + "#list")

    return page(
        request,
        "plan.html",
        status,
        kept=kept,
        plan=kept.summary,
        view=view,
        tightest=view.tightest(),
        lost=view.search("", True).head(12).to_dicts(),
        heaviest=_heaviest(view),
        found=found[(number - 1) * ROWS : number * ROWS].to_dicts(),
        total=len(found),
        pages=pages,
        number_of_page=number,
        q=q,
        only_unserved=unserved,
        listing=listing,
        page_link=lambda n: listing(p=n),
        commodity=commodity,
        changes=[d for d in view.departures() if d["change"]],
        ways=view.ways(commodity["commodity"]) if commodity else [],
        missing=bool(chosen) and commodity is None,
        money=lambda amount: Money(Decimal(str(round(amount, 4))), currency),
        place=lambda id: _place(request, id),
        why=lambda row: _why(request, view.reason(row)),
        widened=lambda document: _widened(request, document),
        holding=holding,
        fault=fault,
        minutes=lambda n: timedelta(minutes=n),
        typed=typed or {},
        unit=lambda kind: {"segment_weight": "kg", "segment_volume": "m3"}.get(kind, "one"),
        mode_names={m: translate(request)(t) for m, t in TERMS["mode"].items()},
    )


def _heaviest(view: PlanView) -> list[dict[str, Any]]:
    """The lanes that carry most, as a list: what the map shows, for who cannot see it."""
    lanes = view.lanes()
    rows = [
        {
            "from": lanes["places"][a],
            "to": lanes["places"][b],
            "mode": mode,
            "kg": sum(r[2] for r in runs),
            "departures": len(runs),
            "fullest": max(r[2] / r[3] if r[3] else 1.0 for r in runs),
        }
        for a, b, mode, runs in lanes["lanes"]
    ]
    return sorted(rows, key=lambda r: -r["kg"])[:20]


def _place(request: Request, id: str) -> str:
    """A facility's name, or the place's own where the network of this home has none."""
    facility = atlas(context_of(request)).find(id.removesuffix("/door"))
    return facility_name(facility, language_of(request)) if facility else id


def _why(request: Request, told: Message) -> str:
    """A reason of the plan in the reader's language, its places by their names."""
    return render(named(told, context_of(request).network.feed.facility), language_of(request))


def _widened(request: Request, document: Mapping[str, Any]) -> str:
    """What was made wider; a plan of an earlier version names it in English alone."""
    return _why(request, from_json(document.get("message") or document["what"]))


def _view(name: str, summary: dict[str, Any]) -> PlanView:
    stamp = (plans.folder(name) / "plan.json").stat().st_mtime_ns
    try:
        return _cached(name, stamp)
    except NotAPlan as error:
        raise HTTPException(404) from error


@lru_cache(maxsize=2)
def _cached(name: str, stamp: int) -> PlanView:
    return PlanView(plans.folder(name))


@router.get("/plan/{name}/map.json")
def lanes(request: Request, actor: Reader, name: str) -> Response:
    """What the map draws: `PlanView.lanes`, its places with names and coordinates."""
    kept = plans.find(name)
    if kept is None or kept.summary is None:
        raise HTTPException(404)
    told = _view(name, kept.summary).lanes()
    there = atlas(context_of(request))
    places = []
    for id in told["places"]:
        facility = there.find(id)
        at = [round(facility.lon, 4), round(facility.lat, 4)] if facility else None
        places.append({"name": _place(request, id), "at": at})
    return Response(
        orjson.dumps(told | {"places": places}),
        media_type="application/json",
        headers={"cache-control": "no-cache"},
    )


@router.post("/plan/{name}/stop")
def stop(request: Request, actor: Writer, name: str) -> Response:
    """Ends the search; the best plan so far is kept."""
    plans.stop(name)
    return RedirectResponse(link(request, f"/plan/{name}"), 303)


@router.post("/plan/{name}/again")
async def again(request: Request, actor: Writer, name: str) -> Response:
    """Plans anew after a disruption, or with a tenth more room at one place."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}
    return await run_in_threadpool(_again, request, actor, name, form)


def _again(request: Request, actor: Actor, name: str, form: dict[str, str]) -> Response:
    context = context_of(request)
    now = context.now()
    try:
        widen = int(form["widen"]) if form.get("widen", "").isdecimal() else None
        told = () if widen is not None else _disruptions(form)
        at = form.get("at", "")
        wanted = Asked(
            f"{name[:44]}-{now:%m%d-%H%M%S}",
            now,
            origin=name,
            disruptions=told,
            widen=widen,
            at=_instant(at) if widen is None else "",
            seconds=60.0,
        )
        plans.start(PLAN, wanted)
    except PlanRefused as refused:
        return _plan(request, actor, name, fault=refused.told, status=422, typed=form)
    return RedirectResponse(link(request, f"/plan/{wanted.name}"), 303)


def _instant(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise PlanRefused(m.NOT_AN_INSTANT(), value=text) from None


def _disruptions(form: dict[str, str]) -> tuple[str, ...]:
    kind, what = form.get("kind", ""), form.get("what", "").split()
    if kind in ("cancel", "close") and what:
        return (f"{kind} {' '.join(what)}",)
    if (
        kind == "redirect" and len(what) > 1
    ):  # the one closes, for a time or for good, and the other takes its parcels
        return f"close {' '.join([what[0], *what[2:]])}", f"redirect {what[0]} {what[1]}"
    if kind == "peak":
        return (f"peak {(' '.join(what) or '3').removesuffix('x')}x",)
    raise PlanRefused(m.SAY_WHAT())


@router.post("/plan/{name}/reserve")
def reserve(request: Request, actor: Writer, name: str) -> Response:
    """Puts the plan's reservations in place of the former plan's."""
    kept = plans.find(name)
    if kept is None or kept.summary is None:
        raise HTTPException(404)
    plans_replanning.reserve(plans.folder(name), name, context_of(request).now())
    return RedirectResponse(link(request, f"/plan/{name}"), 303)
