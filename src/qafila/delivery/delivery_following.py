"""Follows histories: a parcel that is reported lost leaves its round, one that nobody fetched leaves its compartment when it is read
elsewhere. Small, for every process loads it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from qafila.runtime.events.envelope import SubjectKind, TimeKind
from qafila.runtime.events.projection import Projection, Recorded


def _follow(connection: Connection, events: Sequence[Recorded]) -> None:
    """Looks at parcels that are lost, or of which something was told after they were, and at those that lie in a compartment longer
    than they may; of the others nothing is to be done."""
    told = [
        e.event
        for e in events
        if e.event.subject_kind == SubjectKind.PARCEL.value and e.event.time_kind == TimeKind.ACTUAL.value
    ]
    lost = {e.subject_id for e in told if e.type in ("lost", "retracted")}
    others = {e.subject_id for e in told} - lost
    if not told:
        return
    from qafila.delivery import delivery_points, gone, store  # read when it runs, and not before

    delivery_points.taken_back(connection, {e.subject_id: (e.facility, e.time) for e in told if e.facility})
    again = set(store.gone_among(connection, sorted(others)))
    gone.follow(connection, sorted(lost | again), max(e.time for e in told))


GONE = Projection("delivery.gone", _follow)
