"""What happens to a merchant itself: told as events, so that its history, its webhooks and its pages have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.message import template
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Reporter, Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EventType, event, event_type

_BY = frozenset({Reporter.OPERATOR, Reporter.NETWORK})


def _type(name: str, meaning: str) -> EventType:
    return event_type(
        name,
        template(f"openness.event.{name}", meaning),
        subjects={SubjectKind.MERCHANT},
        reporters=_BY,
        public=False,
    )


TERMS_ANNOUNCED = _type("terms_announced", "New terms were announced")
SUSPENSION_ANNOUNCED = _type("suspension_announced", "A suspension was announced")
SUSPENDED = _type("suspended", "Suspended")
LET_IN_AGAIN = _type("let_in_again", "Let in again")
COMPLAINT_ACKNOWLEDGED = _type("complaint_acknowledged", "A complaint was acknowledged")
COMPLAINT_ASKED = _type("complaint_asked", "More is asked about a complaint")
COMPLAINT_ANSWERED = _type("complaint_answered", "A complaint was answered")

MERCHANT_EVENTS = (
    TERMS_ANNOUNCED, SUSPENSION_ANNOUNCED, SUSPENDED, LET_IN_AGAIN, COMPLAINT_ACKNOWLEDGED, COMPLAINT_ASKED,
    COMPLAINT_ANSWERED,
)  # fmt: skip
COMPLAINT_EVENTS = {
    "acknowledged": COMPLAINT_ACKNOWLEDGED,
    "asked": COMPLAINT_ASKED,
    "answered": COMPLAINT_ANSWERED,
}


def tell(
    connection: Connection,
    type: EventType,
    tenants: Sequence[str],
    at: datetime,
    source: Source,
    details: Mapping[str, Any],
) -> None:
    """Adds an event to the history of each of some tenants, in the connection's transaction. As the operator.

    Raises:
        ValueError: the source may not report such an event.
    """
    for tenant in tenants:
        told = event(type, Subject(SubjectKind.MERCHANT.value, tenant), at, source, details=details)
        store.append(connection, tenant, [told])


def everybody(connection: Connection) -> list[str]:
    """The tenants who are told of terms: merchants and carriers. As the operator."""
    return list(
        connection.execute(
            text("SELECT tenant_id FROM tenants WHERE kind IN ('merchant', 'carrier') ORDER BY tenant_id")
        ).scalars()
    )
