"""`qafila plan`: itineraries for a day's or a week's demand under capacity, with proof of how good they are."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qafila.cli.chassis.answering import now

if TYPE_CHECKING:
    from qafila.network.installed import Network
    from qafila.planning.found import Progress

LEFT_SHOWN = 10
"""Reasons for parcels left over after a disruption that are shown; all are in the folder."""

app = typer.Typer(
    help="Plan a demand on the network under capacity, with a proven bound; re-plan when something breaks."
)

NetworkFolder = Annotated[
    Path | None, typer.Option("--network", help="Folder of a feed; without it the network of this home.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")]
FromDate = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="First day of the timetable (its Monday is taken)."),
]


@app.callback(invoke_without_command=True)
def plan(
    context: typer.Context,
    demand: Annotated[
        Path | None, typer.Option(help="Commodities as CSV or Parquet: docs/plan.md has the columns.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the plan.")] = None,
    network: NetworkFolder = None,
    from_date: FromDate = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=120, help="Days of timetable; by default ten after the last release."),
    ] = None,
    co2_price: Annotated[float, typer.Option(min=0, help="Price of a tonne of CO2e.")] = 90.0,
    unserved_price: Annotated[float, typer.Option(min=0, help="Penalty for a parcel left unserved …")] = 30.0,
    unserved_kg_price: Annotated[float, typer.Option(min=0, help="… and for each kg of it.")] = 15.0,
    ride_price: Annotated[
        float,
        typer.Option(min=0, help="Price of each ride that a parcel boards: dearer means fewer transfers."),
    ] = 0.0,
    max_transfers: Annotated[
        int | None,
        typer.Option(min=0, max=15, help="Transfers at most, for rows without `max_transfers` of their own."),
    ] = None,
    gap: Annotated[
        float, typer.Option(min=0, max=1, help="Stop when the plan is proven this close.")
    ] = 0.001,
    seconds: Annotated[
        float, typer.Option(min=0, help="Stop after so many seconds with the best plan.")
    ] = 90.0,
    from_plan: Annotated[
        Path | None, typer.Option("--from", help="Folder of an earlier plan, to change as little as it must.")
    ] = None,
    disrupt: Annotated[
        list[str] | None,
        typer.Option(
            help="'cancel SERVICE\\[@date]', 'close FACILITY \\[from..to]', 'redirect FACILITY OTHER' or 'peak 3x \\[origin/destination]'; repeatable."
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
            help="The instant (UTC) of the disruption: parcels under way then start from where they are.",
        ),
    ] = None,
    move_price: Annotated[
        float, typer.Option(min=0, help="Price of taking one parcel off the way it was planned on.")
    ] = 0.5,
    hold: Annotated[
        bool, typer.Option("--hold/--no-hold", help="Let parcels wait for a fuller bag where that pays.")
    ] = True,
    ray: Annotated[
        str | None, typer.Option(help="Spread pricing over a Ray cluster: its address, or `local`.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a demand file, or re-plan an earlier plan after a disruption.

    Ctrl-C or SIGTERM ends the search with the best plan so far. Ends with 0 when planned, 1 when rows of
    the demand were refused (the others are planned), 2 for wrong usage, 3 where nothing can be planned.
    """
    if context.invoked_subcommand is not None:
        return
    if out is None or (demand is None) == (from_plan is None):
        typer.echo("give --demand FILE --out DIR, or --from PLAN --disrupt … --out DIR", err=True)
        raise typer.Exit(2)

    from qafila.network.network_report import FeedErrors
    from qafila.planning import planning_job
    from qafila.planning.demand import DemandError
    from qafila.planning.disruption import BadDisruption, replan
    from qafila.planning.found import Effort
    from qafila.planning.planning_messages import FOLDER_NOT_WRITTEN, RUN_AGAIN
    from qafila.planning.planning_problem import Prices
    from qafila.planning.reopening import NotAPlan

    with _progress(quiet=as_json) as (report, stopped):
        request = planning_job.Request(
            prices=Prices(co2_price, unserved_price, unserved_kg_price, move_price, ride_price),
            effort=Effort(gap=gap, seconds=seconds),
            max_transfers=max_transfers,
            hold=hold,
            make_pricer=_pricer(ray),
            report=report,
            stopped=stopped,
        )
        try:
            if from_plan is not None:
                summary = replan(from_plan, tuple(disrupt or ()), at, out, request)
            else:
                assert demand is not None
                where = planning_job.network(
                    _network(network), now().date(), from_date.date() if from_date else None, days, demand
                )
                summary = planning_job.plan(demand, out, where, request).summary
        except BadDisruption as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
        except (DemandError, FeedErrors, NotAPlan) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(3) from None
        except OSError as error:
            typer.echo(
                f"{FOLDER_NOT_WRITTEN(folder=str(out), why=error.strerror or str(error))} {RUN_AGAIN()}",
                err=True,
            )
            raise typer.Exit(3) from None
    _print(summary, as_json, out)
    if summary.get("rejected"):
        raise typer.Exit(1)


