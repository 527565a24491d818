"""What can happen to flights and tails of the fleet."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, EventType, event_type

_DECIDES = frozenset({Reporter.OPERATOR})


def _type(name: str, meaning: str, step: str, disposition: str) -> EventType:
    return event_type(
        name,
        template(f"fleet.event.{name}", meaning),
        subjects={SubjectKind.VEHICLE},
        reporters=_DECIDES,
        codes=[Codes(step, disposition, source="CBV 2.0", since="2022-06-01")],
        public=False,
    )


FLIGHT_SWAPPED = _type("flight_swapped", "Flown by another tail", "other", "in_progress")
FLIGHT_DELAYED = _type("flight_delayed", "Delayed", "other", "in_progress")
FLIGHT_CANCELLED = _type("flight_cancelled", "Does not fly", "other", "inactive")
FLIGHT_RESTORED = _type("flight_restored", "Flies as planned again", "other", "active")
TAIL_OUT = _type("tail_out", "Out of service", "other", "inactive")
TAIL_BACK = _type("tail_back", "In service again", "other", "active")

TYPES = (FLIGHT_SWAPPED, FLIGHT_DELAYED, FLIGHT_CANCELLED, FLIGHT_RESTORED, TAIL_OUT, TAIL_BACK)
