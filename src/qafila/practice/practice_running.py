"""The time of a place of practice. It stands, leaps, or runs fast; what was planned for the time that passed happens then.

Nothing works in the background: whoever looks at a place brings it up to date first (`catch_up`). So a place that nobody
looks at costs nothing, and a page and what it was made of are of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from qafila.context import Context, system_clock
from qafila.practice import traffic
from qafila.practice.place import Place, State
from qafila.runtime import database

PACE = 120
"""How much faster than the machine's clock a running day is: a day passes in twelve minutes."""

_WHY = "in a place of practice what was planned happens by itself"

MOST_HOURS = 72.0
"""Hours that pass at once at most. A day that was left running stands still after them."""

HAPPEN = """
    INSERT INTO events (merchant_id, subject_kind, subject_id, event_id, type, time_kind, time, facility, leg, reporter, tenant, source)
    SELECT e.merchant_id, e.subject_kind, e.subject_id, gen_random_uuid(), e.type, 'actual', e.time, e.facility, e.leg, 'carrier', NULL, 'practice'
    FROM events e JOIN parcels p ON p.number = e.subject_id
    WHERE e.subject_kind = 'parcel' AND e.time_kind = 'planned' AND e.time > :since AND e.time <= :until
        AND coalesce((e.details->>'revision')::int, 0) = (SELECT max(coalesce((n.details->>'revision')::int, 0)) FROM events n
            WHERE n.subject_kind = 'parcel' AND n.subject_id = e.subject_id AND n.time_kind = 'planned')
        AND e.subject_id <> ALL(:left_alone)
        AND NOT EXISTS (SELECT FROM events c WHERE c.subject_kind = 'parcel' AND c.subject_id = e.subject_id
            AND c.time_kind = 'actual' AND c.type IN ('cancelled', 'delivered', 'lost', 'returned'))
        AND NOT EXISTS (SELECT FROM events c WHERE c.subject_kind = 'parcel' AND c.subject_id = e.subject_id AND c.source = 'practice'
            AND c.time_kind = 'actual' AND c.type = e.type AND c.leg IS NOT DISTINCT FROM e.leg AND c.time = e.time)
"""
"""What was planned happens, to parcels that a lesson does not leave to the learner; once, also where a process was killed before
it had kept how far the clock is."""


def let_run(place: Place, hours: float, hub: Context | None = None) -> State:
    """Lets some hours pass at once; what was planned for them happens, and in a lesson with traffic others book meanwhile.

    Args:
        place: an existing place.
        hours: up to `MOST_HOURS`; fewer than none are none.
        hub: the surroundings of the real hub, for the traffic; without them nobody books.

    Raises:
        NoPractice: its database is gone.
    """
    with place.entered(), _alone():
        return _pass(place, timedelta(hours=min(max(hours, 0), MOST_HOURS)), hub)


def catch_up(place: Place, hub: Context | None = None, machine: datetime | None = None) -> State | None:
    """Brings a place whose day runs up to now; any other stays as it is. Raises NoPractice.

    Args:
        place: a place, begun or not.
        hub: as for `let_run`.
        machine: the machine's time, where it is not now.
    """
    state = place.state()
    if state is None or state.running is None:
        return state
    with place.entered(), _alone():
        state = place.state()  # another request may have been here first
        if state is None or state.running is None:
            return state
        at = machine or system_clock()
        passed = min(max((at - state.running) * PACE, timedelta(0)), timedelta(hours=MOST_HOURS))
        if passed < timedelta(minutes=1):
            return state
        state = _pass(place, passed, hub)
        moved = replace(state, running=None if passed >= timedelta(hours=MOST_HOURS) else at)
        place.keep(moved)
        return moved


def start(place: Place) -> None:
    """Lets the day run fast from now on."""
    state = place.state()
    if state is not None and state.running is None:
        place.keep(replace(state, running=system_clock()))


def stop(place: Place, hub: Context | None = None) -> None:
    """Lets time stand, at the moment that it has come to. Raises NoPractice."""
    state = catch_up(place, hub)
    if state is not None and state.running is not None:
        place.keep(replace(state, running=None))


def _pass(place: Place, passed: timedelta, hub: Context | None) -> State:
    state = place.state()
    assert state is not None
    until = state.now + passed
    seed = state.under.seed if state.under else {}
    if hub is not None and seed.get("traffic"):
        traffic.book(place.context(hub), seed["traffic"], state.now, until)
    with database.administrator(_WHY) as connection:
        connection.execute(
            text(HAPPEN),
            {"since": state.now, "until": until, "left_alone": list(seed.get("left_alone") or [])},
        )
    moved = replace(state, now=until)
    place.keep(moved)
    return moved


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time in a place: of two requests the second finds what the first did."""
    with database.administrator(_WHY) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('practice time'))"))
        yield
