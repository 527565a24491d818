"""Pick-up points and lockers: compartments by size, reserved, filled, opened by a code, emptied when nobody came.

A counter with a shelf is a point of compartments, too. Who opens the doors is an adapter (`lockers.py`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.values import value
from qafila.delivery import delivery_limits, guessing, lockers, store
from qafila.delivery import delivery_messages as m
from qafila.delivery.model import Delivery, new_code

_log = logging.getLogger(__name__)
RESERVED_FOR = timedelta(hours=48)
KEPT_FOR = timedelta(days=5)
REMIND_BEFORE = (timedelta(days=3), timedelta(days=1))


@value
class Compartment:
    """A compartment of a locker, or a place on a counter's shelf."""

    facility: str
    id: str
    size_mm: tuple[int, int, int]
    adapter: str = "counter"

    def holds(self, size_mm: tuple[int, int, int]) -> bool:
        """Whether a box fits, turned as it may be."""
        return all(a <= b for a, b in zip(sorted(size_mm), sorted(self.size_mm), strict=True))


@value
class Stay:
    """A parcel's time in a compartment."""

    id: str
    merchant_id: str
    facility: str
    compartment: str
    parcel: str
    code: str
    state: str
    reserved_until: datetime
    expires_at: datetime | None
    reminded: int
    wrong_codes: int


_STAY = "stay_id, merchant_id, facility, compartment, parcel, code, state, reserved_until, expires_at, reminded, wrong_codes"
_STANDING = "state IN ('reserved', 'held', 'expired')"


def _stays(connection: Connection, where: str, **values: Any) -> list[Stay]:
    rows = connection.execute(
        text(f"SELECT {_STAY} FROM compartment_stays WHERE {where} ORDER BY stay_id FOR UPDATE"), values
    )
    return [
        Stay(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            row[6],
            row[7].astimezone(UTC),
            row[8].astimezone(UTC) if row[8] else None,
            row[9],
            row[10],
        )
        for row in rows
    ]


def standing(connection: Connection, parcel: str) -> Stay | None:
    """Where a parcel is reserved or held."""
    return next(iter(_stays(connection, f"parcel = :p AND {_STANDING}", p=parcel)), None)


def put_compartments(connection: Connection, rows: Iterable[Compartment]) -> int:
    """Adds compartments or changes them; returns how many. Raises Fault where a side is none, or no such adapter is known."""
    count = 0
    for one in rows:
        if min(one.size_mm) <= 0:
            raise Fault(
                m.BAD_ROW(value=str(min(one.size_mm)), field="size_mm"),
                m.MEND_ROW(),
                field="size_mm",
                value=str(min(one.size_mm)),
            )
        if one.adapter not in (adapters := lockers.known()):
            raise Fault(
                m.BAD_ROW(value=one.adapter[:40], field="adapter"),
                m.USE(known=", ".join(adapters)),
                field="adapter",
                value=one.adapter[:40],
            )
        connection.execute(
            text(
                "INSERT INTO compartments (facility, compartment, length_mm, width_mm, height_mm, adapter) VALUES (:f, :c, :l, :w, :h, "
                ":a) ON CONFLICT (facility, compartment) DO UPDATE SET length_mm = EXCLUDED.length_mm, width_mm = EXCLUDED.width_mm, "
                "height_mm = EXCLUDED.height_mm, adapter = EXCLUDED.adapter, broken = false"
            ),
            {
                "f": one.facility,
                "c": one.id,
                "l": one.size_mm[0],
                "w": one.size_mm[1],
                "h": one.size_mm[2],
                "a": one.adapter,
            },
        )
        count += 1
    return count


def facilities(connection: Connection) -> list[str]:
    """The points that have compartments."""
    return list(connection.execute(text("SELECT DISTINCT facility FROM compartments ORDER BY 1")).scalars())


def free(connection: Connection, facility: str, size_mm: tuple[int, int, int]) -> list[Compartment]:
    """The free compartments of a point that hold a box, the smallest first."""
    rows = connection.execute(
        text(
            "SELECT facility, compartment, length_mm, width_mm, height_mm, adapter FROM compartments c WHERE facility = :f AND NOT "
            f"broken AND NOT EXISTS (SELECT FROM compartment_stays s WHERE (s.facility, s.compartment) = (c.facility, c.compartment) AND s.{_STANDING}) "
            "ORDER BY length_mm * 1.0 * width_mm * height_mm, compartment"
        ),
        {"f": facility},
    )
    found = [Compartment(r[0], r[1], (r[2], r[3], r[4]), r[5]) for r in rows]
    return [c for c in found if c.holds(size_mm)]


