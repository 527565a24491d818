"""The event with which a parcel leaves this network for another."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.types import Codes, Effect, event_type

HANDED_ON = event_type(
    "handed_on",
    template("handing.event", "Handed on to another network"),
    subjects={SubjectKind.PARCEL},
    reporters={Reporter.NETWORK},
    codes=[Codes("urn:x-qafila:bizStep:handing_on", "in_transit", source="own", since="2026-11-30")],
    effect=Effect(state="handed_on", rank=17, over=True, handed_over=True),
)
