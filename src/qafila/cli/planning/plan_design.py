"""`qafila plan design`: which departures run, with how many vehicles, and which are added or cancelled."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import now


def register(app: typer.Typer) -> None:
    """Adds the command to the group `plan`."""
    app.command("design")(design)


def design(
    demand: Annotated[
        Path, typer.Option(help="Commodities as CSV or Parquet: docs/plan.md has the columns.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the plan.")],
    lines: Annotated[
        Path | None,
        typer.Option(
            help="CSV of lines: what may be decided of each, at what cost. docs/plan.md has the columns."
        ),
    ] = None,
    fewest_changes: Annotated[
        float | None,
        typer.Option(
            min=0, max=10, help="Change as few lines as a cost of so much over the least allows (0.05: 5 %)."
        ),
    ] = None,
    balance_price: Annotated[
        float,
        typer.Option(min=0, help="Price of a departure or sorting queue that is full; half full a quarter."),
    ] = 0.0,
    ride_price: Annotated[float, typer.Option(min=0, help="Price of each ride that a parcel boards.")] = 0.0,
    max_transfers: Annotated[
        int | None,
        typer.Option(min=0, max=15, help="Transfers at most, for rows without a limit of their own."),
    ] = None,
    network: Annotated[
        Path | None, typer.Option("--network", help="Folder of a feed; without it the network of this home.")
    ] = None,
    from_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of the timetable (its Monday is taken)."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=120, help="Days of timetable.")] = None,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Stop when it is proven this close.")] = 0.001,
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so many seconds with the best.")] = 90.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")
    ] = False,
) -> None:
    """Decide departures and ways together: what runs, what is cancelled or added, how full it goes.

    Ends with 0 when planned, 1 when rows of the demand were refused, 2 for wrong usage, 3 where nothing can be planned.
    """
    from qafila.network import installed
    from qafila.network.feed import read
    from qafila.network.network_report import FeedErrors
    from qafila.planning import planning_job
    from qafila.planning.demand import DemandError
    from qafila.planning.design.design_job import Wanted
    from qafila.planning.design.design_job import design as decide
    from qafila.planning.design.lines_file import LinesError
    from qafila.planning.found import Effort
    from qafila.planning.planning_problem import Prices

    if lines is None and not balance_price:
        typer.echo("give --lines FILE, --balance-price, or both", err=True)
        raise typer.Exit(2)

    def where(given: installed.Network) -> planning_job.Network:
        return planning_job.network(
            given, now().date(), from_date.date() if from_date else None, days, demand
        )

    request = planning_job.Request(
        prices=Prices(ride_per_parcel=ride_price),
        effort=Effort(gap=gap, seconds=seconds),
        max_transfers=max_transfers,
    )
    try:
        feed = installed.network().feed if network is None else read(network)
        summary = decide(demand, out, feed, where, Wanted(lines, fewest_changes, balance_price), request)
    except (DemandError, FeedErrors, LinesError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    _print(summary, out, as_json)
    if summary["rejected"]:
        raise typer.Exit(1)


def _print(summary: dict[str, Any], out: Path, as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    told, money = summary["design"], summary["currency"]
    proof = "proven the best" if told["gap"] < 1e-6 else f"at most {told['gap']:.2%} above the least"
    typer.echo(f"{out}: {told['cost']:,.2f} {money} in all, {proof}")
    for name in ("ways", "vehicles", "lines", "fill"):
        if told[name]:
            typer.echo(f"  {name}: {told[name]:,.2f}")
    typer.echo(
        f"  changed lines: {', '.join(told['changed_lines']) or 'none'} (lines.csv has every departure)"
    )
    typer.echo(f"  parcels served: {summary['served']:,} of {summary['parcels']:,}")
