"""`qafila air flight`: a flight of the fleet as a flight file, made of what is booked on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.chassis.answering import context, print_json
from qafila.cli.chassis.command_acting import operator


def flight(
    service: Annotated[str, typer.Argument(help="The flight, as the network names its service.")],
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day on which it leaves.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it there, and print what is on it.")
    ] = None,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Papers are not there yet: do not ask about them.")
    ] = False,
) -> None:
    """Make the flight file of what is booked on a flight; `qafila air load` plans it."""
    import orjson

    from qafila.api.air.flight_schema import FlightIn
    from qafila.api.fleet.flights_to_load import day_of, flight_file

    with operator() as connection:
        told = flight_file(connection, context(), service, day_of(day.date()), ahead)
    made = FlightIn.model_validate(told).model_dump(mode="json", exclude_defaults=True)
    if out is None:
        print_json(made)
        return
    out.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2))
    for segment in made["segments"]:
        pieces = sum(lot.get("count", 1) for lot in segment["lots"])
        kg = sum(lot.get("count", 1) * lot["weight"] for lot in segment["lots"])
        typer.echo(f"{segment['name']}: {pieces:,} pieces, {kg:,.0f} kg")
