"""What a floor declares to the house, in its `floor.py`; `qafila/floors.py` lists the floors."""

from __future__ import annotations

from dataclasses import dataclass

from qafila.core.message import Template
from qafila.runtime.events.types import EventType
from qafila.runtime.jobs.types import Job


@dataclass(frozen=True, slots=True)
class Scope:
    """A right that keys and roles carry: `floor:read`, `floor:write`, or a narrower act.

    Attributes:
        name: what keys and routes call it.
        meaning: what it lets its holder do, said to people.
    """

    name: str
    meaning: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A floor of the house and all that the mechanisms need to know of it.

    Attributes:
        name: the name of its package.
        scopes: the rights that its doors ask for.
        event_types: what can happen on it (`runtime/events/types.py`); each is listed by exactly one floor.
        jobs: what it does in the background (`runtime/jobs/types.py`).
    """

    name: str
    scopes: tuple[Scope, ...] = ()
    event_types: tuple[EventType, ...] = ()
    jobs: tuple[Job, ...] = ()
