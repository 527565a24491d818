"""/account: one's own sign-in, and for whom one acts; /invitation: joining an organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, passkeys
from qafila.runtime.accounts.accounts_faults import BadEmail, LinkOver
from qafila.runtime.accounts.accounts_people import SignIn
from qafila.runtime.accounts.oidc import provider, signing_in
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.accounts.tenants import KIND_NAMES
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.session import entered
from qafila.web.chassis.visitor import COOKIE, public, session_of, signed_in

router = APIRouter(include_in_schema=False)
Here = Annotated[Session, Depends(signed_in)]
_PUBLIC = [Depends(public)]


@router.get("/account")
def account(request: Request, here: Here, changed: str = "") -> Response:
    """Who is signed in, for whom, with which rights."""
    return shown(request, here, changed=bool(changed))


def shown(
    request: Request, here: Session, fault: Fault | None = None, email: str = "", changed: bool = False
) -> Response:
    """The page of one's own account, with what was wrong."""
    person, has_password = accounts_people.own(here.actor.id) if here.actor.person else (None, False)
    return page(
        request,
        "account.html",
        200 if fault is None else 422,
        person=person,
        has_password=has_password,
        keys_held=passkeys.of(here.actor.id) if here.actor.person else [],
        providers=provider.offered(),
        links={one.issuer: one for one in signing_in.links_of(here.actor.id)} if here.actor.person else {},
        fault=fault,
        email=email or (person.email if person else "") or "",
        changed=changed,
        roles=ROLES,
        kinds=KIND_NAMES,
        scopes=[s for s in RIGHTS.scopes.values() if s.name in here.actor.scopes],
    )


@router.post("/account/sign-in")
def set_sign_in(
    request: Request,
    here: Here,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    present: Annotated[str, Form()] = "",
) -> Response:
    """Sets e-mail and password; the person's other sessions end."""
    if not here.actor.person:
        return RedirectResponse(link(request, "/account"), 303)
    token = request.cookies[COOKIE]
    try:
        accounts_people.set_sign_in(here.actor.id, SignIn(email, password, present), datetime.now(UTC), token)
    except Fault as fault:
        return shown(request, here, fault, email)
    return RedirectResponse(link(request, "/account?changed=1"), 303)


@router.get("/invitation/{token}", dependencies=_PUBLIC)
def invitation(request: Request, token: str) -> Response:
    """Who invites whom as what, and the way in."""
    return _invitation(request, token)


def _invitation(request: Request, token: str, fault: Fault | None = None, name: str = "") -> Response:
    try:
        what = accounts_people.invited(token, datetime.now(UTC))
    except LinkOver as over:
        return page(
            request,
            "invitation.html",
            404,
            what=None,
            token="",
            fault=over,
            name="",
            roles=ROLES,
            providers=[],
        )
    status = 200 if fault is None else 422
    return page(
        request,
        "invitation.html",
        status,
        what=what,
        token=token,
        fault=fault,
        name=name,
        roles=ROLES,
        providers=provider.offered(),
    )


@router.post("/invitation/{token}", dependencies=_PUBLIC)
def accept(
    request: Request,
    token: str,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Makes the account and signs in; whoever is signed in joins."""
    now, here = datetime.now(UTC), session_of(request)
    try:
        if here is not None and here.actor.person:
            tenant = accounts_people.join(token, here.actor.id, now)
            return RedirectResponse(link(request, f"/account?joined={tenant}"), 303)
        session = accounts_people.accept(token, name, password, now)
    except LinkOver:
        return _invitation(request, token)
    except (Fault, BadEmail) as fault:
        return _invitation(request, token, fault, name)
    return entered(request, session, "/account", now)
