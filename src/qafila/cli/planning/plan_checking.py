"""`qafila plan check`: whether what a plan's folder says is true, from its files alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qafila.planning.plan_check import Checked


def register(app: typer.Typer) -> None:
    """Adds the command to the group `plan`."""
    app.command("check")(check)


def check(
    plan: Annotated[Path, typer.Argument(help="Folder of a plan.")],
    bound: Annotated[
        bool, typer.Option("--bound/--no-bound", help="Recompute the bound, too: one search a commodity.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Check a plan from its files: parcels, ways, loads, cost, and that who is left over has no way with room.

    Ends with 0 where all of it is true, 1 where something is not (it is named), 3 where the folder is no plan.
    """
    from qafila.planning import plan_check
    from qafila.planning.reopening import NotAPlan

    try:
        found = plan_check.check(plan, bound)
    except NotAPlan as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"sound": found.sound}, ensure_ascii=False))
    else:
        for line in _lines(found):
            typer.echo(line)
    if not found.sound:
        raise typer.Exit(1)


def _lines(found: Checked) -> list[str]:
    told = [
        f"parcels: {found.served:,} served, {found.unserved:,} left over; of {len(found.miscounted)} commodities they do not"
        f" add up {', '.join(found.miscounted[:5])}".rstrip(),
        f"ways that nobody can go: {len(found.broken)} {', '.join(map(str, found.broken[:5]))}".rstrip(),
        f"capacities exceeded: {len(found.overloaded)} {', '.join(map(str, found.overloaded[:5]))}".rstrip(),
        f"cost: {found.cost:,.2f}, stated {found.stated_cost:,.2f}",
    ]
    if found.bound is not None:
        told.append(f"bound: {found.bound:,.2f}, stated {found.stated_bound:,.2f}")
    told.append(
        f"left over: {found.looked_at} commodities; {len(found.with_room)} have a way with room,"
        f" {len(found.undecided)} could not be searched to the end"
    )
    told += [
        f"  {one.id}: {one.unserved} parcels; one could go by the rides {', '.join(map(str, one.rides))}"
        f" for {one.cost:,.2f}, left over it costs {one.penalty:,.2f}"
        for one in found.with_room
    ]
    return [*told, "the plan is as it says" if found.sound else "the plan is not as it says"]
