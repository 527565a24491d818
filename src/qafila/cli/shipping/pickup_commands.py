"""`qafila pickup`: vans asked to fetch parcels, and their manifests."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="Pick-ups: parcels to be fetched at a sender's, and their manifests."
)

Merchant = Annotated[str, typer.Option("--merchant", help="Whose; by default this machine's own.")]


@app.command()
def book(
    parcels: Annotated[list[str], typer.Argument(help="Parcels, bookings or shipments.")],
    opens: Annotated[str, typer.Option("--from", help="Beginning of the window: 2026-12-01T09:00+01:00")],
    closes: Annotated[str, typer.Option("--to", help="Its end.")],
    address: Annotated[str, typer.Option(help="Where, if not at the sender's address.")] = "",
    note: Annotated[str, typer.Option(help="For the driver.")] = "",
    merchant: Merchant = "local",
) -> None:
    """Ask for a van."""
    from qafila.cli.chassis.answering import context
    from qafila.shipping.pickups import service

    made = service.book(context(merchant), parcels, _instant(opens), _instant(closes), [address], note)
    typer.echo(f"{made.id}  {made.station}  {len(made.parcels)} parcels, {made.grams / 1000:.3f} kg")


@app.command("list")
def list_(merchant: Merchant = "local", as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List pick-ups, the newest first."""
    from qafila.shipping.pickups import service

    found = service.listed(merchant)
    if as_json:
        told = [
            {
                "id": p.id,
                "station": p.station,
                "opens": p.opens.isoformat(),
                "closes": p.closes.isoformat(),
                "parcels": list(p.parcels),
                "cancelled": p.cancelled_at is not None,
            }
            for p in found
        ]
        typer.echo(json.dumps(told))
        return
    for p in found:
        state = "cancelled" if p.cancelled_at else "booked"
        typer.echo(
            f"{p.id}  {state}  {p.opens.isoformat()} to {p.closes.isoformat()}  {p.station}  {len(p.parcels)} parcels"
        )


@app.command()
def cancel(id: str, merchant: Merchant = "local") -> None:
    """Cancel a pick-up; its parcels wait for another."""
    from qafila.cli.chassis.answering import context
    from qafila.shipping.pickups import service

    service.cancel(context(merchant), id)


@app.command()
def manifest(
    id: Annotated[str, typer.Argument(help="The pick-up.")],
    out: Annotated[Path, typer.Option(help="A .pdf or a .csv.")],
    carrier: Annotated[str, typer.Option(help="Only what this carrier takes on.")] = "",
    merchant: Merchant = "local",
) -> None:
    """Write the manifest of a pick-up."""
    from qafila.cli.chassis.answering import context
    from qafila.runtime.database import merchant_transaction
    from qafila.shipping.pickups import manifest as manifests
    from qafila.shipping.pickups import service

    here = context(merchant)
    pickup, feed = service.find(merchant, id), here.network.feed
    with merchant_transaction(merchant) as connection:
        found = service.bookings_of(connection, pickup.parcels)
    some = manifests.of_carrier(manifests.lines(found, feed), carrier or None)
    if out.suffix == ".csv":
        out.write_bytes(manifests.as_csv(some))
    elif out.suffix == ".pdf":
        out.write_bytes(manifests.as_pdf(some, feed.facility, here.now(), pickup))
    else:
        raise typer.BadParameter("write a .pdf or a .csv", param_hint="--out")


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an instant; write 2026-12-01T09:00+01:00") from None
    return given if given.tzinfo else given.astimezone()
