"""Jobs as a floor declares them in its `floor.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Running(Protocol):
    """A job under way, as its function sees it.

    Attributes:
        id: the job's own.
        tenant: for whom it runs; None for the hub itself.
        arguments: what it was asked with.
        context: the surroundings (`qafila.context.Context`) that the worker's door made for its tenant.
    """

    @property
    def id(self) -> str: ...
    @property
    def tenant(self) -> str | None: ...
    @property
    def arguments(self) -> Mapping[str, Any]: ...
    @property
    def context(self) -> Any: ...

    def tell(self, stage: str, done: int, of: int) -> None:
        """Says how far it is; whoever watches the job reads it."""

    def stopped(self) -> bool:
        """Whether somebody asked for its end: it returns what it has as soon as it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A kind of job.

    Attributes:
        name: `floor.what_it_does`.
        run: does it, and returns its result as JSON can hold it. A worker may be killed at any instant; another then
            calls `run` anew with the same arguments, so that it finds what is done already and does nothing twice.
            Raises Fault for what a person can mend: that ends the job at once, with the fault as its result.
        attempts: how often it is tried where it raises anything else.
        every: a cron expression (`*/5 * * * *`, UTC) for what runs by itself; then it takes no arguments.
        heavy: it wants the whole machine: one heavy job at a time on each worker.
    """

    name: str
    run: Callable[[Running], Mapping[str, Any] | None]
    attempts: int = 3
    every: str = ""
    heavy: bool = False
