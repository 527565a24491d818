"""Follows histories: a return whose parcel is lost on its way back is gone, and on its way again once it is found. Small, for every
process loads it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from qafila.runtime.events.envelope import SubjectKind, TimeKind
from qafila.runtime.events.projection import Projection, Recorded


def _follow(connection: Connection, events: Sequence[Recorded]) -> None:
    """Looks at returns on their way whose parcels were lost, and at those that were lost and of which something was told."""
    told = {
        e.event.subject_id: e.event.time
        for e in events
        if e.event.subject_kind == SubjectKind.PARCEL.value and e.event.time_kind == TimeKind.ACTUAL.value
    }
    if not told:
        return
    lost = {e.event.subject_id for e in events if e.event.type in ("lost", "retracted")} & told.keys()
    moving = text(
        "SELECT DISTINCT parcel FROM returns WHERE parcel = ANY(:p) AND (state = 'gone' OR state = 'on_way' AND parcel = ANY(:l))"
    )
    parcels = list(connection.execute(moving, {"p": sorted(told), "l": sorted(lost)}).scalars())
    if parcels:
        from qafila.returns import returns_losing  # read when it runs, and not before

        returns_losing.follow(connection, parcels, max(told[p] for p in parcels))


GONE = Projection("returns.gone", _follow)
