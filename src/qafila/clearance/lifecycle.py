"""The life of a declaration: its states, what may follow what, and what each step says of the parcel.

The first states are pre-loading advice as the postal and express world has it (UPU Global Postal Model,
ICS2): before a parcel is loaded the authority says assessment complete, asks for information, or says do
not load. Then it is lodged, accepted, given a channel, and released or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qafila.clearance import clearance_messages as m
from qafila.core.fault import Conflict
from qafila.core.message import Choice, Message, Term
from qafila.tracking.event import ParcelEvent


class State(StrEnum):
    """Where a declaration stands."""

    DRAFT = "draft"
    ADVISED = "advised"  # pre-loading data sent
    ASSESSED = "assessed"  # assessment complete: may be loaded
    INFORMATION_REQUESTED = "information_requested"
    DO_NOT_LOAD = "do_not_load"
    LODGED = "lodged"
    ACCEPTED = "accepted"
    GREEN = "green"
    ORANGE = "orange"  # documents are checked
    RED = "red"  # goods are inspected
    HELD = "held"
    INSPECTED = "inspected"
    BONDED = "bonded"  # in the bonded warehouse, duty suspended
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ADVISED, State.LODGED, State.WITHDRAWN}),
    State.ADVISED: frozenset({State.ASSESSED, State.INFORMATION_REQUESTED, State.DO_NOT_LOAD}),
    State.INFORMATION_REQUESTED: frozenset({State.ADVISED, State.LODGED, State.REFUSED, State.WITHDRAWN}),
    State.DO_NOT_LOAD: frozenset({State.WITHDRAWN}),
    State.ASSESSED: frozenset({State.LODGED, State.ADVISED, State.WITHDRAWN}),
    State.LODGED: frozenset({State.ACCEPTED, State.REFUSED, State.INFORMATION_REQUESTED}),
    State.ACCEPTED: frozenset({State.GREEN, State.ORANGE, State.RED}),
    State.GREEN: frozenset({State.RELEASED, State.BONDED}),
    State.ORANGE: frozenset(
        {State.RELEASED, State.BONDED, State.HELD, State.RED, State.REFUSED, State.INFORMATION_REQUESTED}
    ),
    State.RED: frozenset({State.INSPECTED, State.HELD}),
    State.HELD: frozenset(
        {State.INSPECTED, State.RELEASED, State.BONDED, State.REFUSED, State.INFORMATION_REQUESTED}
    ),
    State.INSPECTED: frozenset({State.RELEASED, State.BONDED, State.HELD, State.REFUSED}),
    State.BONDED: frozenset({State.RELEASED}),
    State.RELEASED: frozenset(),
    State.REFUSED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}

# what a broker may still change: from acceptance on only on customs' request
AMENDABLE = frozenset({State.DRAFT, State.ADVISED, State.ASSESSED, State.INFORMATION_REQUESTED, State.LODGED})

_EVENTS: dict[State, ParcelEvent] = {
    State.LODGED: ParcelEvent.CUSTOMS_PRESENTED,
    State.INFORMATION_REQUESTED: ParcelEvent.CUSTOMS_HELD,
    State.DO_NOT_LOAD: ParcelEvent.CUSTOMS_HELD,
    State.ORANGE: ParcelEvent.CUSTOMS_HELD,
    State.RED: ParcelEvent.CUSTOMS_HELD,
    State.HELD: ParcelEvent.CUSTOMS_HELD,
    State.REFUSED: ParcelEvent.CUSTOMS_HELD,
    State.RELEASED: ParcelEvent.CUSTOMS_RELEASED,
}


class StepRefused(Conflict):
    """A step that does not follow from where the declaration stands; the remedy says what does."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a declaration's state."""

    state: State
    at: datetime
    by: str  # who changed it: a broker, the authority
    reason: Message | None = None


def after(state: State, following: State) -> State:
    """The state that follows; raises StepRefused where it may not."""
    if following not in _NEXT[state]:
        may = Choice(tuple(Term("declaration", s.value) for s in sorted(_NEXT[state])))
        raise StepRefused(
            m.CANNOT_BECOME(state=said(state), following=said(following)),
            m.NEXT_MAY_BE(states=may) if may.items else m.LIFE_IS_OVER(),
            field="state",
            value=state.value,
        )
    return following


def said(state: State) -> Term:
    """A state as people call it."""
    return Term("declaration", state.value)


def successors(state: State) -> frozenset[State]:
    """The states that may follow."""
    return _NEXT[state]


def event_type(state: State) -> ParcelEvent | None:
    """What the parcel's history shows of a state; None for steps that are the broker's alone."""
    return _EVENTS.get(state)
