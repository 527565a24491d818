"""A plan rearranged by hand: what each rule says of it, and that the balance is the engine's."""

from __future__ import annotations

import pytest

from qafila.air.arranging import arrange, places, weighed
from qafila.air.planner import plan
from qafila.air.positions import stand
from tests.air.aircraft import crate, flight


def test_the_balance_is_that_of_the_engine_and_moving_back_restores_it() -> None:
    craft = flight((crate(100, 100, count=24),))
    made = plan(craft, 1, steps=40)
    at = places(made)
    same = arrange(craft, made, {})
    assert same.wrong == ()
    assert same.plan.arms == pytest.approx(made.arms)
    assert same.plan.costs.total == pytest.approx(made.costs.total)
    free = sorted({p.name for p in craft.aircraft.positions if "PMC" in p.takes} - set(at.values()))
    moved = arrange(craft, made, {0: free[0]})
    assert moved.plan.arms == stand(craft, weighed(craft, made), moved.plan.stands).arms
    assert moved.plan.arms != same.plan.arms
    assert arrange(craft, moved.plan, {0: at[0]}).plan.stands == same.plan.stands


def test_every_rule_is_told() -> None:
    craft = flight((crate(100, 400, count=12),), (crate(100, 300, count=12),))
    made = plan(craft, 1, steps=40)
    kinds = [u.type for u in made.ulds]
    assert len(kinds) >= 2
    first, second = sorted(places(made))[:2]

    def codes(at: dict[int, str]) -> set[str]:
        return {m.id for _, m in arrange(craft, made, at).wrong}

    assert "air.taken" in codes({first: "BL", second: "BL"})
    assert "air.no_such_position" in codes({first: "ZZ"})
    assert "air.does_not_take" in codes({first: "ABR" if kinds[first] == "PMC" else "BL"})
    heavy = max(range(len(kinds)), key=lambda n: made.ulds[n].weight)
    if made.ulds[heavy].weight > 2000:
        assert "air.heavy_there" in codes({heavy: "1P"})
    # whatever is moved where: what is told as out of balance is so
    for place in ("AL", "AR", "BL", "BR", "1P"):
        done = arrange(craft, made, {first: place})
        outside = {n for n, arm in enumerate(done.plan.arms) if not 1000 <= arm <= 1150}
        assert {n for n, m in done.wrong if m.id == "air.out_of_balance"} == outside
