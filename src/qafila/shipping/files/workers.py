"""Who works out what can be worked out before it is booked: this process, or several beside it."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait

from qafila.routing import way_search as search


@contextmanager
def workers(count: int, make_ready: Callable[[], object] | None = None) -> Iterator[Executor]:
    """An executor of `count` processes that each begin with `make_ready`; of this one where it is less than 2."""
    if count < 2:
        yield _Here()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_begin) as pool:
        if make_ready is not None:
            for _ in range(count):  # they load what they need while this process reads
                pool.submit(make_ready)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Here(Executor):
    """Does at once, in this process, what is submitted."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # as Executor.submit says it
        done: Future[object] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def _begin() -> None:
    """What each process begins with: the cores are shared with the others, and none outlives who started it."""
    atexit.register(
        os._exit, 0
    )  # the last of what is done at the end: to take a market apart takes as long as to make it
    search.one_thread()
    os.environ["RAYON_NUM_THREADS"] = "1"  # Typst's threads, which begin with its first page
    _end_with_parent()


def _end_with_parent() -> None:
    """Leaves this process when the one that started it is gone: killed, it could not have said so.

    Ctrl-C reaches the parent too, which ends once what is being worked on is done.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="watch the parent", daemon=True).start()
