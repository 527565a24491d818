"""What scans at the induction mean to bags: what slides into a chute lies in the bag that hangs there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import event
from qafila.sorting import sorting_happenings as what
from qafila.sorting import units_store as store
from qafila.sorting.model import By
from qafila.sorting.retelling import retell, source_of


def scanned(connection: Connection, facility: str, rows: Sequence[dict[str, Any]]) -> None:
    """What scans at the induction mean to bags: what is on the belt lies in no bag any more, and what slides into a chute
    lies in the bag that hangs open there."""
    parcels = {row["parcel"] for row in rows if row["parcel"] and row["owner"]}
    if not parcels:
        return
    bags = store.open_bags(connection, facility)
    nested = store.nested_once(connection, parcels)
    touched = [r for r in rows if r["owner"] and (r["parcel"] in nested or r["chute"] in bags)]
    if not touched:
        return
    store.queue(connection, False, {r["parcel"] for r in touched})
    log = store.log_of(connection, nested)
    acts: list[dict[str, Any]] = []
    events: dict[str, list[Event]] = defaultdict(list)
    for row in touched:
        at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
        key = f"scan|{facility}|{row['key']}"
        common = {
            "tenant": row["tenant"],
            "child": row["parcel"],
            "facility": facility,
            "by": row["station"] or row["tenant"],
            "device": row["station"],
            "at": at,
        }
        held_by = log.holder(row["parcel"], (at, store.key_of("load", row["tenant"], key)))
        if held_by:
            acts.append({**common, "key": f"{key}|1", "act": "unload", "unit": held_by})
        if row["chute"] in bags:
            acts.append({**common, "key": f"{key}|2", "act": "load", "unit": bags[row["chute"]]})
            source = source_of(By(row["tenant"], row["role"], row["station"]))
            events[row["owner"]].append(
                event(
                    what.PACKED,
                    Subject(SubjectKind.PARCEL.value, row["parcel"]),
                    at,
                    source,
                    facility=facility,
                    id=uuid_of(f"unit|{key}|2|{row['parcel']}"),
                    details={"unit": bags[row["chute"]], "kind": "bag"},
                )
            )
    store.put_acts(connection, acts)
    for owner in sorted(events):
        histories.append(connection, owner, events[owner])
    first = touched[0]
    retell(connection, {a["child"] for a in acts}, By(first["tenant"], first["role"], first["station"]))
