"""`qafila air`: load plans of aircraft."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.air import flight_command, waybill_commands
from qafila.cli.chassis.answering import Commands

app = typer.Typer(
    no_args_is_help=True,
    cls=Commands,
    help="Aircraft: which ULD carries what, where it stands, and air waybills.",
)
app.add_typer(waybill_commands.app, name="waybill")
app.command("flight")(flight_command.flight)


@app.command()
def load(
    flight: Annotated[
        Path, typer.Argument(help="The flight as JSON: aircraft, ULD types, legs, bookings (docs/air.md).")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for plan.json, load-sheet.pdf and notoc.pdf.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long to search.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Build up the ULDs of a flight and place them in the aircraft.

    Ends with 0 when there is a plan, 2 where the file is no flight.
    """
    import orjson
    from pydantic import ValidationError
    from rich.table import Table

    from qafila.air.air_papers import load_sheet, notoc
    from qafila.air.loading import load as load_flight
    from qafila.api.air.flight_schema import FlightIn, told
    from qafila.core.terminal import Terminal

    errors, console = Terminal(stderr=True), Terminal(highlight=False)
    try:
        asked = FlightIn.model_validate_json(flight.read_bytes())
    except OSError as missing:
        errors.print(f"{flight}: {missing.strerror}", markup=False)
        raise typer.Exit(2) from None
    except ValidationError as wrong:
        for fault in wrong.errors():
            place = "/".join(str(part) for part in fault["loc"])
            errors.print(f"{flight}: {place}: {fault['msg']}, not {fault['input']!r:.80}", markup=False)
        raise typer.Exit(2) from None
    papers = asked.papers()
    loading = load_flight(asked.flight(), papers, seconds, seed)
    answer = told(loading.flight, loading)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "plan.json").write_bytes(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        (out / "load-sheet.pdf").write_bytes(load_sheet(loading))
        (out / "notoc.pdf").write_bytes(notoc(loading, papers))
    if as_json:
        print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
        return
    for leg in answer["legs"]:
        table = Table(title=f"{leg['name']}: centre of gravity {leg['centre_of_gravity']} cm", box=None)
        for column in ("position", "ULD", "type", "for", "pieces", "kg"):
            table.add_column(column, justify="right" if column in ("pieces", "kg") else "left")
        by_id = {uld["id"]: uld for uld in answer["ulds"]}
        for place, id in leg["positions"].items():
            uld = by_id[id]
            table.add_row(
                place, id, uld["type"], uld["segment"], str(len(uld["pieces"])), f"{uld['weight']:.0f}"
            )
        console.print(table)
    for one in (*answer["stopped"], *answer["behind"]):
        console.print(
            f"{one['segment']} {one['shipment']} {one['piece']}: {one['count']} left. {one['why']} {one['remedy']}",
            markup=False,
        )
    costs = answer["costs"]
    console.print(
        f"cost {costs['total']:.2f}: left behind {costs['behind']:.2f}, ULDs {costs['ulds']:.2f},"
        f" fuel {costs['fuel']:.2f}, handling {costs['handling']:.2f}",
        markup=False,
    )
