"""`qafila desk`: the broker's desk on a terminal: what waits, why, what is missing, and the next step."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qafila.cli.chassis.answering import By, Json, console, context, now, or_exit, print_json, refuse
from qafila.cli.chassis.command_acting import operator, signed
from qafila.cli.clearance import screening_commands as screening
from qafila.core import figures

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from qafila.clearance.store import Filed

app = typer.Typer(help="Declarations, screening and bonded goods: the broker's desk.", no_args_is_help=True)
app.command("hits")(screening.hits)
app.command("decide")(screening.decide)
app.command("screen")(screening.screen)
app.add_typer(screening.lists, name="lists")

Id = Annotated[str, typer.Argument(help="Declaration's id.")]


@app.command()
def queue(as_json: Json = False, limit: Annotated[int, typer.Option(help="At most so many.")] = 50) -> None:
    """What waits for somebody, the longest wait first."""
    from rich.table import Table

    from qafila.clearance import desk, store
    from qafila.clearance.lifecycle import State

    with operator() as connection:
        waiting = store.in_states(connection, (*desk.WAITING, State.DRAFT), limit)
        rows = [(filed, desk.todos(connection, filed)) for filed in waiting]
        counts = store.counts(connection)
    if as_json:
        print_json([{**_plain(filed), "todos": todos} for filed, todos in rows])
        return
    whole = sum(counts.get(state, 0) for state in (*desk.WAITING, State.DRAFT))
    shown = "" if len(rows) == whole else f", the {len(rows)} that wait longest"
    table = Table(title=f"{whole} waiting{shown}", title_justify="left")
    table.add_column("Declaration", no_wrap=True)  # its id is what the other commands ask for
    table.add_column("State")
    table.add_column("First thing to do")
    for filed, todos in rows:
        declaration = filed.declaration
        first = str(todos[0].remedy) if todos else "Nothing is missing: advance it."
        more = f" (+{len(todos) - 1})" if len(todos) > 1 else ""
        procedure = f"{declaration.procedure.value} {declaration.territory}"
        table.add_row(
            f"{declaration.id}\n{declaration.parcel}, {procedure}",
            f"{filed.state.value}\n{filed.changed_at:%d %b %H:%M} UTC",
            first + more,
            end_section=True,
        )
    console().print(table)


@app.command()
def show(declaration: Id, as_json: Json = False) -> None:
    """One declaration: where it stands, what is missing, what happened to it."""
    from qafila.clearance import desk, store
    from qafila.core.terminal import plain

    with operator() as connection:
        filed = _get(connection, declaration)
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, declaration)
    if as_json:
        print_json({**_plain(filed), "document": filed.declaration, "todos": todos, "steps": steps})
        return
    out = console(markup=True)
    form = filed.declaration
    out.print(
        f"[bold]{form.id}[/] {form.procedure.value} {form.territory}, parcel {plain(form.parcel)}: [bold]{filed.state.value}[/]"
    )
    for todo in todos:
        out.print(
            f"  [yellow]•[/] {plain(todo.subject)}: {plain(todo.reason)} → {plain(todo.remedy)}",
            highlight=False,
        )
    for noted in steps:
        said = f" — {plain(noted.step.reason)}" if noted.step.reason else ""
        out.print(
            f"  {noted.step.at:%d %b %H:%M}  {noted.step.state.value:<22} {plain(noted.step.by)}{said}",
            highlight=False,
        )


@app.command()
def new(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON: a declaration or a list of them.")
    ],
    merchant: Annotated[str | None, typer.Option(help="Merchant; by default this machine's own.")] = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Open declarations written by hand: export, import, transit or bonded storage (docs/clearance.md).

    Nothing is lodged: what is missing is named, and asked for on the desk. Exit code 1 where one was refused.
    """
    import orjson

    from qafila.clearance import desk, store
    from qafila.clearance.written import DeclarationError, declaration_from
    from qafila.core.fault import Fault
    from qafila.shipping import merchants

    try:
        data = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        refuse(f"{file.name} is not JSON: {error}")
    found: list[dict[str, Any]] = []
    for number, one in enumerate(data if isinstance(data, list) else [data]):
        try:
            declaration = declaration_from(one)
            with operator() as connection:
                owner = (
                    merchants.local(connection).id
                    if merchant is None
                    else merchants.get(connection, merchant).id
                )
                desk.open_one(connection, owner, declaration, now(), signed(by))
                todos = desk.todos(connection, store.get(connection, declaration.id))
            found.append({"number": number, "declaration": declaration.id, "todos": todos})
        except DeclarationError as error:
            found.append({"number": number, "problems": error.problems})
        except (Fault, LookupError) as error:
            found.append({"number": number, "problems": [{"reason": str(error)}]})
    if as_json:
        print_json(found)
    for told in () if as_json else found:
        _tell_opened(told)
    if any("problems" in told for told in found):
        raise typer.Exit(1)


def _tell_opened(told: dict[str, Any]) -> None:
    from qafila.core.terminal import plain

    out = console(markup=True)
    for problem in told.get("problems", ()):
        if isinstance(problem, dict):
            out.print(f"declaration {plain(told['number'])}: {plain(problem['reason'])}", highlight=False)
        else:
            out.print(
                f"declaration {plain(told['number'])}: {problem.field} {plain(problem.reason)} → {plain(problem.remedy)}",
                highlight=False,
            )
    if "declaration" in told:
        out.print(f"[bold]{told['declaration']}[/] opened; {len(told['todos'])} things to do")
        for todo in told["todos"]:
            out.print(
                f"  [yellow]•[/] {plain(todo.subject)}: {plain(todo.reason)} → {plain(todo.remedy)}",
                highlight=False,
            )


