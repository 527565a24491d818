"""A hundred seeds hold; a seed is one history; and what is planted into the code is found."""

from __future__ import annotations

import pytest

from qafila.api.chassis import answering_once
from qafila.ledger.cash import cash_bags
from qafila.runtime.answered import store as answered
from qafila.shipping.bookings import capacity
from tests.simulation.running import chosen, run
from tests.simulation.scheduling import Faults


@pytest.mark.parametrize("first", range(1, 101, 10))
def test_a_hundred_seeds_hold(first: int) -> None:
    for seed in range(first, first + 10):
        assert run(seed)[0] == [], f"run again: python -m tests.simulation --first {seed} --seeds 1 --trace"


def test_a_seed_is_one_history() -> None:
    assert run(7)[1] == run(7)[1]


def test_a_key_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgotten(asked: answered.Asked) -> None:
        return None

    async def claimed(asked: answered.Asked) -> None:
        return forgotten(asked)

    monkeypatch.setattr(answering_once, "_claimed", claimed)
    seed = next(n for n in range(1, 100) if "hook" in chosen(n))
    found = run(seed, Faults(0, 0))[0]
    assert any("a key asked for one webhook" in said for said in found), found


def test_room_that_is_never_given_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "give_back", lambda *_: None)
    found = run(3, Faults(0, 0))[0]
    assert any("the room taken on a departure" in said for said in found), found


def test_a_bag_that_is_handed_over_without_an_entry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cash_bags, "_book", lambda *_: None)
    seed = next(n for n in range(1, 100) if {"courier", "counter"} <= set(chosen(n)))
    found = run(seed, Faults(0, 0))[0]
    assert any("in a bag lies what was collected" in said for said in found), found
