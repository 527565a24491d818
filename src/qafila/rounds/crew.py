"""Processes that search beside each other: a search keeps one core busy and does not let threads of its process run."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")
Submit = Callable[..., "Future[Any]"]


def _begin() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@contextmanager
def crew(workers: int) -> Iterator[Submit]:
    """Takes calls and answers with futures: in `workers` processes, or at once in this one where it is less than 2."""
    if workers < 2:
        yield _at_once
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin) as pool:
        yield pool.submit


def _at_once(do: Callable[..., _T], *given: Any) -> Future[_T]:
    done: Future[_T] = Future()
    done.set_result(do(*given))
    return done
