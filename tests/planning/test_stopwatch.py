"""A stopwatch stands still while kernels are compiled, and only then."""

from __future__ import annotations

import time

from numba import njit

from qafila.planning.stopwatch import Stopwatch, when_compiling


def test_compiling_is_not_counted_and_is_told() -> None:
    @njit
    def inner(x: float) -> float:
        return x + 1.0

    @njit
    def kernel(x: float) -> float:  # two compilations, one within the other
        return inner(x) * 2.0

    told: list[None] = []
    watch, began = Stopwatch(), time.monotonic()
    with when_compiling(lambda: told.append(None)):
        assert kernel(1.0) == 4.0
        took, counted = time.monotonic() - began, watch.seconds
        assert len(told) >= 2
        told.clear()
        assert kernel(2.0) == 6.0  # known by now
        assert not told
    assert took > 0.05  # numba needs more for the simplest
    assert counted < 0.5 * took
    time.sleep(0.1)
    assert watch.seconds >= counted + 0.1
