"""What happens to a return, as its parcel's history tells it; on the way it is `returning` and `returned`, as any parcel."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, EventType, event_type

_WHO = {Reporter.MERCHANT, Reporter.STATION, Reporter.OPERATOR, Reporter.NETWORK}


def _type(name: str, meaning: str, public: bool = True) -> EventType:
    return event_type(
        name,
        template(f"event.{name}", meaning),
        subjects={SubjectKind.PARCEL},
        reporters=_WHO,
        public=public,
        codes=[
            Codes(
                f"urn:x-qafila:bizStep:{name}",
                f"urn:x-qafila:disposition:{name}",
                source="own terms",
                since="2026-01-01",
            )
        ],
    )


ASKED = _type("return_asked", "The buyer sends it back")
INSPECTED = _type("return_inspected", "Inspected after its return", public=False)
REFUNDED = _type("return_refunded", "The refund is decided", public=False)
EXCHANGED = _type("return_exchanged", "Exchanged for another", public=False)

EVENTS = (ASKED, INSPECTED, REFUNDED, EXCHANGED)
