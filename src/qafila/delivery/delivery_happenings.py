"""What happens on this floor beside what every parcel knows: its buyer is called before the door."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, event_type

CALLED = event_type(
    "buyer_called",
    template("event.buyer_called", "The buyer was called"),
    subjects={SubjectKind.PARCEL},
    reporters={Reporter.CARRIER, Reporter.STATION, Reporter.OPERATOR},
    public=False,
    codes=[Codes("urn:x-qafila:bizStep:calling", "in_progress", source="own terms", since="2026-01-01")],
)

EVENTS = (CALLED,)
