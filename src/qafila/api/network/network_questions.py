"""/network: the facilities and services that there are, the same for everybody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import TheFeed
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode, tagged
from qafila.api.chassis.problems import Problem, responses
from qafila.network.model import Calendar, Call, Facility, Feed, Kind, LocalTime, Service
from qafila.runtime.accounts.doors import public

router = APIRouter(prefix="/network", tags=["network"], dependencies=[Depends(public)])
_HOUR = 3600


class NetworkOut(BaseModel):
    """The network in use."""

    name: str
    version: str
    currency: str
    source: str
    facilities: dict[str, int] = Field(description="how many of each kind")
    services: dict[str, int] = Field(description="how many of each mode")
    territories: list[str]


class FacilityOut(BaseModel):
    """A place that handles goods."""

    id: str
    name: str
    kind: str
    latitude: float
    longitude: float
    country: str
    city: str
    timezone: str
    territory: str
    gateway: bool = Field(description="goods may enter and leave the territory here")
    handling_minutes: int
    handling_fee: Decimal = Field(description="for each parcel, in the network's currency")
    iata: str | None
    unlocode: str | None
    gln: str | None

    @classmethod
    def of(cls, f: Facility) -> FacilityOut:
        """From the feed's facility."""
        return cls(
            id=f.id,
            name=f.name,
            kind=f.kind.value,
            latitude=f.lat,
            longitude=f.lon,
            country=f.country,
            city=f.city,
            timezone=f.timezone,
            territory=f.territory,
            gateway=f.gateway,
            handling_minutes=f.handling_minutes,
            handling_fee=f.handling_fee,
            iata=f.iata or None,
            unlocode=f.unlocode or None,
            gln=f.gln or None,
        )


class CallOut(BaseModel):
    """A stop of a service; times are of the clock on its wall, after 00:00 of the service day."""

    facility: str
    arrives: str | None
    departs: str | None

    @classmethod
    def of(cls, call: Call) -> CallOut:
        """From the feed's call."""
        return cls(facility=call.facility, arrives=_clock(call.arrive), departs=_clock(call.depart))


class ServiceOut(BaseModel):
    """A timetabled movement."""

    id: str
    mode: str
    operator: str
    days: str = Field(description="seven of 0 and 1, Monday first")
    valid_from: date
    valid_to: date
    clock: str = Field(description="local: the wall clock of each call; utc")
    calls: list[CallOut]


@router.get("", operation_id="readNetwork", summary="The network in use", response_model=NetworkOut)
def read(request: Request, feed: TheFeed) -> Response:
    """Its name, and how much of what there is in it. Has an ETag."""
    kinds: dict[str, int] = {}
    for facility in feed.facilities:
        kinds[facility.kind.value] = kinds.get(facility.kind.value, 0) + 1
    modes: dict[str, int] = {}
    for service in feed.services:
        mode = service.mode.name.lower()
        modes[mode] = modes.get(mode, 0) + 1
    body = NetworkOut(
        name=feed.name,
        version=feed.version,
        currency=feed.currency,
        source=feed.source,
        facilities=kinds,
        services=modes,
        territories=[t.id for t in feed.territories],
    )
    return tagged(request, body, seconds=_HOUR, private=False)


@router.get(
    "/facilities", operation_id="listFacilities", summary="List facilities", response_model=Page[FacilityOut]
)
def list_facilities(
    request: Request,
    feed: TheFeed,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None,
    kind: Kind | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """By id. Has an ETag."""
    after = decode(cursor) or ""
    found = sorted(
        (
            f
            for f in feed.facilities
            if f.id > after and country in (None, f.country) and kind in (None, f.kind)
        ),
        key=lambda f: f.id,
    )
    following = encode(found[limit - 1].id) if len(found) > limit else None
    page = Page[FacilityOut](items=[FacilityOut.of(f) for f in found[:limit]], next=following)
    return tagged(request, page, seconds=_HOUR, private=False)


@router.get(
    "/facilities/{facility_id}",
    operation_id="readFacility",
    summary="Read a facility",
    response_model=FacilityOut,
    responses=responses("not-found"),
)
def read_facility(facility_id: str, request: Request, feed: TheFeed) -> Response:
    """One facility. Has an ETag."""
    found = feed.facility.get(facility_id)
    if found is None:
        raise Problem("not-found", say.NO_FACILITY(id=facility_id))
    return tagged(request, FacilityOut.of(found), seconds=_HOUR, private=False)


@router.get(
    "/facilities/{facility_id}/services",
    operation_id="listServices",
    summary="Services at a facility",
    response_model=Page[ServiceOut],
    responses=responses("not-found"),
)
def list_services(
    facility_id: str, request: Request, feed: TheFeed, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """Every service that calls at a facility, by id."""
    if facility_id not in feed.facility:
        raise Problem("not-found", say.NO_FACILITY(id=facility_id))
    after = decode(cursor) or ""
    ids = sorted({c.service for c in feed.calls if c.facility == facility_id and c.service > after})
    following = encode(ids[limit - 1]) if len(ids) > limit else None
    calendars = {c.id: c for c in feed.calendars}
    items = [_service(feed.service[id], feed, calendars) for id in ids[:limit]]
    page = Page[ServiceOut](items=items, next=following)
    return tagged(request, page, seconds=_HOUR, private=False)


def _service(service: Service, feed: Feed, calendars: dict[str, Calendar]) -> ServiceOut:
    calendar = calendars[service.calendar]
    return ServiceOut(
        id=service.id,
        mode=service.mode.name.lower(),
        operator=service.operator,
        days=calendar.days,
        valid_from=calendar.valid_from,
        valid_to=calendar.valid_to,
        clock=service.clock,
        calls=[CallOut.of(c) for c in feed.service_calls[service.id]],
    )


def _clock(minutes: LocalTime | None) -> str | None:
    """Minutes after midnight as 26:30 where the hour passes midnight."""
    return None if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"
