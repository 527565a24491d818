"""/people: who belongs to the organisation and in which roles; /keys: its API keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, mandates, service, session_store, store
from qafila.runtime.accounts.accounts_acting import managing
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("accounts:read"))]
Writer = Annotated[Actor, Depends(requires("accounts:write"))]
Roles = Annotated[list[str], Form()]


@router.get("/people")
def listed(request: Request, actor: Reader) -> Response:
    """Everybody, and who is invited."""
    return _people(request, actor)


def _people(
    request: Request, actor: Actor, fault: Fault | None = None, email: str = "", new_link: str = ""
) -> Response:
    with managing(actor) as connection:
        members = store.members(connection, actor.tenant)
        open_ones = session_store.invitations(connection, actor.tenant, datetime.now(UTC))
    return page(
        request,
        "people.html",
        422 if fault else 200,
        members=members,
        invitations=open_ones,
        fault=fault,
        email=email,
        new_link=new_link,
        mandates=mandates.seen_by(actor),
        brokers=mandates.brokers() if actor.kind in (TenantKind.MERCHANT, TenantKind.HUB) else [],
        roles=[r for r in ROLES.values() if actor.kind in r.kinds],
        all_roles=ROLES,
    )


@router.post("/people/invite")
def invite(
    request: Request,
    actor: Writer,
    email: Annotated[str, Form()] = "",
    roles: Roles = [],  # noqa: B006  # a form's list: FastAPI copies it
) -> Response:
    """Makes the link of an invitation and shows it, this once."""
    try:
        _, token = accounts_people.invite(actor, RIGHTS, email, roles, datetime.now(UTC))
    except Fault as fault:
        return _people(request, actor, fault, email)
    return _people(request, actor, new_link=f"{str(request.base_url).rstrip('/')}/invitation/{token}")


@router.post("/people/invitations/{id}/withdraw")
def withdraw(request: Request, actor: Writer, id: str) -> Response:
    """Takes an invitation back."""
    return _done(request, actor, lambda: accounts_people.withdraw(actor, id, datetime.now(UTC)))


@router.post("/people/mandates")
def give_mandate(
    request: Request, actor: Writer, broker: Annotated[str, Form()] = "", until: Annotated[str, Form()] = ""
) -> Response:
    """Lets a firm of brokers act at the customs desk."""
    last: datetime | None = None
    if until.strip():
        try:  # through the whole of that day, wherever it is
            last = datetime.fromisoformat(until.strip()[:10]).replace(tzinfo=UTC) + timedelta(
                days=1, hours=12
            )
        except (ValueError, OverflowError):
            last = datetime.fromtimestamp(0, UTC)
    return _done(
        request, actor, lambda: mandates.give(actor, RIGHTS, broker.strip(), datetime.now(UTC), last)
    )


@router.post("/people/mandates/{id}/end")
def end_mandate(request: Request, actor: Writer, id: str) -> Response:
    """Ends one, from either side."""
    return _done(request, actor, lambda: mandates.end(actor, id, datetime.now(UTC)))


@router.post("/people/{id}/roles")
def set_roles(request: Request, actor: Writer, id: str, roles: Roles = []) -> Response:  # noqa: B006  # a form's list: FastAPI copies it
    """Gives a member other roles."""
    return _done(request, actor, lambda: accounts_people.set_roles(actor, RIGHTS, id, roles))


@router.post("/people/{id}/remove")
def remove(request: Request, actor: Writer, id: str) -> Response:
    """Ends a membership."""
    return _done(request, actor, lambda: accounts_people.remove(actor, id))


def _done(request: Request, actor: Actor, act: Callable[[], object]) -> Response:
    try:
        act()
    except Fault as fault:
        return _people(request, actor, fault)
    return RedirectResponse(link(request, "/people"), 303)


@router.get("/keys")
def keys(request: Request, actor: Reader) -> Response:
    """The keys, and the form for another."""
    return _keys(request, actor)


def _keys(request: Request, actor: Actor, fault: Fault | None = None, shown: str = "") -> Response:
    with managing(actor) as connection:
        found = store.keys(connection, actor.tenant)
    allowed = RIGHTS.of_kind(actor.kind)
    return page(
        request,
        "keys.html",
        422 if fault else 200,
        keys=found,
        fault=fault,
        shown=shown,
        scopes=[s for s in RIGHTS.scopes.values() if s.name in allowed & actor.scopes],
        unasked=RIGHTS.unasked(actor.kind),
    )


@router.post("/keys")
def issue(
    request: Request,
    actor: Writer,
    name: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
    scopes: Annotated[list[str], Form()] = [],  # noqa: B006  # a form's list: FastAPI copies it
) -> Response:
    """A new key; its text is shown this once. It opens no more than who issues it may do."""
    until = datetime.now(UTC) + timedelta(days=min(int(days), 3650)) if days.strip().isdecimal() else None
    try:
        with managing(actor) as connection:
            _, shown = service.issue_key(
                connection,
                RIGHTS,
                actor.tenant,
                [s for s in scopes if actor.may(s)],
                name.strip()[:80],
                until,
                actor.signature,
            )
    except Fault as fault:
        return _keys(request, actor, fault)
    return _keys(request, actor, shown=shown)


@router.post("/keys/{id}/end")
def end(request: Request, actor: Writer, id: str) -> Response:
    """Ends a key at once."""
    with managing(actor) as connection:
        service.revoke_key(connection, id, actor.tenant, actor.signature)
    return RedirectResponse(link(request, "/keys"), 303)
