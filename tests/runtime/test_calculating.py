"""What takes long is done apart, a few at a time; what is over that is refused at once, and an ended process begins anew."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from qafila.runtime import calculating
from qafila.runtime.calculating import Busy, Calculations


def _where() -> tuple[int, int]:
    return os.getpid(), os.nice(0)


def _asleep(path: str) -> int:
    while not os.path.exists(path):  # as little as may be is loaded there
        time.sleep(0.01)
    return os.getpid()


def _ended() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _wrong() -> None:
    raise ValueError("so it is told")


@pytest.fixture(scope="module")
def apart() -> Iterator[Calculations]:
    made = Calculations(waiting=1)
    yield made
    made.close()


def test_in_place_where_nobody_is_served() -> None:
    assert calculating.calculate(_where)[0] == os.getpid()


def test_apart_and_behind_all_others(apart: Calculations) -> None:
    pid, nice = apart.do(_where)
    assert pid != os.getpid()
    assert nice >= min(19, os.nice(0) + 10)
    with pytest.raises(ValueError, match="so it is told"):
        apart.do(_wrong)


def test_more_than_a_few_are_refused_at_once(apart: Calculations, tmp_path: object) -> None:
    path = f"{tmp_path}/go on"
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(apart.do(_asleep, path))) for _ in range(2)]
    for one in threads:
        one.start()
    try:
        while apart._room._value:
            time.sleep(0.01)
        with pytest.raises(Busy):
            apart.do(_where)
    finally:
        with open(path, "w"):
            pass
    for one in threads:
        one.join(60)
    assert len(done) == 2
    assert apart.do(_where)[0] == done[0]


def test_a_process_that_ended_is_begun_anew(apart: Calculations) -> None:
    with pytest.raises(Busy):
        apart.do(_ended)
    assert apart.do(_where)[0] != os.getpid()
