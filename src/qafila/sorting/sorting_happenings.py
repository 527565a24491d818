"""What can happen where parcels are sorted, with the words of EPCIS and of the UPU."""

from __future__ import annotations

from collections.abc import Collection

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, EventType, event_type

_CBV, _SINCE = "CBV 2.0", "2022-06-01"
_PARCEL, _UNIT = {SubjectKind.PARCEL}, {SubjectKind.HANDLING_UNIT}
_HANDLER = frozenset({Reporter.CARRIER, Reporter.STATION, Reporter.OPERATOR})
_CALLER = frozenset({Reporter.MERCHANT, Reporter.AUTHORITY, Reporter.OPERATOR, Reporter.STATION})


def _type(
    name: str,
    meaning: str,
    step: str,
    disposition: str,
    subjects: Collection[SubjectKind],
    reporters: Collection[Reporter] = _HANDLER,
    public: bool = False,
) -> EventType:
    return event_type(
        name,
        template(f"sorting.event.{name}", meaning),
        subjects=subjects,
        reporters=reporters,
        codes=[Codes(step, disposition, source=_CBV, since=_SINCE)],
        public=public,
    )


PACKED = _type("packed_in", "Put into a bag or a ULD", "packing", "in_progress", _PARCEL)
UNPACKED = _type("taken_out", "Taken out of a bag or a ULD", "unpacking", "in_progress", _PARCEL)
MISSING = _type("missing_from_unit", "Not found when its bag was opened", "inspecting", "unknown", _PARCEL)
MEASURED = _type("measured", "Weighed and measured by a machine", "sensor_reporting", "in_progress", _PARCEL)
RELABELLED = _type("relabelled", "Labelled anew under its own number", "repairing", "in_progress", _PARCEL)
RECALLED = _type("recalled", "Recalled", "holding", "recalled", _PARCEL, _CALLER)
RECALL_ENDED = _type("recall_ended", "Recall ended", "other", "active", _PARCEL, _CALLER)

UNIT_OPENED = _type("unit_opened", "Opened to be filled", "packing", "in_progress", _UNIT)
UNIT_CLOSED = _type("unit_closed", "Closed", "packing", "container_closed", _UNIT)
UNIT_SEALED = _type("unit_sealed", "Sealed", "packing", "container_closed", _UNIT)
UNIT_LOADED = _type("unit_loaded", "Loaded", "loading", "in_progress", _UNIT)
UNIT_UNLOADED = _type("unit_unloaded", "Unloaded", "unloading", "in_progress", _UNIT)
UNIT_DEPARTED = _type("unit_departed", "Left", "departing", "in_transit", _UNIT)
UNIT_ARRIVED = _type("unit_arrived", "Came in", "arriving", "in_progress", _UNIT)
UNIT_EMPTIED = _type("unit_emptied", "Opened and emptied", "unpacking", "in_progress", _UNIT)

TYPES = (
    PACKED, UNPACKED, MISSING, MEASURED, RELABELLED, RECALLED, RECALL_ENDED, UNIT_OPENED, UNIT_CLOSED, UNIT_SEALED,
    UNIT_LOADED, UNIT_UNLOADED, UNIT_DEPARTED, UNIT_ARRIVED, UNIT_EMPTIED,
)  # fmt: skip
