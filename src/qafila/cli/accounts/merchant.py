"""`qafila merchant`: who may send, and with which keys. `qafila account` has the same for every kind of tenant."""

from __future__ import annotations

import typer

from qafila.cli.accounts import tenant_commands as tenants

app = typer.Typer(no_args_is_help=True, help="Merchants and their API keys.")


@app.command()
def create(name: str, as_json: tenants.Json = False) -> None:
    """Add a merchant."""
    tenants.add(name, "merchant", as_json)


@app.command("list")
def list_(as_json: tenants.Json = False) -> None:
    """List merchants, and the hub, which may send goods of its own."""
    tenants.show(("merchant", "hub"), as_json)


app.command()(tenants.key)
app.command()(tenants.revoke)
app.command()(tenants.suspend)
app.command("let-in")(tenants.let_in)
