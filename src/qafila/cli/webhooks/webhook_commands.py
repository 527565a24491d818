"""`qafila webhook`: where events are sent to, and what became of each message."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, help="Webhooks: events sent to addresses of their owners.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose events; by default this machine's own.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to send them: https://…")],
    tenant: Tenant = "local",
    type: Annotated[
        list[str] | None, typer.Option(help="Only these event types; give it more than once.")
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Have events sent to an address from now on, and print the secret that signs them."""
    service = _service()
    try:
        made, secret = service.create(tenant, url, type or (), description, hub=True)
    except Exception as error:
        _refuse(error)
    if as_json:
        typer.echo(json.dumps({"id": made.id, "url": made.url, "secret": secret}))
        return
    typer.echo(f"{made.id}  {made.url}\n{secret}")
    typer.echo("Keep the secret now: it cannot be shown again.", err=True)


@app.command("list")
def list_(tenant: Tenant = "local", as_json: Json = False) -> None:
    """List webhooks with what waits and what was given up."""
    found = _service().every(tenant)
    if as_json:
        typer.echo(json.dumps([asdict(e) for e in found], default=str))
        return
    for e in found:
        state = "off" if e.disabled_at else "on"
        typer.echo(
            f"{e.id}  {state}  {e.waiting} waiting, {e.dead} dead  {e.url}  {', '.join(e.types) or 'all types'}"
        )


@app.command()
def rotate(id: str, tenant: Tenant = "local") -> None:
    """Make a new secret; the one before signs beside it for 24 hours."""
    try:
        typer.echo(_service().rotate(tenant, id))
    except Exception as error:
        _refuse(error)


@app.command()
def enable(id: str, tenant: Tenant = "local") -> None:
    """Let a webhook on again."""
    _switched(id, tenant, True)


@app.command()
def disable(id: str, tenant: Tenant = "local") -> None:
    """Let a webhook off; what happens meanwhile is not sent to it."""
    _switched(id, tenant, False)


@app.command()
def remove(id: str, tenant: Tenant = "local") -> None:
    """End a webhook."""
    try:
        _service().remove(tenant, id)
    except Exception as error:
        _refuse(error)
    typer.echo("Nothing is sent there any more.")


@app.command()
def messages(
    id: str,
    tenant: Tenant = "local",
    state: Annotated[str, typer.Option(help="Only those that are waiting, sent or dead.")] = "",
    as_json: Json = False,
) -> None:
    """List the newest messages of a webhook and what became of each."""
    try:
        found = _service().messages(tenant, id, state or None)
    except Exception as error:
        _refuse(error)
    if as_json:
        typer.echo(json.dumps([asdict(m) for m in found], default=str))
        return
    for m in found:
        typer.echo(f"{m.id}  {m.state}  {m.attempts} attempts  {m.subject} {m.type}  {m.last_error}")


@app.command()
def replay(
    id: str,
    tenant: Tenant = "local",
    message: Annotated[str | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """Send dead messages again, in their order."""
    try:
        typer.echo(f"{_service().replay(tenant, id, message)} are sent again.")
    except Exception as error:
        _refuse(error)


def _service() -> Any:
    from qafila import floors  # noqa: F401  (every floor has its event types listed)
    from qafila.runtime.webhooks import service

    return service


def _switched(id: str, tenant: str, on: bool) -> None:
    try:
        found = _service().enable(tenant, id, on)
    except Exception as error:
        _refuse(error)
    typer.echo(f"{found.id} is {'off' if found.disabled_at else 'on'}.")


def _refuse(error: Exception) -> NoReturn:
    """What a person can mend is said in a line; anything else is a failure of ours."""
    from qafila.core.fault import Fault, NotFound

    if not isinstance(error, Fault):
        raise error
    typer.echo(str(error), err=True)
    raise typer.Exit(3 if isinstance(error, NotFound) else 2)
