"""Codes are not found by trying: after some wrong ones not even the right one is taken for a while."""

from __future__ import annotations

import pytest

from qafila.core.fault import Conflict, Fault
from qafila.delivery import guessing
from qafila.runtime.limits.limits_counting import Counter
from qafila.runtime.settings import settings
from tests.delivery.test_delivery_doing import Station


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "_counter", Counter(None, lambda: 1_800_000_000.0))
    monkeypatch.setattr(settings(), "limits", True)


def test_a_driver_cannot_find_the_code_of_a_parcel() -> None:
    station = Station()
    number = station.out()
    right = station.delivery(number).code
    for n in range(guessing.AT_DOOR.most):
        with pytest.raises(Fault, match="does not belong"):
            station.do("deliver", parcel=number, code=f"{(int(right) + 1 + n) % 10**6:06d}")
    with pytest.raises(Conflict, match="Too many wrong codes"):
        station.do("deliver", parcel=number, code=right)


def test_others_are_not_held_up_and_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(guessing.AT_POINT.most):
        guessing.check(guessing.AT_POINT, "A")
        guessing.wrong(guessing.AT_POINT, "A")
    with pytest.raises(Conflict, match="15 minutes"):
        guessing.check(guessing.AT_POINT, "A")
    guessing.check(guessing.AT_POINT, "B")
    later = 1_800_000_000.0 + guessing.AT_POINT.seconds
    monkeypatch.setattr(guessing._counter, "_clock", lambda: later)
    guessing.check(guessing.AT_POINT, "A")
