"""/saved: sender profiles, the address book and saved goods of whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.runtime.accounts.model import Actor
from qafila.shipping.remembered import service
from qafila.shipping.remembered.model import RECEIVER, SENDER, address_of
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("saved:read"))]
Writer = Annotated[Actor, Depends(requires("saved:write"))]
SHOWN = 200
_GOODS = ("sku", "title", "hs", "weight_kg", "origin")


@router.get("/saved")
def saved(request: Request, actor: Reader) -> Response:
    """The three lists, each with a form for one more."""
    return _page(request, actor)


@router.post("/saved/{what}")
async def keep(request: Request, actor: Writer, what: str) -> Response:
    """Keeps an address (`sender`, `receiver`) or `goods`; `remove` removes one by its id."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_keep, request, actor, what, form)


def _keep(request: Request, actor: Actor, what: str, form: Mapping[str, str]) -> Response:
    try:
        if what == "remove":
            service.remove(actor.tenant, form.get("id", ""))
        elif what == "goods":
            service.keep_goods(actor.tenant, [{part: form.get(part, "") for part in _GOODS}])
        else:
            kind = RECEIVER if what == RECEIVER else SENDER
            written = address_of(form)
            service.keep_address(
                actor.tenant, kind, form.get("label", ""), written, form.get("usual") == "yes"
            )
    except Fault as fault:
        return _page(request, actor, 422, fault=fault, asked=form, what=what)
    return RedirectResponse(link(request, f"/saved#{what}" if what != "remove" else "/saved"), 303)


def _page(
    request: Request,
    actor: Actor,
    status: int = 200,
    fault: Fault | None = None,
    asked: Mapping[str, str] | None = None,
    what: str = "",
) -> Response:
    addresses = service.addresses(actor.tenant)
    goods = service.goods(actor.tenant, limit=SHOWN + 1)
    return page(
        request,
        "saved.html",
        status,
        fault=fault,
        asked=asked or {},
        what=what,
        senders=[one for one in addresses if one.kind == SENDER],
        receivers=[one for one in addresses if one.kind == RECEIVER][:SHOWN],
        goods=goods[:SHOWN],
        beyond=len(goods) > SHOWN,
    )
