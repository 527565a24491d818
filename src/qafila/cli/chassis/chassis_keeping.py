"""`qafila backup` and `qafila restore`: everything in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.chassis.answering import Json, now, print_json


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it can be read by its owner alone.")],
    as_json: Json = False,
) -> None:
    """Save the database and the home into one file while everything goes on.

    The file holds secrets: keep it as safe as the server. Ends with 3 where it cannot be written.
    """
    from dataclasses import asdict

    from qafila.core.fault import Fault
    from qafila.runtime.database import backup as backups
    from qafila.runtime.database import engine
    from qafila.runtime.settings import settings

    try:
        made = backups.backup(engine(), settings().home, file.absolute(), now())
    except (Fault, OSError) as impossible:
        typer.echo(str(impossible), err=True)
        raise typer.Exit(3) from None
    if as_json:
        print_json(asdict(made))
        return
    rows = sum(made.rows.values())
    typer.echo(f"{file}: {rows:,} rows of {len(made.rows)} tables and {len(made.files) - 1:,} files")


def restore(
    file: Annotated[
        Path, typer.Argument(help="A file that `qafila backup` wrote.", exists=True, dir_okay=False)
    ],
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty home and database, with every role's rights as they were.

    An older backup is brought up to date at the next start. Ends with 3 where it cannot be restored.
    """
    from dataclasses import asdict

    from qafila.core.fault import Fault
    from qafila.runtime.database import backup as backups
    from qafila.runtime.database.connection import bare_engine
    from qafila.runtime.settings import settings

    try:
        made = backups.restore(bare_engine(), settings().home, file)
    except (Fault, OSError) as impossible:
        typer.echo(str(impossible), err=True)
        raise typer.Exit(3) from None
    if as_json:
        print_json(asdict(made))
        return
    typer.echo(
        f"restored what {file} held on {made.made_at}: {sum(made.rows.values()):,} rows, {len(made.files) - 1:,} files"
    )
