"""What anybody may know of a parcel whose number he has, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from qafila.runtime.database import Role
from qafila.runtime.database.database_standing import reading_as
from qafila.runtime.events.envelope import Event
from qafila.runtime.events.events_types import is_public
from qafila.tracking.status import standing, status
from qafila.tracking.store import whole_history
from qafila.tracking.upu_codes import Place, Places
from qafila.tracking.whole import Whole, whole

FRESH_SECONDS = 30
"""How long whoever asked may keep the answer."""


class PublicEvent(BaseModel):
    """One thing that happened, as anybody may know it."""

    type: str
    time: datetime
    facility: str | None
    city: str | None
    country: str | None


class PublicParcel(BaseModel):
    """One parcel of a shipment, as anybody may know it."""

    number: str
    state: str


class PublicShipment(BaseModel):
    """A shipment of several parcels: as far as the one that is in trouble or furthest behind."""

    state: str
    eta: datetime | None
    parcels: list[PublicParcel]


class PublicTracking(BaseModel):
    """Where a parcel is: no names, no addresses, no order."""

    number: str
    state: str
    eta: datetime | None
    planned: datetime | None
    overdue: bool
    city: str | None
    country: str | None
    last_seen: datetime | None
    shipment: PublicShipment | None = Field(
        description="the shipment as a whole; null where it has one parcel"
    )
    events: list[PublicEvent] = Field(description="what has happened, newest first")


def public_tracking(number: str, now: datetime, places: Places) -> PublicTracking | None:
    """What anybody may know of a parcel at a moment; None where no history has this number."""
    with reading_as(Role.PUBLIC) as connection:
        histories = whole_history(connection, number)
    if not histories or not all(histories.values()):
        return None
    seen = whole([status(told, now) for told in histories.values()])
    numbers = list(histories)
    own = seen.statuses[numbers.index(number)]
    at = places.get(own.facility or "")
    return PublicTracking(
        number=number,
        state=own.state.value,
        eta=own.eta,
        planned=own.planned,
        overdue=own.overdue is not None,
        city=at.city if at else None,
        country=at.country if at else None,
        last_seen=own.last.time if own.last else None,
        events=_happened(histories[number], places),
        shipment=_shipment(numbers, seen),
    )


def _shipment(numbers: Sequence[str], seen: Whole) -> PublicShipment | None:
    if len(numbers) == 1:
        return None
    parcels = [
        PublicParcel(number=number, state=one.state.value)
        for number, one in zip(numbers, seen.statuses, strict=True)
    ]
    return PublicShipment(state=seen.state.value, eta=seen.eta, parcels=parcels)


def _happened(history: list[Event], places: Mapping[str, Place]) -> list[PublicEvent]:
    return [
        _public(e, places.get(e.facility or ""))
        for e in reversed(standing(history))
        if e.time_kind == "actual" and is_public(e.type)
    ]


def _public(event: Event, place: Place | None) -> PublicEvent:
    if place is None:
        return PublicEvent(type=event.type, time=event.time, facility=None, city=None, country=None)
    return PublicEvent(
        type=event.type, time=event.time, facility=place.name, city=place.city, country=place.country
    )
