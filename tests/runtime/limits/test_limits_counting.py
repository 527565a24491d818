"""Limits hold for all processes of a hub together."""

from __future__ import annotations

import threading
import time
import uuid

from sqlalchemy import Connection, text

from qafila.runtime.database import engine
from qafila.runtime.limits.limits_counting import Counter, Limit, sweep


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_holds_until_its_window_ends() -> None:
    clock = Clock()
    counter = Counter(clock=clock)
    limit = Limit("few", 3, 60)
    assert [counter.left(limit, "a")[0] for _ in range(5)] == [True, True, True, False, False]
    assert counter.left(limit, "b")[0]
    within, wait = counter.left(limit, "a")
    assert not within
    assert 0 < wait <= 60
    clock.now += wait
    assert counter.left(limit, "a")[0]


def test_looking_takes_nothing() -> None:
    counter, limit = Counter(clock=Clock()), Limit("misses", 2, 60)
    assert all(counter.left(limit, "a", count=False)[0] for _ in range(10))
    counter.left(limit, "a")
    assert counter.left(limit, "a", count=False)[0]
    counter.left(limit, "a")
    assert not counter.left(limit, "a", count=False)[0]


def test_two_processes_count_together() -> None:
    clock = Clock()
    one, other = (Counter(lambda: engine().connect(), clock) for _ in range(2))
    limit = Limit(f"shared-{uuid.uuid4().hex}", 10, 3600)
    for _ in range(6):
        assert one.left(limit, "a")[0]
    clock.now += 1
    assert one.left(limit, "a")[0]  # settles: the table now says seven
    assert other.left(limit, "a")[0]  # settles its own one: eight
    assert [other.left(limit, "a")[0] for _ in range(4)] == [True, True, False, False]


def test_a_database_that_does_not_answer_stops_nobody() -> None:
    def broken() -> None:
        raise OSError("gone")

    clock = Clock()
    counter = Counter(broken, clock)  # type: ignore[arg-type]
    limit = Limit("few", 2, 60)
    assert [counter.left(limit, "a")[0] for _ in range(3)] == [True, True, False]


def test_windows_that_are_over_are_swept() -> None:
    clock = Clock()
    counter = Counter(lambda: engine().connect(), clock)
    counter.left(Limit(f"old-{uuid.uuid4().hex}", 5, 60), "a")
    with engine().begin() as connection:
        assert sweep(connection, clock.now - 10**9) == 0
        assert sweep(connection, clock.now + 10**9) >= 1


def test_a_counter_beside_settles_without_making_anybody_wait() -> None:
    clock, asked = Clock(), threading.Event()

    def slow() -> Connection:
        asked.wait(10)
        return engine().connect()

    counter, limit = Counter(slow, clock, beside=True), Limit(f"beside-{uuid.uuid4().hex}", 10, 3600)
    for _ in range(3):
        assert counter.left(limit, "a")[0]
        clock.now += 1  # it would settle each time
    asked.set()
    other = Counter(lambda: engine().connect(), clock)
    given_up = time.monotonic() + 10
    while True:
        clock.now += 1
        counter.left(limit, "a", count=False)
        other.left(limit, "b")
        with engine().connect() as connection:
            hits = connection.execute(
                text("SELECT hits FROM asked_counts WHERE name = :n AND who = 'a'"), {"n": limit.name}
            ).scalar()
        if hits == 3 or time.monotonic() > given_up:
            break
        time.sleep(0.02)
    assert hits == 3
