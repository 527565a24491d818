"""A driver falls out in the middle of his round: who else of the day brings what he has, with as few windows moved as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict
from qafila.core.identifiers.own import new_id
from qafila.delivery import dayplan, delivery_places, delivery_roads, store
from qafila.delivery import delivery_messages as m
from qafila.delivery.gone import still_here
from qafila.delivery.model import Delivery, FleetVehicle, Reason, State, vehicle_kinds
from qafila.network.model import Facility
from qafila.rounds.model import Day, Doing, Plan, Point, Round, Stop
from qafila.rounds.rounds_replanning import FETCH, Change, Standing, replan
from qafila.runtime.answered.acts import Act, perform
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.runtime.settings import settings


def fall_out(
    context: Context, act: Act, source: Source, round_id: str, at: tuple[float, float]
) -> dict[str, Any]:
    """Gives the rest of a round to the others of the day.

    Args:
        context: the network and the clock.
        act: who says so, and the key of the act.
        source: as whom events are told.
        round_id: the round whose driver cannot go on.
        at: where he stands.

    Returns:
        taken: parcels by the round that takes them; left: those that nobody can take today, with the reason; moved: those whose
        window is not kept.

    Raises:
        NotFound: there is no such round.
        Conflict: it is over.
    """

    def write(connection: Connection) -> dict[str, Any]:
        row = store.round_row(connection, round_id, lock=True)
        if row is None:
            raise dayplan.no_round(round_id)
        if row.state not in ("planned", "out"):
            raise Conflict(m.ENDED(round=round_id), field="round", value=round_id)
        place = dayplan.station(context, row.facility)
        begin, _ = dayplan.day_bounds(place, row.day)
        rows = [r for r in store.rounds(connection, row.facility, row.day) if r.state in ("planned", "out")]
        all_of_it = store.deliveries(
            connection, "d.round_id = ANY(:r)", lock=True, r=[r.round_id for r in rows]
        )
        moving = [d for d in all_of_it if d.state in (State.PLANNED, State.OUT)]
        here = {d.parcel for d in still_here(connection, moving, context.now())}
        known = [d for d in all_of_it if d not in moving or d.parcel in here]
        fleet = [v for v in store.vehicles(connection, row.facility, row.day) if v.active]
        change = _changed(context, place, begin, (rows, known, fleet), row, at, act.at)
        return _write(connection, context, act, source, place, begin, rows, row, known, change)

    with acting_as(Role(act.by.role), act.by.tenant) as connection:
        found = store.round_row(connection, round_id)
    if found is None:
        raise dayplan.no_round(round_id)
    return perform(act, "fall-out", found.facility, {"round": round_id}, write)


_Here = tuple[Sequence[Any], Sequence[Delivery], Sequence[FleetVehicle]]


def _changed(
    context: Context,
    place: Facility,
    begin: datetime,
    here: _Here,
    fallen: Any,
    at: tuple[float, float],
    now: datetime,
) -> Change:
    """The day as it stands, planned anew without the vehicle that fell out."""
    rows, known, fleet = here
    asked = _with_place(context, place, begin, known, fleet, at)
    stood = {d.parcel: number for number, d in enumerate(known, 1)}
    told = {d.parcel: d.told for d in known}
    second = int((now - begin).total_seconds())
    stops = tuple(_told(s, begin, told[s.id]) for s in asked.stops)
    over = {d.parcel for d in known if d.state not in (State.PLANNED, State.OUT)}
    plan = Plan(tuple(_round(r, begin) for r in rows))
    standing = {}
    for row in rows:
        done = frozenset(s for s in _round(row, begin).stops if s in over)
        if row.round_id == fallen.round_id:
            standing[row.vehicle] = Standing(len(known) + 1, second, done, out=True)
        elif row.state == "out":
            last = [p for p in _round(row, begin).points if p.stop in done]
            where = stood[last[-1].stop] if last else 0
            standing[row.vehicle] = Standing(where, second, done)
    return replan(replace(asked, stops=stops), plan, second, standing, over)


def _with_place(
    context: Context,
    place: Facility,
    begin: datetime,
    known: Sequence[Delivery],
    fleet: Sequence[FleetVehicle],
    at: tuple[float, float],
) -> Day:
    """As `dayplan.day_of`, with one place more: where the vehicle stands."""
    asked, _ = dayplan.day_of(context, place, begin.astimezone(ZoneInfo(place.timezone)).date(), known, fleet)
    doors = [delivery_places.door(d, place) for d in known]
    points = np.array([[place.lat, place.lon], *([d.lat, d.lon] for d in doors), [at[0], at[1]]])
    kinds = sorted({v.kind for v in fleet})
    travel = tuple(
        delivery_roads.between(points, vehicle_kinds()[kind], context.network.feed, settings().roads).travel
        for kind in kinds
    )
    return Day(asked.stops, asked.vehicles, travel, delivery_roads.plane(points))


def _told(stop: Stop, begin: datetime, told: tuple[datetime, datetime] | None) -> Stop:
    if told is None:
        return stop
    return replace(
        stop, told=(int((told[0] - begin).total_seconds()), int((told[1] - begin).total_seconds()))
    )


def _round(row: Any, begin: datetime) -> Round:
    """A round of the table as the engine knows it."""

    def second(text: str) -> int:
        return int((datetime.fromisoformat(text) - begin).total_seconds())

    points = tuple(
        Point(Doing(p["doing"]), second(p["arrives"]), second(p["begins"]), second(p["ends"]), p["parcel"])
        for p in row.plan["points"]
    )
    return Round(row.vehicle, points, row.plan["metres"], row.plan["seconds"], row.plan["cost"])


def _write(
    connection: Connection,
    context: Context,
    act: Act,
    source: Source,
    place: Facility,
    begin: datetime,
    rows: Sequence[Any],
    fallen: Any,
    known: Sequence[Delivery],
    change: Change,
) -> dict[str, Any]:
    ids = {r.vehicle: r for r in rows}
    by_parcel = {d.parcel: d for d in known}
    store.change_round(connection, fallen.round_id, state="fallen_out", ended_at=act.at)
    taken: dict[str, list[str]] = {}
    for one in change.plan.rounds:
        row = ids.get(one.vehicle)
        if row is None or row.round_id == fallen.round_id:
            row = _new_round(connection, place, fallen, one, begin, act)
        else:
            store.change_round(
                connection,
                row.round_id,
                revision=row.revision + 1,
                plan=dayplan.points_document(_with_past(_round(row, begin), one, by_parcel), begin)
                | {"roads": row.plan.get("roads")},
            )
        keep = frozenset(by_parcel) - frozenset(change.moved)
        dayplan.tell(connection, one, place, begin, by_parcel, row.round_id, source, act.at, keep)
        mine = [s for s in one.stops if s in change.hands]
        if mine:
            taken[row.round_id] = mine
    tomorrow = place.day_at(act.at) + timedelta(days=1)
    for parcel in change.plan.left:
        if not parcel.startswith(FETCH):
            if (
                by_parcel[parcel].state is State.OUT
            ):  # it comes back with the van: else it stood as out for ever
                _not_reached(connection, by_parcel[parcel], source, act)
            store.change(
                connection,
                parcel,
                state=State.FAILED.value,
                round_id=None,
                place=0,
                told_from=None,
                told_until=None,
                day=tomorrow,
            )
    return {
        "round": fallen.round_id,
        "taken": taken,
        "moved": list(change.moved),
        "left": {p: w.value for p, w in change.plan.left.items()},
    }


def _not_reached(connection: Connection, delivery: Delivery, source: Source, act: Act) -> None:
    made = event(
        EVENT_TYPES["delivery_failed"],
        Subject(SubjectKind.PARCEL.value, delivery.parcel),
        act.at,
        source,
        details={"reason": Reason.NOT_REACHED.value, "attempt": delivery.attempts},
    )
    history.append_new(connection, delivery.merchant_id, [made])


def _with_past(before: Round, now: Round, known: Mapping[str, Delivery]) -> Round:
    """A round from now on with what was done of it: where its driver was last, and when he rested, is asked again if another
    falls out.
    """
    turn = now.points[0].begins
    over = {p for p, d in known.items() if d.state not in (State.PLANNED, State.OUT)}
    past = [p for p in before.points if (p.stop in over if p.doing is Doing.STOP else p.ends <= turn)]
    return replace(now, points=(*past, *now.points[1:])) if past else now


def _new_round(
    connection: Connection, place: Facility, fallen: Any, one: Round, begin: datetime, act: Act
) -> Any:
    """A round for a vehicle that had none."""
    id = new_id("rnd")
    driver = next((v.driver for v in store.vehicles(connection, place.id) if v.id == one.vehicle), "")
    store.put_round(
        connection,
        {
            "round_id": id,
            "facility": place.id,
            "day": fallen.day,
            "vehicle": one.vehicle,
            "driver": driver,
            "plan": dayplan.points_document(one, begin),
            "work_s": one.work,
            "made_at": act.at,
        },
    )
    return store.round_row(connection, id)
