"""`qafila move`: a merchant leaves with everything of its own, or arrives from another installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="A merchant leaves with all its data, or arrives from elsewhere."
)


@app.command()
def out(
    merchant: Annotated[str, typer.Argument(help="The merchant's id.")],
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
) -> None:
    """Write everything of a merchant: rows as JSON lines, events as EPCIS, receipts, a signed manifest with hashes."""
    import qafila.floors  # noqa: F401  # lists what floors add
    from qafila.context import of_this_home
    from qafila.openness.portability import leaving
    from qafila.runtime.accounts import service
    from qafila.runtime.accounts.faults import UnknownTenant
    from qafila.runtime.database import Role, acting_as, administrator

    try:
        with acting_as(Role.OPERATOR) as connection:
            tenant = service.get(connection, merchant)
        with administrator("names of keys are told to their owner; no role reads them for him") as connection:
            keys = connection.exec_driver_sql(
                "SELECT name FROM api_keys WHERE tenant_id = %s ORDER BY key_id", (merchant,)
            ).scalars()
            names = [str(name) for name in keys]
        with leaving.transaction(merchant) as connection:
            manifest = leaving.leave(connection, of_this_home(merchant), folder)
        leaving.finish(folder, manifest, tenant.name, names)
    except (UnknownTenant, FileExistsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    rows = sum(one.get("rows", 0) for one in manifest["files"])
    typer.echo(
        f"{folder}: {rows} rows, {len(manifest['files'])} files; for its signature: {manifest['log']['key']}"
    )


@app.command("in")
def into(
    folder: Annotated[Path, typer.Argument(help="What `qafila move out` wrote.")],
    key: Annotated[
        list[str] | None, typer.Option(help="The log key of the installation it comes from.")
    ] = None,
) -> None:
    """Take a merchant in. May be repeated with a newer folder: what is known is brought up to date and not doubled."""
    from qafila.core.fault import Fault
    from qafila.openness.portability import arriving
    from qafila.openness.verifier import Broken, read_key
    from qafila.runtime.database import administrator

    try:
        with administrator("rows arrive in the tables of all floors at once") as connection:
            done = arriving.arrive(connection, folder, [read_key(one) for one in key or []])
    except (Fault, Broken) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{done.tenant} ({done.name}): {sum(done.rows.values())} rows, {done.receipts} receipts")
    for table, count in done.aside.items():
        typer.echo(
            f"{count} rows of {table} have no place here yet; they are kept and leave again with the merchant"
        )
