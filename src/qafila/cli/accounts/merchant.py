"""`qafila merchant`: who may send, and with which keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Merchants and their API keys.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]


@app.command()
def create(name: str, as_json: Json = False) -> None:
    """Add a merchant."""
    from qafila.runtime.database import administrator
    from qafila.shipping import merchants

    with administrator() as connection:
        made = merchants.create(connection, name)
    typer.echo(json.dumps({"id": made.id, "name": made.name}) if as_json else f"{made.id}  {made.name}")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List merchants."""
    from qafila.runtime.database import administrator
    from qafila.shipping import merchants

    with administrator() as connection:
        found = merchants.every(connection)
    if as_json:
        typer.echo(json.dumps([{"id": m.id, "name": m.name, "suspended": m.suspended} for m in found]))
    for m in found if not as_json else ():
        typer.echo(f"{m.id}  {m.name}{'  (suspended)' if m.suspended else ''}")


@app.command()
def key(
    merchant: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="What the key opens; give it more than once.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    days: Annotated[int | None, typer.Option(help="Days until it expires; never if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Issue an API key; its text is shown this once."""
    from qafila.runtime.database import administrator
    from qafila.shipping import merchants

    until = None if days is None else datetime.now(UTC) + timedelta(days=days)
    try:
        with administrator() as connection:
            made, shown = merchants.issue_key(
                connection, merchant, scope or merchants.OF_A_MERCHANT, name, until
            )
    except (ValueError, merchants.UnknownMerchant) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps({"id": made.id, "key": shown, "scopes": sorted(made.scopes)}))
        return
    typer.echo(shown)
    typer.echo("Keep it now: it cannot be shown again.", err=True)


@app.command()
def revoke(key_id: str) -> None:
    """End an API key at once."""
    from qafila.runtime.database import administrator
    from qafila.shipping import merchants

    with administrator() as connection:
        ended = merchants.revoke_key(connection, key_id.partition(".")[0])
    if not ended:
        typer.echo(f"No key {key_id} is in force.", err=True)
        raise typer.Exit(3)
    typer.echo("It opens nothing any more.")
