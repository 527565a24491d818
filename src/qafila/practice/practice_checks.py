"""What lessons check: what the learner did, as the place's bookings, events, stock, declarations and plans say.

A check reads and decides; nothing tells it that something is done. It answers `open` (not yet), `done`, or `wrong`:
something else was done instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from qafila.clearance import desk, store
from qafila.clearance.declaration import Procedure
from qafila.clearance.lifecycle import State as Declared
from qafila.context import Context
from qafila.practice.lessons import Lesson, every
from qafila.practice.place import Place, Under
from qafila.runtime.database import administrator
from qafila.runtime.events.store import histories
from qafila.shipping.plans import kept_plans, reservations
from qafila.sorting import units, units_store
from qafila.tracking.status import status


class Found(StrEnum):
    """What a check finds."""

    OPEN = "open"
    DONE = "done"
    WRONG = "wrong"


Check = Callable[[Connection, Under, Context], Found]


def _rows(connection: Connection, sql: str, **values: Any) -> Sequence[Any]:
    return connection.execute(text(sql), values).all()


def _judged(done: bool, wrong: bool) -> Found:
    """What is wrong counts before what is done: doing both is no way to pass."""
    return Found.WRONG if wrong else Found.DONE if done else Found.OPEN


_MINE = """
    SELECT b.booking_id, lower(o.document->'receiver'->>'city') AS city, o.document->'receiver'->>'country' AS country,
        f.document->'labels' AS labels FROM bookings b JOIN orders o USING (merchant_id, order_id)
    JOIN offers f ON (f.merchant_id, f.offer_id) = (b.merchant_id, b.offer_id)
    WHERE b.merchant_id = :m AND b.cancelled_at IS NULL AND b.booking_id <> ALL(:seeded)
