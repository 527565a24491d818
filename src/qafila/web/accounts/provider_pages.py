"""/sign-in/with/…: signing in with an OpenID Connect provider; /account/providers/…: linking one with one's account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.runtime.accounts.oidc import oidc_messages, provider, signing_in
from qafila.runtime.accounts.oidc.signing_in import Asked, CameBack
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.settings import settings
from qafila.web.accounts import account_page
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.session import entered, form, inside
from qafila.web.chassis.visitor import came_from, public, session_of, signed_in

router = APIRouter(include_in_schema=False)
Here = Annotated[Session, Depends(signed_in)]
_PUBLIC = [Depends(public)]
_COOKIE = "qafila_led_away"


@router.get("/sign-in/with/{id}", dependencies=_PUBLIC)
def lead_away(request: Request, id: str, next: str = "/", invitation: str = "") -> Response:
    """Leads to a provider. At another address than that of the hub it leads there first: only there one comes back."""
    now = datetime.now(UTC)
    try:
        of = provider.named(id)
        try:
            signing_in.checked_here(of, _origin(request))
        except signing_in.NotHere:
            path = f"{link(request, request.url.path)}?{request.url.query}"
            return RedirectResponse(f"{settings().public_address.rstrip('/')}{path}", 303)
        asked = signing_in.begin(of, now, inside(next), invitation=invitation or None)
    except Fault as fault:
        return form(request, next, fault)
    return _kept(request, RedirectResponse(asked.address, 303), asked)


@router.get("/sign-in/with/{id}/back", dependencies=_PUBLIC)
def come_back(request: Request, id: str, state: str = "", code: str = "", iss: str = "") -> Response:
    """Takes what the provider sends back: a session begins, or an account is linked."""
    now, here = datetime.now(UTC), session_of(request)
    came = CameBack(state, code, iss, request.cookies.get(_COOKIE, ""))
    person = here.actor.id if here is not None and here.actor.person else None
    try:
        done = signing_in.finish(provider.named(id), came, person, came_from(request), now)
    except Fault as fault:
        return _forget(
            form(request, "/", fault) if here is None else account_page.shown(request, here, fault)
        )
    if done.session is None:
        return _forget(RedirectResponse(link(request, inside(done.next)), 303))
    return _forget(entered(request, done.session, inside(done.next), now))


@router.post("/account/providers/{id}")
def begin_link(request: Request, here: Here, id: str) -> Response:
    """Begins a link of one's own account. A page leads on: a form's answer may not lead to another site (form-action)."""
    try:
        if not here.actor.person:
            raise NotFound(oidc_messages.NO_LINK(), field="provider")
        of = provider.named(id)
        signing_in.checked_here(of, _origin(request))
        asked = signing_in.begin(of, datetime.now(UTC), "/account#providers", person=here.actor.id)
    except Fault as fault:
        return account_page.shown(request, here, fault)
    answer = page(request, "led_away.html", address=asked.address, name=provider.title(of))
    answer.headers["refresh"] = f"0; url={asked.address}"
    return _kept(request, answer, asked)


@router.post("/account/providers/{id}/remove")
def remove(request: Request, here: Here, id: str) -> Response:
    """Removes a link."""
    try:
        signing_in.unlink(here.actor.id, provider.named(id).issuer)
    except Fault as fault:
        return account_page.shown(request, here, fault)
    return RedirectResponse(link(request, "/account#providers"), 303)


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _kept(request: Request, answer: Response, asked: Asked) -> Response:
    """The browser keeps what shows, when it comes back, that it is the one that was sent off."""
    answer.set_cookie(
        _COOKIE,
        asked.kept,
        max_age=int(signing_in.LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _forget(answer: Response) -> Response:
    answer.delete_cookie(_COOKIE)
    return answer
