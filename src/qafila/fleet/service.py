"""The use cases of the fleet: its schedule, what a change does to parcels, repairs, and changes that are put in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.fleet import fleet_deciding, fleet_happenings, fleet_telling, schedule, store
from qafila.fleet import fleet_messages as say
from qafila.fleet.fleet_types import aircraft_types
from qafila.fleet.model import Aboard, Board, Change, Closure, Key, Onward, Outage, Tail
from qafila.fleet.repairs.model import Price, Repair
from qafila.fleet.repairs.posing import pose
from qafila.fleet.repairs.repairs_searching import solve
from qafila.openness import openness_telling as openness
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import event

LONGEST = timedelta(days=14)
"""Days that a board shows at most."""
MOST_DELAY = 2880
"""Minutes that a sector may be delayed at most: later it is another flight."""


@dataclass(frozen=True, slots=True)
class By:
    """Who changes the schedule: the tenant, and the person's name."""

    tenant: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A time with what the database holds of it."""

    board: Board
    aboard: Mapping[Key, Aboard]
    legs: Sequence[store.LegOn]
    outages: Sequence[Any]
    version: str


def days(begins: datetime, ends: datetime) -> tuple[int, int]:
    """The service days whose flights can touch a time."""
    return (
        (begins.date() - schedule.EPOCH_DAY).days - schedule.BEFORE,
        (ends.date() - schedule.EPOCH_DAY).days + 1,
    )


def window(connection: Connection, context: Context, begins: datetime, ends: datetime) -> Window:
    """The schedule of a time as it is to fly, with what is booked on it. Runs as the operator.

    Raises Fault where the time is none.
    """
    if not timedelta() < ends - begins <= LONGEST:
        raise Fault(say.WINDOW_WRONG(days=LONGEST.days), field="ends", value=str(ends))
    first, last = days(begins, ends)
    rows = store.outages(connection, begins - timedelta(days=schedule.BEFORE), ends + timedelta(days=3))
    epoch = schedule.epoch_of(begins)
    outages = [
        Outage(r.subject, schedule.minute(epoch, r.begins), schedule.minute(epoch, r.ends), r.because)
        for r in rows
        if r.kind == "tail"
    ]
    closures = [
        Closure(r.subject, schedule.minute(epoch, r.begins), schedule.minute(epoch, r.ends))
        for r in rows
        if r.kind == "facility"
    ]
    board = schedule.board(
        context.network.feed,
        begins,
        ends,
        store.tails(connection),
        store.changes(connection, first, last),
        outages,
        closures,
    )
    services = sorted({f.sector.service for f in board.flown})
    legs = store.legs_on(connection, services, first, last) if services else []
    return Window(board, aboard(board, legs), legs, rows, store.version(connection))


def aboard(board: Board, legs: Sequence[store.LegOn]) -> dict[Key, Aboard]:
    """What legs of bookings put on each sector; who changes there has the minutes from ready to the next cut-off."""
    known = {f.sector.key for f in board.flown}
    parcels: dict[Key, list[int]] = {}
    onward: dict[Key, list[Onward]] = {}
    for leg in legs:
        for n, call in enumerate(leg.calls):
            key = leg.service_id, leg.service_day, call
            if key not in known:
                continue
            sums = parcels.setdefault(key, [0, 0, 0])
            for i, amount in enumerate((leg.parcels, leg.grams, leg.cm3)):
                sums[i] += amount
            if n == len(leg.calls) - 1 and leg.next_board_by is not None:
                slack = int((leg.next_board_by - leg.ready_at).total_seconds() // 60)
                to = leg.next_key
                onward.setdefault(key, []).append(
                    Onward(leg.parcels, leg.grams / 1000, slack, to if to in known else None)
                )
    return {
        key: Aboard(sums[0], sums[1], sums[2], tuple(onward.get(key, ()))) for key, sums in parcels.items()
    }


def add_tail(context: Context, tail: Tail, by: By) -> None:
    """Adds a tail to the fleet, such as a spare, or changes one. Raises Fault where its type or base is none."""
    types = aircraft_types({v.id: v for v in context.network.feed.vehicles})
    if tail.type not in types:
        raise Fault(
            say.NO_TYPE(type=tail.type[:40], known=", ".join(sorted(types))),
            field="type",
            value=tail.type[:40],
        )
    if tail.base not in context.network.feed.facility:
        raise Fault(say.NO_FACILITY(facility=tail.base[:80]), field="base", value=tail.base[:80])
    with acting_as(Role.OPERATOR) as connection:
        store.put_tail(connection, tail, by.name or by.tenant, context.now())


def out_of_use(
    context: Context, kind: str, subject: str, begins: datetime, ends: datetime, because: str, by: By
) -> str:
    """Takes a tail (`tail`) or a facility (`facility`) out of use for a time; returns the outage's id."""
    if not timedelta() < ends - begins <= timedelta(days=366):
        raise Fault(say.WINDOW_WRONG(days=366), field="ends", value=str(ends))
    id = new_id("out")
    with acting_as(Role.OPERATOR) as connection:
        if kind == "tail":
            _tail(connection, context, subject)
        elif subject not in context.network.feed.facility:
            raise NotFound(say.NO_FACILITY(facility=subject[:80]), field="subject", value=subject[:80])
        row = {
            "outage": id,
            "kind": kind,
            "subject": subject,
            "begins": begins,
            "ends": ends,
            "because": because[:500],
            "by": by.name or by.tenant,
            "at": context.now(),
        }
        store.put_outage(connection, row)
        if kind == "tail":
            _tell_tail(
                connection,
                fleet_happenings.TAIL_OUT,
                subject,
                id,
                by,
                context.now(),
                {"because": because[:500], "until": ends.isoformat()},
            )
    return id