def _network(folder: Path | None) -> Network:
    """The network of a folder's feed, or of this home. Raises FeedErrors."""
    from qafila.network import installed
    from qafila.network.feed import read

    return installed.network() if folder is None else installed.Network.of(read(folder))


@app.command("compare")
def compare(
    plans: Annotated[list[Path], typer.Argument(help="Folders of plans for the same demand.")],
    as_json: AsJson = False,
) -> None:
    """Show plans side by side: cost by kind, parcels late or left, CO2e, rides a parcel, how full departures are.

    Ends with 3 where a folder is no plan, or where the plans cannot be compared.
    """
    from dataclasses import asdict

    from qafila.planning.planning_comparing import compare as read
    from qafila.planning.reopening import NotAPlan

    try:
        found = read(plans)
    except NotAPlan as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    if as_json:
        import json

        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    from rich.table import Table

    from qafila.core.terminal import Terminal

    table = Table(f"in {found[0].currency}", *(one.name for one in found))
    for column in table.columns[1:]:
        column.justify = "right"
    lines = [("cost", [f"{one.cost:,.0f}" for one in found])]
    for kind in found[0].cost_by_kind:
        lines.append(
            (f"  {kind.replace('_', ' ')}", [f"{one.cost_by_kind.get(kind, 0):,.0f}" for one in found])
        )
    lines += [
        ("proven within", [f"{one.gap:.2%}" for one in found]),
        ("parcels left unserved", [f"{one.unserved:,}" for one in found]),
        ("parcels late", [f"{one.late_parcels:,}" for one in found]),
        ("kg CO2e", [f"{one.co2e_kg:,.0f}" for one in found]),
        ("rides a parcel", [f"{one.rides_a_parcel:.2f}" for one in found]),
        ("departures used", [f"{one.departures:,}" for one in found]),
        ("  of them less than half full", [f"{one.half_empty:,}" for one in found]),
        ("the fullest", [f"{one.fullest:.0%}" for one in found]),
    ]
    for name, cells in lines:
        table.add_row(name, *cells)
    Terminal().print(table)


