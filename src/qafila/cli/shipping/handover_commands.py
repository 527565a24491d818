"""`qafila handover`: parcels leave for another network, and come in from one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="Parcels that leave for another network, and those that come from one."
)

Merchant = Annotated[str, typer.Option("--merchant", help="Whose; by default this machine's own.")]


@app.command()
def send(
    parcels: Annotated[list[str], typer.Argument(help="Parcels of one shipment.")],
    facility: Annotated[str, typer.Option(help="Where they are now.")],
    to: Annotated[str, typer.Option(help="The network or carrier that takes them.")],
    whole: Annotated[bool, typer.Option("--whole", help="All parcels of the shipment.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the document and its signature.")] = Path(),
    merchant: Merchant = "local",
) -> None:
    """Let parcels leave this network where they are; writes PARCEL.handover.json and PARCEL.handover.note."""
    from qafila.cli.accounts.tenant_commands import refuse
    from qafila.cli.chassis.answering import context
    from qafila.core.fault import Fault
    from qafila.shipping import handing

    try:
        numbers = handing.whole_shipment(merchant, parcels[0]) if whole else parcels
        done = handing.hand_on(context(merchant), numbers, facility, to)
    except Fault as fault:
        refuse(fault, 2)
    out.mkdir(parents=True, exist_ok=True)
    for end, content in (("json", done.document), ("note", done.note)):
        (out / f"{done.parcel}.handover.{end}").write_bytes(content)
    typer.echo(
        f"{', '.join(done.parcels)} left at {facility}; give {done.parcel}.handover.json and .note to {to}"
    )


@app.command()
def receive(
    document: Annotated[Path, typer.Argument(help="PARCEL.handover.json of the other network.")],
    note: Annotated[Path | None, typer.Option(help="Its signature; beside it as .note if not given.")] = None,
    facility: Annotated[str, typer.Option(help="Where they come in; found by the town if not given.")] = "",
    merchant: Merchant = "local",
) -> None:
    """Take parcels of another network in: they are booked on, for the tenant that stands for it here."""
    from qafila.api.shipping.taking_in import take_in
    from qafila.cli.accounts.tenant_commands import refuse
    from qafila.cli.chassis.answering import context
    from qafila.core.fault import Fault
    from qafila.shipping import partners

    try:
        here = context(merchant)
        keys = partners.keys_for(merchant, here.now())
        signed = (note or document.with_suffix(".note")).read_bytes()
        done = take_in(here, document.read_bytes(), signed, facility, keys)
    except OSError as missing:
        typer.echo(str(missing), err=True)
        raise typer.Exit(2) from None
    except Fault as fault:
        refuse(fault, 2)
    for there, number in zip(done.there, done.parcels, strict=True):
        typer.echo(f"{there}  is  {number}  here")


@app.command()
def refer(parcel: str, reference: str, merchant: Merchant = "local") -> None:
    """Note the number that the other network gave to a parcel."""
    from qafila.shipping import handing

    if not handing.refer(merchant, parcel, reference):
        typer.echo(f"{parcel} did not leave.", err=True)
        raise typer.Exit(3)


@app.command()
def ask() -> None:
    """Ask other networks what became of the parcels that they took over; a job does it each minute, too."""
    from qafila.cli.chassis.answering import context
    from qafila.shipping import partner_status

    done = partner_status.ask_all(context("local"))
    typer.echo(", ".join(f"{name} {count}" for name, count in done.items()))


@app.command("list")
def list_(merchant: Merchant = "local") -> None:
    """List parcels that left or came, the newest first."""
    from qafila.shipping import handing

    for one in handing.listed(merchant):
        way = "to  " if one.direction == "out" else "from"
        typer.echo(
            f"{one.at.isoformat()}  {one.parcel}  {way} {one.other}  at {one.facility}  {one.reference}".rstrip()
        )
