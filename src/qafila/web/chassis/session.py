"""Signing in and out at the pages: by e-mail and password, by an API key, or by a link that works once.

No right comes from where a request was sent: whoever holds the machine gets a link from its command line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.runtime.accounts import sessions
from qafila.runtime.accounts.accounts_faults import LinkOver, NotLetIn, NotYours, TooManyAttempts
from qafila.runtime.accounts.oidc import provider
from qafila.runtime.accounts.sessions import Session
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import COOKIE, DEVICE, came_from, public, signed_in

router = APIRouter(include_in_schema=False)
_PUBLIC = [Depends(public)]


def sign_in_address(request: Request) -> str:
    """Where to sign in, to come back to the page that asked for it."""
    wanted = request.scope["path"] if request.method == "GET" else "/"
    return link(request, f"/sign-in?next={quote(wanted)}")


def inside(address: str) -> str:
    """An address of this site, whatever was asked for."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() else "/"


@router.get("/sign-in", dependencies=_PUBLIC)
def ask(request: Request, next: str = "/") -> Response:
    """The form."""
    return form(request, next)


def form(
    request: Request, next: str, fault: Fault | None = None, email: str = "", with_key: bool = False
) -> Response:
    """The page on which people sign in, with what was wrong."""
    status = 200 if fault is None else 429 if isinstance(fault, TooManyAttempts) else 403
    return page(
        request,
        "sign_in.html",
        status,
        next=inside(next),
        fault=fault,
        email=email,
        with_key=with_key,
        providers=provider.offered(),
    )


@router.post("/sign-in", dependencies=_PUBLIC)
def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Takes e-mail and password, or a key, and begins a session."""
    now = datetime.now(UTC)
    try:
        if key.strip():
            token = sessions.sign_in_with_key(key, came_from(request), now)
        else:
            token = sessions.sign_in(
                email, password, came_from(request), now, request.cookies.get(DEVICE, "")[:64]
            )
    except (NotLetIn, TooManyAttempts) as fault:
        return form(request, next, fault, email, bool(key.strip()))
    return entered(request, token, inside(next), now)


def entered(request: Request, token: str, to: str, now: datetime) -> Response:
    """Goes on to a page with a new session; one that the browser had before ends."""
    before = request.cookies.get(COOKIE)
    if before:
        sessions.sign_out(before, now)
    answer = RedirectResponse(link(request, to), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    answer.set_cookie(
        DEVICE,
        sessions.device_of(token),
        max_age=2 * int(sessions.LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/enter/{token}", dependencies=_PUBLIC)
def enter(request: Request, token: str) -> Response:
    """Uses up a link that signs in once. A browser that only fetches ahead does not."""
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        return Response(status_code=503, headers={"cache-control": "no-store"})
    now = datetime.now(UTC)
    try:
        session = sessions.enter(token, now)
    except (LinkOver, NotLetIn) as fault:
        return form(request, "/", fault)
    return entered(request, session, "/", now)


@router.post("/switch")
def switch(
    request: Request,
    here: Annotated[Session, Depends(signed_in)],
    tenant: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Acts for another organisation of the same person from now on."""
    try:
        sessions.switch(request.cookies[COOKIE], here.actor.id, tenant)
    except NotYours:
        return RedirectResponse(link(request, "/account"), 303)
    return RedirectResponse(link(request, inside(next)), 303)


@router.post("/sign-out", dependencies=_PUBLIC)
def sign_out(request: Request) -> Response:
    """Ends the session on the server, and forgets its cookie."""
    if token := request.cookies.get(COOKIE):
        sessions.sign_out(token, datetime.now(UTC))
    answer = RedirectResponse(link(request, "/"), 303)
    answer.delete_cookie(COOKIE)
    return answer
