"""Each piece left behind is told why, and what would let it fly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qafila.air.air_explaining import explain
from qafila.air.flight import Flight, Lot
from qafila.air.planner import plan
from tests.air.aircraft import crate, flight


def reasons(plane: Flight) -> dict[str, tuple[str, str]]:
    """The ids of reason and remedy by shipment."""
    made = plan(plane, 2, steps=60)
    return {one.lot.shipment: (one.why.id, one.remedy.id) for one in explain(plane, made)}


@pytest.mark.parametrize(
    ("lot", "why", "remedy"),
    [
        (crate(250, name="2"), "air.too_large", "air.other_aircraft"),
        (crate(100, weight=8000, name="2"), "air.too_heavy", "air.other_aircraft"),
        (crate(100, ready=97_000, name="2"), "air.too_late", "air.come_earlier"),
        (crate(100, penalty=50, name="2"), "air.not_worth_a_uld", "air.more_goods"),
    ],
)
def test_why_a_piece_stays(lot: Lot, why: str, remedy: str) -> None:
    """Beside a pallet that twelve crates fill to the last cm."""
    assert reasons(flight((crate(100, count=12), lot))) == {"S2": (why, remedy)}


def test_late_by_how_much() -> None:
    plane = flight((crate(100, ready=97_000, name="2"),))
    (one,) = explain(plane, plan(plane, 1.5, steps=5))
    assert str(one.remedy) == "Bring it 10 minutes earlier."


def test_codes_that_clash_within_a_piece() -> None:
    lot = crate(100, name="2")
    mixed = replace(lot, kind=replace(lot.kind, codes=frozenset({"RFL", "ROX"})))
    plane = replace(flight((crate(100, count=12), mixed)), apart=frozenset({frozenset({"RFL", "ROX"})}))
    assert reasons(plane) == {"S2": ("air.at_odds", "air.split_up")}


def test_full_by_room_and_by_weight() -> None:
    """All five pallets are full at 60 crates; at 250 kg each 12 t are used up before."""
    light = flight((crate(100, 20, count=60), crate(100, 20, penalty=300, count=5, name="2")))
    assert reasons(light) == {"S2": ("air.no_position", "air.leave_room")}
    heavy = flight((crate(100, 250, penalty=1000, count=45), crate(100, 250, penalty=900, count=8, name="2")))
    assert reasons(heavy)["S2"] == ("air.payload_full", "air.no_less_costly")
