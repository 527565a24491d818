"""`qafila plan reserve, hourly, release, list`: a plan put in place for booking, and kept up with what is booked."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.chassis.answering import now
from qafila.cli.chassis.command_acting import operator

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
At = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="The instant (UTC) to act at; by default now."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the group `plan`."""
    app.command("reserve")(reserve)
    app.command("hourly")(hourly)
    app.command("release")(release)
    app.command("list")(list_)


def reserve(
    plan: Annotated[str, typer.Argument(help="Name of a plan of this home, or the folder of a plan.")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Put a plan's reservations in place of the former plan's, at once.

    A folder is copied into the home. What others booked meanwhile is not reserved again, and said. Ends
    with 1 where less could be reserved than planned, 3 where there is no such plan.
    """
    import shutil

    from qafila.planning.reopening import NotAPlan
    from qafila.shipping.plans import kept_plans as plans
    from qafila.shipping.plans import plans_replanning
    from qafila.shipping.plans.asked_plans import PlanRefused

    moment = at.replace(tzinfo=UTC) if at else now()
    try:
        name, folder = plan, plans.root() / plan
        if Path(plan).is_dir() and (Path(plan) / "plan.json").is_file():
            name = Path(plan).resolve().name.lower().replace("_", "-").replace(".", "-")
            folder = plans.folder(name)
            if folder.resolve() != Path(plan).resolve():
                shutil.copytree(plan, folder, dirs_exist_ok=True)
        placed = plans_replanning.reserve(folder, name, moment)
    except (NotAPlan, PlanRefused) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    if as_json:
        typer.echo(json.dumps({"plan": name, **asdict(placed)}))
    else:
        typer.echo(
            f"{name} is in place: {placed.grams / 1e3:,.0f} kg reserved on {placed.departures:,} departures"
        )
        if placed.short_g or placed.short_cm3:
            typer.echo(
                f"{placed.short_g / 1e3:,.1f} kg and {placed.short_cm3 / 1e6:,.2f} m³ are no longer free"
            )
    if placed.short_g or placed.short_cm3:
        raise typer.Exit(1)


def hourly(
    name: Annotated[str | None, typer.Option(help="Name of the new plan; by default with the hour.")] = None,
    at: At = None,
    disrupt: Annotated[
        list[str] | None, typer.Option(help="As for `qafila plan --from`; repeatable.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so many seconds.")] = 60.0,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Stop when proven this close.")] = 0.001,
    as_json: AsJson = False,
) -> None:
    """Absorb what was booked since the plan in place, plan the rest anew, and put that in place.

    Meant to run every hour (cron, a systemd timer). Ends with 3 where no plan is in place.
    """
    from qafila.planning import planning_job
    from qafila.planning.disruption import BadDisruption
    from qafila.planning.found import Effort
    from qafila.planning.reopening import NotAPlan
    from qafila.shipping.plans import kept_plans as plans
    from qafila.shipping.plans import plans_messages, plans_replanning
    from qafila.shipping.plans.asked_plans import PlanRefused

    moment = at.replace(tzinfo=UTC) if at else now()
    new = name or f"hourly-{moment:%Y-%m-%d-%H%M}"
    try:
        if plans.find(new) is not None:
            raise PlanRefused(plans_messages.NAME_TAKEN(plan=new), field="name", value=new)
        plans.folder(new)
        summary, absorbed, placed = plans_replanning.hourly(
            plans.root(),
            new,
            planning_job.Request(effort=Effort(gap=gap, seconds=seconds)),
            moment,
            tuple(disrupt or ()),
        )
    except BadDisruption as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except (plans_replanning.NoPlanInPlace, NotAPlan, PlanRefused) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    if as_json:
        told = {"plan": new, "absorbed": asdict(absorbed), "placed": asdict(placed), "summary": summary}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(
        f"{new} is in place of {summary['hourly']['from']}: {absorbed.bookings:,} bookings absorbed"
        f" ({absorbed.as_planned:,} as planned), {absorbed.cancelled:,} cancelled,"
        f" {absorbed.did_not_come:,} planned parcels did not come in time; gap {summary['gap']:.3%}"
    )


def release(
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            help="Only of departures before this instant (UTC); without it all, and no plan is in place.",
        ),
    ] = None,
) -> None:
    """Give reservations back to everybody."""
    from qafila.shipping.plans import reservations

    with operator() as connection:
        count = reservations.release(connection, None if before is None else before.replace(tzinfo=UTC))
    typer.echo(f"{count:,} reservations released")


def list_(as_json: AsJson = False) -> None:
    """The plans of this home, the newest first."""
    from rich.table import Table

    from qafila.core.terminal import Terminal
    from qafila.shipping.plans import kept_plans as plans
    from qafila.shipping.plans import reservations

    with operator() as connection:
        holding = reservations.in_place(connection)
    kept = plans.every()
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {
                        "name": k.name,
                        "state": k.state,
                        "in_place": holding is not None and holding.plan == k.name,
                        **{
                            x: (k.summary or {}).get(x) for x in ("parcels", "served", "cost", "bound", "gap")
                        },
                    }
                    for k in kept
                ]
            )
        )
        return
    table = Table("plan", "state", "parcels", "cost", "gap")
    for k in kept:
        state = "in place" if holding is not None and holding.plan == k.name else k.state
        s = k.summary
        figures = (
            (f"{s['parcels']:,}", f"{s['cost']:,.0f} {s['currency']}", f"{s['gap']:.3%}")
            if s
            else ("", "", "")
        )
        table.add_row(k.name, state, *figures)
    Terminal().print(table)
