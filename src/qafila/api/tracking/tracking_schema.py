"""Events and statuses as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.speaking import said
from qafila.runtime.events.envelope import Event, Source
from qafila.shipping.bookings.records import Parcel
from qafila.tracking.status import Status
from qafila.tracking.tracking_recording import Receipt
from qafila.tracking.tracking_report import Report
from qafila.tracking.upu_codes import Places, codes

_EXAMPLE = {
    "parcel": "HA000000014MA",
    "type": "arrived",
    "time": "2026-11-24T06:40:00+01:00",
    "facility": "CDG",
    "source": "dock 4",
}


Detail = (
    Annotated[str, Field(max_length=1000)]
    | bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | None
)
"""What may stand beside an event's own fields."""


class EventIn(In):
    """Something that happened to a parcel, or is expected to."""

    model_config = shown(_EXAMPLE)

    parcel: str = Field(description="S10 number", max_length=20)
    type: str = Field(description="our word (arrived, departed, …) or a UPU EMSEVT code (EMD)", max_length=40)
    time: AwareDatetime = Field(description="when it happened, with its offset from UTC")
    time_kind: str = Field(default="actual", description="planned, estimated or actual", max_length=10)
    facility: str | None = Field(
        default=None, description="id of the facility where it happened", max_length=80
    )
    leg: int | None = Field(default=None, ge=0, le=1000, description="index of the itinerary's leg")
    id: str | None = Field(
        default=None, description="your own UUID for it; sending it again records nothing", max_length=60
    )
    source: str | None = Field(
        default=None, description="the scanner, dock or person that saw it", max_length=80
    )
    details: dict[Annotated[str, Field(max_length=60)], Detail] = Field(default_factory=dict, max_length=50)

    def report(self, source: Source) -> Report:
        """As tracking takes it, from who reports."""
        return Report(
            self.parcel,
            self.type,
            self.time,
            source._replace(device=self.source or ""),
            self.time_kind,
            self.facility,
            self.leg,
            self.id,
            self.details,
        )


class EventsIn(In):
    """Up to a thousand events at once."""

    events: list[EventIn] = Field(min_length=1, max_length=1000)


class FlawOut(BaseModel):
    """Why an event was not recorded."""

    pointer: str
    value: str
    detail: str
    remedy: str


class ReceiptOut(BaseModel):
    """What became of one event."""

    result: str = Field(description="recorded, known (it was recorded before) or refused")
    id: str | None
    errors: list[FlawOut] = []

    @classmethod
    def of(cls, receipt: Receipt, pointer: str) -> ReceiptOut:
        """From tracking's receipt; `pointer` is where the event stands in the request."""
        if receipt.event is None:
            flaws = [
                FlawOut(
                    pointer=f"{pointer}/{f.field}",
                    value=f.value,
                    detail=said(f.reason),
                    remedy=said(f.remedy),
                )
                for f in receipt.flaws
            ]
            return cls(result="refused", id=None, errors=flaws)
        return cls(result="recorded" if receipt.new else "known", id=receipt.event.id)


class ReceiptsOut(BaseModel):
    """What became of each event, in the order in which they were sent."""

    recorded: int
    known: int
    refused: int
    results: list[ReceiptOut]

    @classmethod
    def of(cls, receipts: list[Receipt], pointers: list[str]) -> ReceiptsOut:
        """From tracking's receipts and where each event stands in the request."""
        results = [ReceiptOut.of(r, p) for r, p in zip(receipts, pointers, strict=True)]
        count = {word: sum(r.result == word for r in results) for word in ("recorded", "known", "refused")}
        return cls(**count, results=results)


class EventOut(BaseModel):
    """One entry of a parcel's history."""

    id: str
    parcel: str
    type: str
    upu: str | None = Field(description="UPU EMSEVT code, where there is one")
    time: datetime
    time_kind: str
    facility: str | None
    city: str | None = None
    country: str | None = None
    leg: int | None
    reporter: str = Field(
        description="as what it was reported: merchant, carrier, station, authority, operator, network; empty where that is not known"
    )
    source: str = Field(description="the scanner, dock or person that saw it, in the reporter's words")
    recorded_at: datetime | None

    @classmethod
    def of(cls, event: Event, places: Places, stage: str = "") -> EventOut:
        """From an event, at a stage of its way."""
        place = places.get(event.facility or "")
        return cls(
            id=event.id,
            parcel=event.subject_id,
            type=event.type,
            upu=codes(event.type, stage).upu or None,
            time=event.given_time(),
            time_kind=event.time_kind,
            facility=event.facility,
            city=place.city if place else None,
            country=place.country if place else None,
            leg=event.leg,
            reporter=event.source.role,
            source=event.source.device,
            recorded_at=event.recorded_at,
        )


class AwaitedOut(BaseModel):
    """What should happen next."""

    type: str
    facility: str | None
    planned: datetime
    expected: datetime | None


class MissedOut(BaseModel):
    """A connection that cannot be caught any more."""

    service: str
    facility: str | None
    cut_off: datetime
    ready: datetime


class StatusOut(BaseModel):
    """Where a parcel is and when it arrives, as its history says."""

    state: str
    since: datetime | None
    facility: str | None
    city: str | None
    country: str | None
    eta: datetime | None = Field(description="null where it cannot be said, as after a missed connection")
    planned: datetime | None
    next: AwaitedOut | None
    overdue_minutes: int | None = Field(description="silent for so long past what was expected")
    last_seen: datetime | None
    missed_connection: MissedOut | None

    @classmethod
    def of(cls, seen: Status, places: Places) -> StatusOut:
        """From a status."""
        place = places.get(seen.facility or "")
        awaited = None
        if seen.next is not None:
            awaited = AwaitedOut(
                type=seen.next.type,
                facility=seen.next.facility,
                planned=seen.next.time,
                expected=seen.next_expected,
            )
        missed = None
        if seen.missed is not None:
            m = seen.missed
            missed = MissedOut(service=m.service, facility=m.facility, cut_off=m.cut_off, ready=m.ready)
        return cls(
            state=seen.state.value,
            since=seen.since,
            facility=seen.facility,
            city=place.city if place else None,
            country=place.country if place else None,
            eta=seen.eta,
            planned=seen.planned,
            next=awaited,
            overdue_minutes=int(seen.overdue.total_seconds() // 60) if seen.overdue else None,
            last_seen=seen.last.time if seen.last else None,
            missed_connection=missed,
        )


class ParcelOut(BaseModel):
    """A physical box."""

    number: str = Field(description="S10 number")
    shipment_id: str
    position: int = Field(description="which of the shipment's parcels it is, from 1")
    of: int = Field(description="how many parcels the shipment has")
    weight_kg: Decimal
    length_cm: Decimal
    width_cm: Decimal
    height_cm: Decimal
    status: StatusOut

    @classmethod
    def of_parcel(cls, parcel: Parcel, status: StatusOut) -> ParcelOut:
        """From a parcel and its status."""
        return ParcelOut(
            number=parcel.number,
            shipment_id=parcel.shipment_id,
            position=parcel.position,
            of=parcel.of,
            weight_kg=Decimal(parcel.grams) / 1000,
            length_cm=Decimal(parcel.length_mm) / 10,
            width_cm=Decimal(parcel.width_mm) / 10,
            height_cm=Decimal(parcel.height_mm) / 10,
            status=status,
        )
