"""/money: what is owed to a merchant, a station's cash, the whole ledger for the operator."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core import figures
from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import ledger_papers, overview, parties, posting, promises
from qafila.ledger.cash import cash_bags, denominations
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act, Count
from qafila.ledger.claims import claims_deciding
from qafila.ledger.claims import store as claims
from qafila.ledger.claims.judging import KINDS
from qafila.ledger.invoices import store as invoices
from qafila.ledger.invoices.ubl import ubl
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import regime
from qafila.ledger.model import CHART, By, Purpose
from qafila.ledger.once import once
from qafila.ledger.parties import Party
from qafila.ledger.remitting import remitting_running
from qafila.ledger.remitting import store as remittances
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("ledger:read"))]
Writer = Annotated[Actor, Depends(requires("ledger:write"))]
Cashier = Annotated[Actor, Depends(requires("ledger:cash"))]
Manager = Annotated[Actor, Depends(requires("ledger:manage"))]


def _act(request: Request, actor: Actor, key: str) -> Act:
    return Act(
        key=f"{actor.tenant}:{key[:100] or new_id('page')}",
        by=By(actor.tenant, actor.signature),
        person=actor.id,
        at=context_of(request).now(),
        reporter=actor.reporter.value if actor.reporter else "",
    )


@router.get("/money")
def money(request: Request, actor: Reader, filed: str = "", said: str = "") -> Response:
    """A merchant's own page; the whole ledger for a hub and a regulator; the cash of a station or carrier."""
    if actor.kind in (TenantKind.HUB, TenantKind.REGULATOR):
        return _operator(request, actor)
    if actor.kind in (TenantKind.STATION, TenantKind.CARRIER):
        return RedirectResponse(link(request, "/money/cash"), 303)
    return _merchant(request, actor, filed=bool(filed), said=bool(said))


def _merchant(request: Request, actor: Actor, status: int = 200, **told: Any) -> Response:
    now = context_of(request).now()
    day = now.date()
    with acting(actor) as connection:
        party = parties.find(connection, actor.tenant)
        stated = licences.stated(connection)
        shown: dict[str, Any] = {
            "standing": overview.standing(connection, actor.tenant),
            "remittances": remittances.listed(connection, actor.tenant),
            "invoices": invoices.listed(connection, actor.tenant),
            "open": overview.open_invoices(connection, actor.tenant),
            "claims": claims.listed(connection, actor.tenant),
            "promises": promises.kept(connection, now, actor.tenant),
        }
    why = regime(party.country, day, stated).why() if party else None
    asked: dict[str, Any] = {
        "asked": {"parcel": "", "kind": "lost", "amount": "", "currency": "MAD", "said": ""},
        "fault": None,
        "filed": False,
        "said": False,
        "party": asdict(party) if party else asdict(Party("", "MA")),
        "party_fault": None,
        **told,
    }
    return page(
        request,
        "money.html",
        status,
        why=why,
        kinds=KINDS,
        key=new_id("claim"),
        states=m.STATES,
        known=party is not None,
        claim_kinds=m.CLAIM_KINDS,
        claim_states=m.CLAIM_STATES,
        Money=Money,
        D=Decimal,
        **shown,
        **asked,
    )


@router.post("/money/claims")
def file_claim(
    request: Request,
    actor: Writer,
    parcel: str = Form(""),
    kind: str = Form(""),
    amount: str = Form(""),
    currency: str = Form("MAD"),
    said: str = Form(""),
    key: str = Form(""),
) -> Response:
    """Files a claim; what is wrong with it is said on the page, with what was typed kept."""
    here = context_of(request)
    typed = {"parcel": parcel, "kind": kind, "amount": amount, "currency": currency, "said": said}
    try:
        asked = Money(figures.number(amount or "0"), currency.strip().upper()[:3])
    except figures.NotAFigure as fault:
        return _merchant(request, actor, 422, asked=typed, fault=fault)
    except ValueError:
        asked = Money(Decimal(0), "MAD")
    number = parcel.replace(" ", "").upper()[:40]
    try:
        with sending(actor) as connection:
            claims_deciding.file(
                connection,
                _act(request, actor, key),
                number,
                kind,
                asked,
                said,
                here.network.feed.facility,
                here.rules.rates,
            )
    except Fault as fault:
        return _merchant(request, actor, 422, asked=typed, fault=fault)
    return RedirectResponse(link(request, "/money?filed=1"), 303)


