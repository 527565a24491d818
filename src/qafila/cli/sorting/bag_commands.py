"""`qafila sort bag` and `qafila sort where`: acts on bags and what holds them, by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from qafila.cli.chassis.answering import Json, context, print_json
from qafila.cli.chassis.command_acting import operator, who


def bag(
    act: Annotated[str, typer.Argument(help="open, load, unload, close, seal, depart, arrive or empty.")],
    unit: Annotated[str, typer.Argument(help="Number of the bag, pallet, ULD or vehicle.")],
    child: Annotated[str, typer.Argument(help="What goes in or out: a parcel or a smaller unit.")] = "",
    facility: Annotated[str, typer.Option(help="Where it is done.")] = "",
    kind: Annotated[str, typer.Option(help="To open: bag, pallet, uld or vehicle.")] = "bag",
    to: Annotated[str, typer.Option(help="To open: its destination.")] = "",
    chute: Annotated[str, typer.Option(help="To open: the chute that fills it.")] = "",
    service: Annotated[str, typer.Option(help="To open a vehicle: its service.")] = "",
    position: Annotated[str, typer.Option(help="To open a ULD: its position.")] = "",
    seal: Annotated[str, typer.Option(help="To seal, or the seal that was found.")] = "",
    key: Annotated[str, typer.Option(help="The act's own key: told again with it, it is the same act.")] = "",
    as_json: Json = False,
) -> None:
    """Open, fill, close, seal, move or empty a bag, a pallet, a ULD or a vehicle."""
    from qafila.core.identifiers.own import new_id
    from qafila.runtime.language.rendering import render
    from qafila.sorting import units
    from qafila.sorting.model import By
    from qafila.sorting.units import UnitAct

    now = context().now()
    wanted = UnitAct(
        key or new_id("act"),
        act,
        unit,
        now,
        child,
        facility,
        kind,
        to,
        chute,
        service,
        None,
        position,
        seal,
        timed=False,
    )
    done = units.perform(wanted, By("local", station=who()), now)
    told = {**done, "warnings": [render(w) for w in done["warnings"]]}
    if as_json:
        print_json(told)
        return
    typer.echo(f"{told['unit']}: {act}; {told['pieces']:,} pieces in it")
    for name in ("missing", "surplus"):
        for number in told.get(name, ()):
            typer.echo(f"{name}: {number}")
    for warning in told["warnings"]:
        typer.echo(warning, err=True)


def where(
    number: Annotated[str, typer.Argument(help="Of a parcel or a unit.")], as_json: Json = False
) -> None:
    """Show the bag, ULD, flight and position that hold a parcel now."""
    from qafila.sorting import units

    with operator() as connection:
        found = units.whereabouts(connection, units.plain(number))
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo(f"{number} lies in no bag and on no vehicle")
        raise typer.Exit(2)
    for one in found:
        more = " ".join(
            filter(
                None,
                (
                    one["position"] and f"position {one['position']}",
                    one["service"],
                    one["destination"] and f"to {one['destination']}",
                ),
            )
        )
        typer.echo(f"{one['kind']} {one['unit']} {one['state']} {more}".rstrip())
