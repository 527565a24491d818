"""Progress bars of the ship pipeline, on the terminal's error stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@contextmanager
def shown(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Gives what `ship_file` wants as `progress`: a bar for each stage, gone when all is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        stages: dict[str, TaskID] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in stages:
                stages[what] = bars.add_task(what, total=of)
            bars.update(stages[what], completed=done, total=of)

        yield tell
