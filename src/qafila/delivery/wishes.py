"""What a buyer chooses before the door, by the secret link of his parcel: no account, nobody else's parcel."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.values import value
from qafila.delivery import delivery_limits, delivery_places, gone, store
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_points as points
from qafila.delivery.dayplan import station
from qafila.delivery.delivery_points import Stay
from qafila.delivery.model import OVER, Delivery, State, Wish
from qafila.network.model import Facility
from qafila.network.naming import place_of
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Reporter, Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event

DAYS_AHEAD = 7
FARTHEST_KM = 40.0
_TOKEN = 32  # characters


@value
class View:
    """What a buyer sees.

    Attributes:
        delivery: his parcel.
        place: the station.
        ahead: stops before his on the driver's round; None where it is not on its way.
        days: days that he may choose.
        points: pick-up points with room for it, the nearest first, each with its distance in km.
        stay: the compartment that is reserved or holds it.
        sure: whether somebody showed where the door is.
        door: where it is taken to be.
    """

    delivery: Delivery
    place: Facility
    ahead: int | None
    days: tuple[date, ...]
    points: tuple[tuple[Facility, float], ...]
    stay: Stay | None
    sure: bool
    door: tuple[float, float]


def found(connection: Connection, token: str, lock: bool = False) -> Delivery:
    """The delivery of a link. Raises NotFound; the same for whatever is no link."""
    if len(token) != _TOKEN or not token.replace("-", "a").replace("_", "a").isalnum() or not token.isascii():
        raise NotFound(m.NO_LINK())
    known = store.by_token(connection, token, lock)
    if known is None:
        raise NotFound(m.NO_LINK())
    return known


def view(context: Context, token: str) -> View:
    """What the buyer of a link sees now. Raises NotFound."""
    with acting_as(Role.OPERATOR) as connection:  # the link is the right: it opens one parcel
        delivery = found(connection, token)
        if delivery.state not in OVER or delivery.state is State.GONE:
            gone.follow(connection, [delivery.parcel], context.now())
            delivery = found(connection, token)
        place = station(context, delivery.facility)
        ahead = None
        if delivery.state is State.OUT and delivery.round_id:
            mine = store.deliveries(connection, "d.round_id = :r", r=delivery.round_id)
            before = [d.parcel for d in mine].index(delivery.parcel)
            ahead = sum(d.state in (State.OUT, State.PLANNED) for d in mine[:before])
        door = delivery_places.door(delivery, place)
        choices = _points(connection, context, delivery, (door.lat, door.lon), place)
        stay = points.standing(connection, delivery.parcel)
    return View(
        delivery, place, ahead, days(place, context.now()), choices, stay, door.sure, (door.lat, door.lon)
    )


def days(place: Facility, now: datetime) -> tuple[date, ...]:
    """The next days from tomorrow on that may be chosen: those of a week but Sunday."""
    today = place.day_at(now)
    ahead = (today + timedelta(days=n) for n in range(1, DAYS_AHEAD + 1))
    return tuple(d for d in ahead if d.weekday() != 6)


def may_choose(place: Facility, now: datetime, day: date | None, written: str) -> None:
    """Raises Fault where a day cannot be chosen; `written`: as it was typed."""
    ahead = days(place, now)
    if day not in ahead:
        raise Fault(
            m.BAD_DAY(day=written[:20]),
            m.DAYS(first=str(ahead[0]), last=str(ahead[-1])),
            field="day",
            value=written[:20],
        )


def _points(
    connection: Connection, context: Context, delivery: Delivery, at: tuple[float, float], place: Facility
) -> tuple[tuple[Facility, float], ...]:
    known, now = context.network.feed.facility, context.now()
    open_ = [
        known[f]
        for f in points.facilities(connection)
        if f in known
        and known[f].country == place.country
        and points.free(connection, f, delivery.size_mm)
        and not delivery_limits.full(
            connection, f, delivery_limits.Kind.POINT, points.day_of(context, delivery, f, now)
        )
    ]
    return tuple(n for n in delivery_limits.nearest(open_, at)[:5] if n[1] <= FARTHEST_KM)


def _reserve(connection: Connection, context: Context, delivery: Delivery, point: str) -> None:
    """Keeps room at a point. Raises Conflict where it is full, with the next point that has room."""
    try:
        points.reserve(connection, context, delivery, point, context.now())
    except Conflict as full:
        there, place = context.network.feed.facility.get(point), station(context, delivery.facility)
        if full.field != "point" or there is None:
            raise
        near = [
            n
            for n in _points(connection, context, delivery, (there.lat, there.lon), place)
            if n[0].id != point
        ]
        if not near:
            raise
        found, km = near[0]
        raise Conflict(
            full.message, m.NEXT_POINT(point=place_of(found), km=f"{km:.1f}"), field="point", value=point
        ) from None


def wish(
    context: Context, token: str, kind: str, day: date | None = None, detail: str = "", point: str = ""
) -> Delivery:
    """A buyer's choice.

    Args:
        context: the network and the clock.
        token: of his link.
        kind: a `Wish`.
        day: which, of another day.
        detail: which neighbour or safe place.
        point: the facility, of a pick-up point.

    Raises:
        NotFound: the link leads nowhere, or the point takes no parcels.
        Conflict: it is too late, or the point is full.
        Fault: the day cannot be chosen, or the place is not said.
    """
    if kind not in set(Wish):
        raise Fault(m.NO_WISH(wish=kind[:40]), m.USE(known=", ".join(Wish)), field="wish", value=kind[:40])
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        delivery = found(connection, token, lock=True)
        if delivery.state in OVER:
            raise Conflict(
                m.OVER(parcel=delivery.parcel, state=m.STATES[delivery.state]()), field="wish", value=kind
            )
        moving = delivery.state in (State.OUT, State.AT_POINT)
        if moving and kind in (Wish.DAY, Wish.POINT):
            raise Conflict(m.TOO_LATE(), m.CALL_DRIVER(), field="wish", value=kind)
        if kind in (Wish.NEIGHBOUR, Wish.SAFE_PLACE):
            if delivery.collect is not None and delivery.collect.amount:
                raise Conflict(m.LEFT_UNPAID(), field="wish", value=kind)
            if not detail.strip():
                raise Fault(m.SAY_NEIGHBOUR() if kind == Wish.NEIGHBOUR else m.SAY_WHERE(), field="detail")
        values: dict[str, Any] = {
            "wish": kind,
            "wish_detail": detail.strip()[:300],
            "point": "",
            "confirmed_at": now,
        }
        if kind == Wish.POINT:
            _reserve(connection, context, delivery, point)
            values["point"] = point
        elif delivery.state is not State.AT_POINT:
            points.leave(connection, delivery.parcel, now, "cancelled")
        if kind == Wish.DAY:
            may_choose(station(context, delivery.facility), now, day, str(day))
            values |= {"day": day, "slot_from": None, "slot_until": None}
        if kind in (Wish.DAY, Wish.POINT) and delivery.state is State.PLANNED:
            values |= {"state": (State.FAILED if delivery.attempts else State.OPEN).value, "round_id": None, "place": 0,
                       "told_from": None, "told_until": None}  # fmt: skip
        if kind == Wish.DOOR:
            values |= {"day": None}
        store.change(connection, delivery.parcel, **values)
        if kind == Wish.DAY and day is not None:
            tell_day(connection, delivery, day, now)
        return found(connection, token)


def tell_day(connection: Connection, delivery: Delivery, day: date, at: datetime) -> None:
    """Notes in the history that the buyer chose a day: a later one than was promised breaks no promise."""
    told = event(
        EVENT_TYPES["noted"],
        Subject(SubjectKind.PARCEL.value, delivery.parcel),
        at,
        Source(Reporter.OPERATOR.value, None, "buyer"),
        facility=delivery.facility,
        details={"wish": Wish.DAY.value, "day": day.isoformat()},
    )
    history.append_new(connection, delivery.merchant_id, [told])


def show_door(
    context: Context, token: str, lat: float | None, lon: float | None, landmark: str, language: str
) -> Delivery:
    """The buyer confirms that he will be there, and shows where his door is.

    Raises:
        NotFound: the link leads nowhere.
        Conflict: it is over.
        Fault: the pin lies far from the town of the address.
    """
    with acting_as(Role.OPERATOR) as connection:
        delivery = found(connection, token, lock=True)
        if delivery.state in OVER:
            raise Conflict(m.OVER(parcel=delivery.parcel, state=m.STATES[delivery.state]()), field="pin")
        values: dict[str, Any] = {
            "landmark": landmark.strip()[:300],
            "confirmed_at": context.now(),
            "language": language[:8],
        }
        if lat is not None and lon is not None:
            town = delivery_places.door(delivery, station(context, delivery.facility)).city
            km = delivery_places.off((lat, lon), town)
            if km > FARTHEST_KM:
                raise Fault(
                    m.BAD_PIN(km=round(km), city=delivery.receiver["city"]),
                    m.MOVE_PIN(),
                    field="pin",
                    value=f"{lat:.5f}, {lon:.5f}",
                )
            values |= {"lat": lat, "lon": lon}
        store.change(connection, delivery.parcel, **values)
        return found(connection, token)