@app.command("open")
def open_(
    merchant: Annotated[str | None, typer.Option(help="Merchant; by default this machine's own.")] = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Open the declarations of every booked parcel that crosses a customs border and has none."""
    from qafila.shipping.declaring import open_missing
    from qafila.shipping.merchants import LOCAL

    with operator() as connection:
        opened = open_missing(connection, context(merchant or LOCAL), signed(by))
    print_json({"opened": opened}) if as_json else console().print(f"{opened:,} declarations opened")


@app.command()
def advance(declaration: Id, by: By = "", as_json: Json = False) -> None:
    """Bring a declaration as far as it goes with the (sandbox) authority."""
    from qafila.clearance import desk
    from qafila.clearance.authority import Sandbox

    with operator() as connection:
        _get(connection, declaration)
        steps = or_exit(
            lambda: desk.advance(connection, declaration, Sandbox(context().rules.rates), signed(by), now())
        )
    if as_json:
        print_json(steps)
        return
    for step in steps:
        console().print(f"{step.state.value:<22} {step.by}  {step.reason}", highlight=False)


@app.command()
def amend(
    declaration: Id,
    changes: Annotated[
        list[str], typer.Argument(help="FIELD=VALUE, e.g. importer.city=Fès or lines[0].hs=640411.")
    ],
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Change fields of a declaration; what they were is kept."""
    from qafila.clearance import desk
    from qafila.core.message import as_it_is

    wanted: dict[str, Any] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals:
            raise typer.BadParameter(f"{change!r}: write FIELD=VALUE")
        wanted[field] = value
    with operator() as connection:
        _get(connection, declaration)
        or_exit(
            lambda: desk.amend(
                connection, declaration, wanted, signed(by), now(), as_it_is(reason) if reason else None
            )
        )


@app.command()
def attach(
    declaration: Id,
    restriction: Annotated[str, typer.Argument(help="Id of the restriction that the paper lifts.")],
    number: Annotated[str, typer.Argument(help="The paper's number.")],
    by: By = "",
) -> None:
    """Put a licence or certificate to a declaration."""
    from qafila.clearance import desk, store

    with operator() as connection:
        _get(connection, declaration)
        desk.attach(connection, declaration, store.Paper(restriction, number, None), signed(by))


@app.command()
def write(
    declaration: Id,
    dataset: Annotated[
        str | None, typer.Option(help="cn22, cn23, h7, dum or itmatt; by default its own.")
    ] = None,
    xml: Annotated[bool, typer.Option("--xml", help="XML instead of JSON.")] = False,
) -> None:
    """Write a declaration as a dataset, by the documented mapping."""
    from qafila.clearance import mapping

    with operator() as connection:
        form = _get(connection, declaration).declaration
    tree = or_exit(lambda: mapping.write(form, dataset))
    if xml:
        typer.echo(mapping.to_xml(tree, (dataset or form.dataset).upper()).decode())
    else:
        print_json(tree)


@app.command()
def stock(as_json: Json = False) -> None:
    """What lies under bond."""
    from rich.table import Table

    from qafila.clearance import bonded

    with operator() as connection:
        found = bonded.stock(connection)
    if as_json:
        print_json(found)
        return
    table = Table(title=f"{len(found)} lines under bond", title_justify="left")
    for column in ("Entry", "Line", "Goods", "HS", "Left", "Entered", "Warehouse", "Since"):
        table.add_column(column)
    for s in found:
        table.add_row(
            s.entry_id,
            str(s.line),
            s.description,
            s.hs,
            f"{s.left:f}",
            f"{s.entered:f}",
            s.warehouse,
            f"{s.since:%d %b %Y}",
        )
    console().print(table)


@app.command()
def release(
    entry: Annotated[str, typer.Argument(help="Id of the declaration that entered the goods.")],
    quantities: Annotated[list[str], typer.Argument(help="LINE=QUANTITY, e.g. 0=4.")],
    by: By = "",
    as_json: Json = False,
) -> None:
    """Release goods from bond: opens their import declaration and says what is due today."""
    from qafila.clearance import bonded
    from qafila.clearance.clearance_duties import due

    wanted: dict[int, Decimal] = {}
    for text in quantities:
        line, _, quantity = text.partition("=")
        try:
            wanted[int(line)] = figures.number(quantity)
        except (ValueError, figures.NotAFigure) as error:
            raise typer.BadParameter(f"{text!r}: write LINE=QUANTITY") from error
    with operator() as connection:
        _get(connection, entry)
        opened = or_exit(lambda: bonded.release(connection, entry, wanted, signed(by), now()))
        here = context()
        assessment, owed = or_exit(
            lambda: due(opened, here.now().date(), here.rules.rulebook, here.rules.rates)
        )
    if as_json:
        print_json({"declaration": opened.id, "due": owed, "charges": assessment.charges})
        return
    console().print(f"declaration {opened.id} opened; due: {owed}")


def _plain(filed: Filed) -> dict[str, Any]:
    form = filed.declaration
    return {
        "declaration": form.id, "parcel": form.parcel, "procedure": form.procedure, "territory": form.territory,
        "dataset": form.dataset, "state": filed.state, "changed_at": filed.changed_at,
    }  # fmt: skip


def _get(connection: Connection, declaration: str) -> Filed:
    from qafila.clearance import store

    return or_exit(lambda: store.get(connection, declaration))
