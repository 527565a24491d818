"""The time of a place of practice: it leaps or runs; nothing happens twice, nothing is left out, others book meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.context import Context, of_this_home
from qafila.core.identifiers.own import new_id
from qafila.practice import lessons, practice_running, seeding, traffic
from qafila.practice import place as places
from qafila.practice.place import Place
from qafila.runtime.database import administrator
from qafila.runtime.database.connection import own_engine


@pytest.fixture(scope="module")
def hub() -> Context:
    """On a fixed Monday morning: what is planned for a span does not hang on when the test is run."""
    return of_this_home().at(datetime(2026, 3, 2, 6, 30, tzinfo=UTC))


@pytest.fixture
def place(hub: Context) -> Iterator[Place]:
    """A dispatcher's."""
    made = places.of(new_id("per"))
    seeding.begin(made, lessons.find("dispatcher"), hub, (new_id("per"), "Amina"))
    yield made
    places._leave(made)
    with own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        raw.execute(text(f'DROP DATABASE IF EXISTS "{made.database}" WITH (FORCE)'))


def told(place: Place) -> list[tuple[str, str, int]]:
    """What actually happened: parcel, type, leg; how often."""
    with place.entered(), administrator() as connection:
        rows = connection.execute(
            text(
                "SELECT subject_id, type, coalesce(leg, -1) AS leg, count(*) AS n FROM events WHERE source = 'practice' "
                "AND reporter = 'carrier' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            )
        ).all()
    assert not [r for r in rows if r.n > 1], "nothing happens twice"
    return [(r.subject_id, r.type, r.leg) for r in rows]


def test_a_running_day_is_the_day_in_one_leap(place: Place, hub: Context) -> None:
    state = place.state()
    assert state is not None
    assert practice_running.catch_up(place) == state, "where time stands nothing is brought up to date"
    practice_running.start(place)
    begun = place.state()
    assert begun is not None
    assert begun.running is not None
    for seconds in (7, 30, 61):  # the machine's
        practice_running.catch_up(place, machine=begun.running + timedelta(seconds=seconds))
    now = place.state()
    assert now is not None
    assert now.now == state.now + timedelta(seconds=61) * practice_running.PACE
    in_steps = told(place)
    practice_running.stop(place)
    stopped = place.state()
    assert stopped is not None
    assert stopped.running is None
    place.keep(state)  # killed before it was kept: the same span again
    practice_running.let_run(place, (now.now - state.now) / timedelta(hours=1))
    assert told(place) == in_steps


def test_looked_at_from_two_windows_nothing_happens_twice(place: Place) -> None:
    practice_running.start(place)
    begun = place.state()
    assert begun is not None
    assert begun.running is not None
    at = begun.running + timedelta(minutes=9)
    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(lambda _: practice_running.catch_up(place, machine=at), range(12)))
    assert {s.now for s in seen if s is not None} == {
        begun.now + timedelta(minutes=9) * practice_running.PACE
    }
    assert told(place)


def test_a_day_that_was_left_running_stands_after_three_days(place: Place) -> None:
    practice_running.start(place)
    begun = place.state()
    assert begun is not None
    assert begun.running is not None
    left = practice_running.catch_up(place, machine=begun.running + timedelta(days=2))
    assert left is not None
    assert left.running is None
    assert left.now == begun.now + timedelta(hours=practice_running.MOST_HOURS)


def test_others_book_while_the_day_runs_and_no_order_twice(place: Place, hub: Context) -> None:
    state = place.state()
    assert state is not None
    practice_running.let_run(place, 24, hub)
    with place.entered(), administrator() as connection:
        orders = connection.execute(
            text("SELECT order_id, merchant_id FROM bookings WHERE order_id LIKE 'DAY-%' ORDER BY order_id")
        ).all()
    hours = list(traffic.hours_between(state.now, state.now + timedelta(hours=24)))
    assert [o.order_id for o in orders] == sorted(f"DAY-{h:%d-%H}" for h in hours)
    assert len({o.merchant_id for o in orders}) == 3
    place.keep(state)  # killed before it was kept: the same hours pass again
    practice_running.let_run(place, 24, hub)
    with place.entered(), administrator() as connection:
        again = connection.execute(
            text("SELECT count(*) FROM bookings WHERE order_id LIKE 'DAY-%'")
        ).scalar_one()
    assert again == len(orders)


def test_hours_of_business() -> None:
    since = datetime(2026, 3, 2, 6, 59, tzinfo=UTC)
    assert [h.hour for h in traffic.hours_between(since, since + timedelta(hours=3))] == [8, 9]
    assert len(list(traffic.hours_between(since, since + timedelta(days=1)))) == 10
