"""/desk: the broker's desk. What waits, why, what is missing, and one click to the fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.clearance import bonded, decisions, desk, mapping, screening, store
from qafila.clearance import clearance_messages as m
from qafila.clearance.authority import Sandbox
from qafila.clearance.clearance_duties import due
from qafila.clearance.declaration import DeclarationLine, Procedure
from qafila.clearance.lifecycle import AMENDABLE, State, successors
from qafila.clearance.store import Filed
from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.figures import NotAFigure, number
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.customs.assessment import Assessment
from qafila.customs.classification import Decision, Suggestion, classifier
from qafila.customs.hs_codes import read_code
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language.language_terms import TERMS
from qafila.shipping.declaring import open_missing
from qafila.shipping.papers.labels import printable
from qafila.shipping.papers.typesetting import typeset_declaration
from qafila.shipping.remembered import service as remembered
from qafila.shipping.remembered.model import address_of
from qafila.web.chassis.page_frame import language_of, link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
_SHOWN = 60
_DIGITS = 6  # of a page's number
_AT_ONCE = 500  # declarations that are sent with one click
Reader = Annotated[Actor, Depends(requires("customs:read"))]
Writer = Annotated[Actor, Depends(requires("customs:write"))]
Decider = Annotated[Actor, Depends(requires("screening:decide"))]
_CAN_ADVANCE = frozenset(
    {State.DRAFT, State.INFORMATION_REQUESTED, State.ASSESSED, State.ACCEPTED, State.GREEN, State.ORANGE, State.RED,
     State.HELD, State.INSPECTED}
)  # fmt: skip


@router.get("/desk")
def waiting(request: Request, actor: Reader) -> Response:
    """The queue: what waits for somebody, the longest wait first."""
    with acting(actor) as connection:
        counts = store.counts(connection)
        wanted = request.query_params.get("state", "")
        states = [State(wanted)] if wanted in set(State) else [*desk.WAITING, State.DRAFT]
        search = request.query_params.get("q", "").strip()[:200]
        asked = request.query_params.get("page", "")
        number = max(1, int(asked)) if asked.isdigit() and len(asked) < _DIGITS else 1
        filed, in_all = store.found(connection, states, search, _SHOWN, (number - 1) * _SHOWN)
        if in_all and not filed:  # beyond the last page, which others have shortened meanwhile
            number = -(-in_all // _SHOWN)
            filed, in_all = store.found(connection, states, search, _SHOWN, (number - 1) * _SHOWN)
        rows = [(one, desk.todos(connection, one)) for one in filed]
        hits = screening.hits(connection, open_only=True, limit=_SHOWN)
        stock = bonded.stock(connection)
    return page(
        request,
        "desk.html",
        counts=counts,
        rows=rows,
        hits=hits,
        stock=stock,
        wanted=wanted,
        states=list(State),
        kept=remembered.declarant(actor.tenant),
        opened=request.query_params.get("opened", ""),
        sent=request.query_params.get("sent", ""),
        search=search,
        in_all=in_all,
        number_of_page=number,
        pages=-(-in_all // _SHOWN),
        page_link=lambda n: link(request, "/desk?" + urlencode({"state": wanted, "q": search, "page": n})),
    )


@router.post("/desk/open")
def open_declarations(request: Request, actor: Writer) -> Response:
    """Opens the declarations of every booked parcel that has none."""
    with acting(actor) as connection:
        opened = open_missing(connection, context_of(request, actor.tenant), actor.signature)
    return RedirectResponse(link(request, f"/desk?opened={opened}"), 303)


@router.post("/desk/declarant")
async def keep_declarant(request: Request, actor: Writer) -> Response:
    """Keeps the broker's own particulars, once for all declarations."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}
    await run_in_threadpool(remembered.keep_declarant, actor.tenant, address_of(form))
    return RedirectResponse(link(request, "/desk"), 303)


def _named(connection: Connection, filed: Filed, kept: Mapping[str, str], by: str, at: datetime) -> Filed:
    """A draft with the broker's particulars where its declarant lacks them or has a number that is none."""
    lacking = {todo.subject for todo in desk.todos(connection, filed) if todo.kind == "field"} & kept.keys()
    if not lacking or filed.state not in AMENDABLE:
        return filed
    desk.amend(connection, filed.declaration.id, dict(kept), by, at)
    return store.get(connection, filed.declaration.id)