def overview(connection: Connection, facility: str) -> list[dict[str, Any]]:
    """Every compartment of a point with what is in it."""
    rows = connection.execute(
        text(
            "SELECT c.compartment, c.length_mm, c.width_mm, c.height_mm, c.broken, s.parcel, s.state, s.expires_at, s.reserved_until, s.reminded FROM compartments c "
            f"LEFT JOIN compartment_stays s ON (s.facility, s.compartment) = (c.facility, c.compartment) AND s.{_STANDING} "
            "WHERE c.facility = :f ORDER BY c.compartment"
        ),
        {"f": facility},
    )
    return [dict(r._mapping) for r in rows]


def reserve(
    connection: Connection,
    context: Context,
    delivery: Delivery,
    facility: str,
    now: datetime,
    *,
    lies_there: bool = False,
) -> Stay:
    """Keeps the smallest free compartment that holds a parcel, until the driver comes.

    The limit of a point's day binds what is promised, not what `lies_there` already.

    Raises:
        NotFound: the place takes no parcels for buyers.
        Conflict: it has no room for this size.
    """
    known = standing(connection, delivery.parcel)
    if known is not None and known.facility == facility and known.state == "reserved":
        return known
    if facility not in facilities(connection):
        raise NotFound(m.NO_POINT(point=facility[:60]), m.OTHER_POINT(), field="point", value=facility[:60])
    day = day_of(context, delivery, facility, now)
    delivery_limits.hold(connection, facility, delivery_limits.Kind.POINT)
    if (
        not lies_there
        and delivery_limits.full(connection, facility, delivery_limits.Kind.POINT, day)
        and not _promised(known, facility, day, connection)
    ):
        most = delivery_limits.limit(connection, facility, delivery_limits.Kind.POINT) or 0
        raise Conflict(
            m.POINT_DAY_FULL(point=facility, day=day, most=most),
            m.OTHER_POINT(),
            field="point",
            value=facility,
        )
    # who takes a compartment waits for whoever is about to: two buyers never get one
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('point:' || :f))"), {"f": facility})
    room = free(connection, facility, delivery.size_mm)
    if not room:
        raise Conflict(m.POINT_FULL(point=facility), m.OTHER_POINT(), field="point", value=facility)
    if known is not None:
        _end(connection, known, now, "cancelled")
    stay = Stay(
        new_id("stay"),
        delivery.merchant_id,
        facility,
        room[0].id,
        delivery.parcel,
        _code(connection, facility),
        "reserved",
        now + RESERVED_FOR,
        None,
        0,
        0,
    )
    connection.execute(
        text(
            "INSERT INTO compartment_stays (merchant_id, stay_id, facility, compartment, parcel, code, state, reserved_until, for_day) "
            "VALUES (:m, :i, :f, :c, :p, :code, 'reserved', :u, :d)"
        ),
        {
            "m": stay.merchant_id,
            "i": stay.id,
            "f": facility,
            "c": stay.compartment,
            "p": stay.parcel,
            "code": stay.code,
            "u": stay.reserved_until,
            "d": day,
        },
    )
    lockers.of(room[0].adapter).assign(facility, stay.compartment, stay.code)
    return stay


def day_of(context: Context, delivery: Delivery, facility: str, now: datetime) -> date:
    """The day, by the clock of a point, on which a parcel would come there: that of its window, or that its buyer chose, or else
    today."""
    known = context.network.feed.facility
    place = known.get(facility) or known.get(delivery.facility)
    if delivery.told is not None:
        return place.day_at(delivery.told[0]) if place else delivery.told[0].date()
    today = place.day_at(now) if place else now.date()
    return max(today, delivery.day) if delivery.day is not None else today


def _promised(known: Stay | None, facility: str, day: date, connection: Connection) -> bool:
    """Whether the parcel is counted there on that day already."""
    return (
        known is not None
        and known.facility == facility
        and bool(
            connection.execute(
                text("SELECT for_day = :d FROM compartment_stays WHERE stay_id = :i"),
                {"d": day, "i": known.id},
            ).scalar()
        )
    )


def _code(connection: Connection, facility: str) -> str:
    """Six digits that no other parcel at the point has."""
    taken = {s.code for s in _stays(connection, f"facility = :f AND {_STANDING}", f=facility)}
    while (code := new_code()) in taken:
        pass
    return code


def put(connection: Connection, context: Context, delivery: Delivery, facility: str, now: datetime) -> Stay:
    """A parcel is put into its compartment; the time to fetch it begins."""
    stay = reserve(connection, context, delivery, facility, now, lies_there=True)
    expires = now + KEPT_FOR
    connection.execute(
        text("UPDATE compartment_stays SET state = 'held', put_at = :at, expires_at = :e WHERE stay_id = :i"),
        {"at": now, "e": expires, "i": stay.id},
    )
    return Stay(
        stay.id,
        stay.merchant_id,
        stay.facility,
        stay.compartment,
        stay.parcel,
        stay.code,
        "held",
        stay.reserved_until,
        expires,
        0,
        0,
    )