def in_use_again(context: Context, outage: str, by: By) -> None:
    """Ends an outage before its time. Raises NotFound where none of this id stands."""
    with acting_as(Role.OPERATOR) as connection:
        row = store.lift_outage(connection, outage, context.now())
        if row is None:
            raise NotFound(say.NO_OUTAGE(outage=outage[:60]), field="outage", value=outage[:60])
        if row.kind == "tail":
            _tell_tail(connection, fleet_happenings.TAIL_BACK, row.subject, outage, by, context.now(), {})


def _tell_tail(
    connection: Connection, type: Any, tail: str, key: str, by: By, at: datetime, details: dict[str, Any]
) -> None:
    source = Source(Reporter.OPERATOR.value, by.tenant, by.name)
    made = event(
        type,
        Subject(SubjectKind.VEHICLE.value, tail),
        at,
        source,
        id=uuid_of(f"{type.name}|{key}"),
        details=details,
    )
    histories.append(connection, None, [made])


def _tail(connection: Connection, context: Context, registration: str) -> None:
    known = {s.registration for s in context.network.feed.services if s.registration}
    known |= {t.registration for t in store.tails(connection)}
    if registration not in known:
        raise NotFound(
            say.NO_TAIL(tail=registration[:20]),
            say.KNOWN_TAILS(tails=", ".join(sorted(known))),
            field="tail",
            value=registration[:20],
        )


def around(changes: Sequence[Change]) -> tuple[datetime, datetime]:
    """A time in which all sectors of changes depart. Raises Fault where they lie too far apart."""
    begins = schedule.day_begins(min(c.key[1] for c in changes))
    ends = schedule.day_begins(max(c.key[1] for c in changes)) + schedule.A_RUN
    if ends - begins > LONGEST:
        raise Fault(say.WINDOW_WRONG(days=LONGEST.days), field="changes")
    return begins, ends


@dataclass(frozen=True, slots=True)
class Affected:
    """What changes do to parcels: on sectors that do not fly, that lose their connection, that come later, left by a
    smaller tail; `kg` is of those on sectors that do not fly."""

    cancelled: int = 0
    missed: int = 0
    late: int = 0
    kg: float = 0.0
    left_kg: float = 0.0


def affected(board: Board, aboard: Mapping[Key, Aboard], changes: Mapping[Key, Change]) -> Affected:
    """What changes do to the parcels that are booked, each counted on each sector that it rides."""
    after = {f.sector.key: f for f in board.with_changes(changes).flown}
    found = Affected()
    for key in changes:
        one, carried = after.get(key), aboard.get(key)
        if one is None or carried is None:
            continue
        if one.cancelled:
            found = replace(
                found, cancelled=found.cancelled + carried.parcels, kg=found.kg + carried.grams / 1000
            )
            continue
        missed = sum(o.parcels for o in carried.onward if one.delay - _waits(after, o) > o.slack)
        late = carried.parcels - missed if one.delay else 0
        left = schedule.too_much(board, one.sector, one.tail, carried)
        found = replace(
            found, missed=found.missed + missed, late=found.late + late, left_kg=found.left_kg + left
        )
    return found


