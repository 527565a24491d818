"""What a floor declares to the house, in its `floor.py`; `qafila/floors.py` lists the floors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qafila.core.message import Template
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.events_types import EventType
from qafila.runtime.events.projection import Projection
from qafila.runtime.jobs.jobs_types import Job

if TYPE_CHECKING:
    from qafila.runtime.first_screen import Tile


@dataclass(frozen=True, slots=True)
class Scope:
    """A right that keys and roles carry: `floor:read`, `floor:write`, or a narrower act.

    Attributes:
        name: what keys and routes call it.
        meaning: what it lets its holder do, said to people.
        kinds: the kinds of tenants that may hold it; a key or a role of another kind never carries it.
        roles: the roles of people that carry it (`accounts.roles.ROLES`). An administrator carries every scope
            that his tenant may hold, and need not be named.
        unasked: whether a new key has it where nothing is said of its scopes.
    """

    name: str
    meaning: Template
    kinds: frozenset[TenantKind] = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
    roles: tuple[str, ...] = ()
    unasked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A floor of the house and all that the mechanisms need to know of it.

    Attributes:
        name: the name of its package.
        scopes: the rights that its doors ask for.
        event_types: what can happen on it (`runtime/events/events_types.py`); each is listed by exactly one floor.
        jobs: what it does in the background (`runtime/jobs/jobs_types.py`).
        projections: what it makes of events as they are recorded (`runtime/events/projection.py`).
        tiles: what it puts on the first screens after sign-in (`runtime/first_screen.py`).
    """

    name: str
    scopes: tuple[Scope, ...] = ()
    event_types: tuple[EventType, ...] = ()
    jobs: tuple[Job, ...] = ()
    projections: tuple[Projection, ...] = ()
    tiles: tuple[Tile, ...] = ()
