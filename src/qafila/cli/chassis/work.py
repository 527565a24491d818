"""`qafila work`: a worker, which does the jobs that outlive a request and sends what follows from events."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import threading
from typing import Annotated

import typer


def work(
    light: Annotated[
        int, typer.Option(min=1, max=64, help="Light jobs at once; of the heavy ones there is one.")
    ] = 4,
    parent: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Do jobs until stopped: files of orders, plans, webhooks. `qafila serve` starts one by itself where none runs."""
    from qafila.context import of_this_home
    from qafila.core.terminal import Terminal
    from qafila.floors import FLOORS
    from qafila.runtime import runtime_following
    from qafila.runtime.database import engine
    from qafila.runtime.jobs import worker
    from qafila.runtime.jobs.keeper import Presence
    from qafila.runtime.telemetry import start_logging

    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    start_logging()
    engine()
    if not parent:
        Terminal().print("Working. Stop it with Ctrl-C.", style="dim")
    feeds = threading.Thread(
        target=runtime_following.follow,
        args=([p for f in FLOORS for p in f.projections], stop),
        name="feeds",
        daemon=True,
    )
    feeds.start()
    threading.Thread(target=_watch, args=(Presence(), parent, stop), name="presence", daemon=True).start()
    app = worker.application([job for floor in FLOORS for job in floor.jobs], of_this_home)
    doing = threading.Thread(
        target=lambda: asyncio.run(worker.work(app, stop, light)), name="jobs", daemon=True
    )
    doing.start()
    while doing.is_alive() and not stop.wait(0.5):
        pass
    stop.set()
    doing.join(10)
    feeds.join(3)
    # a job that is not done by now is left where it is: another worker carries it on
    atexit._run_exitfuncs()
    os._exit(0)


def _watch(presence: object, parent: int, stop: threading.Event) -> None:
    """Says that a worker runs; ends it with the server that started it."""
    import contextlib

    while not stop.is_set():
        if parent and os.getppid() != parent:
            stop.set()
        elif not parent:
            with contextlib.suppress(Exception):  # the database is away for a moment
                presence.announce()  # type: ignore[attr-defined]  # the worker's Presence, imported late
        stop.wait(1.0 if parent else 5.0)
