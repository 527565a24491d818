"""`qafila serve`: the next free port where one is busy."""

from __future__ import annotations

import pytest

from qafila.cli.chassis.serve import listen


def test_the_next_free_port_is_taken() -> None:
    first = listen("127.0.0.1", 18700)
    second = listen("127.0.0.1", first.getsockname()[1])
    assert second.getsockname()[1] > first.getsockname()[1]
    first.close()
    second.close()


def test_an_address_of_nobody_is_refused() -> None:
    with pytest.raises(OSError, match=r"."):
        listen("203.0.113.1", 18700)
