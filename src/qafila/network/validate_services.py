"""Whether each service of a feed can run: its calls in order, borders with customs, room, speed, terms."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qafila.core.geo import great_circle_km
from qafila.network import network_messages as m
from qafila.network.model import Call, Facility, Feed, Service, Vehicle
from qafila.network.network_report import Report
from qafila.network.timetable import Mode

_TOURS = (Mode.DELIVERY, Mode.COLLECTION)
_SPEED_MARGIN = 1.15  # tail wind, rounding to five minutes
_SHORT_KM = 30.0  # below it minutes are too coarse to judge a speed


def check_services(feed: Feed, report: Report) -> None:
    """Report every service that no vehicle could run as written."""
    vehicles = {v.id: v for v in feed.vehicles}
    factors = {(e.mode, e.vehicle) for e in feed.emissions}
    numbers = {id(call): i for i, call in enumerate(feed.calls)}
    _capacities(feed, vehicles, report)
    for i, service in enumerate(feed.services):
        vehicle = vehicles.get(service.vehicle)
        if vehicle is not None and vehicle.mode is not service.mode:
            report.add(
                "services",
                i,
                "mode",
                service.mode.name.lower(),
                m.OTHER_MODE(vehicle=vehicle.id, mode=vehicle.mode.name.lower()),
                m.CORRECT_MODE(),
            )
        if service.clock not in ("local", "utc"):
            report.add("services", i, "clock", service.clock, m.NEITHER_CLOCK(), m.WRITE_LOCAL())
        if (service.mode, service.vehicle) not in factors and (service.mode, "") not in factors:
            report.add("services", i, "vehicle", service.vehicle, m.NO_FACTOR(), m.ADD_FACTOR())
        calls = feed.service_calls.get(service.id, [])
        spoilt = service.id in report.spoilt.get("calls", frozenset())
        if spoilt or any(c.facility not in feed.facility for c in calls):
            continue  # said already
        if len(calls) < 2:
            report.add("services", i, "id", service.id, m.FEW_CALLS(n=len(calls)), m.TWO_CALLS())
            continue
        places = [feed.facility[c.facility] for c in calls]
        at = [numbers[id(c)] for c in calls]
        _borders(calls, places, at, service, report)
        if _times_given(calls, at, report):
            _times(service, vehicle, calls, places, at, report)


def _capacities(feed: Feed, vehicles: dict[str, Vehicle], report: Report) -> None:
    stated = {(c.service, c.sequence) for c in feed.capacities}
    departs = {(c.service, c.sequence) for c in feed.calls if c.depart is not None}
    for i, row in enumerate(feed.capacities):
        service = feed.service.get(row.service)
        vehicle = vehicles.get(service.vehicle) if service else None
        if service and row.sequence is not None and (row.service, row.sequence) not in departs:
            report.add(
                "capacities",
                i,
                "sequence",
                row.sequence,
                m.NO_SUCH_CALL(service=row.service),
                m.USE_SEQUENCE(),
            )
        # a tour's or a lane's row may stand for several vans
        if vehicle is not None and service is not None and service.mode not in _TOURS:
            if row.kg > vehicle.payload_kg:
                report.add(
                    "capacities",
                    i,
                    "kg",
                    row.kg,
                    m.CARRIES_LESS(vehicle=vehicle.name, kg=vehicle.payload_kg),
                    m.LOWER(),
                )
            if row.m3 > vehicle.volume_m3:
                report.add(
                    "capacities",
                    i,
                    "m3",
                    row.m3,
                    m.HOLDS_LESS(vehicle=vehicle.name, m3=_figure(vehicle.volume_m3)),
                    m.LOWER(),
                )
    for i, service in enumerate(feed.services):
        if service.id in report.spoilt.get("capacities", frozenset()) or (service.id, None) in stated:
            continue
        missing = [
            c.sequence for c in feed.service_calls[service.id][:-1] if (service.id, c.sequence) not in stated
        ]
        if missing:
            report.add("services", i, "id", service.id, m.NO_CAPACITY(call=missing[0]), m.ADD_CAPACITY())


def _borders(
    calls: list[Call], places: list[Facility], at: list[int], service: Service, report: Report
) -> None:
    if service.mode in _TOURS:
        for place, i in zip(places[1:], at[1:], strict=True):
            if place.id != places[0].id or len(places) != 2:
                report.add("calls", i, "facility", place.id, m.TOUR_ENDS(), m.END_TOUR(facility=places[0].id))
        return
    if len({p.territory for p in places}) > 1:
        for call, place, i in zip(calls, places, at, strict=True):
            if not place.gateway:
                report.add(
                    "calls",
                    i,
                    "facility",
                    call.facility,
                    m.NO_CUSTOMS(service=service.id, facility=place.id),
                    m.USE_GATEWAY(),
                )


def _times_given(calls: list[Call], at: list[int], report: Report) -> bool:
    good = True
    last = len(calls) - 1
    for n, (call, i) in enumerate(zip(calls, at, strict=True)):
        for column, needed in (("arrive", n > 0), ("depart", n < last)):
            value = getattr(call, column)
            if needed and value is None:
                report.add("calls", i, column, "", m.TIME_MISSING(), m.WRITE_TIME())
                good = False
            elif not needed and value is not None:
                reason = m.LAST_HAS_NONE() if n else m.FIRST_HAS_NONE()
                report.add("calls", i, column, value, reason, m.LEAVE_EMPTY())
                good = False
    return good


def _times(
    service: Service,
    vehicle: Vehicle | None,
    calls: list[Call],
    places: list[Facility],
    at: list[int],
    report: Report,
) -> None:
    for n in range(len(calls)):
        call, place = calls[n], places[n]
        if call.arrive is not None and call.depart is not None and call.depart < call.arrive:
            report.add("calls", at[n], "depart", call.depart, m.LEAVES_FIRST(), m.DAY_AFTER())
        if n == 0:
            continue
        before = calls[n - 1]
        if call.arrive is None or before.depart is None:
            continue
        ahead = 0 if service.clock == "utc" else _ahead(place.timezone) - _ahead(places[n - 1].timezone)
        minutes = call.arrive - before.depart - ahead
        if minutes <= 0:
            report.add(
                "calls",
                at[n],
                "arrive",
                call.arrive,
                m.ARRIVES_FIRST(minutes=-minutes, facility=before.facility),
                m.LOCAL_TIME(),
            )
            continue
        if vehicle is None or service.mode in _TOURS or not vehicle.speed_kmh:
            continue
        far = great_circle_km(places[n - 1].lat, places[n - 1].lon, place.lat, place.lon)
        if far > _SHORT_KM and far / (minutes / 60) > vehicle.speed_kmh * _SPEED_MARGIN:
            report.add(
                "calls",
                at[n],
                "arrive",
                call.arrive,
                m.TOO_FAST(km=round(far), minutes=minutes, vehicle=vehicle.name, speed=vehicle.speed_kmh),
                m.ARRIVE_LATER(),
            )


def _figure(value: float) -> Decimal:
    return Decimal(f"{value:g}")


@cache
def _ahead(zone: str) -> int:
    """Minutes ahead of UTC in January: clock changes are a matter of the day, and `compile` minds them."""
    try:
        moment = datetime(2026, 1, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return 0
    return int(moment.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]  # an aware time has one
