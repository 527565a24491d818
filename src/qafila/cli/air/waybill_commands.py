"""`qafila air waybill`: air waybills issued and shown, and what is aboard a flight."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import Commands, Json, context, print_json, refuse
from qafila.cli.chassis.command_acting import operator

app = typer.Typer(no_args_is_help=True, cls=Commands, help="Air waybills: issued, shown, and by flight.")
Number = Annotated[str, typer.Argument(help="3 + 8 digits, such as 147-12345675.")]


@app.command()
def number(
    prefix: Annotated[str, typer.Argument(help="The airline's three digits.")],
    serial: Annotated[int, typer.Argument(min=0, max=9_999_999, help="Seven digits.")],
) -> None:
    """Show the air waybill number of a serial, with its check digit."""
    from qafila.core.identifiers import awb
    from qafila.core.identifiers.errors import InvalidNumber

    try:
        typer.echo(awb.number(prefix, serial))
    except InvalidNumber as wrong:
        refuse(str(wrong))


@app.command()
def issue(
    file: Annotated[Path, typer.Argument(help="The waybill as JSON; its fields are in docs/cargo.md.")],
    base: Annotated[
        str, typer.Option(help="Address of this hub's API, in which its ONE Record objects are named.")
    ] = "http://127.0.0.1:8000/api/v1",
    as_json: Json = False,
) -> None:
    """Issue a master air waybill with its houses, and publish its ONE Record objects."""
    from pydantic import ValidationError

    from qafila.api.cargo.air_waybills import WaybillIn, issued
    from qafila.cargo.cargo_exchange import Who

    try:
        told = WaybillIn.model_validate_json(file.read_bytes())
    except ValidationError as wrong:
        refuse("\n".join(f"{file}: {'/'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors()[:20]))
    now = context().now()
    with operator() as connection:
        made = issued(connection, told, Who("local", True, f"{base.rstrip('/')}/one-record"), now)
    _show(made, as_json)


@app.command()
def show(
    number: Number,
    houses: Annotated[bool, typer.Option("--houses", help="Its houses (FHL content).")] = False,
    as_json: Json = False,
) -> None:
    """Show an air waybill (FWB content)."""
    from qafila.cargo import waybills

    with operator() as connection:
        told = waybills.houses(connection, number) if houses else waybills.waybill(connection, number)
    if houses and not as_json:
        for house in told["houses"]:
            typer.echo(
                f"{house['number']:<20} {house['pieces']:>6,} pieces {house['kg']:>10} kg  {house['goods']}"
            )
        return
    _show(told, as_json)


@app.command()
def manifest(
    flight: Annotated[str, typer.Argument(help="The vehicle on which it was loaded.")], as_json: Json = False
) -> None:
    """Show what is aboard a flight by the acts that loaded it (FFM content)."""
    from qafila.api.cargo.air_waybills import manifest_of

    with operator() as connection:
        told, _ = manifest_of(connection, flight)
    if as_json:
        print_json(told)
        return
    for uld in told["ulds"]:
        typer.echo(f"{uld['uld'] or 'loose'} {uld['position'] or ''}".rstrip())
        for one in uld["waybills"]:
            part = " (part)" if one["part"] else ""
            typer.echo(
                f"  {one['waybill']} {one['pieces']:,} of {one['of']:,} pieces{part}, {one['kg']} kg  {one['goods']}"
            )
        if uld["without_waybill"]:
            typer.echo(f"  on no air waybill: {len(uld['without_waybill']):,}")


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    typer.echo(
        f"{told['number']} {told['origin']}-{told['destination']} {told['carrier']} {told['type'].lower()}"
    )
    typer.echo(
        f"{told['pieces']:,} pieces, {told['kg']} kg, {told['m3']} m³, {told['chargeable_kg']} kg to charge"
    )
    typer.echo(
        f"{len(told['houses'])} houses; {told['goods']}; {' '.join(told['special_handling']) or 'no special handling'}"
    )
