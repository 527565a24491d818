"""/account/passkeys and /sign-in/passkey: what the script of the two pages asks with, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.practice.lessons import LESSONS
from qafila.runtime.accounts import passkeys
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.language import render
from qafila.runtime.settings import settings
from qafila.web.chassis.help import help_for
from qafila.web.chassis.page_frame import language_of, link
from qafila.web.chassis.session import entered, inside
from qafila.web.chassis.visitor import came_from, public, signed_in

router = APIRouter(include_in_schema=False)
Here = Annotated[Session, Depends(signed_in)]
Sent = Annotated[dict[str, Any], Body()]
_PUBLIC = [Depends(public)]


def _site(request: Request) -> passkeys.Site:
    return passkeys.site(f"{request.url.scheme}://{request.url.netloc}", settings().public_address)


def _refused(request: Request, fault: Fault, status: int = 422) -> Response:
    learn = link(request, f"{LESSONS}#{help_for(request.scope['path'], language_of(request).code).lesson}")
    return JSONResponse({"said": render(fault.told, language_of(request)), "learn": learn}, status)


@router.post("/account/passkeys/ask")
def ask_to_make(request: Request, here: Here) -> Response:
    """What the browser is asked with."""
    if not here.actor.person:
        return JSONResponse({}, 403)
    try:
        asked = passkeys.ask_to_make(here.actor.id, _site(request), datetime.now(UTC))
    except Fault as fault:
        return _refused(request, fault)
    return Response(asked, media_type="application/json", headers={"cache-control": "no-store"})


@router.post("/account/passkeys")
def make(request: Request, here: Here, sent: Sent) -> Response:
    """Keeps what it made: {answer, name}."""
    answer, name = sent.get("answer"), sent.get("name")
    if not here.actor.person or not isinstance(answer, dict):
        return JSONResponse({}, 422)
    try:
        passkeys.make(here.actor.id, answer, str(name or ""), _site(request), datetime.now(UTC))
    except Fault as fault:
        return _refused(request, fault)
    return JSONResponse({"to": link(request, "/account#passkeys")})


@router.post("/account/passkeys/{id}/remove")
def remove(request: Request, here: Here, id: str) -> Response:
    """Removes one."""
    try:
        passkeys.remove(here.actor.id, id)
    except Fault as fault:
        return _refused(request, fault, 404)
    return RedirectResponse(link(request, "/account#passkeys"), 303)


@router.post("/sign-in/passkey/ask", dependencies=_PUBLIC)
def ask_to_sign_in(request: Request) -> Response:
    """What the browser is asked with."""
    try:
        asked = passkeys.ask_to_sign_in(_site(request), datetime.now(UTC))
    except Fault as fault:
        return _refused(request, fault)
    return Response(asked, media_type="application/json", headers={"cache-control": "no-store"})


@router.post("/sign-in/passkey", dependencies=_PUBLIC)
def sign_in(request: Request, sent: Sent) -> Response:
    """Takes the answer, {answer, next}, and begins a session."""
    now, answer = datetime.now(UTC), sent.get("answer")
    if not isinstance(answer, dict):
        return JSONResponse({}, 422)
    try:
        token = passkeys.sign_in(answer, _site(request), came_from(request), now)
    except Fault as fault:
        return _refused(request, fault, 403)
    to = inside(str(sent.get("next") or "/"))
    moved = entered(request, token, to, now)
    told = JSONResponse({"to": moved.headers["location"]})
    told.raw_headers += [(name, value) for name, value in moved.raw_headers if name == b"set-cookie"]
    return told
