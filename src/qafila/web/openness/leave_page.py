"""/leave: a merchant takes everything of its own along, with one button."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import text
from starlette.responses import FileResponse, RedirectResponse, Response

from qafila.openness.portability import portability_taking
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
Taker = Annotated[Actor, Depends(requires("data:take"))]


@router.get("/leave")
def shown(request: Request, actor: Taker) -> Response:
    """The button, what was written before, and what was brought along from elsewhere."""
    made = portability_taking.newest(actor.tenant)
    under_way = any(state in ("waiting", "running") for _, state, _, _ in made)
    newest = next((one for one in made if one[1] == "done" and one[3]), None)
    result = (portability_taking.find(actor.tenant, newest[0]).result or {}) if newest else {}
    with seeing(actor) as connection:
        brought = connection.execute(
            text(
                "SELECT installation, count(*) FROM brought_bookings WHERE tenant_id = :t GROUP BY 1 ORDER BY 1"
            ),
            {"t": actor.tenant},
        ).all()
    return page(
        request, "leave.html", made=made, under_way=under_way, newest=newest, result=result, brought=brought
    )


@router.post("/leave")
def ask(request: Request, actor: Taker) -> Response:
    """Begins to write; what is being written already is not begun twice."""
    if not any(state in ("waiting", "running") for _, state, _, _ in portability_taking.newest(actor.tenant)):
        portability_taking.ask(actor.tenant, actor.name)
    return RedirectResponse(link(request, "/leave"), 303)


@router.get("/leave/{id}.zip")
def fetch(id: str, actor: Taker) -> Response:
    """The file."""
    path = portability_taking.fetched(actor.tenant, id)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"{actor.tenant}.zip",
        headers={"cache-control": "no-store"},
    )
