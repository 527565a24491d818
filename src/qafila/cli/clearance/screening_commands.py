"""Screening on a terminal: the lists, one name, the hits to review, and who decided what and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qafila.cli.chassis.answering import By, Json, console, now, or_exit, print_json
from qafila.cli.chassis.command_acting import operator, signed

if TYPE_CHECKING:
    from qafila.customs.screening import ListProblem

lists = typer.Typer(help="The lists that parties are screened against.", no_args_is_help=True)


def hits(
    everything: Annotated[
        bool, typer.Option("--all", help="Those decided on too: by whom, when and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Parties that may be on a list and that nobody has decided on."""
    from rich.table import Table

    from qafila.clearance import screening

    with operator() as connection:
        found = screening.hits(connection, open_only=not everything)
    if as_json:
        print_json(found)
        return
    waiting = sum(hit.verdict is None for hit in found)
    table = Table(title=f"{waiting} to review", title_justify="left")
    for column in ("Hit", "Party", "Listed", "List", "Score", "Why", *(("Decided",) if everything else ())):
        table.add_column(column)
    for hit in found:
        cells = [hit.id, hit.party_name, hit.listed_name, hit.list_id, f"{hit.score:.2f}", str(hit.reason)]
        if everything:
            decided = f"{hit.verdict} by {hit.decided_by} on {hit.decided_at:%d %b %Y %H:%M} UTC: {hit.why}"
            cells.append(decided if hit.verdict else "–")
        table.add_row(*cells)
    console().print(table)


def decide(
    hit: Annotated[str, typer.Argument(help="Hit's id.")],
    verdict: Annotated[str, typer.Argument(help="cleared or confirmed.")],
    why: Annotated[str, typer.Option(help="The reason: the record must stand by itself.")],
    by: By = "",
) -> None:
    """Clear or confirm a hit, with the reason."""
    from qafila.clearance import screening

    with operator() as connection:
        or_exit(lambda: screening.decide(connection, hit, verdict, signed(by), why, now()))


def screen(
    name: Annotated[str, typer.Argument(help="A party's name, in any script.")],
    country: Annotated[str, typer.Option(help="ISO code of the party's country.")] = "",
    birth_date: Annotated[str, typer.Option(help="Year or date of birth.")] = "",
    threshold: Annotated[float, typer.Option(help="Least score shown.")] = 0.83,
    as_json: Json = False,
) -> None:
    """Screen one name against the loaded lists, without keeping anything."""
    from qafila.clearance import screening
    from qafila.customs.screening import Party

    with operator() as connection:
        found = screening.screener(connection).screen(Party(name, country, birth_date), threshold)
    if as_json:
        print_json(found)
    elif not found:
        console().print("no hit")
    for hit in () if as_json else found:
        console().print(
            f"[bold]{hit.score:.2f}[/] {hit.matched_name} on {hit.listed.list_id} ({hit.listed.id}): {hit.reason}"
        )


@lists.command("load")
def load(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="OpenSanctions' simple CSV, or a CSV with `name`."),
    ],
    list_id: Annotated[
        str, typer.Option("--id", help="The list's id; a newer file takes the older one's place.")
    ],
    as_json: Json = False,
) -> None:
    """Load a list."""
    from qafila.clearance import screening
    from qafila.customs.screening import read_list

    found = or_exit(lambda: read_list(file, list_id))
    with operator() as connection:
        screening.load(connection, list_id, file.name, found.parties)
    if as_json:
        print_json(
            {"list": list_id, "parties": len(found.parties), "problems": [_plain(p) for p in found.problems]}
        )
        return
    console().print(f"{len(found.parties):,} parties loaded as {list_id}")
    for problem in found.problems[:20]:
        console().print(
            f"  row {problem.row}, {problem.field}: {problem.reason} {problem.remedy}", highlight=False
        )


def _plain(problem: ListProblem) -> dict[str, object]:
    return {
        "row": problem.row,
        "field": problem.field,
        "reason": str(problem.reason),
        "remedy": str(problem.remedy),
    }


@lists.command("show")
def show_lists(as_json: Json = False) -> None:
    """The lists that are loaded."""
    from qafila.clearance import screening

    with operator() as connection:
        found = screening.loaded(connection)
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        console().print(
            f"{one.id}: {one.parties:,} parties from {one.source}, {one.loaded_at:%d %b %Y %H:%M} UTC"
        )
