"""What accounts put on the first screens: who is invited and has not come, and who was let in lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qafila.core.message import template
from qafila.runtime.accounts import session_store, store
from qafila.runtime.accounts.accounts_acting import acting, managing
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import KIND_NAMES, TenantKind
from qafila.runtime.first_screen import LINES, Line, Tile, Waiting

INVITED = template("first.invited", "Invited, and not here yet")
INVITED_LINE = template("first.invited.line", "{email}")
INVITED_NONE = template(
    "first.invited.none", "No invitation is open. Invite the people who work with you, each with a role."
)
JOINED = template("first.joined", "New organisations, thirty days")
JOINED_LINE = template("first.joined.line", "{name} ({kind})")
JOINED_NONE = template("first.joined.none", "No organisation has come lately.")


def invited(actor: Actor, here: Any) -> Waiting:
    """Open invitations, the one that lapses first first."""
    with managing(actor) as connection:
        found = [i for i in session_store.invitations(connection, actor.tenant, here.now()) if i.open]
    found.sort(key=lambda i: i.expires_at)
    lines = tuple(
        Line(what=INVITED_LINE(email=i.email), link="/people", by=i.expires_at) for i in found[:LINES]
    )
    return Waiting(count=len(found), lines=lines, link="/people", nothing=INVITED_NONE())


def joined(actor: Actor, here: Any) -> Waiting:
    """Organisations of the last thirty days, the newest first."""
    with acting(actor) as connection:
        lately = here.now() - timedelta(days=30)
        found = [t for t in store.tenants(connection) if t.created_at > lately and t.id != actor.tenant]
    found.sort(key=lambda t: t.created_at, reverse=True)
    lines = tuple(
        Line(
            what=JOINED_LINE(name=t.name, kind=KIND_NAMES[t.kind]()),
            link="/organisations",
            by=t.created_at,
            state="stop" if t.suspended else "quiet",
        )
        for t in found[:LINES]
    )
    return Waiting(count=len(found), lines=lines, link="/organisations", nothing=JOINED_NONE())


TILES = (
    Tile(
        name="accounts.joined",
        title=JOINED,
        scope="tenants:write",
        roles=("administrator",),
        look=joined,
        kinds=frozenset({TenantKind.HUB}),
    ),
    Tile(
        name="accounts.invited", title=INVITED, scope="accounts:read", roles=("administrator",), look=invited
    ),
)