@router.post("/desk/send")
async def send_many(request: Request, actor: Writer) -> Response:
    """Sends on their way all declarations of a list from which nothing is missing."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def send() -> int:
        context = context_of(request)
        authority = Sandbox(context.rules.rates)
        wanted = form.get("state", "")
        states = [State(wanted)] if wanted in set(State) else [*desk.WAITING, State.DRAFT]
        with acting(actor) as connection:
            filed, _ = store.found(connection, states, form.get("q", ""), _AT_ONCE)
            kept = remembered.declarant(actor.tenant)
            filed = [_named(connection, f, kept, actor.signature, context.now()) for f in filed]
            ready = [f for f in filed if f.state in _CAN_ADVANCE and not desk.todos(connection, f)]
        sent = 0
        for one in ready:  # each in a transaction of its own: what one of them meets stops no other
            try:
                with acting(actor) as connection:
                    desk.advance(connection, one.declaration.id, authority, actor.signature, context.now())
                sent += 1
            except Fault:
                continue
        return sent

    sent = await run_in_threadpool(send)
    return RedirectResponse(
        link(
            request,
            "/desk?" + urlencode({"state": form.get("state", ""), "q": form.get("q", ""), "sent": sent}),
        ),
        303,
    )


@router.get("/desk/{id}.xml")
def dataset(actor: Reader, id: str) -> Response:
    """The declaration in its dataset, as XML, with what is not filled in left out."""
    filed = _seen(actor, id)
    tree = mapping.write(filed.declaration)
    headers = {
        "content-disposition": f'attachment; filename="{id}.xml"',
        "cache-control": "private, no-store",
    }
    return Response(
        mapping.to_xml(tree, filed.declaration.dataset.upper()), media_type="application/xml", headers=headers
    )


@router.get("/desk/{id}.pdf")
def printed(request: Request, actor: Reader, id: str) -> Response:
    """The declaration as PDF: every element that is filled in, as its dataset calls it."""
    filed = _seen(actor, id)
    form, _ = filed.declaration, translate(request)
    look_up = _
    language = language_of(request)
    record = {
        "title": _("Declaration"),
        "rtl": language.code == "ar",
        "number": form.parcel,
        "facts": [
            [_("Procedure"), look_up(TERMS["procedure"].get(form.procedure.value, form.procedure.value))],
            [_("Territory"), form.territory],
            [_("Dataset"), form.dataset.upper()],
            [_("State"), look_up(TERMS["declaration"].get(filed.state.value, filed.state.value))],
            [_("Reference"), form.reference or "–"],
            [_("Since"), filed.changed_at.isoformat(timespec="minutes")],
        ],
        "heads": [_("Element"), _("Field"), _("Value")],
        "rows": [[element, path, printable(value)] for path, element, value in _rows(filed)],
    }
    headers = {"content-disposition": f'inline; filename="{id}.pdf"', "cache-control": "private, no-store"}
    return Response(typeset_declaration(record), media_type="application/pdf", headers=headers)


@router.get("/desk/{id}")
def declaration(request: Request, actor: Reader, id: str) -> Response:
    """One declaration: what is missing, each with its field to mend, and its history."""
    return _declaration(request, actor, id)


def _declaration(
    request: Request,
    actor: Actor,
    id: str,
    problem: Message | None = None,
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    filed = _seen(actor, id)
    with acting(actor) as connection:
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, id)
        others = store.of_parcel(connection, filed.declaration.parcel)
        hits = screening.hits(connection, id)
        kept = remembered.declarant(actor.tenant)
        papers = store.papers(connection, id)
        codes = _codes(request, connection, filed)
        stock = bonded.stock(connection, id) if filed.state is State.BONDED else []
    return page(
        request,
        "declaration.html",
        status,
        filed=filed,
        form=filed.declaration,
        todos=todos,
        steps=steps,
        others=others,
        hits=hits,
        papers=papers,
        problem=problem,
        typed={**kept, **(typed or {})},
        rows=_rows(filed),
        can_amend=filed.state in AMENDABLE,
        can_advance=filed.state in _CAN_ADVANCE,
        can_withdraw=State.WITHDRAWN in successors(filed.state),
        codes=codes,
        stock=stock,
        duty=_duty(context_of(request), filed),
    )


@dataclass(frozen=True, slots=True)
class _Code:
    """What the goods of a line may be classified as."""

    line: int
    description: str
    hs: str
    confirmed: bool  # the code that stands there is the one that somebody confirmed
    suggestion: Suggestion


def _codes(request: Request, connection: Connection, filed: Filed) -> list[_Code]:
    """The candidates for each line; none once customs have the declaration, or where nothing is described."""
    if filed.state not in AMENDABLE:
        return []
    memory = decisions.memory(connection, filed.merchant_id)
    found = []
    for n, line in enumerate(filed.declaration.lines):
        if not line.description:
            continue
        told = classifier().suggest(line.description, sku=_article(line), decisions=memory)
        same = told.best is not None and told.remembered and line.hs.startswith(told.best.hs6)
        found.append(_Code(n, line.description, line.hs, same, told))
    return found


def _article(line: DeclarationLine) -> str:
    """The number under which a decision on these goods is kept: the declarant's own, else their very words."""
    return line.sku or line.description.casefold()


def _duty(context: Context, filed: Filed) -> tuple[Assessment, Money] | None:
    """What the declaration owes by today's law; nothing where it does not say enough yet, or for an export."""
    if filed.declaration.procedure is Procedure.EXPORT:
        return None
    try:
        return due(filed.declaration, context.now().date(), context.rules.rulebook, context.rules.rates)
    except Fault:
        return None


