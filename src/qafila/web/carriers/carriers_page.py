"""/carriers: who carries in the network; a carrier brings its rate card and timetable here, and connects its system."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from qafila.carriers import carriers_connecting, feeds, store
from qafila.carriers.adapters import names
from qafila.core.fault import Fault
from qafila.network.network_report import FeedErrors, FeedProblem
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.store import tenants
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("carriers:read"))]
Writer = Annotated[Actor, Depends(requires("carriers:write"))]
_MOST = 100  # problems that a page shows


@router.get("/carriers")
def shown(request: Request, actor: Reader, brought: str = "", left: str = "") -> Response:
    """Who carries, and for a carrier its own feed and line."""
    return _shown(request, actor, done="brought" if brought else "left" if left else "")


def _shown(
    request: Request,
    actor: Actor,
    fault: Fault | None = None,
    problems: list[FeedProblem] | None = None,
    done: str = "",
    **typed: str,
) -> Response:
    feed = context_of(request).network.feed
    count = Counter(service.operator for service in feed.services)
    with acting_as(Role.OPERATOR) as connection:
        known = {t.id: t.name for t in tenants(connection) if t.kind is TenantKind.CARRIER}
    lines = []
    if actor.kind in (TenantKind.CARRIER, TenantKind.HUB):
        with acting(actor) as connection:
            lines = store.states(connection)
    own = count.get(actor.tenant, 0)
    return page(
        request,
        "carriers.html",
        422 if fault or problems else 200,
        operators=count.most_common(200),
        known=known,
        lines=lines,
        own=own,
        fault=fault,
        problems=(problems or [])[:_MOST],
        more=max(0, len(problems or []) - _MOST),
        done=done,
        adapters=[n for n in names() if n != "files"],
        typed={"adapter": "http", "address": "", **typed},
        counted=typed.get("counted", ""),
        is_carrier=actor.kind is TenantKind.CARRIER,
    )


@router.post("/carriers/feed")
def bring(
    request: Request, actor: Writer, files: list[UploadFile], check: Annotated[str, Form()] = ""
) -> Response:
    """Checks what came, or brings it into the network."""
    try:
        uploads = {one.filename or "": one.file.read(feeds.MOST + 1) for one in files}
        found = feeds.files_of(uploads)
        made = feeds.bring(actor.tenant, found, context_of(request).now(), dry=bool(check))
    except FeedErrors as wrong:
        return _shown(request, actor, problems=wrong.problems)
    except Fault as fault:
        return _shown(request, actor, fault)
    if check:
        rows = ", ".join(f"{name}.csv: {rows}" for name, rows in made.rows.items())
        return _shown(request, actor, done="checked", counted=rows)
    return RedirectResponse(link(request, "/carriers?brought=1"), 303)


@router.get("/carriers/feed.zip")
def download(request: Request, actor: Writer) -> Response:
    """The own feed, as it is in the network."""
    headers = {"content-disposition": 'attachment; filename="feed.zip"'}
    return Response(
        feeds.packed(context_of(request).network.feed, actor.tenant),
        media_type="application/zip",
        headers=headers,
    )


@router.post("/carriers/leave")
def leave(request: Request, actor: Writer) -> Response:
    """Takes the carrier's services out."""
    try:
        feeds.take_out(actor.tenant, context_of(request).now())
    except FeedErrors as wrong:
        return _shown(request, actor, problems=wrong.problems)
    except Fault as fault:
        return _shown(request, actor, fault)
    return RedirectResponse(link(request, "/carriers?left=1"), 303)


@router.post("/carriers/line")
def connect(
    request: Request,
    actor: Writer,
    adapter: Annotated[str, Form()] = "",
    address: Annotated[str, Form()] = "",
    secret: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
) -> Response:
    """Connects the carrier's system, or ends that."""
    try:
        if end:
            carriers_connecting.disconnect(actor.tenant)
        else:
            carriers_connecting.connect(actor.tenant, adapter, address.strip(), secret.strip())
    except Fault as fault:
        return _shown(request, actor, fault, adapter=adapter, address=address)
    return RedirectResponse(link(request, "/carriers#line"), 303)
