"""What is expected at each sorting centre, made of the events of bookings as they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qafila.runtime.events.envelope import SubjectKind, TimeKind
from qafila.runtime.events.projection import Projection, Recorded
from qafila.sorting import store

_DEPARTS = frozenset({"departed", "out_for_delivery"})
HOLDS = {
    "customs_held": "held",
    "customs_released": "",
    "recalled": "recalled",
    "recall_ended": "",
    "cancelled": "recalled",
}
"""What an actual event does to a parcel that is to be sorted: it is kept back, or it may go on again."""


def _follow(connection: Any, events: Sequence[Recorded]) -> None:
    sorts = set(store.centres(connection))
    departs: dict[tuple[str, int], dict[str, Any]] = {}
    leads: dict[tuple[str, int, int], str] = {}
    newest: dict[str, int] = {}
    for _, owner, event in events:
        if event.subject_kind != SubjectKind.PARCEL or owner is None:
            continue
        if event.time_kind == TimeKind.ACTUAL and event.type in HOLDS:
            store.put_held(connection, event.subject_id, owner, HOLDS[event.type], event.time)
        if event.time_kind != TimeKind.PLANNED or event.leg is None or not sorts:
            continue
        revision = int(event.details.get("revision", 0))
        if revision:
            newest[event.subject_id] = max(revision, newest.get(event.subject_id, 0))
        if event.type in _DEPARTS and event.facility in sorts and "board_by" in event.details:
            departs[event.subject_id, event.leg] = {
                "parcel": event.subject_id,
                "leg": event.leg,
                "owner": owner,
                "facility": event.facility,
                "service": event.details["service"],
                "day": event.details["day"],
                "board_by": event.details["board_by"],
                "revision": revision,
            }
        elif event.type == "arrived" and event.facility is not None:
            leads[event.subject_id, event.leg, revision] = event.facility
    store.drop_older(connection, newest)
    current = [r for r in departs.values() if r["revision"] >= newest.get(r["parcel"], 0)]
    store.put_expected(connection, current)
    store.put_next(
        connection,
        [{"parcel": p, "leg": leg, "revision": r, "facility": f} for (p, leg, r), f in leads.items()],
    )


EXPECTED = Projection("sorting.expected", _follow, planned=True)
