"""/webhooks: where the events of whoever is signed in are sent to, and what became of their messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.core.message import Message, template
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.envelope import SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, EventType
from qafila.runtime.webhooks import service
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires

_SUBJECTS = {
    SubjectKind.PARCEL: template("webhooks.subject.parcel", "Parcels"),
    SubjectKind.HANDLING_UNIT: template("webhooks.subject.unit", "Bags, pallets and containers"),
    SubjectKind.STOCK: template("webhooks.subject.stock", "Stock"),
    SubjectKind.VEHICLE: template("webhooks.subject.vehicle", "Vehicles and flights"),
    SubjectKind.FACILITY: template("webhooks.subject.facility", "Facilities"),
    SubjectKind.CASH: template("webhooks.subject.cash", "Cash"),
    SubjectKind.MERCHANT: template("webhooks.subject.merchant", "Your account"),
}
router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("webhooks:read"))]
Writer = Annotated[Actor, Depends(requires("webhooks:write"))]


@router.get("/webhooks")
def every(request: Request, actor: Reader) -> Response:
    """All of them, and the form for another."""
    return _shown(request, actor)


@router.post("/webhooks")
def create(
    request: Request,
    actor: Writer,
    url: str = Form(""),
    types: Annotated[list[str] | None, Form()] = None,
    description: str = Form(""),
) -> Response:
    """Makes one, and shows its secret this once; or says what is wrong, with what was typed kept."""
    names = " ".join(types or ()).replace(",", " ").split()
    try:
        made, secret = service.create(
            actor.tenant, url.strip(), names, description.strip(), actor.kind is TenantKind.HUB
        )
    except Fault as fault:
        asked = {"url": url, "types": names, "description": description}
        return _shown(request, actor, 422, asked=asked, fault=fault)
    return _shown(request, actor, secret=secret, of=made.id)


@router.get("/webhooks/{id}")
def one(request: Request, actor: Reader, id: str) -> Response:
    """The newest messages of one, those that were given up first."""
    try:
        endpoint = service.find(actor.tenant, id)
        dead = service.messages(actor.tenant, id, "dead")
        rest = [m for m in service.messages(actor.tenant, id) if m.state != "dead"]
    except NotFound:
        raise HTTPException(404) from None
    return page(request, "webhook.html", endpoint=endpoint, messages=[*dead, *rest])


@router.post("/webhooks/{id}/{act}")
def act(request: Request, actor: Writer, id: str, act: str, message: str = Form("")) -> Response:
    """Changes one: secret, enable, disable, replay, remove."""
    try:
        if act == "secret":
            return _shown(request, actor, secret=service.rotate(actor.tenant, id), of=id)
        if act in ("enable", "disable"):
            service.enable(actor.tenant, id, act == "enable")
        elif act == "replay":
            service.replay(actor.tenant, id, message or None)
        elif act == "remove":
            service.remove(actor.tenant, id)
            return RedirectResponse(link(request, "/webhooks"), 303)
        else:
            raise HTTPException(404)
    except NotFound:
        raise HTTPException(404) from None
    return RedirectResponse(link(request, f"/webhooks/{id}"), 303)


def _kinds() -> list[tuple[Message, list[EventType]]]:
    """Every event type, under the first of the subjects to which it can happen."""
    found: dict[SubjectKind, list[EventType]] = {}
    for one in EVENT_TYPES.values():
        found.setdefault(next(kind for kind in SubjectKind if kind in one.subjects), []).append(one)
    return [(_SUBJECTS[kind](), found[kind]) for kind in SubjectKind if kind in found]


def _shown(request: Request, actor: Actor, status: int = 200, **told: object) -> Response:
    said: dict[str, object] = {
        "asked": {"url": "", "types": (), "description": ""},
        "fault": None,
        "secret": "",
        "of": "",
    }
    answer = page(
        request,
        "webhooks.html",
        status,
        endpoints=service.every(actor.tenant),
        kinds=_kinds(),
        meanings={t.name: t.meaning() for t in EVENT_TYPES.values()},
        **(said | told),
    )
    answer.headers["cache-control"] = "private, no-store"
    return answer
