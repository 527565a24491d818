"""/returns: what comes back, for the merchant and for the warehouse."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core import figures
from qafila.core.fault import Conflict, Fault
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money
from qafila.returns import (
    refunding,
    returns_asking,
    returns_duties,
    returns_exchanging,
    returns_papers,
    returns_receiving,
    store,
)
from qafila.returns import returns_messages as m
from qafila.returns.model import Policy, Return, State, grades
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.answered import acts
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("returns:read"))]
Writer = Annotated[Actor, Depends(requires("returns:write"))]
Worker = Annotated[Actor, Depends(requires("returns:work"))]


def _act(request: Request, actor: Actor, key: str) -> acts.Act:
    by = acts.Actor(actor.tenant, actor.name, "", ROLES[actor.kind].value)
    return acts.Act(key[:150] or new_id("page"), by, context_of(request).now())


def _text(form: FormData, name: str) -> str:
    found = form.get(name, "")
    return found.strip()[:500] if isinstance(found, str) else ""


@router.get("/returns")
def returns(request: Request, actor: Reader, state: str = "") -> Response:
    """What comes back, the newest first; forms to make a label, to scan, and for a merchant's terms."""
    return _listed(request, actor, state)


def _listed(
    request: Request, actor: Actor, state: str = "", fault: Fault | None = None, status: int = 200
) -> Response:
    with acting(actor) as connection:
        chosen = state if state in set(State) else ""
        found = store.found(connection, "(:s = '' OR state = :s)", s=chosen)
        policy = store.policy(connection, actor.tenant)
    return page(
        request,
        "returns.html",
        status,
        found=found,
        state=chosen,
        states=m.STATES,
        causes=m.CAUSES,
        policy=policy,
        fault=fault,
        key=new_id("ret"),
        own=actor.kind is TenantKind.MERCHANT or actor.kind is TenantKind.HUB,
    )


@router.post("/returns/label")
async def make(request: Request, actor: Writer) -> Response:
    """Makes a return label for a parcel, before anybody asks."""
    form = await request.form()
    parcel = _text(form, "parcel").replace(" ", "").upper()[:40]

    def do() -> Response:
        try:
            with acting(actor) as connection:
                given = returns_asking.offer(connection, context_of(request), parcel)
        except Fault as fault:
            return _listed(request, actor, fault=fault, status=422)
        return RedirectResponse(link(request, f"/returns/{given.id}"), 303)

    return await run_in_threadpool(do)


@router.post("/returns/scan")
async def scan(request: Request, actor: Worker) -> Response:
    """A return was handed in, or arrives."""
    form = await request.form()
    code, facility = _text(form, "code"), _text(form, "facility")[:80]
    do_it = returns_receiving.hand_in if _text(form, "what") == "hand_in" else returns_receiving.arrive

    def do() -> Response:
        try:
            act = _act(request, actor, _text(form, "key"))
            done = do_it(context_of(request), act, actor.source(), code, facility)
        except Fault as fault:
            return _listed(request, actor, fault=fault, status=422)
        return RedirectResponse(link(request, f"/returns/{done['return']}"), 303)

    return await run_in_threadpool(do)


@router.post("/returns/terms")
async def terms(request: Request, actor: Writer) -> Response:
    """One's own terms for what comes back."""
    form = await request.form()

    def number(name: str) -> Decimal:
        return figures.number(_text(form, name) or "0")

    def do() -> Response:
        try:
            days = number("days")
            told = Policy(
                _text(form, "facility")[:80],
                int(days) if days == days.to_integral_value() else -1,
                _text(form, "freight"),
                number("delivery_fee"),
                _text(form, "currency").upper() or "EUR",
                bool(form.get("beforehand")),
                _text(form, "undelivered") or "return",
                bool(form.get("exchange")),
            )
            with acting(actor) as connection:
                store.put_policy(connection, actor.tenant, told, actor.signature)
        except Fault as fault:
            return _listed(request, actor, fault=fault, status=422)
        return RedirectResponse(link(request, "/returns"), 303)

    return await run_in_threadpool(do)


@router.get("/returns/{id}")
def one(request: Request, id: str, actor: Reader) -> Response:
    """A return: its goods, the law that holds, its refund, and what is to be done next."""
    return _one(request, actor, id)


def _one(request: Request, actor: Actor, id: str, fault: Fault | None = None, status: int = 200) -> Response:
    given = _found(actor, id)
    context = context_of(request)
    proposal, claims = None, list[returns_duties.Claim]()
    with acting(actor) as connection:
        if given.state is State.INSPECTED and not given.refund_how:
            proposal = refunding.propose(connection, context, given)
        try:
            _, claims = returns_duties.claims(connection, context, given)
        except Conflict:
            claims = []
    return page(
        request,
        "return.html",
        status,
        r=given,
        fault=fault,
        states=m.STATES,
        causes=m.CAUSES,
        grades=m.GRADES,
        wishes=m.WISHES,
        grade_names=list(grades()),
        disposals=m.DISPOSALS,
        parts=m.PARTS,
        hows=m.HOWS,
        proposal=proposal,
        claims=claims,
        key=new_id("ret"),
        D=Decimal,
        place=context.network.feed.facility.get(given.facility),
    )


