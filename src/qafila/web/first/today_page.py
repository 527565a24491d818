"""/today: the first screen after sign-in: what this person decides next, and the few figures that tell how it goes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from qafila.floors import FLOORS
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import Shown, Tile, Waiting
from qafila.web.chassis.page_frame import page
from qafila.web.chassis.visitor import signed_in
from qafila.web.chassis.web_asking import context_of
from qafila.web.first import pictures

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)

_FIRST_STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "clerk": (("/ship", "offers:read"),), "administrator": (("/people", "accounts:read"),), "picker": (("/storage", "storage:work"),),
    "dispatcher": (("/shipments", "bookings:read"), ("/hauled", "delivery:haul")), "broker": (("/desk", "customs:read"),), "compliance": (("/desk", "customs:read"),),
    "planner": (("/plan", "plans:read"),), "regulator": (("/oversight", "audit:read"),),
    "driver": (("/rounds", "delivery:drive"), ("/hauled", "delivery:haul"), ("/report", "events:write")), "officer": (("/t", ""),),
    "accountant": (("/money", "ledger:read"),),
}  # fmt: skip
"""The pages at which each role's work is done, with the scope of each; the first that he may open is his."""


def tiles_for(actor: Actor) -> Iterator[Tile]:
    """The tiles of a person's first screen, in the order of the floors."""
    return (tile for floor in FLOORS for tile in floor.tiles if tile.stands_for(actor))


@router.get("/today")
def today(request: Request, here: Annotated[Session, Depends(signed_in)]) -> Response:
    """What waits first, the figures behind it."""
    actor, context = here.actor, context_of(request, here.actor.tenant)
    shown: list[tuple[Tile, Shown]] = []
    unread: list[Tile] = []
    for tile in tiles_for(actor):
        try:
            found = tile.look(actor, context)
        except Exception:  # one floor that cannot be read is no reason to show nothing of the others
            _log.exception("the tile %s cannot be read", tile.name)
            unread.append(tile)
            continue
        if found is not None:
            shown.append((tile, found))
    shown = _fitting(shown)
    return page(
        request,
        "today.html",
        waiting=[(t, s) for t, s in shown if isinstance(s, Waiting)],
        figures=[(t, s, type(s).__name__) for t, s in shown if not isinstance(s, Waiting)],
        unread=unread,
        roles=[ROLES[r] for r in sorted(actor.roles) if r in ROLES],
        steps=_steps(actor),
        pictures=pictures,
        alive=actor.may("hub:watch"),
    )


MOST = 8
"""Tiles of one screen: what a person grasps at a glance."""


def _fitting(shown: list[tuple[Tile, Shown]]) -> list[tuple[Tile, Shown]]:
    """As many tiles as one screen holds: where nothing waits, a tile gives way first; then the last figures do."""
    spare = len(shown) - MOST
    gone: set[str] = set()
    idle = [tile.name for tile, told in shown if isinstance(told, Waiting) and not told.count]
    figures = [tile.name for tile, told in shown if not isinstance(told, Waiting)]
    for name in (*reversed(idle), *reversed(figures)):
        if len(gone) >= spare:
            break
        gone.add(name)
    return [(tile, told) for tile, told in shown if tile.name not in gone]


def _steps(actor: Actor) -> list[str]:
    roles = actor.roles if actor.person else {"clerk"}
    if actor.kind is TenantKind.HUB and actor.may("tenants:write"):
        return ["/hub", "/people"]
    if actor.may("bookings:write") and "administrator" in roles:
        return ["/ship", "/people"]
    found = (
        next((address for address, scope in _FIRST_STEPS[r] if not scope or actor.may(scope)), None)
        for r in sorted(roles)
        if r in _FIRST_STEPS
    )
    return list(dict.fromkeys(address for address in found if address is not None))
