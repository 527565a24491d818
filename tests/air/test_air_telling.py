"""Of like pieces who flies follows from a rule that is checked again; whoever is let past, or stopped for nothing, is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.air import air_telling, alike, gate, loading
from qafila.air.alike import put_right, shares
from qafila.air.flight import Flight, LoadPlan
from qafila.air.loading import Loading
from qafila.air.planner import plan
from qafila.api.air.flight_schema import FlightIn
from qafila.context import Context
from tests.air.aircraft import crate, flight
from tests.air.flight_files import asked
from tests.air.test_planner import sound
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import replayed


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=6), st.data())
def test_shares_are_whole_and_by_who_was_ready_first(
    lots: list[tuple[int, int]], data: st.DataObject
) -> None:
    ready, count = [r for r, _ in lots], [c for _, c in lots]
    fly = data.draw(st.integers(0, sum(count)))
    found = shares(ready, count, fly)
    assert sum(found) == fly
    assert all(0 <= n <= most for n, most in zip(found, count, strict=True))
    for a in range(len(lots)):
        for b in range(len(lots)):
            if ready[a] < ready[b] and found[b]:
                assert found[a] == count[a]  # nobody flies before whoever was ready sooner is on board
            if ready[a] == ready[b] and count[a] and count[b]:
                assert abs(found[a] / count[a] - found[b] / count[b]) <= 1 / count[a] + 1 / count[b]


def test_like_pieces_change_places_and_every_limit_is_kept() -> None:
    """Twenty-eight crates of which a pallet takes twelve: the lot that was ready last stays, wherever it stands in the file."""
    for order in ((96_000, 90_000, 93_000), (90_000, 93_000, 96_000)):
        plane = flight(
            tuple(crate(100, count=8, ready=at, penalty=10.0, name=str(n)) for n, at in enumerate(order))
        )
        made = plan(plane, 1.5, steps=40)
        right = put_right(plane, {}, made)
        sound(plane, right)
        assert sum(right.behind.values()) == sum(made.behind.values())
        assert right.costs == made.costs
        left = sum(right.behind.values())
        for at in (96_000, 93_000, 90_000):
            n = order.index(at)
            assert right.behind.get(("X-0", n), 0) == min(8, left)
            left -= min(8, left)


def filled(name: str = "QF1", own: str = "mer_a") -> tuple[FlightIn, dict[tuple[str, int], str]]:
    said = asked(name=name)
    lots = said["segments"][0]["lots"]
    lots[0]["count"], lots[0]["merchant"], lots[0]["penalty"] = 8, own, 10
    lots.insert(1, {**lots[0], "shipment": "S9", "merchant": "mer_b", "ready": "2026-12-01T06:00:00Z"})
    read = FlightIn.model_validate(said)
    return read, read.owners()


def planned(here: Context, name: str = "QF1") -> Loading:
    read, owners = filled(name)
    return air_telling.decide(here, "local", read.flight(), read.papers(), owners, 1.5)


def found(here: Context) -> list[Any]:
    return [one for one in replayed(here).differences if one.entry.kind == air_telling.KIND]


def test_an_honest_plan_is_the_same_again(here: Context) -> None:
    made = planned(here)
    assert sum(made.plan.behind.values()) > 0
    assert len(made.stopped) == 1
    assert found(here) == []


def test_the_engine_sees_no_owner() -> None:
    read, owners = filled()
    assert set(owners.values()) == {"mer_a", "mer_b"}
    assert "mer_" not in repr(read.flight())
    assert "mer_" not in repr(read.papers())


def test_a_lot_that_is_let_past_is_found(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's lot was ready last and flies all the same."""

    def favouring(plane: Flight, papers: Any, made: LoadPlan) -> LoadPlan:
        right = alike.put_right(plane, papers, made)
        left = {key: n for key, n in right.behind.items() if key[1] < 2}
        return replace(right, behind={("CMN-DSS", 0): sum(left.values())} if left else {})

    monkeypatch.setattr(loading, "put_right", favouring)
    monkeypatch.setattr(loading, "explain", lambda *_: [])
    planned(here)
    assert {one.place for one in found(here)} == {"/left/0", "/left/1"}


def test_a_lot_that_is_stopped_for_nothing_is_found(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from qafila.air import air_messages

    with monkeypatch.context() as changed:
        told = (air_messages.TOO_LARGE(), air_messages.OTHER_AIRCRAFT())
        honest = gate.refused
        changed.setattr(loading, "refused", lambda p, day: honest(p, day) or (told if p.dangerous else None))
        assert len(planned(here).stopped) == 2
    assert {one.place for one in found(here)} == {"/stopped/length"}
