"""How commands tell what is wrong with a feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

_SHOWN = 40  # problems printed for people; --json prints all


def needs_folder(folder: Path) -> None:
    """Ends the command where there is no such folder."""
    if not folder.is_dir():
        typer.echo(f"{folder} is not a folder; give the folder that holds feed.csv and its tables", err=True)
        raise typer.Exit(2)


def plain(problem: Mapping[str, object]) -> dict[str, object]:
    """A problem as JSON."""
    return {name: value for name, value in problem.items() if name != "where"}


def show(problems: Sequence[Mapping[str, object]]) -> None:
    """Prints the first of them for people."""
    from qafila.core.terminal import Terminal, plain

    console = Terminal(stderr=True, markup=True, highlight=False, soft_wrap=True)
    for problem in problems[:_SHOWN]:
        console.print(f"[bold]{plain(problem['where'])}[/bold]: {plain(problem['reason'])}")
        console.print(f"    {plain(problem['remedy'])}", style="dim")
    more = len(problems) - _SHOWN
    console.print(
        f"{len(problems)} problems" + (f", {more} not shown; --json prints all" if more > 0 else "")
    )
