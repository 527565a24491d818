"""What a pick-up says in the history of its parcels. It changes no status: the parcel still waits."""

from __future__ import annotations

from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, event_type
from qafila.shipping.pickups import pickups_messages as m

BOOKED = event_type(
    "pickup_booked",
    m.PICKUP_BOOKED,
    subjects={SubjectKind.PARCEL},
    reporters={Reporter.NETWORK},
    public=False,
    codes=[
        Codes(
            "urn:x-qafila:bizStep:booking_pick_up",
            "active",
            source="own: EPCIS has no such step",
            since="2026-11-30",
        )
    ],
)
CANCELLED = event_type(
    "pickup_cancelled",
    m.PICKUP_CANCELLED,
    subjects={SubjectKind.PARCEL},
    reporters={Reporter.NETWORK},
    public=False,
    codes=[
        Codes(
            "urn:x-qafila:bizStep:cancelling_pick_up",
            "active",
            source="own: EPCIS has no such step",
            since="2026-11-30",
        )
    ],
)
