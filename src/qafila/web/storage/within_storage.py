"""What every page of a warehouse shares: who may open it, whose goods are meant, and the way to the other pages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.accounts_signing import hand
from qafila.runtime.accounts.model import Actor
from qafila.runtime.answered import acts
from qafila.runtime.database import Role
from qafila.storage import listing, store
from qafila.web.chassis.page_frame import page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.storage.storage_words import sections

Reader = Annotated[Actor, Depends(requires("storage:read"))]
Writer = Annotated[Actor, Depends(requires("storage:write"))]
Worker = Annotated[Actor, Depends(requires("storage:work"))]
Manager = Annotated[Actor, Depends(requires("storage:manage"))]


def signed(actor: Actor, name: str = "") -> acts.Actor:
    """Who acts, as movements name him: who is signed in; where a device is, with a key, the colleague whose name was typed."""
    by = actor.name if actor.person else hand(actor, name)
    return acts.Actor(actor.tenant, by, "scanner", ROLES[actor.kind].value)


def act_of(request: Request, actor: Actor, key: str, prefix: str) -> acts.Act:
    """The act of a form, under the key that the form carries."""
    return acts.Act(key[:200] or new_id(prefix), signed(actor), context_of(request).now())


def warehouse(connection: Connection, facility: str) -> Any:
    """The row of a warehouse; 404 where nothing is stored."""
    found = store.warehouse(connection, facility)
    if found is None:
        raise HTTPException(404)
    return found


def at_its_place(actor: Actor, facility: str) -> None:
    """A station works at its own places alone; raises NotItsPlace."""
    accounts_places.checked(actor, facility)


def owner_of(actor: Actor, owner: str) -> str:
    """Whose goods are meant: a merchant's own, or those that the hub chose."""
    return actor.tenant if ROLES[actor.kind] is Role.MERCHANT else owner


def zone_of(request: Request, facility: str) -> str:
    """The time zone of a warehouse."""
    here = context_of(request).network.feed.facility.get(facility)
    return here.timezone if here else "UTC"


def shown(
    request: Request, actor: Actor, facility: str, template: str, status: int = 200, **told: Any
) -> Response:
    """A page of a warehouse, with the way to the others; 404 where nothing is stored."""
    with acting(actor) as connection:
        warehouse(connection, facility)
        others = store.warehouses(connection)
        owners = [] if ROLES[actor.kind] is Role.MERCHANT else listing.owners(connection)
    _ = translate(request)
    place = context_of(request).network.feed.facility.get(facility)
    told = {"fault": None, "done": "", **told}
    return page(
        request,
        template,
        status,
        facility=facility,
        place=place,
        others=others,
        owners=owners,
        owner_names=dict(owners),
        zone=zone_of(request, facility),
        here_page=request.scope["path"].removeprefix(f"/storage/{facility}").rstrip("/"),
        sections=[s for s in sections(_) if actor.may(s.scope)],
        key=new_id("page"),
        **told,
    )
