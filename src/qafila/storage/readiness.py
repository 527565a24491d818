"""The machine code of batches and tours: made once after an installation, which takes half a minute of a core and more.

It must not be made while something is locked: everybody else in the warehouse would wait for it. So it is made in a thread of
its own, by one process at a time, and whoever needs it waits before he begins.
"""

from __future__ import annotations

import fcntl
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late

import numpy as np

from qafila.core.fault import Fault
from qafila.runtime.settings import settings
from qafila.storage import storage_messages
from qafila.storage.picking.batching import Cart, batches
from qafila.storage.picking.grid import grid

_begun = threading.Lock()
_made: Future[None] | None = None


class Preparing(Fault):
    """It is being made; the same can be asked again in some seconds."""

    kind = "unavailable"


def ready(patience: float | None = None) -> None:
    """Returns when it is made, or was made before.

    Args:
        patience: seconds that are waited; as long as it takes where nothing is said.

    Raises Preparing when the patience is over.
    """
    global _made
    with _begun:
        if _made is None or (_made.done() and _made.exception() is not None):
            _made = Future()
            threading.Thread(target=_make, args=(_made,), name="machine code of tours", daemon=True).start()
    try:
        _made.result(patience)
    except Late:
        raise Preparing(storage_messages.PREPARING_TOURS(), storage_messages.ASK_SOON()) from None


def _make(made: Future[None]) -> None:
    try:
        settings().home.mkdir(parents=True, exist_ok=True)
        with (settings().home / "tours.lock").open("a") as file:
            fcntl.flock(
                file, fcntl.LOCK_EX
            )  # others load what the first has made, and do not make it beside him
            for blocks in (1, 2, 4):
                _try(blocks)
    except BaseException as error:
        made.set_exception(error)
    else:
        made.set_result(None)


def _try(blocks: int) -> None:
    """Batches of a few orders in a small warehouse: each kind of warehouse takes other ways through the code."""
    columns, depths = np.repeat(np.arange(3), 4), np.tile(np.linspace(0.5, 4.0 * blocks - 0.5, 4), 3)
    house = grid(np.arange(3) * 5.0, np.arange(blocks + 1) * 4.0, (columns, depths), (0.0, 0))
    orders = [[int(house.stop[n]), int(house.stop[n + 3])] for n in range(9)]
    batches(house.grid, orders, [1.0] * len(orders), Cart(3.0), effort=2)