def _waits(after: Mapping[Key, Any], onward: Onward) -> int:
    to = after.get(onward.to) if onward.to is not None else None
    return 0 if to is None or to.cancelled else int(to.delay)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A repair with what it does to parcels, and what the same disruption costs where nothing is changed but what cannot
    fly; `stamp` says on which schedule it was worked out."""

    repair: Repair
    affected: Affected
    stamp: str
    window: Window


def propose(
    context: Context, begins: datetime, ends: datetime, seconds: float = 10.0, across: bool = False
) -> Proposal:
    """Works out the cheapest repair of what cannot be flown of a time. Nothing is changed.

    Args:
        context: network and clock: what has left is not changed.
        begins, ends: which planned departures may be changed.
        seconds: for the program.
        across: whether tails of another rating may take part, each with a relief crew.

    It always finds one: at worst what cannot be flown is not flown.
    """
    with acting_as(Role.OPERATOR) as connection:
        seen = window(connection, context, begins, ends)
    board, now = (
        seen.board,
        max(schedule.minute(seen.board.epoch, context.now()), schedule.minute(seen.board.epoch, begins)),
    )
    problem = pose(
        board,
        now,
        schedule.minute(board.epoch, ends),
        seen.aboard,
        Price.listed(),
        tails=taking_part(seen, across),
    )
    found = solve(problem, seconds)
    effect = affected(board, seen.aboard, {c.key: c for c in found.changes})
    return Proposal(found, effect, seen.version, seen)


def taking_part(seen: Window, across: bool) -> set[str]:
    """Tails that a repair may use: those of the ratings of whatever cannot be flown; across all ratings if it is asked."""
    board = seen.board
    if across:
        return set(board.tails)
    wrong = {key for key, why in schedule.impossible(board, seen.aboard).items() if why}
    tails = {f.tail for f in board.flown if f.sector.key in wrong} | {o.tail for o in board.outages}
    ratings = {
        board.types[board.tails[t].type].rating
        for t in tails
        if t in board.tails and board.tails[t].type in board.types
    }
    return {
        t
        for t, tail in board.tails.items()
        if tail.type in board.types and board.types[tail.type].rating in ratings
    }


def put_in_place(context: Context, changes: Sequence[Change], by: By, expected: str = "") -> Affected:
    """Puts changes in place, all or none: they are written down, each is an event of its flight, the ledger holds back what
    is not for sale any more, and every parcel concerned is told: later, or not on this flight.

    Args:
        context: network and clock.
        changes: what holds for sectors from now on; one without tail, delay and cancelling puts the plan back.
        by: who decides.
        expected: the `stamp` of the proposal; empty: whatever the schedule is by now.

    Raises:
        NotFound: a sector or a tail is not there.
        Conflict: a sector has left already, or the schedule changed since the proposal.
        Fault: a delay is none.
    """
    now = context.now()
    begins, ends = around(changes)
    with acting_as(Role.OPERATOR) as connection:
        store.lock(connection)
        seen = window(connection, context, begins, ends)
        if expected and seen.version != expected:
            raise Conflict(say.CHANGED_SINCE(), say.WORK_OUT_AGAIN())
        stands = {f.sector.key: f for f in seen.board.flown}
        for change in changes:
            one = stands.get(change.key)
            flight = f"{change.key[0]} {change.key[2] + 1}"
            if one is None:
                raise NotFound(
                    say.NO_FLIGHT(flight=flight[:60]), say.SEE_BOARD(), field="service", value=flight[:60]
                )
            if one.depart <= schedule.minute(seen.board.epoch, now) and not one.cancelled:
                raise Conflict(say.LEFT_ALREADY(flight=flight), field="service", value=flight)
            if not 0 <= change.delay <= MOST_DELAY:
                raise Fault(say.DELAY_WRONG(most=MOST_DELAY), field="delay", value=str(change.delay))
            if change.tail and change.tail not in seen.board.tails:
                _tail(connection, context, change.tail)
        effect = affected(seen.board, seen.aboard, {c.key: c for c in changes})
        numbers = {c.key: store.put_change(connection, c, by.name or by.tenant, now) for c in changes}
        held = [_held(seen.board, c) for c in changes]
        store.hold(connection, held)
        told = fleet_deciding.decision(
            seen.board, seen.aboard, seen.legs, changes, effect, held, bool(expected), now
        )
        openness.tell(connection, [told])
        fleet_telling.tell(
            connection,
            seen.board,
            seen.legs,
            changes,
            numbers,
            Source(Reporter.OPERATOR.value, by.tenant, by.name),
            now,
        )
    return effect


def _held(board: Board, change: Change) -> dict[str, Any]:
    """What the ledger holds back of a sector beside its allotments: all where it does not fly, the difference to a smaller tail."""
    sector = next(f.sector for f in board.flown if f.sector.key == change.key)
    grams, cm3 = (0, 0) if change.cancelled else schedule.room_of(board, sector, change.tail or sector.tail)
    return {
        "service_id": sector.service,
        "service_day": sector.day,
        "call": sector.call,
        "total_g": sector.grams,
        "total_cm3": sector.cm3,
        "held_g": max(0, sector.grams - grams),
        "held_cm3": max(0, sector.cm3 - cm3),
    }


def held_of(board: Board, key: Key) -> dict[str, Any]:
    """The row of `store.hold` of a sector as it stands now. Raises NotFound."""
    one = next((f for f in board.flown if f.sector.key == key), None)
    if one is None:
        raise NotFound(
            say.NO_FLIGHT(flight=f"{key[0]} {key[2] + 1}"[:60]),
            say.SEE_BOARD(),
            field="service",
            value=key[0][:60],
        )
    return _held(board, Change(key, one.tail, one.delay, one.cancelled))
