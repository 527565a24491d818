"""`qafila account`: organisations of every kind, their people, and links that sign in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from qafila.cli.accounts import tenant_commands as tenants
from qafila.cli.chassis.command_acting import operator, who

app = typer.Typer(no_args_is_help=True, help="Organisations, people, roles, and links that sign in.")

KINDS = "hub, merchant, carrier, station, broker, authority or regulator"
At = Annotated[
    str, typer.Option("--at", help="Address under which the portal is reached; by default this machine's.")
]


@app.command()
def create(
    name: str,
    kind: Annotated[str, typer.Option(help=f"What it is: {KINDS}.")] = "merchant",
    as_json: tenants.Json = False,
) -> None:
    """Add an organisation."""
    if kind not in KINDS.replace(" or", ",").split(", "):
        raise typer.BadParameter(f"choose {KINDS}", param_hint="--kind")
    tenants.add(name, kind, as_json)


@app.command("list")
def list_(as_json: tenants.Json = False) -> None:
    """List organisations of every kind."""
    tenants.show(KINDS, as_json)


app.command()(tenants.key)
app.command()(tenants.revoke)
app.command()(tenants.suspend)
app.command("let-in")(tenants.let_in)


@app.command()
def place(
    tenant: Annotated[str, typer.Argument(help="The station's id.")],
    facility: Annotated[
        str, typer.Argument(help="Id of the facility; without it the places are listed.")
    ] = "",
    end: Annotated[bool, typer.Option("--end", help="It works there no more.")] = False,
) -> None:
    """Bind a station to the facility at which it works: of its own places alone it may speak."""
    tenants.place(tenant, facility, end)


@app.command()
def people(tenant: str, as_json: tenants.Json = False) -> None:
    """List the people of an organisation with their roles."""
    from qafila.runtime.accounts import store

    with operator() as connection:
        found = store.members(connection, tenant)
    if as_json:
        rows = [{"id": p.id, "name": p.name, "email": p.email, "roles": sorted(r)} for p, r in found]
        typer.echo(json.dumps(rows))
        return
    for person, roles in found:
        closed = "  (closed)" if person.disabled else ""
        typer.echo(f"{person.id}  {person.name}  {person.email or '-'}  {', '.join(sorted(roles))}{closed}")


@app.command()
def invite(
    tenant: str,
    email: str,
    role: Annotated[
        list[str] | None, typer.Option(help="Role; give it more than once. By default administrator.")
    ] = None,
    at: At = "",
) -> None:
    """Invite somebody into an organisation, and print the link to send."""
    from qafila.core.fault import Fault
    from qafila.floors import RIGHTS
    from qafila.runtime.accounts import accounts_people as people
    from qafila.runtime.accounts import service
    from qafila.runtime.accounts.model import Actor

    try:
        with operator() as connection:
            to = service.get(connection, tenant)
        actor = Actor(tenant=to.id, kind=to.kind, id=who(), name="", scopes=RIGHTS.of_kind(to.kind))
        _, token = people.invite(actor, RIGHTS, email, role or ["administrator"], datetime.now(UTC))
    except Fault as fault:
        tenants.refuse(fault, 2)
    typer.echo(f"{_address(at)}/invitation/{token}")
    typer.echo("It works once, for seven days.", err=True)


@app.command()
def link(
    person: Annotated[
        str, typer.Argument(help="E-mail of a person; by default the operator of this machine.")
    ] = "",
    at: At = "",
) -> None:
    """Print a link that signs in once, within a day."""
    from qafila.runtime.accounts import sessions, store
    from qafila.runtime.accounts.accounts_acting import doorkeeping

    now = datetime.now(UTC)
    if person:
        with doorkeeping() as connection:
            found = store.person_by_email(connection, person.strip().lower())
            token = sessions.link_for(connection, found[0].id, now) if found else None
        if token is None:
            typer.echo(f"Nobody signs in with {person}.", err=True)
            raise typer.Exit(3)
    else:
        token = sessions.first_link(now, anyway=True)
    typer.echo(f"{_address(at)}/enter/{token}")


@app.command()
def providers() -> None:
    """Ask each sign-in provider of the setting what it says of itself, and print what to register there."""
    from qafila.runtime.accounts.oidc import provider, signing_in

    failed = False
    for one in provider.offered():
        typer.echo(f"{one.id}  {one.issuer}\n  redirect address to register: {provider.back_address(one)}")
        try:
            typer.echo(f"  keys: {signing_in.looked_at(one, datetime.now(UTC))}")
        except provider.NotAnswering as fault:
            failed = True
            typer.echo(f"  {fault}", err=True)
    if not provider.offered():
        typer.echo("There is none: set QAFILA_SIGN_IN_PROVIDERS (docs/accounts.md).", err=True)
    if failed:
        raise typer.Exit(3)


@app.command()
def close(email: str) -> None:
    """Close a person's account everywhere, at once."""
    _close(email, True)
    typer.echo("Whoever signs in with it does nothing any more.")


@app.command("open")
def open_(email: str) -> None:
    """Open a person's account again."""
    _close(email, False)
    typer.echo("It works again.")


def _close(email: str, closed: bool) -> None:
    from qafila.runtime.accounts import store
    from qafila.runtime.accounts.accounts_acting import doorkeeping

    with doorkeeping() as connection:
        found = store.person_by_email(connection, email.strip().lower())
        if found is not None:
            store.set_disabled(connection, found[0].id, closed)
            store.log(connection, None, who(), "closed" if closed else "opened", found[0].id)
    if found is None:
        typer.echo(f"Nobody signs in with {email}.", err=True)
        raise typer.Exit(3)


def _address(at: str) -> str:
    from qafila.runtime.settings import settings

    return at.rstrip("/") or f"http://{settings().host}:{settings().port}"