@router.post("/money/party")
async def say_party(request: Request, actor: Writer) -> Response:
    """Who stands on invoices and where money goes: a merchant of himself, a hub of itself."""
    form = await request.form()
    told = {name: str(form.get(name, ""))[:200] for name in Party.__slots__ if name != "set_off"}
    tenant = parties.HUB if actor.kind is TenantKind.HUB else actor.tenant

    def put() -> Fault | None:
        try:
            with acting(actor) as connection:
                party = Party(
                    **(told | {"country": told["country"].upper()}), set_off=bool(form.get("set_off"))
                )
                parties.put(connection, tenant, party, actor.signature)
        except Fault as fault:
            return fault
        return None

    fault = await run_in_threadpool(put)
    if fault is not None:
        if actor.kind is TenantKind.HUB:
            raise fault
        return await run_in_threadpool(
            _merchant,
            request,
            actor,
            422,
            party=told | {"set_off": bool(form.get("set_off"))},
            party_fault=fault,
        )
    return RedirectResponse(link(request, "/money?said=1"), 303)


@router.get("/money/invoices/{number}.{form}")
def invoice(request: Request, actor: Reader, number: str, form: str) -> Response:
    """An invoice as PDF in the language of the page, or as UBL."""
    with acting(_sees_papers(actor)) as connection:
        found = invoices.one(connection, number)
    if found is None or form not in ("pdf", "xml"):
        raise HTTPException(404)
    if form == "xml":
        return Response(ubl(found), media_type="application/xml")
    return Response(ledger_papers.invoice_pdf(found, language_of(request)), media_type="application/pdf")


@router.get("/money/remittances/{remittance}.{form}")
def statement(request: Request, actor: Reader, remittance: str, form: str) -> Response:
    """The statement of a remittance as PDF in the language of the page, or as CSV."""
    with acting(_sees_papers(actor)) as connection:
        found = remittances.one(connection, remittance)
    if found is None or form not in ("pdf", "csv"):
        raise HTTPException(404)
    if form == "csv":
        return Response(ledger_papers.statement_csv(found), media_type="text/csv; charset=utf-8")
    try:
        own: Party | None = posting.transact(lambda c: parties.needed(c, parties.HUB))
    except NotFound:
        own = None
    return Response(
        ledger_papers.statement_pdf(found, own, language_of(request)), media_type="application/pdf"
    )


def _sees_papers(actor: Actor) -> Actor:
    """Who asks, where his kind sees such papers at all."""
    if actor.kind in (TenantKind.STATION, TenantKind.CARRIER):
        raise HTTPException(404)
    return actor


@router.get("/money/cash")
def cash_page(request: Request, actor: Cashier, done: str = "") -> Response:
    """A station's cash: bags to receive, what lies in the safe, what is on its way, who owes what."""
    return _cash(request, actor, done=done)


def _cash(request: Request, actor: Actor, status: int = 200, **told: Any) -> Response:
    mine = "" if actor.kind is TenantKind.HUB else actor.tenant
    with acting(actor) as connection:
        open_bags = cash.bags(connection)
        shown: dict[str, Any] = {
            "bags": [(b, overview.collected_in(connection, b.id)) for b in open_bags],
            "tills": overview.tills(connection, mine),
            "deposits": cash.deposits(connection, limit=20),
            "differences": overview.differences(connection, mine or None),
        }
    given: dict[str, Any] = {"fault": None, "done": "", **told}
    return page(request, "money_cash.html", status, bag_states=m.BAG_STATES, Money=Money, **shown, **given)


@router.get("/money/cash/{bag}")
def count_page(request: Request, actor: Cashier, bag: str) -> Response:
    """The form in which a bag is counted: by its driver first, then by the station. What should be in it is not shown."""
    return _count(request, actor, bag)


def _count(request: Request, actor: Actor, id: str, status: int = 200, **told: Any) -> Response:
    with acting(actor) as connection:
        found = cash.bag(connection, id)
        if found is None:
            raise HTTPException(404)
        pieces = overview.collected_in(connection, id)
        counts = cash.counts(connection, id)
    given: dict[str, Any] = {"fault": None, "typed": {}, "result": None, **told}
    return page(
        request,
        "money_count.html",
        status,
        bag=found,
        pieces=pieces,
        counts=counts,
        Money=Money,
        D=Decimal,
        faces=denominations.faces(found.currency),
        key=new_id("count"),
        bag_states=m.BAG_STATES,
        **given,
    )


