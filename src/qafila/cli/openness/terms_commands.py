"""`qafila terms`: the published terms, and how they are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="The published terms: what holds, since when, and changes of them."
)


@app.command()
def show(
    on: Annotated[
        datetime | None, typer.Option(help="The day; today if not given.", formats=["%Y-%m-%d"])
    ] = None,
    language: Annotated[str, typer.Option(help="en, fr, ar or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as `publish` takes it.")] = False,
) -> None:
    """Print the terms that hold on a day."""
    import json

    from qafila.openness import openness_terms as published
    from qafila.openness import store
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.OPERATOR) as connection:
        found = published.in_force(on or datetime.now(UTC), store.published(connection))
    if as_json:
        typer.echo(json.dumps(published.document(found), ensure_ascii=False, indent=1))
        return
    typer.echo(f"version {found.version}, announced {found.announced}, in force {found.in_force}")
    for term in found.terms:
        typer.echo(
            f"{term.topic}.{term.key} = {term.value} {term.unit}\n    {term.words.get(language, term.words['en'])}"
        )


@app.command()
def publish(
    file: Annotated[
        Path, typer.Argument(help="The new terms as JSON: begin from `qafila terms show --json`.")
    ],
) -> None:
    """Publish a new version. It is refused where a change has too short a notice, and it goes to the log."""
    import json

    from qafila.core.fault import Fault
    from qafila.openness.publishing import publish as put
    from qafila.runtime.database import Role, acting_as

    try:
        with acting_as(Role.OPERATOR) as connection:
            after, flags = put(connection, json.loads(file.read_bytes()), datetime.now(UTC))
    except (Fault, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for flag in flags:
        typer.echo(str(flag), err=True)
    typer.echo(f"version {after.version} is published; it holds from {after.in_force}")
