"""Where a shipment of several parcels is: as far as the one that is furthest behind, and how many are where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qafila.tracking.status import State, Status

_BEHIND = (
    State.LOST, State.UNKNOWN, State.HELD_BY_CUSTOMS, State.DELIVERY_FAILED, State.RETURNING, State.RETURNED,
    State.CANCELLED, State.BOOKED, State.COLLECTED, State.IN_TRANSIT, State.AT_FACILITY, State.IN_CUSTOMS,
    State.RELEASED, State.OUT_FOR_DELIVERY, State.AWAITING_PICKUP, State.DELIVERED,
)  # fmt: skip
"""Which of several parcels a person asks about first: what is in trouble, then what is furthest behind."""
_RANK = {state: n for n, state in enumerate(_BEHIND)}


@dataclass(frozen=True, slots=True)
class Whole:
    """A shipment at a moment."""

    statuses: tuple[Status, ...]  # of each parcel, in their order; never none
    behind: Status  # of the parcel that is in trouble, or furthest behind
    counts: dict[State, int]  # parcels in each state, the furthest behind first
    eta: datetime | None  # when the last of them is there; None where that cannot be said

    @property
    def state(self) -> State:
        """The state of the parcel that is furthest behind: delivered only where all are."""
        return self.behind.state


def whole(statuses: Sequence[Status]) -> Whole:
    """The state of a shipment from those of its parcels. Raises ValueError where there are none."""
    if not statuses:
        raise ValueError("a shipment has a parcel")
    behind = min(statuses, key=lambda s: (_RANK[s.state], s.overdue is None, s.missed is None))
    counted = Counter(s.state for s in statuses)
    counts = {state: counted[state] for state in _BEHIND if state in counted}
    etas = [s.eta for s in statuses]
    eta = None if any(one is None for one in etas) else max(one for one in etas if one is not None)
    return Whole(tuple(statuses), behind, counts, eta)
