"""/terms: what holds, what changes when, and to whom it applies what was decided: statements of reasons, stated sales."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.openness import coming, openness_messages, stating, suspending
from qafila.openness.complaints import service
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires, session_of
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Filer = Annotated[Actor, Depends(requires("complaints:write"))]


@router.get("/terms", dependencies=[Depends(public)])
def shown(request: Request) -> Response:
    """The terms; for who is signed in also his own suspensions and what he stated."""
    return _shown(request)


def _shown(request: Request, fault: Fault | None = None, **typed: str) -> Response:
    now = context_of(request).now()
    held, changes = coming.now_and_then(now)
    session = session_of(request)
    statements, sales = [], {}
    if session is not None and session.actor.may("complaints:read"):
        with seeing(session.actor) as connection:
            statements = suspending.statements(connection)
            sales = stating.stated_sales(connection, session.actor.tenant)
    return page(
        request,
        "terms.html",
        422 if fault else 200,
        terms=held,
        changes=changes,
        code=language_of(request).code,
        statements=statements,
        sales=sales,
        fault=fault,
        grounds=openness_messages.GROUNDS,
        typed={"year": str(now.year), "amount": "", "currency": "MAD", **typed},
    )


@router.post("/terms/sales")
def state(
    request: Request,
    actor: Filer,
    year: Annotated[str, Form()] = "",
    amount: Annotated[str, Form()] = "",
    currency: Annotated[str, Form()] = "",
) -> Response:
    """States the sales of a year."""
    try:
        with seeing(actor) as connection:
            now = context_of(request).now()
            stating.state_sales(
                connection,
                actor.tenant,
                int(year) if year.isdecimal() and len(year) < 5 else 0,
                amount.strip(),
                currency.strip().upper(),
                now,
            )
    except Fault as fault:
        return _shown(request, fault, year=year, amount=amount, currency=currency)
    return RedirectResponse(link(request, "/terms"), 303)


@router.get("/statement/{secret}", dependencies=[Depends(public)])
def statement(request: Request, secret: str) -> Response:
    """The statement of reasons of a suspension, for who has its address: the suspended one cannot sign in."""
    return _statement(request, secret)


def _statement(
    request: Request, secret: str, fault: Fault | None = None, words: str = "", filed: str = ""
) -> Response:
    with acting_as(Role.OPERATOR) as connection:
        found = suspending.statement(connection, secret)
    if found is None:
        raise NotFound(openness_messages.NO_STATEMENT(), field="statement")
    return page(
        request,
        "statement.html",
        422 if fault else 200,
        statement=found,
        grounds=openness_messages.GROUNDS,
        fault=fault,
        words=words,
        filed=filed,
    )


@router.post("/statement/{secret}", dependencies=[Depends(public)])
def complain(request: Request, secret: str, words: Annotated[str, Form()] = "") -> Response:
    """Files a complaint about that suspension."""
    with acting_as(Role.OPERATOR) as connection:
        found = suspending.statement(connection, secret)
    if found is None:
        raise NotFound(openness_messages.NO_STATEMENT(), field="statement")
    try:
        with acting_as(Role.MERCHANT, found.tenant) as connection:
            made = service.file(
                connection,
                found.tenant,
                "suspension",
                words,
                found.id,
                "by the address of the statement",
                context_of(request).now(),
            )
    except Fault as fault:
        return _statement(request, secret, fault, words)
    return _statement(request, secret, filed=made.id)
