"""What commands do with tenants of any kind and with their keys."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

import typer

from qafila.cli.chassis.command_acting import operator, who

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]


def add(name: str, kind: str, as_json: bool) -> None:
    """Adds a tenant and says its id; wrong usage where the name is empty."""
    from qafila.core.fault import Fault
    from qafila.runtime.accounts import service
    from qafila.runtime.accounts.tenants import TenantKind

    try:
        with operator() as connection:
            made = service.create(connection, name, TenantKind(kind), who())
    except Fault as fault:
        refuse(fault, 2)
    typer.echo(
        json.dumps({"id": made.id, "name": made.name, "kind": kind}) if as_json else f"{made.id}  {made.name}"
    )


def show(kinds: Collection[str], as_json: bool) -> None:
    """Lists the tenants of some kinds."""
    from qafila.runtime.accounts import store

    with operator() as connection:
        found = [t for t in store.tenants(connection) if t.kind in kinds]
    if as_json:
        typer.echo(
            json.dumps(
                [{"id": t.id, "name": t.name, "kind": t.kind, "suspended": t.suspended} for t in found]
            )
        )
    for t in found if not as_json else ():
        typer.echo(f"{t.id}  {t.kind.value:<9}  {t.name}{'  (suspended)' if t.suspended else ''}")


def key(
    tenant: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="What the key opens; give it more than once.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    days: Annotated[int | None, typer.Option(help="Days until it expires; never if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Issue an API key; its text is shown this once."""
    from qafila.core.fault import Fault
    from qafila.floors import RIGHTS
    from qafila.runtime.accounts import service

    until = None if days is None else datetime.now(UTC) + timedelta(days=days)
    try:
        with operator() as connection:
            made, shown = service.issue_key(connection, RIGHTS, tenant, scope, name, until, who())
    except Fault as fault:
        refuse(fault, 2)
    if as_json:
        typer.echo(json.dumps({"id": made.id, "key": shown, "scopes": sorted(made.scopes)}))
        return
    typer.echo(shown)
    typer.echo("Keep it now: it cannot be shown again.", err=True)


def revoke(key_id: str) -> None:
    """End an API key at once."""
    from qafila.runtime.accounts import service

    with operator() as connection:
        ended = service.revoke_key(connection, key_id.partition(".")[0], by=who())
    if not ended:
        typer.echo(f"No key {key_id} is in force.", err=True)
        raise typer.Exit(3)
    typer.echo("It opens nothing any more.")


def suspend(
    tenant: str,
    because: Annotated[
        str, typer.Option(help="The statement of reasons; the organisation gets it with its receipt.")
    ] = "",
    ground: Annotated[str, typer.Option(help="unpaid, terms, fraud, safety, law or other.")] = "",
    notice: Annotated[
        int, typer.Option(min=0, max=365, help="Days of notice; without them it holds at once.")
    ] = 0,
) -> None:
    """Bar an organisation: its keys, its people's sessions and its commands do nothing until it is let in again.

    It goes to the transparency log, which says openly where no reasons or no notice were given. The address that is
    printed shows the organisation its statement of reasons, and takes its complaint; send it there.
    """
    secret = _suspend(tenant, True, because, ground, notice)
    typer.echo("Nothing is done for it any more." if not notice else f"It holds in {notice} days.")
    typer.echo(f"Its statement of reasons: /statement/{secret}")


def let_in(tenant: str) -> None:
    """Let a suspended organisation in again."""
    _suspend(tenant, False)
    typer.echo("Its keys and its people work again.")


def _suspend(tenant: str, suspended: bool, because: str = "", ground: str = "", notice: int = 0) -> str:
    from qafila.core.fault import Fault
    from qafila.openness import suspending

    now = datetime.now(UTC)
    try:
        with operator() as connection:
            secret = suspending.suspend(connection, tenant, suspended, who(), now, because, ground, notice)
            if suspended:
                try:
                    suspending.checked(connection, ground, because, notice, now)
                except Fault as against:
                    typer.echo(f"Against the published terms, and the log says so: {against}", err=True)
            return secret
    except Fault as fault:
        refuse(fault, 2)


def place(tenant: str, facility: str, end: bool) -> None:
    """Gives a station a place, or ends one, and lists those that it has."""
    from qafila.core.fault import Fault
    from qafila.network import installed
    from qafila.runtime.accounts import accounts_places

    try:
        with operator() as connection:
            if facility and end and not accounts_places.end(connection, tenant, facility, who()):
                typer.echo(f"{tenant} does not work at {facility}.", err=True)
                raise typer.Exit(3)
            if facility and not end:
                there = installed.feed().facility
                accounts_places.give(connection, tenant, facility, who(), datetime.now(UTC), there)
            left = accounts_places.of(connection, tenant)
    except Fault as fault:
        refuse(fault, 2)
    typer.echo("\n".join(left) or "It is bound to no place, and may report nothing.")


def refuse(fault: Exception, code: int) -> NoReturn:
    """Says what is wrong and ends with a code."""
    typer.echo(str(fault), err=True)
    raise typer.Exit(code)