@router.post("/money/cash/{bag}")
async def count(request: Request, actor: Cashier, bag: str) -> Response:
    """Takes a count: the driver's where the bag is open, the station's where the driver has signed."""
    form = await request.form()
    typed = {name: str(value)[:20] for name, value in form.items() if name.startswith(("n-", "s-"))}

    def take() -> Response:
        with acting(actor) as connection:
            found = cash.bag(connection, bag)
        if found is None:
            raise HTTPException(404)
        final = str(form.get("final", ""))[:500]
        act = _act(request, actor, str(form.get("key", "")))
        try:
            told = Count(found.currency, _pieces(typed, "n-"), _pieces(typed, "s-"))
            # by its key: a form that is sent twice must not be the driver's count after it was the station's
            done = once(
                act,
                "count",
                {"of": bag, "final": final, **told.written()},
                lambda c: _counted(c, act, bag, told, final),
            )
        except Fault as fault:
            return _count(request, actor, bag, 422, fault=fault, typed=typed)
        if done is None:
            return RedirectResponse(link(request, "/money/cash?done=declared"), 303)
        return _count(
            request, actor, bag, result=cash_bags.HandedOver(**{k: _sum(v) for k, v in done.items()})
        )

    return await run_in_threadpool(take)


def _counted(connection: Connection, act: Act, id: str, told: Count, final: str) -> dict[str, Any] | None:
    """The driver's count, after which there is nothing to tell; or the station's, and what came of it."""
    found = cash.bag(connection, id, lock=True)
    if found is None or found.state in ("open", "recount"):
        cash_bags.declare(connection, act, id, told)
        return None
    return asdict(cash_bags.receive(connection, act, id, told, final))


def _sum(kept: Any) -> Any:
    return Money(Decimal(kept["amount"]), kept["currency"]) if isinstance(kept, dict) else kept


def _pieces(typed: dict[str, str], prefix: str) -> dict[str, int]:
    found = {}
    for name, written in typed.items():
        if name.startswith(prefix) and written.strip():
            if not written.strip().isdecimal():
                raise Fault(
                    m.NO_PIECES(face=name[2:], number=written.strip()),
                    m.COUNT_PIECES(),
                    field=name,
                    value=written,
                )
            found[name[2:]] = int(written.strip())
    return found


def _operator(request: Request, actor: Actor, status: int = 200, **told: Any) -> Response:
    with acting(actor) as connection:
        shown: dict[str, Any] = {
            "trial": overview.trial(connection),
            "differences": overview.differences(connection),
            "claims": claims.listed(connection, state="open", limit=50),
            "remittances": remittances.listed(connection, limit=50),
            "flaws": posting.audit(connection),
            "licences": licences.stated(connection),
            "promises": promises.kept(connection, context_of(request).now()),
        }
    given: dict[str, Any] = {"fault": None, **told}
    return page(
        request,
        "money_ledger.html",
        status,
        chart={p.value: CHART[p].title for p in Purpose},
        natures=m.NATURES,
        states=m.STATES,
        claim_kinds=m.CLAIM_KINDS,
        licence_kinds=m.LICENCE_KINDS,
        Money=Money,
        D=Decimal,
        **shown,
        **given,
    )


@router.post("/money/run")
def run(request: Request, actor: Manager) -> Response:
    """Drafts remittances for all to whom something is owed."""
    here = context_of(request)
    now = here.now()
    posting.transact(lambda c: remitting_running.run(c, now, now, here.rules.rates))
    return RedirectResponse(link(request, "/money"), 303)


@router.post("/money/remittances/{remittance}/{what}")
def move(request: Request, actor: Manager, remittance: str, what: str, reference: str = Form("")) -> Response:
    """Sends a draft, or notes what the bank did with it."""
    act = _act(request, actor, "")
    acts = {
        "send": lambda c: remitting_running.send(c, act, remittance),
        "paid": lambda c: remitting_running.paid(c, act, remittance, reference),
        "returned": lambda c: remitting_running.returned(c, act, remittance, reference),
    }
    if what not in acts:
        raise HTTPException(404)
    try:
        posting.transact(acts[what])
    except Fault as fault:
        return _operator(request, actor, 409, fault=fault)
    return RedirectResponse(link(request, "/money"), 303)


@router.post("/money/claims/{claim}")
def decide(
    request: Request,
    actor: Manager,
    claim: str,
    amount: str = Form(""),
    why: str = Form(""),
    refuse: str = Form(""),
) -> Response:
    """Decides a claim: the sum that is granted, or nothing."""
    with acting(actor) as connection:
        found = claims.one(connection, claim)
    if found is None:
        raise HTTPException(404)
    try:
        granted = Decimal(0) if refuse else figures.number(amount or "0")
    except figures.NotAFigure as fault:
        return _operator(request, actor, 422, fault=fault)
    act = _act(request, actor, "")
    money = Money(granted, found.currency) if granted else None
    try:
        posting.transact(lambda c: claims_deciding.decide(c, act, claim, money, why))
    except Fault as fault:
        return _operator(request, actor, 422, fault=fault)
    return RedirectResponse(link(request, "/money"), 303)
