"""/prices: what a parcel costs, for anybody, before any account; /join: the account, and on to the offer that was chosen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.runtime import runtime_hub
from qafila.runtime.accounts import accounts_joining
from qafila.runtime.accounts.accounts_joining import Newcomer
from qafila.runtime.accounts.secrets import LEAST
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.session import entered
from qafila.web.chassis.visitor import public, session_of
from qafila.web.shipping import quote_form as counter
from qafila.web.shipping import ship_page as ship

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/prices")
def prices(request: Request) -> Response:
    """The form of /ship for a stranger; an offer that he chooses leads to his account first. Nothing is kept."""
    if session_of(request) is not None:
        return RedirectResponse(link(request, f"/ship?{request.url.query}"), 303)
    return ship.answered(request, None, ship.typed(request.query_params, counter.FIELDS))


@router.get("/join")
def ask(request: Request) -> Response:
    """The form; the question that was asked goes with it, so that it need not be typed again."""
    question = ship.typed(request.query_params, (*counter.FIELDS, "way"))
    return _form(request, urlencode(question))


def _form(request: Request, question: str, fault: Fault | None = None, **said: str) -> Response:
    onward = link(request, f"/ship/offer?{question}" if question else "/ship")
    typed = {"firm": "", "name": "", "email": "", **said}
    return page(
        request,
        "join.html",
        200 if fault is None else 403 if isinstance(fault, accounts_joining.Closed) else 422,
        fault=fault,
        question=question,
        open=runtime_hub.read().open,
        sign_in=link(request, f"/sign-in?next={quote(onward)}"),
        least=LEAST,
        **typed,
    )


@router.post("/join")
def join(
    request: Request,
    firm: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    question: Annotated[str, Form()] = "",
) -> Response:
    """Opens the account and goes on to the chosen offer."""
    now = datetime.now(UTC)
    plain = question[:4000] if question.isprintable() else ""
    try:
        token = accounts_joining.join(Newcomer(firm, name, email, password), now)
    except Fault as fault:
        return _form(request, plain, fault, firm=firm, name=name, email=email)
    return entered(request, token, f"/ship/offer?{plain}" if plain else "/ship", now)
