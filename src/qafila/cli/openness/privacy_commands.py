"""`qafila privacy`: a person's data given and erased, who read what, and the sweep."""

from __future__ import annotations

from typing import Annotated

import typer

from qafila.cli.chassis.answering import Commands, print_json

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Protection of data: given, erased, locked, swept; who read what.",
)
Merchant = Annotated[str, typer.Argument(help="Whose orders: the merchant's id.")]
Who = Annotated[
    str, typer.Argument(help="Number of an order or a parcel, e-mail, phone or full name of the receiver.")
]


@app.command()
def give(merchant: Merchant, who: Who) -> None:
    """Print everything about a person as JSON."""
    from qafila.openness.privacy import reads, service

    reads.flush()
    person, data = service.give(merchant, who)
    print_json({"orders": person.orders, "data": data})


@app.command()
def erase(merchant: Merchant, who: Who) -> None:
    """Erase a person's data; what law obliges us to keep is locked, and it is said until when."""
    import qafila.floors  # noqa: F401  # lists files of floors, and what ends a parcel's way
    from qafila.cli.chassis.command_acting import who as user
    from qafila.context import of_this_home
    from qafila.openness.privacy import service

    here = of_this_home()
    done = service.erase(merchant, who, user(), here.network.feed, here.now())
    print_json(done.document())


@app.command()
def rotate() -> None:
    """Make another master key, and wrap the keys of all persons by it. Killed, it is begun again and goes on."""
    from qafila.runtime.privacy import rotating

    typer.echo(f"{rotating.rotate()} keys are wrapped by the new master key")


@app.command()
def reads(
    merchant: Annotated[str, typer.Option(help="Of one merchant.")] = "",
    subject: Annotated[str, typer.Option(help="Of one parcel, booking, declaration.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List who read what, the newest first."""
    from qafila.openness.privacy import reads as kept
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.MERCHANT if merchant else Role.OPERATOR, merchant) as connection:
        for one in kept.newest(connection, subject, limit=limit):
            typer.echo(
                f"{one.at:%Y-%m-%d %H:%M:%S}  {one.by_tenant}  {one.by_name}  {one.what}  {one.subject}"
            )


@app.command()
def sweep() -> None:
    """Let go what has had its time, as `qafila serve` does by itself every night."""
    import qafila.floors  # noqa: F401  # lists files of floors
    from qafila.context import of_this_home
    from qafila.openness.privacy import privacy_sweeping

    here = of_this_home()
    print_json(privacy_sweeping.sweep(here.network.feed, here.now()))


@app.command()
def retention() -> None:
    """List how long what is kept, by kind and territory, with its source."""
    from qafila.openness.privacy import privacy_rules

    for one in privacy_rules.retention():
        typer.echo(
            f"{one.kind:<17} {one.territory:<3} {one.days:>5} days  {one.law or '–'}: {one.source} ({one.confidence})"
        )


@app.command()
def unlock(merchant: Merchant, lock: int) -> None:
    """Print what is locked, for an authority that may have it. It is kept who did so."""
    from datetime import UTC, datetime

    from sqlalchemy import text

    from qafila.cli.chassis.command_acting import who as user
    from qafila.openness.privacy import privacy_people
    from qafila.runtime.database import administrator

    with administrator(
        "what is locked is opened for an authority by who holds the machine, and kept"
    ) as connection:
        found = privacy_people.locked(connection, merchant, lock)
        connection.execute(
            text(
                "INSERT INTO access_records (tenant_id, at, by_tenant, by_id, by_name, what, subject) "
                "VALUES (:t, :now, 'local', :by, :by, 'qafila privacy unlock', :s)"
            ),
            {"t": merchant, "now": datetime.now(UTC), "by": user(), "s": str(lock)},
        )
    print_json(found)
