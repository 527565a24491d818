"""Projections: what is made of events as they are recorded, each by a cursor of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from qafila.runtime.events.envelope import Event


class Recorded(NamedTuple):
    """An event as it stands in the history."""

    position: int
    owner: str | None  # the tenant whose subject it is about; None: the hub's own
    event: Event


@dataclass(frozen=True, slots=True)
class Projection:
    """Something that follows all events in their order, each exactly once.

    Attributes:
        name: of its cursor; unique in the house.
        handle: is called with a transaction of the tables' owner (a sqlalchemy.Connection) and some events, in order. What it writes there is
            committed together with the cursor, or not at all: what it does elsewhere may be repeated after a kill.
        planned: whether planned events are among them.
        from_the_start: whether it begins with the oldest event, or with what comes in once it is there.
    """

    name: str
    handle: Callable[[Any, Sequence[Recorded]], None]
    planned: bool = False
    from_the_start: bool = False
