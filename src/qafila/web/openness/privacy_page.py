"""/privacy: a person's data given and erased; who read what; how long what is kept."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from qafila.core.fault import Fault
from qafila.openness.privacy import privacy_rules, reads, service
from qafila.openness.privacy.privacy_people import Erased
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.page_frame import page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("privacy:read"))]
Giver = Annotated[Actor, Depends(requires("privacy:give"))]
Eraser = Annotated[Actor, Depends(requires("privacy:erase"))]
_SHOWN = 100


@router.get("/privacy")
def shown(request: Request, actor: Reader, subject: str = "", others: str = "") -> Response:
    """The forms, who read what, and the times."""
    return _shown(request, actor, subject=subject, others=bool(others))


def _shown(
    request: Request,
    actor: Actor,
    fault: Fault | None = None,
    who: str = "",
    done: Erased | None = None,
    subject: str = "",
    others: bool = False,
) -> Response:
    reads.flush()
    with seeing(actor) as connection:
        looked = reads.newest(connection, subject.strip(), others, _SHOWN)
    return page(
        request,
        "privacy.html",
        422 if fault else 200,
        reads=looked,
        retention=privacy_rules.retention(),
        law_of=privacy_rules.law_of,
        fault=fault,
        who=who,
        done=done,
        subject=subject,
        others=others,
    )


@router.post("/privacy/give")
def give(request: Request, actor: Giver, who: Annotated[str, Form()] = "") -> Response:
    """Everything about a person, as a file."""
    try:
        reads.flush()
        person, data = service.give(actor.tenant, who)
    except Fault as fault:
        return _shown(request, actor, fault, who)
    body = orjson.dumps({"orders": person.orders, "data": data}, option=orjson.OPT_INDENT_2, default=str)
    name = 'attachment; filename="person.json"'
    return Response(
        body,
        media_type="application/json",
        headers={"content-disposition": name, "cache-control": "no-store"},
    )


@router.post("/privacy/erase")
def erase(request: Request, actor: Eraser, who: Annotated[str, Form()] = "") -> Response:
    """Erases a person's data; what is locked is said."""
    context = context_of(request)
    try:
        done = service.erase(actor.tenant, who, actor.signature, context.network.feed, context.now())
    except Fault as fault:
        return _shown(request, actor, fault, who)
    return _shown(request, actor, done=done)
