"""What can happen to cash, with its EPCIS words: none of the CBV is about money, so the steps are URIs of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.core.message import template
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import Codes, EventType, event, event_type

_STEP = "urn:x-qafila:bizStep:"
_DISPOSITION = "urn:x-qafila:disposition:"
_WHO = {Reporter.CARRIER, Reporter.STATION, Reporter.OPERATOR, Reporter.NETWORK}


def _type(name: str, meaning: str, disposition: str) -> EventType:
    return event_type(
        name,
        template(f"event.{name}", meaning),
        subjects={SubjectKind.CASH},
        reporters=_WHO,
        public=False,
        codes=[
            Codes(f"{_STEP}{name}", f"{_DISPOSITION}{disposition}", source="own terms", since="2026-01-01")
        ],
    )


COLLECTED = _type("cash_collected", "Cash collected at the door", "held")
SHORT = _type("cash_short", "Less cash collected than was due", "held")
REFUSED = _type("cash_refused", "The buyer paid nothing", "not_held")
CORRECTED = _type("cash_corrected", "A collection was corrected", "not_held")
DECLARED = _type("cash_declared", "The driver has counted and signed", "held")
HANDED_OVER = _type("cash_handed_over", "Counted by two and put into the safe", "held")
SUSPECTED = _type("cash_suspected", "Notes put aside as suspect", "doubted")
JUDGED = _type("cash_judged", "Suspect notes were examined", "held")
STOLEN = _type("cash_stolen", "Cash was stolen", "lost")
SENT = _type("cash_sent", "Cash is on its way to the bank", "held")
BANKED = _type("cash_banked", "The bank has credited the cash", "banked")
REMITTED = _type("cash_remitted", "Remitted to the merchant", "remitted")
PROMISE_PAID = _type("promise_paid", "Paid for a promise that was not kept", "not_held")

EVENTS = (
    COLLECTED, SHORT, REFUSED, CORRECTED, DECLARED, HANDED_OVER, SUSPECTED, JUDGED, STOLEN, SENT, BANKED, REMITTED,
    PROMISE_PAID,
)  # fmt: skip


def tell(
    connection: Connection,
    type: EventType,
    subject: str,
    at: datetime,
    source: Source,
    owner: str | None,
    facility: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes an event about cash in the caller's transaction, as the house.

    Args:
        subject: the id of the collection, bag, deposit or remittance.
        owner: the tenant that may read it; None: the hub alone.
    """
    made = event(
        type,
        Subject(SubjectKind.CASH.value, subject),
        at,
        source,
        facility=facility,
        id=uuid_of(f"cash|{type.name}|{subject}|{at.isoformat()}"),
        details=details,
    )
    histories.append(connection, owner, [made])
