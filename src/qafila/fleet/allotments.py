"""Allotments: room on a flight that one holder has beside the parcels, such as a post's mail. They meet the capacity ledger:
what is allotted is for sale to nobody, what is not drawn goes back in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.fleet import allotments_store, schedule, service, store
from qafila.fleet import fleet_messages as say
from qafila.fleet.model import Board, Key
from qafila.fleet.service import By
from qafila.openness import openness_telling as openness
from qafila.openness import store as log
from qafila.openness.kinds import Difference, Values
from qafila.openness.model import Decision, Entry
from qafila.runtime.database import Role, acting_as
from qafila.shipping.bookings import bookings_telling as bookings

ALLOTMENT = "fleet.allotment"


def give(
    context: Context, key: Key, holder: str, grams: int, cm3: int, release_at: datetime, by: By, id: str = ""
) -> dict[str, Any]:
    """Allots room of a departure to a holder.

    Args:
        context: network and clock.
        key: service, service day, call.
        holder: the tenant.
        grams, cm3: how much.
        release_at: when what is not drawn goes back.
        by: who decides.
        id: the allotment's own; the same again is the same allotment.

    Raises:
        NotFound: there is no such flight, or it does not fly.
        Conflict: the departure has not so much room left.
        Fault: the figures are none.
    """
    if not (0 <= grams <= 10**9 and 0 <= cm3 <= 10**10 and grams + cm3):
        raise Fault(say.AMOUNT_WRONG(), field="grams", value=str(grams))
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        store.lock(connection)
        board = _board(connection, context, key)
        row = service.held_of(board, key)
        if schedule.minute(board.epoch, now) >= next(f.depart for f in board.flown if f.sector.key == key):
            raise Conflict(say.LEFT_ALREADY(flight=key[0]), field="service", value=key[0])
        _release_due(connection, context, now)
        store.hold(connection, [row])
        there = store.room(connection, key)
        free, seen = there.free, log.snapshot(connection)  # its row is locked: nobody changes it from here on
        id_ = id[:80] or new_id("alt")
        allotment = {
            "allotment": id_,
            "holder": holder,
            "service": key[0],
            "day": key[1],
            "call": key[2],
            "grams": grams,
            "cm3": cm3,
            "release_at": release_at,
            "by": by.name or by.tenant,
            "at": now,
        }
        if id and (known := allotments_store.one(connection, id[:80])) is not None:
            return told(known)
        granted = enough(free, grams, cm3)
        openness.tell(connection, [_decision(allotment, key, there, seen, granted)])  # what is refused, too
        if granted:
            allotments_store.put(connection, allotment)
            store.hold(connection, [row])
            return told(allotments_store.one(connection, id_))
    raise Conflict(
        say.NO_ROOM(
            flight=key[0],
            kg=max(0, free[0]) // 1000,
            m3=f"{max(0, free[1]) / 1e6:.1f}",
            asked_kg=grams // 1000,
            asked_m3=f"{cm3 / 1e6:.1f}",
        ),
        say.ASK_LESS(),
        field="grams",
        value=str(grams),
    )


def enough(free: tuple[int, int], grams: int, cm3: int) -> bool:
    """The rule of allotments: whoever asks for no more than there is gets it."""
    return grams <= free[0] and cm3 <= free[1]


def _decision(allotment: dict[str, Any], key: Key, there: store.Room, seen: str, granted: bool) -> Decision:
    """What the log records of room that is asked for: by whom, how much, how much there was and why, and whether it was
    allotted. `seen` is the state of the database that was looked at, so that what bookings had taken is added up from them."""
    free = there.free
    asked = {
        "departures": ["/".join(map(str, key))],
        "grams": allotment["grams"],
        "cm3": allotment["cm3"],
    }
    hidden = {
        "inputs": {
            "asked": asked,
            "free": {"grams": free[0], "cm3": free[1]},
            "snapshot": seen,
            "room": {name: list(there._asdict()[name]) for name in there._fields},
        },
        "answer": {"granted": granted},
        "release_at": allotment["release_at"].isoformat(),
    }
    if granted:
        hidden["allotted"] = asked
    said = {"granted": granted}
    return Decision(ALLOTMENT, allotment["allotment"], allotment["at"], said, hidden, allotment["holder"])


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """Whether what was asked for is allotted by the rule; there is no identity in what it looks at."""
    said = values["inputs"]
    free = said["free"]["grams"], said["free"]["cm3"]
    if "room" in said:  # entries of before have the sum alone
        free = store.Room(
            *((one[0], one[1]) for one in (said["room"][name] for name in store.Room._fields))
        ).free
    return {"granted": enough(free, said["asked"]["grams"], said["asked"]["cm3"])}


def differences(decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    """Allotments that were decided on other room than there was: what bookings had taken by then is added up from the log's
    own bookings, and the room that was free follows from it.

    Args:
        decisions: entries with their opened values, in the order in which they were recorded.
    """
    taken = bookings.taken(decisions)
    found = []
    for entry, values in decisions:
        if entry.kind != ALLOTMENT or "snapshot" not in values.get("inputs", {}):
            continue
        said = values["inputs"]
        if any(said["room"]["reserved"]):  # bookings of a class draw on what a plan reserves for it
            continue
        (departure,) = said["asked"]["departures"]
        there = [(g, v) for tx, g, v in taken.get(departure, ()) if log.saw(said["snapshot"], tx)]
        told = {"taken": [sum(g for g, _ in there), sum(v for _, v in there)]}
        room = {name: told.get(name, said["room"][name]) for name in store.Room._fields}
        free = store.Room(*((room[name][0], room[name][1]) for name in store.Room._fields)).free
        recorded = (said["free"]["grams"], said["free"]["cm3"])
        if free != recorded:
            found.append(Difference(entry, "room", departure, list(recorded), list(free)))
    return found


def draw(
    context: Context, allotment: str, key: str, grams: int, cm3: int, waybill: str = ""
) -> dict[str, Any]:
    """Notes that goods of the holder ride on the allotment, once by its key.

    Raises NotFound, and Conflict where less is left of it, or what was not drawn went back already.
    """
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        row = allotments_store.one(connection, allotment)
        if row is None:
            raise NotFound(say.NO_ALLOTMENT(), field="allotment", value=allotment[:60])
        grams_left, cm3_left = row.grams - row.drawn_g, row.cm3 - row.drawn_cm3
        if not allotments_store.draw(connection, allotment, key[:200], waybill[:20], 0, 0, now):
            return told(row)
        gone = row.release_at <= now
        if gone or grams > grams_left or cm3 > cm3_left or grams < 0 or cm3 < 0:
            raise Conflict(
                say.ALLOTMENT_LEFT(kg=0 if gone else grams_left // 1000), field="grams", value=str(grams)
            )
        allotments_store.count(connection, allotment, key[:200], grams, cm3)
        return told(allotments_store.one(connection, allotment))


def release(context: Context, allotment: str) -> dict[str, Any]:
    """Gives back what is not drawn of an allotment. Raises NotFound."""
    with acting_as(Role.OPERATOR) as connection:
        store.lock(connection)
        row = allotments_store.one(connection, allotment)
        if row is None:
            raise NotFound(say.NO_ALLOTMENT(), field="allotment", value=allotment[:60])
        _given_back(
            connection, context, [(allotment, (row.service_id, row.service_day, row.call))], context.now()
        )
        return told(allotments_store.one(connection, allotment))


def release_due(context: Context) -> int:
    """Gives back what was not drawn in time; returns of how many allotments."""
    with acting_as(Role.OPERATOR) as connection:
        store.lock(connection)
        return _release_due(connection, context, context.now())


def _release_due(connection: Connection, context: Context, now: datetime) -> int:
    return _given_back(connection, context, allotments_store.due(connection, now), now)


def _given_back(connection: Connection, context: Context, some: list[tuple[str, Key]], now: datetime) -> int:
    for allotment, key in some:
        allotments_store.shrink(connection, allotment, now)
        try:
            store.hold(connection, [service.held_of(_board(connection, context, key), key)])
        except NotFound:  # the timetable has the flight no more: nobody can book it either
            continue
    return len(some)


def _board(connection: Connection, context: Context, key: Key) -> Board:
    begins = schedule.day_begins(key[1])
    return schedule.board(
        context.network.feed,
        begins,
        begins + schedule.A_RUN,
        store.tails(connection),
        store.changes(connection, key[1], key[1]),
    )


def told(row: Any) -> dict[str, Any]:
    """An allotment as doors tell it."""
    return {
        "allotment": row.allotment,
        "holder": row.holder,
        "service": row.service_id,
        "day": schedule.date_of(row.service_day).isoformat(),
        "call": row.call,
        "grams": row.grams,
        "cm3": row.cm3,
        "drawn_g": row.drawn_g,
        "drawn_cm3": row.drawn_cm3,
        "release_at": row.release_at,
    }
