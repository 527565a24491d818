"""/complaints: filed by a merchant, answered by the hub, read by the regulator; each with the days that it has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.openness.complaints import complaints_messages, service, store
from qafila.openness.complaints.model import OUTCOMES, TOPICS
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("complaints:read"))]
Filer = Annotated[Actor, Depends(requires("complaints:write"))]
Answerer = Annotated[Actor, Depends(requires("complaints:answer"))]
_SHOWN = 200


@router.get("/complaints")
def listed(
    request: Request, actor: Reader, waiting: str = "", topic: str = "other", subject: str = ""
) -> Response:
    """The complaints there are, and the form for one, about what a page leads to it."""
    return _listed(request, actor, bool(waiting), None, topic if topic in TOPICS else "other", subject[:120])


def _listed(
    request: Request,
    actor: Actor,
    waiting: bool = False,
    fault: Fault | None = None,
    topic: str = "other",
    subject: str = "",
    words: str = "",
) -> Response:
    with seeing(actor) as connection:
        found = store.newest(connection, limit=_SHOWN, open_only=waiting)
    return page(
        request,
        "complaints.html",
        422 if fault else 200,
        complaints=found,
        waiting=waiting,
        fault=fault,
        m=complaints_messages,
        topics=TOPICS,
        asked={"topic": topic, "subject": subject, "words": words},
        everybody=actor.kind in _ALL,
    )


_ALL = (TenantKind.HUB, TenantKind.REGULATOR)


@router.post("/complaints")
def file(
    request: Request,
    actor: Filer,
    topic: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
) -> Response:
    """Files one."""
    try:
        with seeing(actor) as connection:
            now = context_of(request).now()
            made = service.file(connection, actor.tenant, topic, words, subject, actor.signature, now)
    except Fault as fault:
        return _listed(request, actor, False, fault, topic, subject, words)
    return RedirectResponse(link(request, f"/complaints/{made.id}"), 303)


@router.get("/complaints/{id}")
def shown(request: Request, actor: Reader, id: str) -> Response:
    """One, with all that happened in it."""
    return _shown(request, actor, id)


def _shown(request: Request, actor: Actor, id: str, fault: Fault | None = None, words: str = "") -> Response:
    with seeing(actor) as connection:
        found = service.find(connection, id)
    return page(
        request,
        "complaint.html",
        422 if fault else 200,
        complaint=found,
        fault=fault,
        words=words,
        m=complaints_messages,
        outcomes=OUTCOMES,
        own=found.owner == actor.tenant,
    )


@router.post("/complaints/{id}/answer")
def answer(
    request: Request,
    actor: Answerer,
    id: str,
    step: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
) -> Response:
    """A step of the hub."""
    return _follow(request, actor, id, step, outcome, words)


@router.post("/complaints/{id}/add")
def add(
    request: Request,
    actor: Filer,
    id: str,
    step: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
) -> Response:
    """A step of who filed it."""
    return _follow(request, actor, id, step, "", words)


def _follow(request: Request, actor: Actor, id: str, step: str, outcome: str, words: str) -> Response:
    try:
        with seeing(actor) as connection:
            service.follow(
                connection,
                id,
                step,
                words,
                outcome,
                actor.signature,
                actor.kind is TenantKind.HUB,
                context_of(request).now(),
                actor.source(),
            )
    except Fault as fault:
        return _shown(request, actor, id, fault, words)
    return RedirectResponse(link(request, f"/complaints/{id}"), 303)