def by_code(connection: Connection, facility: str, code: str, now: datetime) -> Stay:
    """The stay that a code opens at a point. Nothing is unlocked yet: cash may be due first.

    Raises:
        NotFound: no parcel there has the code.
        Conflict: its time is over, or too many wrong codes were tried at the point.
    """
    guessing.check(guessing.AT_POINT, facility)
    digits = "".join(code.split())
    secret = digits.partition(":")[2] or digits
    found = [
        s
        for s in _stays(connection, f"facility = :f AND {_STANDING}", f=facility)
        if secrets.compare_digest(s.code.encode(), secret.encode())
    ]
    if not found or found[0].state == "reserved":
        guessing.wrong(guessing.AT_POINT, facility)
        raise NotFound(m.NO_STAY(), m.ASK_CODE_AGAIN(), field="code", value=digits[:20])
    stay = found[0]
    if stay.state == "expired" or (stay.expires_at is not None and stay.expires_at <= now):
        raise Conflict(m.EXPIRED(at=stay.expires_at or now), m.ASK_STATION(), field="code", value=digits[:20])
    return stay


def unlock(connection: Connection, stay: Stay) -> None:
    """Opens the compartment of a stay by its adapter."""
    _adapter(connection, stay).open(stay.facility, stay.compartment)


def _adapter(connection: Connection, stay: Stay) -> lockers.Locker:
    name = connection.execute(
        text("SELECT adapter FROM compartments WHERE facility = :f AND compartment = :c"),
        {"f": stay.facility, "c": stay.compartment},
    ).scalar_one()
    return lockers.of(name)


def leave(connection: Connection, parcel: str, now: datetime, how: str) -> Stay | None:
    """A parcel leaves its compartment: `collected`, `taken_back` or `cancelled`. None where it is in none."""
    stay = standing(connection, parcel)
    if stay is not None:
        _end(connection, stay, now, how)
    return stay


def taken_back(connection: Connection, read: Mapping[str, tuple[str, datetime]]) -> None:
    """Frees the compartments of parcels that nobody fetched in time.

    Args:
        connection: of a transaction.
        read: where and when parcels were read; one that was read elsewhere since its time ended was taken out.
    """
    for stay in _stays(connection, "state = 'expired' AND parcel = ANY(:p)", p=list(read)):
        facility, at = read[stay.parcel]
        if facility != stay.facility and stay.expires_at is not None and at >= stay.expires_at:
            _end(connection, stay, at, "taken_back")


def _end(connection: Connection, stay: Stay, now: datetime, how: str, silent: set[str] | None = None) -> None:
    """Ends a stay and takes its code back. `silent`: places whose lockers are away, which are not asked again; grows."""
    connection.execute(
        text("UPDATE compartment_stays SET state = :s, ended_at = :at WHERE stay_id = :i"),
        {"s": how, "at": now, "i": stay.id},
    )
    if silent is not None and stay.facility in silent:
        return
    try:
        _adapter(connection, stay).clear(stay.facility, stay.compartment)
    except Conflict as away:  # the parcel is out all the same, and the next code takes the place of this one
        if silent is not None:
            silent.add(stay.facility)
        _log.warning("the locker of %s at %s keeps a code: %s", stay.compartment, stay.facility, away)


def run_out(connection: Connection, now: datetime) -> tuple[list[Stay], list[Stay]]:
    """Ends reservations to which nobody came, and the time of parcels that nobody fetched.

    Returns the stays that expired now, and those whose buyers are to be reminded now.
    """
    silent: set[str] = set()  # a locker that is away is waited for once, not for each of its compartments
    for stay in _stays(connection, "state = 'reserved' AND reserved_until <= :n", n=now):
        _end(connection, stay, now, "cancelled", silent)
        store.change(connection, stay.parcel, point="", wish="")
    expired = _stays(connection, "state = 'held' AND expires_at <= :n", n=now)
    for stay in expired:
        connection.execute(
            text("UPDATE compartment_stays SET state = 'expired' WHERE stay_id = :i"), {"i": stay.id}
        )
    remind = []
    for stay in _stays(connection, "state = 'held'"):
        assert stay.expires_at is not None
        passed = sum(stay.expires_at - before <= now for before in REMIND_BEFORE)
        if passed > stay.reminded:
            connection.execute(
                text("UPDATE compartment_stays SET reminded = :n WHERE stay_id = :i"),
                {"n": passed, "i": stay.id},
            )
            remind.append(stay)
    return expired, remind
