"""`qafila move`: a merchant leaves with everything of its own, or arrives from another installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.chassis.queueing import Wait, refused, through_the_queue

app = typer.Typer(
    no_args_is_help=True, help="A merchant leaves with all its data, or arrives from elsewhere."
)


@app.command()
def out(
    merchant: Annotated[str, typer.Argument(help="The merchant's id.")],
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    wait: Wait = True,
) -> None:
    """Write everything of a merchant: rows as JSON lines, events as EPCIS, receipts, a signed manifest with hashes.

    It is a job: without --wait, or where this command is ended, `qafila jobs fetch ID FOLDER` brings what it wrote.
    """
    from qafila.openness.floor import LEAVE
    from qafila.runtime.accounts import service
    from qafila.runtime.accounts.accounts_faults import UnknownTenant
    from qafila.runtime.database import Role, acting_as
    from qafila.runtime.jobs import jobs_folders

    try:
        jobs_folders.needs_room(folder)
        with acting_as(Role.OPERATOR) as connection:
            service.get(connection, merchant)
    except (UnknownTenant, FileExistsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    done = through_the_queue(LEAVE, merchant, {}, wait)
    if done is None:
        return
    refused(done)
    jobs_folders.fetched(done.id, folder)
    told = done.result or {}
    typer.echo(f"{folder}: {told['rows']} rows, {told['files']} files; for its signature: {told['key']}")


@app.command("in")
def into(
    folder: Annotated[
        Path,
        typer.Argument(
            help="What `qafila move out` wrote, or the file that a merchant took along.", exists=True
        ),
    ],
    key: Annotated[
        list[str] | None, typer.Option(help="The log key of the installation it comes from.")
    ] = None,
    wait: Wait = True,
) -> None:
    """Take a merchant in. May be repeated with a newer folder: what is known is brought up to date and not doubled."""
    from tempfile import TemporaryDirectory

    from qafila.core.fault import Fault
    from qafila.openness.floor import ARRIVE
    from qafila.openness.portability import portability_taking
    from qafila.openness.verifier import Broken, read_key
    from qafila.runtime.jobs import jobs_folders

    try:
        for one in key or []:
            read_key(one)
        with TemporaryDirectory() as passing:
            whole = portability_taking.unpacked(folder, Path(passing)) if folder.is_file() else folder
            given = jobs_folders.handed_in(whole)
    except (Fault, Broken) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    done = through_the_queue(ARRIVE, None, {"folder": given, "keys": key or []}, wait)
    if done is None:
        return
    refused(done)
    told = done.result or {}
    typer.echo(
        f"{told['tenant']} ({told['name']}): {sum(told['rows'].values())} rows, {told['receipts']} receipts, "
        f"{told['records']} records"
    )
    for table, count in told["aside"].items():
        typer.echo(
            f"{count} rows of {table} have no place here yet; they are kept and leave again with the merchant"
        )
