"""What a changed schedule does to parcels, told to the log and reckoned again from what was told."""

from __future__ import annotations

from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.context import Context
from qafila.fleet import fleet_deciding, service
from qafila.fleet.model import Aboard, Board, Change, Key, Onward
from qafila.openness.model import Decision
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.fleet.boards import EPOCH, board, sector, type_of

HERE = Context(NETWORK, RULES).at(MONDAY)
SMALL = type_of("SMALL", payload=20_000, volume=100.0)
SECTORS = [
    sector(1, "CMN", "DXB", 600, 900, "A"),
    sector(2, "DXB", "CMN", 1000, 1300, "A"),
    sector(3, "CMN", "CDG", 1500, 1600, "B"),
]
BOARD = board(SECTORS, {"A": "B77F", "B": "B77F", "S": "SMALL"}, [type_of("B77F"), SMALL])
KEYS = [s.key for s in SECTORS]


def _told(aboard: dict[Key, Aboard], changes: list[Change], board_: Board = BOARD) -> Decision:
    effect = service.affected(board_, aboard, {c.key: c for c in changes})
    held = [service._held(board_, c) for c in changes]
    return fleet_deciding.decision(board_, aboard, [], changes, effect, held, True, EPOCH)


def _opened(decision: Decision) -> dict[str, object]:
    return {name: orjson.loads(orjson.dumps(value)) for name, value in decision.hidden.items()}


_ABOARD = st.builds(
    lambda parcels, grams, cm3, onward: Aboard(
        parcels, grams, cm3, tuple(Onward(n, 1.0, slack, to) for n, slack, to in onward)
    ),
    st.integers(0, 900),
    st.integers(0, 130_000_000),
    st.integers(0, 900_000_000),
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(-30, 300), st.sampled_from([None, *KEYS])), max_size=3
    ),
)
_CHANGE = st.tuples(st.sampled_from(["", "A", "B", "S"]), st.integers(0, 400), st.booleans())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), _ABOARD),
    st.dictionaries(st.sampled_from(KEYS), _CHANGE, min_size=1),
)
def test_the_effect_follows_from_what_was_told(
    aboard: dict[Key, Aboard], wanted: dict[Key, tuple[str, int, bool]]
) -> None:
    changes = [Change(key, tail, delay, cancelled) for key, (tail, delay, cancelled) in wanted.items()]
    values = _opened(_told(aboard, changes))
    assert fleet_deciding.again(HERE, values, False) == values["answer"]


def test_an_effect_that_is_played_down_and_room_that_is_held_back_for_nothing_are_found() -> None:
    aboard = {KEYS[0]: Aboard(40, 30_000_000, 90_000_000, (Onward(10, 5.0, 60),))}
    change = Change(KEYS[0], "S", 90)
    values = _opened(_told(aboard, [change]))
    assert values["answer"] == {
        "effect": {"cancelled": 0, "missed": 10, "late": 30, "kg": 0.0, "left_kg": 10_000.0},
        "held": [[80_000_000, 500_000_000]],
    }
    effect = service.affected(BOARD, aboard, {change.key: change})
    held = service._held(BOARD, change)
    for said, room in ((replace(effect, missed=0), held), (effect, held | {"held_g": 100_000_000})):
        planted = _opened(fleet_deciding.decision(BOARD, aboard, [], [change], said, [room], False, EPOCH))
        assert fleet_deciding.again(HERE, planted, False) != planted["answer"]
