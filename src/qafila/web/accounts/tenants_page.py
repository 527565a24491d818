"""/organisations: the hub adds organisations of every kind, and suspends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Conflict, Fault
from qafila.floors import RIGHTS
from qafila.openness import openness_messages as openness_messages
from qafila.openness import suspending
from qafila.runtime.accounts import accounts_messages, accounts_people, accounts_places, service, store
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.accounts_faults import UnknownTenant
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.roles import ADMINISTRATOR
from qafila.runtime.accounts.tenants import KIND_NAMES, TenantKind
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Operator = Annotated[Actor, Depends(requires("tenants:write"))]


@router.get("/organisations")
def listed(request: Request, actor: Operator) -> Response:
    """All of them, and the form for another."""
    return _listed(request, actor)


def _listed(request: Request, actor: Actor, fault: Fault | None = None, **told: str) -> Response:
    with acting(actor) as connection:
        found, bound = store.tenants(connection), accounts_places.of_all(connection)
    said = {"name": "", "kind": "merchant", "email": "", "new_link": "", "statement": "", **told}
    return page(
        request,
        "organisations.html",
        422 if fault else 200,
        tenants=found,
        fault=fault,
        kinds=KIND_NAMES,
        bound=bound,
        **said,
    )


@router.post("/organisations")
def add(
    request: Request,
    actor: Operator,
    name: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "merchant",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Adds one and shows the link that invites its administrator, this once."""
    typed = {"name": name, "kind": kind, "email": email}
    try:
        accounts_people.address(email)  # before anything is made
        with acting(actor) as connection:
            made = service.create(connection, name, _kind(kind), actor.signature)
        # in the name of whoever adds it, with the rights that its first administrator gets
        founder = Actor(
            tenant=made.id, kind=made.kind, id=actor.id, name=actor.name, scopes=RIGHTS.of_kind(made.kind)
        )
        _, token = accounts_people.invite(founder, RIGHTS, email, [ADMINISTRATOR], datetime.now(UTC))
    except Fault as fault:
        return _listed(request, actor, fault, **typed)
    return _listed(request, actor, new_link=f"{str(request.base_url).rstrip('/')}/invitation/{token}")


def _kind(kind: str) -> TenantKind:
    return TenantKind(kind) if kind in set(TenantKind) else TenantKind.MERCHANT


@router.get("/organisations/{id}/suspend")
def ask_to_suspend(request: Request, actor: Operator, id: str) -> Response:
    """The form: a suspension has a ground, reasons and notice."""
    return _form(request, actor, id)


def _form(request: Request, actor: Actor, id: str, fault: Fault | None = None, **typed: str) -> Response:
    now = datetime.now(UTC)
    with acting(actor) as connection:
        tenant, needed = service.get(connection, id), suspending.notice_days(connection, now)
    said = {"ground": "", "because": "", "days": str(needed), **typed}
    return page(
        request,
        "suspend.html",
        422 if fault else 200,
        tenant=tenant,
        fault=fault,
        needed=needed,
        typed=said,
        grounds={name: said for name, said in openness_messages.GROUNDS.items() if name},
    )


@router.post("/organisations/{id}/suspend")
def suspend(
    request: Request,
    actor: Operator,
    id: str,
    ground: Annotated[str, Form()] = "",
    because: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "0",
) -> Response:
    """Suspends it as the published terms allow; shows the address of its statement, this once."""
    now = datetime.now(UTC)
    try:
        if id == actor.tenant:
            raise Conflict(accounts_messages.NOT_YOUR_OWN(), field="tenant", value=id)
        notice = int(days) if days.isdecimal() and len(days) < 4 else 0
        with acting(actor) as connection:
            service.get(connection, id)
            suspending.checked(connection, ground, because, notice, now)
            secret = suspending.suspend(connection, id, True, actor.signature, now, because, ground, notice)
    except (Conflict, UnknownTenant) as fault:
        return _listed(request, actor, fault)
    except Fault as fault:
        return _form(request, actor, id, fault, ground=ground, because=because, days=days)
    return _listed(request, actor, statement=f"{str(request.base_url).rstrip('/')}/statement/{secret}")


@router.post("/organisations/{id}/places")
def bind(
    request: Request,
    actor: Operator,
    id: str,
    place: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
) -> Response:
    """Binds a station to a facility, or ends that."""
    here = context_of(request)
    try:
        with acting(actor) as connection:
            if end:
                accounts_places.end(connection, id, end, actor.signature)
            else:
                facility, by = place.strip(), actor.signature
                accounts_places.give(connection, id, facility, by, here.now(), here.network.feed.facility)
    except Fault as fault:
        return _listed(request, actor, fault)
    return RedirectResponse(link(request, "/organisations"), 303)


@router.post("/organisations/{id}/let-in")
def let_in(request: Request, actor: Operator, id: str) -> Response:
    """Lets it in again, or calls off what was announced."""
    try:
        with acting(actor) as connection:
            suspending.suspend(connection, id, False, actor.signature, datetime.now(UTC))
    except Fault as fault:
        return _listed(request, actor, fault)
    return RedirectResponse(link(request, "/organisations"), 303)
