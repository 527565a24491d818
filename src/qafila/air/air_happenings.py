"""What happens to load plans, told of their flights."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, EventType, event_type


def _type(name: str, meaning: str) -> EventType:
    return event_type(
        f"load_plan_{name}",
        template(f"air.event.load_plan_{name}", meaning),
        subjects={SubjectKind.VEHICLE},
        reporters={Reporter.OPERATOR, Reporter.CARRIER},
        public=False,
        codes=[Codes("other", "in_progress", source="CBV 2.0", since="2022-06-01")],
    )


OF = {
    "built": _type("built", "Load plan built"),
    "changed": _type("changed", "Load plan changed"),
    "closed": _type("closed", "Load plan closed"),
    "withdrawn": _type("withdrawn", "Load plan withdrawn"),
}
"""The event of each state of a plan."""

EVENTS = tuple(OF.values())
