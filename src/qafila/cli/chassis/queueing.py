"""Commands whose work is a job of the queue: they wait for it, or say its id and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from qafila.runtime.jobs.jobs_types import Job
    from qafila.runtime.jobs.store import Kept

Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait for the end, or print the job's id and go.")
]
_LOOK = 0.1  # seconds between two looks at a job


def through_the_queue(job: Job, tenant: str | None, arguments: Mapping[str, Any], wait: bool) -> Kept | None:
    """Asks for a job and waits for its end. Where no worker runs it is done here; killed, the next worker carries it on.

    Returns:
        The job when it is over, whatever came of it; None where it is not waited for: its id has been printed.
    """
    from qafila.runtime.jobs import queue

    kept = queue.ask(job, tenant, arguments)
    if not wait:
        typer.echo(kept.id)
        typer.echo(f"It goes on by itself: qafila jobs show {kept.id}", err=True)
        return None
    return wait_for(kept, job)


def wait_for(kept: Kept, job: Job | None = None) -> Kept:
    """Waits for the end of a job, and shows meanwhile how far it is.

    Args:
        kept: the job.
        job: what it is, where it may be done here if no worker runs.
    """
    from qafila.core.terminal import Terminal
    from qafila.runtime.jobs import queue

    console = Terminal(stderr=True)
    try:
        with console.status(f"{kept.id} waits") as status:
            if job is not None and not kept.over and not queue.workers():
                threading.Thread(target=_do, args=(job, kept.id), daemon=True).start()
            while not kept.over:
                time.sleep(_LOOK)
                kept = queue.find(id=kept.id) or kept
                share = f" ({kept.done}/{kept.of})" if kept.of else ""
                status.update(f"{kept.id}: {kept.stage or kept.state}{share}")
    except KeyboardInterrupt:
        typer.echo(f"It goes on with the next worker: qafila jobs show {kept.id}", err=True)
        raise typer.Exit(130) from None
    return kept


def refused(kept: Kept) -> None:
    """Ends the command with the reason, where a job failed."""
    if kept.fault is None:
        return
    typer.echo(" ".join(filter(None, (kept.fault["reason"], kept.fault["remedy"]))), err=True)
    raise typer.Exit(1)


def _do(job: Job, id: str) -> None:
    from qafila.context import of_this_home
    from qafila.runtime.jobs import queue, worker

    while not ((kept := queue.find(id=id)) is None or kept.over):
        try:
            worker.run_one(job, id, of_this_home)
        except Exception:  # it is noted beside the job when it was tried often enough, and told from there
            time.sleep(_LOOK)
