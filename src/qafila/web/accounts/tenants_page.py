"""/organisations: the hub adds organisations of every kind, and suspends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Conflict, Fault
from qafila.floors import RIGHTS
from qafila.openness import suspending
from qafila.runtime.accounts import messages, people, service, store
from qafila.runtime.accounts.acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.roles import ADMINISTRATOR
from qafila.runtime.accounts.tenants import KIND_NAMES, TenantKind
from qafila.web.chassis.pages import link, page
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
Operator = Annotated[Actor, Depends(requires("tenants:write"))]


@router.get("/organisations")
def listed(request: Request, actor: Operator) -> Response:
    """All of them, and the form for another."""
    return _listed(request, actor)


def _listed(request: Request, actor: Actor, fault: Fault | None = None, **told: str) -> Response:
    with acting(actor) as connection:
        found = store.tenants(connection)
    said = {"name": "", "kind": "merchant", "email": "", "new_link": "", **told}
    return page(
        request, "organisations.html", 422 if fault else 200, tenants=found, fault=fault, kinds=KIND_NAMES, **said
    )  # fmt: skip


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
        people.address(email)  # before anything is made
        with acting(actor) as connection:
            made = service.create(connection, name, _kind(kind), actor.signature)
        # in the name of whoever adds it, with the rights that its first administrator gets
        founder = Actor(
            tenant=made.id, kind=made.kind, id=actor.id, name=actor.name, scopes=RIGHTS.of_kind(made.kind)
        )
        _, token = people.invite(founder, RIGHTS, email, [ADMINISTRATOR], datetime.now(UTC))
    except Fault as fault:
        return _listed(request, actor, fault, **typed)
    return _listed(request, actor, new_link=f"{str(request.base_url).rstrip('/')}/invitation/{token}")


def _kind(kind: str) -> TenantKind:
    return TenantKind(kind) if kind in set(TenantKind) else TenantKind.MERCHANT


@router.post("/organisations/{id}/suspend")
def suspend(request: Request, actor: Operator, id: str) -> Response:
    """Bars its keys and people at once."""
    return _suspend(request, actor, id, True)


@router.post("/organisations/{id}/let-in")
def let_in(request: Request, actor: Operator, id: str) -> Response:
    """Lets it in again."""
    return _suspend(request, actor, id, False)


def _suspend(request: Request, actor: Actor, id: str, suspended: bool) -> Response:
    try:
        if id == actor.tenant:
            raise Conflict(messages.NOT_YOUR_OWN(), field="tenant", value=id)
        with acting(actor) as connection:
            suspending.suspend(connection, id, suspended, actor.signature, datetime.now(UTC))
    except Fault as fault:
        return _listed(request, actor, fault)
    return RedirectResponse(link(request, "/organisations"), 303)
