"""The rounds of a station's day: which parcels are due, who brings them, and the windows that buyers are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.values import value
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_places, delivery_roads, delivery_telling, notices, store
from qafila.delivery.model import (
    Delivery,
    FleetVehicle,
    State,
    Wish,
    hours,
    new_code,
    new_token,
    vehicle_kinds,
)
from qafila.network.model import Facility
from qafila.openness import openness_telling as openness
from qafila.rounds.model import FOREVER, Day, Doing, Plan, Rest, Round, Stop, Vehicle
from qafila.rounds.planning import Effort, plan
from qafila.runtime.answered.acts import Act, perform
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind, TimeKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.runtime.settings import settings
from qafila.tracking.status import FINISHED, status
from qafila.tracking.status import State as TrackState

HALF_WINDOW = timedelta(hours=1)
"""Buyers are told two hours: one before and one after the time that is planned."""

_LOOK_BACK = timedelta(days=14)
_QUARTER = 15 * 60
EFFORT = Effort(seconds=20, workers=1, steps=400, dearer=0.03)
_HERE = frozenset({TrackState.AT_FACILITY, TrackState.RELEASED, TrackState.DELIVERY_FAILED})


@value
class Due:
    """A parcel for a day: whether it is at the station already, and when it is expected else."""

    parcel: str
    merchant_id: str
    here: bool
    expected: datetime | None


def station(context: Context, facility: str) -> Facility:
    """A facility of the network. Raises NotFound."""
    found = context.network.feed.facility.get(facility)
    if found is None:
        raise NotFound(
            m.NO_STATION(facility=facility[:60]), m.USE_STATION(), field="facility", value=facility[:60]
        )
    return found


def day_bounds(place: Facility, day: date) -> tuple[datetime, datetime]:
    """When a day begins and ends at a place."""
    zone = ZoneInfo(place.timezone)
    begin = datetime.combine(day, time(), zone)
    return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)


def due(connection: Connection, context: Context, place: Facility, day: date) -> list[Due]:
    """What is to be brought from a station on a day: planned for it or for a day before, and not over; and what failed or was
    put off until it."""
    begin, end = day_bounds(place, day)
    numbers = store.planned_here(connection, place.id, begin - _LOOK_BACK, end)
    waiting = store.deliveries(
        connection,
        "d.facility = :f AND d.state IN ('open', 'failed') AND (d.day IS NULL OR d.day <= :d)",
        f=place.id,
        d=day,
    )
    later = {
        d.parcel
        for d in store.deliveries(
            connection,
            "d.facility = :f AND (d.day > :d OR d.state NOT IN ('open', 'failed', 'planned'))",
            f=place.id,
            d=day,
        )
    }
    asked = sorted(({d.parcel for d in waiting} | set(numbers)) - later)
    merchants = store.merchants_of(connection, asked)
    told = history.histories(connection, asked)
    found = []
    for parcel in asked:
        if parcel not in merchants or parcel not in told:
            continue
        now = status(told[parcel], context.now())
        if now.state in FINISHED | {
            TrackState.RETURNING,
            TrackState.OUT_FOR_DELIVERY,
            TrackState.AWAITING_PICKUP,
        }:
            continue
        here = now.state in _HERE and now.facility == place.id
        found.append(Due(parcel, merchants[parcel][0], here, None if here else now.next_expected))
    return found


def open_deliveries(connection: Connection, parcels: Sequence[Due], facility: str, now: datetime) -> None:
    """Begins the deliveries of parcels: a link and a code for each buyer."""
    store.begin(
        connection,
        [
            {
                "merchant_id": p.merchant_id,
                "parcel": p.parcel,
                "facility": facility,
                "token": new_token(),
                "code": new_code(),
                "language": "",
                "made_at": now,
            }
            for p in parcels
        ],
    )


def plan_rounds(
    context: Context,
    act: Act,
    source: Source,
    facility: str,
    day: date,
    coming: bool = False,
    effort: Effort = EFFORT,
) -> dict[str, Any]:
    """Plans the rounds of a station's day; those of it that have not begun are planned anew.

    Args:
        context: the network and the clock.
        act: who plans, and the key of the act.
        source: as whom events are told.
        facility: the station.
        day: the day, on its clock.
        coming: parcels that are still expected are planned for, too.
        effort: how hard to try.

    Returns:
        rounds: their ids; left: parcels that are in none, with the reason; stops: how many are in one; roads: who told distances.

    Raises:
        NotFound: there is no such station.
        Conflict: it has no vehicle that is ready.
    """
    place = station(context, facility)
    with acting_as(Role(act.by.role), act.by.tenant) as connection:
        fleet = [v for v in store.vehicles(connection, facility, day) if v.active]
        if not fleet:
            raise Conflict(m.NO_FLEET(facility=facility), m.ADD_VEHICLE(), field="facility", value=facility)
        busy = {r.vehicle for r in store.rounds(connection, facility, day) if r.state != "planned"}
        wanted = [d for d in due(connection, context, place, day) if d.here or coming]
        open_deliveries(connection, wanted, facility, context.now())
        known = store.deliveries(connection, "d.parcel = ANY(:p)", p=[d.parcel for d in wanted])
    known = [d for d in known if d.wish != Wish.POINT]
    free = [v for v in fleet if v.id not in busy]
    asked, told_by = day_of(context, place, day, known, free)
    made = plan(asked, effort)

    def write(connection: Connection) -> dict[str, Any]:
        answer = _write(connection, context, act, source, place, day, (known, made, told_by, free))
        if known:
            told = delivery_telling.decision(
                new_id("pln"), facility, day, known, asked.stops, answer["left"], act.at
            )
            openness.tell(connection, [told])
        return answer

    return perform(act, "plan-rounds", facility, {"day": day.isoformat(), "coming": coming}, write)


def day_of(
    context: Context, place: Facility, day: date, known: Sequence[Delivery], fleet: Sequence[FleetVehicle]
) -> tuple[Day, str]:
    """A day as the engine knows it, and who told the distances: places are the station, then the doors."""
    begin, _ = day_bounds(place, day)
    doors = [delivery_places.door(d, place) for d in known]
    points = np.array([[place.lat, place.lon], *([d.lat, d.lon] for d in doors)])
    kinds = sorted({v.kind for v in fleet})
    told = [
        delivery_roads.between(points, vehicle_kinds()[kind], context.network.feed, settings().roads)
        for kind in kinds
    ]
    pause = hours(place.country, day)
    vehicles = tuple(
        _vehicle(v, kinds.index(v.kind), Rest(60 * pause.after, 60 * pause.rest), 60 * pause.most)
        for v in fleet
    )
    stops = tuple(_stop(d, number, begin) for number, d in enumerate(known, 1))
    return Day(stops, vehicles, tuple(t.travel for t in told), delivery_roads.plane(points)), told[
        0
    ].told_by if told else "model"


def _vehicle(vehicle: FleetVehicle, kind: int, rest: Rest, most: int) -> Vehicle:
    its = vehicle_kinds()[vehicle.kind]
    return Vehicle(
        vehicle.id,
        0,
        0,
        (vehicle.max_g, vehicle.max_cm3, vehicle.max_pieces),
        kind,
        60 * vehicle.from_minute,
        60 * vehicle.until_minute,
        most,
        vehicle.skills,
        vehicle.trips,
        900,
        its.fixed,
        its.metre,
        its.second,
        rest,
        vehicle.before,
    )


def _stop(delivery: Delivery, number: int, begin: datetime) -> Stop:
    def seconds(instant: datetime) -> int:
        return int((instant - begin).total_seconds())

    slot = delivery.slot
    service = 240 if delivery.collect is not None else 150
    return Stop(
        delivery.parcel,
        number,
        (delivery.grams, delivery.cm3, 1),
        (),
        seconds(slot[0]) if slot else 0,
        seconds(slot[1]) if slot else FOREVER,
        service,
        worth=delivery_telling.worth(slot is not None, delivery.attempts),
    )


def window(begins: datetime, slot: tuple[datetime, datetime] | None) -> tuple[datetime, datetime]:
    """The two hours that a buyer is told, on quarters of an hour, inside of the slot that he was promised."""
    middle = datetime.fromtimestamp(round(begins.timestamp() / _QUARTER) * _QUARTER, UTC)
    first, last = middle - HALF_WINDOW, middle + HALF_WINDOW
    if slot is not None:
        first, last = max(first, slot[0]), min(last, slot[1])
    return first, last


def points_document(made: Round, begin: datetime) -> dict[str, Any]:
    """A round's points as the table keeps them: what is done when, in UTC."""

    def at(seconds: int) -> str:
        return (begin + timedelta(seconds=seconds)).isoformat()

    return {
        "metres": made.metres,
        "seconds": made.seconds,
        "cost": made.cost,
        "points": [
            {
                "doing": p.doing.value,
                "arrives": at(p.arrives),
                "begins": at(p.begins),
                "ends": at(p.ends),
                "parcel": p.stop,
            }
            for p in made.points
        ],
    }


