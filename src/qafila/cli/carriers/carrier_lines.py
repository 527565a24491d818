"""`qafila carrier connect`, `disconnect`, `lines`, `exchange`: the lines to carriers' own systems."""

from __future__ import annotations

from typing import Annotated

import typer

from qafila.cli.accounts import tenant_commands as tenants
from qafila.cli.chassis.command_acting import operator

app = typer.Typer(no_args_is_help=True, help="The lines to carriers' own systems.")


@app.command()
def connect(
    carrier: Annotated[str, typer.Argument(help="The carrier's id.")],
    adapter: Annotated[str, typer.Argument(help="http, files, or one that is installed beside.")],
    address: Annotated[str, typer.Argument(help="Of http an address, of files a folder.")],
    secret: Annotated[
        str, typer.Option(envvar="QAFILA_CARRIER_SECRET", help="What the system asks for.")
    ] = "",
) -> None:
    """Connect a carrier's system: parcels go there, labels and events come back."""
    from qafila.carriers import carriers_connecting
    from qafila.core.fault import Fault

    try:
        with operator() as connection:
            carriers_connecting.needs_carrier(connection, carrier)
        carriers_connecting.connect(carrier, adapter, address, secret, by_hub=True)
    except Fault as fault:
        tenants.refuse(fault, 2)
    typer.echo(
        f"Parcels that ride with {carrier} are given to it from now on, each minute or by `qafila carrier exchange`."
    )


@app.command()
def disconnect(carrier: Annotated[str, typer.Argument(help="The carrier's id.")]) -> None:
    """End a connection."""
    from qafila.carriers import carriers_connecting

    if not carriers_connecting.disconnect(carrier):
        typer.echo(f"{carrier} has no connection.", err=True)
        raise typer.Exit(3)
    typer.echo("Nothing is given to it any more.")


@app.command()
def lines() -> None:
    """How the connections go."""
    from qafila.carriers import store

    with operator() as connection:
        found = store.states(connection)
    for one in found:
        how = one.trouble or ("reached" if one.read_at else "not asked yet")
        typer.echo(
            f"{one.carrier}  {one.adapter}  {one.address}  {how}  {one.refused} events refused {one.refusal}".rstrip()
        )


@app.command()
def exchange() -> None:
    """One turn now: give what waits, take labels and events."""
    from qafila.carriers import carriers_exchanging
    from qafila.context import of_this_home

    done = carriers_exchanging.exchange(of_this_home())
    typer.echo(
        f"{done.lines} lines, {done.given} parcels given, {done.recorded} events recorded, {done.refused} refused"
    )
