"""The event with which a parcel leaves this network for another, and those that the other network tells."""

from __future__ import annotations

from qafila.core.message import Template, template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, Effect, EventType, event_type
from qafila.shipping import handing_messages as m

HANDED_ON = event_type(
    "handed_on",
    template("handing.event", "Handed on to another network"),
    subjects={SubjectKind.PARCEL},
    reporters={Reporter.NETWORK},
    codes=[Codes("urn:x-qafila:bizStep:handing_on", "in_transit", source="own", since="2026-11-30")],
    effect=Effect(state="handed_on", rank=17, over=True, handed_over=True),
)


def _told(name: str, meaning: Template, disposition: str, effect: Effect | None = None) -> EventType:
    return event_type(
        name,
        meaning,
        subjects={SubjectKind.PARCEL},
        reporters={Reporter.NETWORK},
        effect=effect,
        codes=[Codes("urn:x-qafila:bizStep:told_by_partner", disposition, source="own", since="2026-11-30")],
    )


_AFTER = frozenset({"handed_on"})
PARTNER_TOLD = _told("partner_told", m.TOLD, "in_transit")
"""Whatever happened there and does not end the parcel's way."""
PARTNER_ENDS = {
    "delivered": _told(
        "partner_delivered",
        m.DELIVERED_THERE,
        "retail_sold",
        Effect(state="delivered", rank=18, over=True, handed_over=True, only_after=_AFTER),
    ),
    "returned": _told(
        "partner_returned",
        m.RETURNED_THERE,
        "returned",
        Effect(state="returned", rank=18, over=True, handed_over=True, only_after=_AFTER),
    ),
    "lost": _told(
        "partner_lost",
        m.LOST_THERE,
        "unknown",
        Effect(state="lost", rank=18, over=True, handed_over=True, only_after=_AFTER),
    ),
}
"""What ends its way, by the type of event there."""
