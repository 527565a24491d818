"""/sorting: the centre's picture, the induction's scanner, bags and despatches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from qafila.runtime.accounts.acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.sorting import store
from qafila.sorting.watching import picture
from qafila.web.chassis.asking import context_of
from qafila.web.chassis.pages import link, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.sorting.words import reasons

router = APIRouter(include_in_schema=False)

Reader = Annotated[Actor, Depends(requires("sorting:read"))]


@router.get("/sorting")
def centres(request: Request, actor: Reader) -> Response:
    """The first centre; a page that says how to set one up where there is none."""
    with acting(actor) as connection:
        found = store.centres(connection)
    if found:
        return RedirectResponse(link(request, f"/sorting/{found[0]}"), 303)
    _ = translate(request)
    return page(
        request, "problem.html", 200, title=_("No sorting centre is set up yet"),
        text=_("Give a facility its chutes: qafila sort centre FILE."),
    )  # fmt: skip


@router.get("/sorting/{facility}")
def centre(request: Request, facility: str, actor: Reader) -> Response:
    """A centre now: chutes with their fill, and what will miss its departure."""
    context = context_of(request)
    known = context.network.feed.facility
    with acting(actor) as connection:
        now = picture(connection, facility[:80], context.now())
        others = store.centres(connection)
    here = known.get(facility)
    names = {id: known[id].name if id in known else id for c in now.chutes for id in c.stops}
    names |= {d.next: known[d.next].name if d.next in known else d.next for d in now.departures}
    return page(
        request, "sorting.html", facility=facility, seen=now, others=others, names=names,
        zone=here.timezone if here else "UTC", reasons=reasons(translate(request)),
    )  # fmt: skip
