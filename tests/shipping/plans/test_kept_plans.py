"""Plans that are kept, where something comes between."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from qafila.context import of_this_home
from qafila.practice.seeding import _Alone
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import asked_plans, kept_plans, plan_maker


def test_a_plan_that_is_removed_while_it_is_made_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    here = of_this_home()
    asked = asked_plans.Asked("removed-meanwhile", here.now(), ".csv", seconds=1.0, gap=0.01)
    kept_plans.start(PLAN, asked, b"origin,destination,parcels,kg,release\n")

    def removed(_running: Any, _asked: Any, place: Path) -> None:
        shutil.rmtree(place)  # as where the place of a learner is furnished anew
        raise FileNotFoundError("asked.csv")

    monkeypatch.setattr(plan_maker, "_make", removed)
    assert plan_maker.make(_Alone(here, {"name": "removed-meanwhile"})) == {"state": "removed"}
    assert kept_plans.find("removed-meanwhile") is None