Planned = tuple[Sequence[Delivery], Plan, str, Sequence[FleetVehicle]]


def _write(
    connection: Connection,
    context: Context,
    act: Act,
    source: Source,
    place: Facility,
    day: date,
    planned: Planned,
) -> dict[str, Any]:
    known, made, told_by, fleet = planned
    store.drop_planned(connection, place.id, day)
    now = {
        d.parcel: d
        for d in store.deliveries(connection, "d.parcel = ANY(:p)", lock=True, p=[d.parcel for d in known])
    }
    begin, _ = day_bounds(place, day)
    drivers = {v.id: v.driver for v in fleet}
    ids, count = [], 0
    for one in made.rounds:
        kept = [s for s in one.stops if now[s].state in (State.OPEN, State.FAILED, State.PLANNED)]
        if len(kept) != len(
            one.stops
        ):  # somebody was quicker: what is out or over meanwhile is on no round again
            raise Conflict(
                m.OVER(parcel=next(s for s in one.stops if s not in kept), state=m.PLANNED_ELSEWHERE()),
                m.LOOK_AGAIN(),
            )
        id = new_id("rnd")
        store.put_round(
            connection,
            {
                "round_id": id,
                "facility": place.id,
                "day": day,
                "vehicle": one.vehicle,
                "driver": drivers[one.vehicle],
                "plan": points_document(one, begin) | {"roads": told_by},
                "work_s": one.work,
                "made_at": act.at,
            },
        )
        tell(connection, one, place, begin, now, id, source, act.at)
        ids.append(id)
        count += len(one.stops)
    return {
        "rounds": ids,
        "stops": count,
        "roads": told_by,
        "left": {p: why.value for p, why in made.left.items()},
    }