def _found(actor: Actor, id: str) -> Return:
    with acting(actor) as connection:
        found = store.one(connection, id[:80])
    if found is None:
        raise HTTPException(404)
    return found


@router.get("/returns/{id}/{paper}.pdf")
def paper(request: Request, id: str, paper: str, actor: Reader) -> Response:
    """Its label, or its papers for customs in the language of the page."""
    given, context = _found(actor, id), context_of(request)
    with acting(actor) as connection:
        if paper == "label":
            pdf = returns_papers.label_pdf(connection, context, given)
        elif paper == "customs":
            pdf = returns_papers.customs_pdf(connection, context, given, language_of(request))
        else:
            raise HTTPException(404)
    return Response(pdf, media_type="application/pdf", headers={"cache-control": "private, no-store"})


@router.post("/returns/{id}/inspect")
async def inspect(request: Request, id: str, actor: Worker) -> Response:
    """What was found, line by line."""
    form = await request.form()
    given = await run_in_threadpool(_found, actor, id)
    told = [
        {
            "line": x.line,
            "found": _text(form, f"found-{x.line}") or "0",
            "grade": _text(form, f"grade-{x.line}"),
            "disposal": _text(form, f"disposal-{x.line}"),
            "place": _text(form, f"place-{x.line}"),
            "lot": _text(form, f"lot-{x.line}"),
            "note": _text(form, f"note-{x.line}"),
        }
        for x in given.lines
    ]

    def do() -> Any:
        act = _act(request, actor, _text(form, "key"))
        return returns_receiving.inspect(
            context_of(request),
            act,
            actor.source(),
            given.number,
            _text(form, "facility")[:80] or given.facility,
            _text(form, "dock")[:80] or "DOCK-1",
            returns_receiving.told_from(told),
        )

    return await _done(request, actor, id, do)


@router.post("/returns/{id}/refund")
async def refund(request: Request, id: str, actor: Writer) -> Response:
    """Decides the refund."""
    form = await request.form()
    given = await run_in_threadpool(_found, actor, id)

    def do() -> Any:
        written = _text(form, "amount")
        try:
            amount = Money(figures.number(written), given.lines[0].value.currency) if written else None
        except figures.NotAFigure:
            most = given.lines[0].value
            raise Fault(
                m.NO_AMOUNT(amount=written[:40], most=most), m.WRITE_AMOUNT(), field="amount"
            ) from None
        act = _act(request, actor, _text(form, "key"))
        return refunding.decide(
            context_of(request), act, actor.source(), given.id, amount, _text(form, "why")
        )

    return await _done(request, actor, id, do)


@router.post("/returns/{id}/paid")
async def paid(request: Request, id: str, actor: Writer) -> Response:
    """The buyer has his money."""
    form = await request.form()
    given = await run_in_threadpool(_found, actor, id)
    act = _act(request, actor, _text(form, "key"))
    return await _done(
        request,
        actor,
        id,
        lambda: refunding.paid_out(act, actor.source(), given.id, _text(form, "reference")),
    )


@router.post("/returns/{id}/exchange")
async def exchange(request: Request, id: str, actor: Writer) -> Response:
    """Another parcel goes out."""
    form = await request.form()
    given = await run_in_threadpool(_found, actor, id)
    act = _act(request, actor, _text(form, "key"))
    return await _done(
        request,
        actor,
        id,
        lambda: returns_exchanging.exchange(context_of(request), act, actor.source(), given.id),
    )


@router.post("/returns/{id}/dispose/{line}")
async def dispose(request: Request, id: str, line: int, actor: Worker) -> Response:
    """Goods were handed to the merchant, or destroyed."""
    form = await request.form()
    given = await run_in_threadpool(_found, actor, id)
    act = _act(request, actor, _text(form, "key"))
    return await _done(
        request,
        actor,
        id,
        lambda: returns_receiving.dispose(act, actor.source(), given.id, line, _text(form, "note")),
    )


async def _done(request: Request, actor: Actor, id: str, do: Any) -> Response:
    try:
        await run_in_threadpool(do)
    except Fault as fault:
        return await run_in_threadpool(
            _one, request, actor, id, fault, 409 if fault.kind == "conflict" else 422
        )
    return RedirectResponse(link(request, f"/returns/{id}"), 303)