@app.command("generate-demand")
def generate_demand(
    out: Annotated[Path, typer.Argument(help="Demand file to write: .csv or .parquet.")],
    commodities: Annotated[int, typer.Option(min=1)] = 10_000,
    parcels: Annotated[int, typer.Option(min=1)] = 500_000,
    heavy: Annotated[
        bool,
        typer.Option("--heavy", help="Half of the flow over capacity; else a tenth of the legs overloaded."),
    ] = False,
    seed: Annotated[int, typer.Option()] = 1,
    network: NetworkFolder = None,
    from_date: FromDate = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="Days over which parcels are released.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Write a random week of demand whose congestion, if everybody took the cheapest way, is as asked."""
    import numpy as np

    from qafila.planning import demand as demands
    from qafila.planning import generate, planning_job
    from qafila.planning.facility_rates import rates
    from qafila.planning.graph import build

    where = planning_job.network(
        _network(network),
        now().date(),
        from_date.date() if from_date else None,
        days + planning_job.DAYS_AFTER,
    )
    graph = build(where.timetable, rates(where.feed, where.timetable))
    origins, destinations = generate.ends(where.feed, where.timetable)
    wanted = generate.HEAVY if heavy else generate.MODERATE
    made = generate.generate(graph, origins, destinations, commodities, parcels, wanted, days, seed)
    demands.write(out, made, where.timetable)
    found = generate.congestion(graph, made)
    kg = float(np.dot(made.parcels, made.grams)) / 1e3
    if as_json:
        import json

        typer.echo(
            json.dumps(
                {
                    "commodities": len(made),
                    "parcels": int(made.parcels.sum()),
                    "kg": kg,
                    "legs_with_flow": found.legs,
                    "overloaded_legs": found.overloaded_legs,
                    "flow_over_capacity": found.excess,
                }
            )
        )
        return
    typer.echo(
        f"{out}: {len(made)} commodities, {int(made.parcels.sum())} parcels, {kg:,.0f} kg; at zero price"
        f" {found.overloaded_legs:.1%} of the {found.legs} legs with flow overloaded, {found.excess:.1%} of the flow over capacity"
    )


@app.command("feed-from-matrix")
def feed_from_matrix(
    out: Annotated[Path, typer.Argument(help="Folder of the feed to write.")],
    cities: Annotated[Path, typer.Option(help="CSV: City, Latitude, Longitude.")],
    distances: Annotated[Path, typer.Option(help="CSV matrix of km: city,CITY,CITY …")],
    flow: Annotated[
        Path | None, typer.Option(help="CSV matrix of parcels: also writes demand.csv into the folder.")
    ] = None,
    country: Annotated[str, typer.Option(help="ISO code of the country all of them are in.")] = "TR",
    timezone: Annotated[str, typer.Option(help="IANA time zone of all of them.")] = "Europe/Istanbul",
    neighbours: Annotated[int, typer.Option(min=1, help="Trucks run to so many nearest cities …")] = 8,
    hubs: Annotated[int, typer.Option(min=1, help="… and between so many hubs and every city.")] = 6,
    parcels: Annotated[int, typer.Option(min=1, help="Parcels a day that the flow is scaled to.")] = 500_000,
    start: FromDate = None,
) -> None:
    """Make a network of cities and the trucks between them from coordinates and distances alone."""
    from qafila.network.feed import write
    from qafila.planning import matrix

    try:
        towns = matrix.read_cities(cities)
        km = matrix.read_matrix(distances, towns)
        day = start.date() if start else matrix.START
        if flow is not None:
            matrix.write_demand(out / "demand.csv", towns, matrix.read_matrix(flow, towns), parcels, day)
        write(matrix.feed(towns, km, country, timezone, neighbours, hubs, parcels), out)
    except matrix.BadMatrix as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    typer.echo(f"{out}: a feed of {len(towns)} cities; plan it with --network {out}")


def _pricer(ray: str | None) -> Any:
    if ray is None:
        from qafila.planning.pricing import LocalPricer

        return LocalPricer
    try:
        from qafila.planning.cluster import RayPricer
    except ImportError:
        typer.echo("Ray is not installed: pip install 'qafila[cluster]'", err=True)
        raise typer.Exit(3) from None
    return lambda problem: RayPricer(problem, address=None if ray == "local" else ray)


@contextmanager
def _progress(quiet: bool) -> Iterator[tuple[Callable[[Progress], None], Callable[[], bool]]]:
    """A bar that tells bound and gap as they close; signals end the search, not the command."""
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from qafila.core.terminal import Terminal
    from qafila.planning.stopwatch import when_compiling

    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        asked = True

    previous = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    bar = Bar(
        SpinnerColumn(),
        TextColumn("[bold]Planning"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Terminal(stderr=True),
        disable=quiet,
    )
    try:
        with bar:
            task = bar.add_task("pricing the first ways", total=1.0)

            def report(state: Progress) -> None:
                closed = min(max(1.0 - state.gap, 0.0), 1.0)
                bar.update(
                    task,
                    completed=closed,
                    description=(
                        f"round {state.round}  bound {state.bound / 1e4:,.0f}  plan {state.cost / 1e4:,.0f}"
                        f"  gap {state.gap:.3%}"
                    ),
                )

            once = "compiling kernels, once after an installation"
            with when_compiling(lambda: bar.update(task, description=once)):
                yield report, lambda: asked
    finally:
        for signal_, handler in previous.items():
            signal.signal(signal_, handler)


def _print(summary: dict[str, Any], as_json: bool, out: Path) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    from rich.table import Table

    from qafila.core.terminal import Terminal

    console = Terminal()
    money, bags = summary["currency"], summary["consolidation"]
    table = Table(title=f"Plan in {out}", show_header=False)
    for name, text in (
        ("commodities", f"{summary['commodities']:,}"),
        ("parcels served", f"{summary['served']:,} of {summary['parcels']:,}"),
        ("unserved", f"{summary['unserved']:,} (unserved.parquet says why)"),
        ("cost", f"{summary['cost']:,.2f} {money}"),
        ("no plan costs less than", f"{summary['bound']:,.2f} {money}"),
        ("in whole parcels, no less than", f"{summary['whole_bound']:,.2f} {money}"),
        ("gap", f"{summary['gap']:.3%} in whole parcels, {summary['fractional_gap']:.3%} in shares"),
        (
            "bags, each leg counted",
            f"{bags['bags']:,}; {bags['bags_before_holding']:,} without holding, {bags['bags_if_merchants_were_kept_apart']:,}"
            " if merchants were kept apart",
        ),
        ("time", f"{summary['seconds']:.1f} s, {summary['rounds']} rounds"),
    ):
        table.add_row(name, text)
    for remark in summary.get("remarks", ()):
        table.add_row("to know", remark["text"])
    if summary.get("rejected"):
        table.add_row("rows refused", f"{summary['rejected']} (rejected.csv)")
    if "replan" in summary:
        change = summary["replan"]
        table.add_row(
            "moved", f"{change['moved']:,} parcels of {change['affected_commodities']:,} commodities"
        )
        table.add_row("dearer by", f"{change['cost_change']:,.2f} {money}")
        for one in change["left"][:LEFT_SHOWN]:
            table.add_row("left over", f"{one['parcels']:,}: {one['what']}")
        if more := change["left"][LEFT_SHOWN:]:
            rest = sum(one["parcels"] for one in more)
            table.add_row("left over", f"{rest:,} for {len(more)} more reasons (unserved.parquet)")
    console.print(table)
    if summary["tightest"]:
        from qafila.planning.viewing import UNITS

        tight = Table("tightest places", "load", "of", "one more saves", title_justify="left")
        for place in summary["tightest"]:
            unit, size = UNITS.get(place["kind"], ("parcel", 1))
            tight.add_row(
                place["what"],
                f"{place['load'] / size:,.0f}",
                f"{place['capacity'] / size:,.0f} {unit}",
                f"{place['price'] * size:,.3f} {money} per {unit}",
            )
        console.print(tight)