"""


def booked_to_lyon(connection: Connection, under: Under, here: Context) -> Found:
    mine = _rows(connection, _MINE, m=under.tenant, seeded=under.seed["double"])
    to_lyon = [b for b in mine if b.city == "lyon" and b.country == "FR"]
    return _judged(bool(to_lyon), bool(mine) and not to_lyon)


def booked_cheapest(connection: Connection, under: Under, here: Context) -> Found:
    mine = [
        b for b in _rows(connection, _MINE, m=under.tenant, seeded=under.seed["double"]) if b.city == "lyon"
    ]
    cheapest = ["cheapest" in (b.labels or []) for b in mine]
    return _judged(bool(cheapest) and all(cheapest), bool(cheapest) and not all(cheapest))


def cancelled_double(connection: Connection, under: Under, here: Context) -> Found:
    first, second = under.seed["double"]
    ended = {
        r.booking_id
        for r in _rows(
            connection,
            "SELECT booking_id FROM bookings WHERE merchant_id = :m AND cancelled_at IS NOT NULL",
            m=under.tenant,
        )
    }
    return _judged(second in ended, first in ended)


def _cancelled(connection: Connection, booking: str) -> bool:
    return bool(
        _rows(
            connection, "SELECT 1 FROM bookings WHERE booking_id = :b AND cancelled_at IS NOT NULL", b=booking
        )
    )


def booked_on(connection: Connection, under: Under, here: Context) -> Found:
    booking, number = under.seed["late"]
    events = histories(connection, [number]).get(number, [])
    again = any(e.details.get("revision") for e in events if e.time_kind == "planned")
    return _judged(again and status(events, here.now()).missed is None, _cancelled(connection, booking))


def left_alone(connection: Connection, under: Under, here: Context) -> Found:
    booking, number = under.seed["fine"]
    events = histories(connection, [number]).get(number, [])
    revised = any(e.details.get("revision") for e in events if e.time_kind == "planned")
    moved = (here.now().timestamp() - under.seed["begun"]) >= 20 * 3600
    late_done = booked_on(connection, under, here) is Found.DONE
    return _judged(moved and late_done, _cancelled(connection, booking) or revised)


def _told(connection: Connection, under: Under, number: str) -> list[str]:
    return [
        r.type
        for r in _rows(
            connection,
            "SELECT type FROM events WHERE subject_kind = 'parcel' AND subject_id = :n AND time_kind = 'actual' AND tenant = :t ORDER BY seq",
            n=number,
            t=under.tenant,
        )
    ]


_ENDS = {"delivered", "delivery_failed", "refused", "awaiting_pickup"}


def out(connection: Connection, under: Under, here: Context) -> Found:
    told = [_told(connection, under, n) for n in under.seed["parcels"]]
    early = any(t and t[0] in _ENDS for t in told)
    return _judged(all("out_for_delivery" in t for t in told), early)


def _door(connection: Connection, under: Under, which: int, end: str) -> Found:
    told = [t for t in _told(connection, under, under.seed["parcels"][which]) if t in _ENDS]
    return _judged(bool(told) and told[-1] == end, bool(told) and told[-1] != end)


def delivered(connection: Connection, under: Under, here: Context) -> Found:
    return _door(connection, under, 0, "delivered")


def failed(connection: Connection, under: Under, here: Context) -> Found:
    return _door(connection, under, 1, "delivery_failed")


def walked(connection: Connection, under: Under, here: Context) -> Found:
    tours = _rows(
        connection,
        "SELECT tour FROM tours WHERE state = 'done' AND tour <> ALL(:known)",
        known=under.seed["tours_done"],
    )
    short = _rows(
        connection,
        "SELECT 1 FROM picks WHERE state = 'short' AND pick <> ALL(:known)",
        known=under.seed["short"],
    )
    return _judged(bool(tours), bool(short))


def counted(connection: Connection, under: Under, here: Context) -> Found:
    (row,) = _rows(
        connection, "SELECT state, counted, expected FROM counts WHERE count_id = :c", c=under.seed["count"]
    )
    return _judged(
        row.state == "done" and row.counted == under.seed["pieces"],
        row.counted is not None and row.counted != under.seed["pieces"],
    )


def sorted_all(connection: Connection, under: Under, here: Context) -> Found:
    seed = under.seed
    scans = _rows(
        connection,
        "SELECT parcel, why FROM sort_scans WHERE facility = :f AND at >= to_timestamp(:b)",
        f=seed["centre"],
        b=seed["begun"],
    )
    return _judged(set(seed["parcels"]) <= {s.parcel for s in scans}, any(s.why == "damaged" for s in scans))


def bagged(connection: Connection, under: Under, here: Context) -> Found:
    acts = units_store.acts(connection, under.seed["bag"])
    closed = units.state(acts) in ("closed", "sealed")
    inside = set(units_store.contents(connection, under.seed["bag"]))
    right = inside == set(under.seed["inside"])
    return _judged(closed and right, closed and not right)


def _declarations(connection: Connection, under: Under) -> list[store.Filed]:
    filed = [
        f
        for f in store.of_parcel(connection, under.seed["parcel"])
        if f.declaration.procedure is Procedure.EXPORT
    ]
    return filed or store.of_parcel(connection, under.seed["parcel"])


def opened(connection: Connection, under: Under, here: Context) -> Found:
    filed = _declarations(connection, under)
    return _judged(bool(filed), bool(filed) and all(f.state is Declared.WITHDRAWN for f in filed))


def mended(connection: Connection, under: Under, here: Context) -> Found:
    filed = _declarations(connection, under)
    standing = [f for f in filed if f.state is not Declared.WITHDRAWN]
    return _judged(bool(standing) and not desk.todos(connection, standing[0]), bool(filed) and not standing)


def sent(connection: Connection, under: Under, here: Context) -> Found:
    filed = _declarations(connection, under)
    standing = [f for f in filed if f.state is not Declared.WITHDRAWN]
    return _judged(bool(standing) and standing[0].state is not Declared.DRAFT, bool(filed) and not standing)


def _answered(under: Under, step: str, right: int) -> Found:
    said = under.answers.get(step, "")
    if not said:
        return Found.OPEN
    return Found.DONE if said == str(right) else Found.WRONG


def read(connection: Connection, under: Under, here: Context) -> Found:
    plan = kept_plans.find(under.seed["plan"])
    if plan is None or plan.summary is None:
        return Found.OPEN
    return _answered(under, "read", int(plan.summary["served"]))


def in_place(connection: Connection, under: Under, here: Context) -> Found:
    holding = reservations.in_place(connection)
    return _judged(
        holding is not None and holding.plan == under.seed["plan"],
        holding is not None and holding.plan != under.seed["plan"],
    )


def counted_parcels(connection: Connection, under: Under, here: Context) -> Found:
    (row,) = _rows(connection, "SELECT count(*) AS n FROM bookings WHERE cancelled_at IS NULL")
    return _answered(under, "counted_parcels", row.n)


def counted_decisions(connection: Connection, under: Under, here: Context) -> Found:
    (row,) = _rows(connection, "SELECT count(*) AS n FROM log_entries")
    return _answered(under, "counted_decisions", row.n)


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        booked_to_lyon,
        booked_cheapest,
        cancelled_double,
        booked_on,
        left_alone,
        out,
        delivered,
        failed,
        walked,
        counted,
        sorted_all,
        bagged,
        opened,
        mended,
        sent,
        read,
        in_place,
        counted_parcels,
        counted_decisions,
    )
}
"""Every check, by the name that lessons call it."""

ANSWERED = frozenset({"read", "counted_parcels", "counted_decisions"})
"""Steps that want a number from the learner."""


def judged(place: Place, hub: Context) -> tuple[Lesson, list[Found]] | None:
    """The lesson under way and what each of its steps comes to; None where none is under way. Raises Fault where the place is gone."""
    state = place.state()
    if state is None or state.under is None or state.under.lesson not in every():
        return None
    lesson = every()[state.under.lesson]
    here = place.context(hub, state.under.tenant)
    with place.entered(), administrator("a lesson is judged by all that its place holds") as connection:
        return lesson, [CHECKS[step.check](connection, state.under, here) for step in lesson.steps]
