"""A build-up from outside is judged: what the engine builds is sound, and each harm is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qafila.air.air_soundness import unsound
from qafila.air.flight import BuiltUld, Flight
from qafila.air.planner import plan
from tests.air.aircraft import crate, flight

CRAFT = flight((crate(100, 100, count=5),))
MADE = plan(CRAFT, 1, steps=10)


def harmed(**more: object) -> list[str]:
    uld = replace(MADE.ulds[0], **more)  # type: ignore[arg-type]
    return [m.id for m in unsound(CRAFT, replace(MADE, ulds=(uld, *MADE.ulds[1:])))]


def test_what_the_engine_builds_is_sound() -> None:
    assert unsound(CRAFT, MADE) == []


@pytest.mark.parametrize("start", [(250, 0, 0), (0, 0, 90), (0, 0, 150)])
def test_a_piece_outside_or_in_another_or_in_the_air_is_found(start: tuple[int, int, int]) -> None:
    first: BuiltUld = MADE.ulds[0]
    pieces = (*first.pieces[:-1], replace(first.pieces[-1], start=start))
    assert harmed(pieces=pieces) == ["air.uld_unsound"]


def test_too_heavy_too_late_and_codes_apart_are_found() -> None:
    assert harmed(weight=5001.0) == ["air.uld_heavy"]
    late: Flight = replace(CRAFT, segments=(replace(CRAFT.segments[0], departs=3599),))
    assert "air.uld_unsound" in [m.id for m in unsound(late, MADE)]
    lot = CRAFT.segments[0].lots[0]
    odd = replace(lot, kind=replace(lot.kind, codes=frozenset({"RFL", "ICE"})))
    apart = replace(
        CRAFT,
        segments=(replace(CRAFT.segments[0], lots=(odd,)),),
        apart=frozenset({frozenset({"RFL", "ICE"})}),
    )
    assert "air.uld_unsound" in [m.id for m in unsound(apart, MADE)]