def tell(
    connection: Connection,
    one: Round,
    where: Facility,
    begin: datetime,
    known: dict[str, Delivery],
    id: str,
    source: Source,
    at: datetime,
    keep: frozenset[str] = frozenset(),
) -> None:
    """Puts a round's parcels on it, gives each its window, and tells tracking when it is expected.

    keep: parcels whose window stays as it was told.
    """
    number = 0
    for point in one.points:
        if point.doing is not Doing.STOP or point.stop not in known:
            continue
        number += 1
        delivery = known[point.stop]
        begins = begin + timedelta(seconds=point.begins)
        values: dict[str, Any] = {"round_id": id, "place": number}
        if delivery.state in (State.OPEN, State.FAILED):
            values["state"] = State.PLANNED.value
        if point.stop not in keep or delivery.told is None:
            values["told_from"], values["told_until"] = window(begins, delivery.slot)
        store.change(connection, point.stop, **values)
        expected = event(
            EVENT_TYPES["delivered"],
            Subject(SubjectKind.PARCEL.value, point.stop),
            begins,
            source,
            kind=TimeKind.ESTIMATED,
            id=None,
            details={"told_at": at.isoformat()},
        )
        history.append_new(connection, delivery.merchant_id, [expected])
        if "told_from" in values:
            now = store.delivery(connection, point.stop)
            assert now is not None
            kind = "cash" if now.collect is not None and now.collect.amount else "coming"
            more = {"amount": now.collect} if now.collect is not None and kind == "cash" else {}
            notices.tell(connection, now, where, kind, at, **more)


def no_round(id: str) -> Fault:
    """The fault that there is no such round."""
    return NotFound(m.NO_ROUND(round=id[:60]), field="round", value=id[:60])
