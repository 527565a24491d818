from __future__ import annotations

from itertools import pairwise

import pytest

from qafila.clearance.lifecycle import AMENDABLE, State, StepRefused, after, event_type, successors
from qafila.tracking.event import ParcelEvent


def test_the_straight_way_through() -> None:
    way = [
        State.DRAFT,
        State.ADVISED,
        State.ASSESSED,
        State.LODGED,
        State.ACCEPTED,
        State.GREEN,
        State.RELEASED,
    ]
    for state, following in pairwise(way):
        assert after(state, following) is following


def test_what_must_not_load_is_never_lodged() -> None:
    with pytest.raises(StepRefused, match=r"“lodged” cannot follow\. The next state can be withdrawn"):
        after(State.DO_NOT_LOAD, State.LODGED)


def test_every_state_is_reached_from_a_draft_and_none_but_ends_is_stuck() -> None:
    reached, todo = set(), [State.DRAFT]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += successors(state)
    assert reached == set(State)
    assert {s for s in State if not successors(s)} == {State.RELEASED, State.WITHDRAWN}


def test_goods_are_released_only_after_a_channel() -> None:
    assert {s for s in State if State.RELEASED in successors(s)} == {
        State.GREEN,
        State.ORANGE,
        State.HELD,
        State.INSPECTED,
        State.BONDED,
    }


def test_what_the_parcels_history_shows() -> None:
    assert event_type(State.LODGED) is ParcelEvent.CUSTOMS_PRESENTED
    assert event_type(State.RED) is ParcelEvent.CUSTOMS_HELD
    assert event_type(State.RELEASED) is ParcelEvent.CUSTOMS_RELEASED
    assert event_type(State.DRAFT) is None
    assert State.ACCEPTED not in AMENDABLE
