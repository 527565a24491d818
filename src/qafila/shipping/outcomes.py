"""What became of each parcel, told to the log when its way is over: late or not, left behind, damaged, lost.

By this the regulator compares how different kinds of senders fare where goods move, not only what they were offered. The
projection reads the whole history once, and tells of each parcel once, however often its end is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.openness import openness_telling
from qafila.openness.model import Decision
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, SubjectKind, TimeKind
from qafila.runtime.events.projection import Projection, Recorded
from qafila.tracking.planned import newest_revision
from qafila.tracking.status import standing

KIND = "shipping.outcome"
ENDS = ("delivered", "returned", "lost")
_PARCELS = """
    SELECT p.number, p.merchant_id, b.promise_by, b.booking_id
    FROM parcels p JOIN shipments s USING (merchant_id, shipment_id) JOIN bookings b USING (merchant_id, booking_id)
    WHERE p.number = ANY(:numbers) AND b.cancelled_at IS NULL
        AND NOT EXISTS (SELECT FROM brought_bookings x WHERE (x.tenant_id, x.booking_id) = (s.merchant_id, s.booking_id))
        AND NOT EXISTS (SELECT FROM log_entries e WHERE e.kind = :kind AND e.subject = p.number)
    ORDER BY p.number
"""


def _follow(connection: Connection, events: Sequence[Recorded]) -> None:
    ended = {
        one.event.subject_id: one.event.time
        for one in reversed(events)  # of several the first
        if one.event.subject_kind == SubjectKind.PARCEL
        and one.event.time_kind == TimeKind.ACTUAL
        and one.event.type in ENDS
    }
    if not ended:
        return
    rows = connection.execute(text(_PARCELS), {"numbers": sorted(ended), "kind": KIND}).all()
    told = histories.histories(connection, [row.number for row in rows])
    made = [
        decision(row.number, row.merchant_id, row.promise_by, told.get(row.number, []), ended[row.number])
        for row in rows
    ]
    openness_telling.tell(connection, made)


OUTCOMES = Projection("shipping.outcomes", _follow)
"""Tells the log what became of parcels."""


def decision(number: str, owner: str, promised: datetime, history: Sequence[Event], at: datetime) -> Decision:
    """What is told of a parcel whose way is over.

    Args:
        number: the parcel.
        owner: its merchant.
        promised: until when it was promised.
        history: all that is known of it.
        at: when its way ended.
    """
    return Decision(KIND, number, at, {}, {"outcome": outcome(promised, history)}, owner)


def outcome(promised: datetime, history: Sequence[Event]) -> dict[str, Any]:
    """What became of a parcel, as JSON.

    Returns:
        `how` (delivered, returned, lost; empty where none stands), `days_late` against the promise (negative where it came before;
        None where it was not delivered), `left_behind` (it missed a departure, or was booked on anew), `damaged`,
        `way`: the services that it was first booked on, which make two parcels alike.
    """
    known = standing(history)
    actual = [e for e in known if e.time_kind == TimeKind.ACTUAL]
    ends = [e for e in actual if e.type in ENDS]
    first = ends[0] if ends else None
    delivered = next((e.time for e in actual if e.type == "delivered"), None)
    reasons = {str(e.details.get(name, "")) for e in actual for name in ("why", "reason", "cause")}
    plan = sorted(
        {
            (e.leg, str(e.details["service"]))
            for e in known
            if e.time_kind == TimeKind.PLANNED
            and e.leg is not None
            and "service" in e.details
            and not int(e.details.get("revision", 0))
        }
    )
    return {
        "how": first.type if first is not None else "",
        "days_late": None if delivered is None else round((delivered - promised).total_seconds() / 86400, 4),
        "left_behind": newest_revision(known) > 0 or "missed" in reasons,
        "damaged": "damaged" in reasons,
        "way": [service for _, service in plan],
    }
