"""`qafila jobs`: what runs beside requests, how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qafila.cli.chassis.answering import Json, print_json
from qafila.cli.chassis.queueing import wait_for

if TYPE_CHECKING:
    from qafila.runtime.jobs.store import Kept

app = typer.Typer(no_args_is_help=True, help="Jobs: how far they are, and what came of them.")
Id = Annotated[str, typer.Argument(help="Id of the job.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """The jobs that were asked for last."""
    from qafila.runtime.database import Role, acting_as
    from qafila.runtime.jobs import store

    with acting_as(Role.OPERATOR) as connection:
        found = store.newest(connection)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        typer.echo(
            f"{one.id}  {one.state:<8}  {one.asked_at:%Y-%m-%d %H:%M}  {one.name}  {_share(one)}".rstrip()
        )


@app.command()
def show(
    id: Id,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
    as_json: Json = False,
) -> None:
    """How far a job is, and what came of it. Ends with 1 where it failed, 2 where there is none."""
    kept = _found(id)
    if wait:
        kept = wait_for(kept)
    if as_json:
        print_json(asdict(kept))
    else:
        typer.echo(f"{kept.name}: {kept.state} {_share(kept)}".rstrip())
        for name, value in (kept.result or kept.fault or {}).items():
            typer.echo(f"  {name}: {value}")
    if kept.state == "failed":
        raise typer.Exit(1)


@app.command()
def fetch(id: Id, folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Move the files that a job has made to a folder. Ends with 1 where there are none, or the folder is not empty."""
    from qafila.runtime.jobs import jobs_folders

    _found(id)
    try:
        jobs_folders.fetched(id, folder)
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{folder}")


@app.command()
def stop(id: Id) -> None:
    """Ask a job to end with what it has. Ends with 1 where it is over."""
    from qafila.runtime.jobs import queue

    _found(id)
    if not queue.stop(id):
        typer.echo("It is over.", err=True)
        raise typer.Exit(1)


def _found(id: str) -> Kept:
    from qafila.runtime.jobs import queue

    kept = queue.find(id=id)
    if kept is None:
        typer.echo(f"There is no job {id}.", err=True)
        raise typer.Exit(2)
    return kept


def _share(one: Kept) -> str:
    return f"{one.stage} {one.done}/{one.of}" if one.of else one.stage