def _rows(filed: Filed) -> list[tuple[str, str, str]]:
    """(our field, the form's element, value) of everything that is filled in."""
    flat = []
    for row in mapping.rows(filed.declaration.dataset):
        for path, value, _ in mapping.values(filed.declaration, row.field):
            if mapping.filled(value):
                flat.append((path, row.element, mapping.text(value)))
    return flat


@router.post("/desk/{id}/amend")
async def amend(request: Request, actor: Writer, id: str) -> Response:
    """Mends the fields that the form holds; empty ones are left as they are."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}
    changes = {k: v for k, v in form.items() if v}

    def change(connection: Any, merchant: str, now: datetime) -> None:
        desk.amend(connection, id, changes, actor.signature, now)

    return await run_in_threadpool(_act, request, actor, id, change, form)


@router.post("/desk/{id}/classify")
async def classify(request: Request, actor: Writer, id: str) -> Response:
    """Confirms the code of a line: it stands in the declaration and teaches the classifier at once."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def confirm(connection: Any, merchant: str, now: datetime) -> None:
        lines = store.get(connection, id).declaration.lines
        number = form.get("line", "")
        if not number.isdecimal() or int(number) >= len(lines):
            raise Fault(m.NO_SUCH_LINE(), m.CHOOSE_LINE(), field="line", value=number)
        line, hs6 = lines[int(number)], read_code(form.get("hs6", ""))
        by = actor.signature
        decision = Decision(_article(line), line.description, hs6=hs6[:6], by=by, on=now.date())
        decisions.record(connection, merchant, decision)
        if not line.hs.startswith(hs6):  # a longer national code under it stays
            desk.amend(connection, id, {f"lines[{number}].hs": hs6}, by, now, m.CODE_CONFIRMED())

    return await run_in_threadpool(_act, request, actor, id, confirm, form)


@router.post("/desk/{id}/release")
async def release(request: Request, actor: Writer, id: str) -> Response:
    """Releases goods from bond: their import declaration is opened and shown, with what it owes."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}
    opened: list[str] = []

    def take(connection: Any, merchant: str, now: datetime) -> None:
        wanted = {}
        for name, said in form.items():
            line = name.removeprefix("line-")
            if not said or not line.isdecimal():
                continue
            try:
                wanted[int(line)] = number(said)
            except NotAFigure:
                raise Fault(m.NOT_PIECES(), m.SAY_PIECES(), field=name, value=said) from None
        opened.append(bonded.release(connection, id, wanted, actor.signature, now).id)

    answer = await run_in_threadpool(_act, request, actor, id, take, form)
    return RedirectResponse(link(request, f"/desk/{opened[0]}"), 303) if opened else answer


@router.post("/desk/{id}/advance")
def advance(request: Request, actor: Writer, id: str) -> Response:
    """Sends it on its way."""
    authority = Sandbox(context_of(request).rules.rates)
    return _act(request, actor, id, lambda c, _, now: desk.advance(c, id, authority, actor.signature, now))


@router.post("/desk/{id}/paper")
async def paper(request: Request, actor: Writer, id: str) -> Response:
    """Attaches the paper that a restriction asks for."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def attach(connection: Any, merchant: str, now: datetime) -> None:
        if not form.get("number"):
            raise Fault(m.PAPER_NUMBER(), m.WRITE_PAPER_NUMBER(), field="number")
        desk.attach(
            connection,
            id,
            store.Paper(form.get("restriction", ""), form["number"], None),
            actor.signature,
        )

    return await run_in_threadpool(_act, request, actor, id, attach, form)


@router.post("/desk/{id}/withdraw")
def withdraw(request: Request, actor: Writer, id: str) -> Response:
    """Takes it back."""
    return _act(
        request,
        actor,
        id,
        lambda c, _, now: desk.withdraw(c, id, actor.signature, now, m.WITHDRAWN_AT_DESK()),
    )


@router.post("/desk/{id}/decide")
async def decide(request: Request, actor: Decider, id: str) -> Response:
    """Clears or confirms a party that may be on a list."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def verdict(connection: Any, merchant: str, now: datetime) -> None:
        if form.get("hit", "") not in {hit.id for hit in screening.hits(connection, id)}:
            raise Fault(m.NOT_OF_THIS(), m.SEE_HITS(), field="hit")
        screening.decide(
            connection, form["hit"], form.get("verdict", ""), actor.signature, form.get("why", ""), now
        )

    return await run_in_threadpool(_act, request, actor, id, verdict, form)


def _act(
    request: Request,
    actor: Actor,
    id: str,
    act: Callable[[Any, str, datetime], object],
    typed: dict[str, str] | None = None,
) -> Response:
    """Does one thing to a declaration that the actor sees; what is refused is said on its page."""
    filed = _seen(actor, id)
    try:
        with acting(actor) as connection:
            act(connection, filed.merchant_id, context_of(request).now())
    except Fault as fault:
        return _declaration(request, actor, id, fault.told, 422, typed)
    return RedirectResponse(link(request, f"/desk/{id}"), 303)


def _seen(actor: Actor, id: str) -> Filed:
    try:
        with acting(actor) as connection:
            return store.get(connection, id)
    except store.UnknownDeclaration as error:
        raise HTTPException(404) from error
