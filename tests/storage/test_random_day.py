"""A day of random acts over HTTP, by many clients, killed and repeated: at its end everything adds up."""

from __future__ import annotations

import os
from collections import Counter

import pytest

import qafila.floors  # noqa: F401  (every floor has its event types listed)
from qafila.runtime.database import administrator
from qafila.storage import shelving
from tests.storage.killed_day import Day, Server, balance, prepare, work


@pytest.mark.timeout(600)
def test_a_day_of_random_acts_killed_and_repeated() -> None:
    prepared = prepare(0)
    server = Server(dict(os.environ), 2, pages=False)
    try:
        server.until_it_serves()
        day = Day(prepared, server.address)
        work(day, server, clients=8, acts=240, seed=11, every=80)
        server.until_it_serves()
        assert balance(day) == []
    finally:
        server.end()
    with administrator() as connection:
        assert shelving.audit(connection) == []
    done = Counter(one.kind for one in day.done)
    assert {"receive", "order", "pick"} <= set(
        done
    )  # which more of the twelve come depends on who is killed when
    assert len(done) >= 6
    assert sum(server.killed.values()) >= 2
    assert day.unanswered
