"""`qafila saved`: sender profiles, the address book and saved goods."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="What need not be said twice: senders, addresses, goods.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
Merchant = Annotated[str, typer.Option("--merchant", help="Whose; by default this machine's own.")]


@app.command("list")
def list_(merchant: Merchant = "local", as_json: Json = False) -> None:
    """List what is saved."""
    from qafila.shipping.remembered import service

    addresses, goods = service.addresses(merchant), service.goods(merchant)
    if as_json:
        told: dict[str, Any] = {
            "addresses": [
                {
                    "id": a.id,
                    "kind": a.kind,
                    "label": a.label,
                    "usual": a.usual,
                    "city": a.address.city,
                    "country": a.address.country,
                }
                for a in addresses
            ],
            "goods": [
                {
                    "id": g.id,
                    "sku": g.sku,
                    "title": g.title,
                    "hs": g.hs,
                    "grams": None if g.grams is None else str(g.grams),
                    "origin": g.origin,
                }
                for g in goods
            ],
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for a in addresses:
        mark = " (usual)" if a.usual else ""
        typer.echo(f"{a.id}  {a.kind}{mark}  {a.label}: {a.address.city}, {a.address.country}")
    for g in goods:
        kg = "" if g.grams is None else f"{g.grams / 1000:f} kg"
        typer.echo(f"{g.id}  {g.sku or '-'}  {g.title}  HS {g.hs or '-'}  {kg}  {g.origin}")
    if not addresses and not goods:
        typer.echo("Nothing is saved yet.")


@app.command()
def sender(
    label: Annotated[str, typer.Argument(help="The name under which it is kept.")],
    city: Annotated[str, typer.Option(help="Town.")],
    country: Annotated[str, typer.Option(help="Two letters or a name.")] = "MA",
    company: str = "",
    name: str = "",
    street: str = "",
    postcode: str = "",
    phone: str = "",
    tax_id: Annotated[str, typer.Option(help="ICE, EORI, VAT number …")] = "",
    usual: Annotated[bool, typer.Option(help="Who sends where an order names nobody.")] = True,
    merchant: Merchant = "local",
) -> None:
    """Keep a sender profile."""
    from qafila.shipping.orders.order import Address
    from qafila.shipping.remembered import service

    _own(merchant)
    written = Address(
        country=country,
        city=city,
        company=company,
        name=name,
        line1=street,
        postcode=postcode,
        phone=phone,
        tax_id=tax_id,
    )
    typer.echo(service.keep_address(merchant, "sender", label, written, usual).id)


@app.command()
def goods(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with sku, title, hs, weight_kg, origin, or as a file of orders calls them."),
    ],
    merchant: Merchant = "local",
) -> None:
    """Keep the goods of a file, all or none."""
    from qafila.shipping.remembered import service
    from qafila.shipping.remembered.model import columns_of

    _own(merchant)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = columns_of(reader.fieldnames or ())
            some = [{names[k]: v or "" for k, v in row.items() if k in names} for row in reader]
            unread = [heading for heading in reader.fieldnames or () if heading and heading not in names]
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    kept = service.keep_goods(merchant, some) if some else []
    typer.echo(f"{len(kept)} goods are kept.")
    if unread:
        typer.echo(f"Not read: {', '.join(unread)}.", err=True)


@app.command()
def remove(id: str, merchant: Merchant = "local") -> None:
    """Remove an address or goods by their id."""
    from qafila.shipping.remembered import service

    service.remove(merchant, id)


def _own(merchant: str) -> None:
    """This machine's own merchant is made when it is first needed."""
    from qafila.cli.chassis.command_acting import operator
    from qafila.runtime.accounts import service as accounts
    from qafila.runtime.accounts.tenants import LOCAL

    with operator() as connection:
        if merchant == LOCAL:
            accounts.local(connection)
        accounts.active(connection, merchant)
