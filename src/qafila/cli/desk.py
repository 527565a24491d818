"""`qafila desk`: the broker's desk on a terminal: what waits, why, what is missing, and the next step."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from qafila.clearance.store import Filed

app = typer.Typer(help="Declarations, screening and bonded goods: the broker's desk.", no_args_is_help=True)
lists = typer.Typer(help="The lists that parties are screened against.", no_args_is_help=True)
app.add_typer(lists, name="lists")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option(help="Who does it: it stands in the record.")]
Id = Annotated[str, typer.Argument(help="Declaration's id.")]


@app.command()
def queue(as_json: Json = False, limit: Annotated[int, typer.Option(help="At most so many.")] = 50) -> None:
    """What waits for somebody, the longest wait first."""
    from rich.table import Table

    from qafila.clearance import desk, store
    from qafila.clearance.lifecycle import State
    from qafila.database import administrator

    with administrator() as connection:
        waiting = store.in_states(connection, (*desk.WAITING, State.DRAFT), limit)
        rows = [(filed, desk.todos(connection, filed)) for filed in waiting]
    if as_json:
        _print([{**_plain(filed), "todos": todos} for filed, todos in rows])
        return
    table = Table(title=f"{len(rows)} waiting", title_justify="left")
    for column in ("Declaration", "Parcel", "Procedure", "State", "Since", "First thing to do"):
        table.add_column(column)
    for filed, todos in rows:
        declaration = filed.declaration
        first = f"{todos[0].reason}: {todos[0].remedy}" if todos else "nothing is missing: advance it"
        more = f" (+{len(todos) - 1})" if len(todos) > 1 else ""
        procedure = f"{declaration.procedure.value} {declaration.territory}"
        table.add_row(
            declaration.id, declaration.parcel, procedure, filed.state.value, f"{filed.changed_at:%d %b %H:%M} UTC",
            first + more,
        )  # fmt: skip
    _console().print(table)


@app.command()
def show(declaration: Id, as_json: Json = False) -> None:
    """One declaration: where it stands, what is missing, what happened to it."""
    from qafila.clearance import desk, store
    from qafila.database import administrator

    with administrator() as connection:
        filed = _get(connection, declaration)
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, declaration)
    if as_json:
        _print({**_plain(filed), "document": filed.declaration, "todos": todos, "steps": steps})
        return
    console = _console()
    form = filed.declaration
    console.print(
        f"[bold]{form.id}[/] {form.procedure.value} {form.territory}, parcel {form.parcel}: [bold]{filed.state.value}[/]"
    )
    for todo in todos:
        console.print(f"  [yellow]•[/] {todo.subject}: {todo.reason} → {todo.remedy}", highlight=False)
    for noted in steps:
        said = f" — {noted.step.reason}" if noted.step.reason else ""
        console.print(
            f"  {noted.step.at:%d %b %H:%M}  {noted.step.state.value:<22} {noted.step.by}{said}",
            highlight=False,
        )


@app.command()
def new(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON: a declaration or a list of them.")
    ],
    merchant: Annotated[str | None, typer.Option(help="Merchant; by default this machine's own.")] = None,
    by: By = "desk",
    as_json: Json = False,
) -> None:
    """Open declarations written by hand: export, import, transit or bonded storage (docs/clearance.md).

    Nothing is lodged: what is missing is named, and asked for on the desk. Exit code 1 where one was refused.
    """
    import orjson

    from qafila.clearance import desk, store
    from qafila.clearance.written import DeclarationError, declaration_from
    from qafila.database import administrator
    from qafila.shipping import merchants

    try:
        data = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        _refuse(f"{file.name} is not JSON: {error}")
    found: list[dict[str, Any]] = []
    for number, one in enumerate(data if isinstance(data, list) else [data]):
        try:
            declaration = declaration_from(one)
            with administrator() as connection:
                owner = (
                    merchants.local(connection).id
                    if merchant is None
                    else merchants.get(connection, merchant).id
                )
                desk.open_one(connection, owner, declaration, _now(), by)
                todos = desk.todos(connection, store.get(connection, declaration.id))
            found.append({"number": number, "declaration": declaration.id, "todos": todos})
        except DeclarationError as error:
            found.append({"number": number, "problems": error.problems})
        except (desk.AlreadyDeclared, LookupError) as error:
            found.append({"number": number, "problems": [{"reason": str(error.args[0])}]})
    if as_json:
        _print(found)
    for told in () if as_json else found:
        _tell_opened(told)
    if any("problems" in told for told in found):
        raise typer.Exit(1)


def _tell_opened(told: dict[str, Any]) -> None:
    console = _console()
    for problem in told.get("problems", ()):
        if isinstance(problem, dict):
            console.print(f"declaration {told['number']}: {problem['reason']}", highlight=False)
        else:
            console.print(
                f"declaration {told['number']}: {problem.field} {problem.reason} → {problem.remedy}",
                highlight=False,
            )
    if "declaration" in told:
        console.print(f"[bold]{told['declaration']}[/] opened; {len(told['todos'])} things to do")
        for todo in told["todos"]:
            console.print(f"  [yellow]•[/] {todo.subject}: {todo.reason} → {todo.remedy}", highlight=False)


@app.command("open")
def open_(
    merchant: Annotated[str | None, typer.Option(help="Merchant; by default this machine's own.")] = None,
    by: By = "desk",
    as_json: Json = False,
) -> None:
    """Open the declarations of every booked parcel that crosses a customs border and has none."""
    from qafila.database import administrator
    from qafila.shipping.declaring import open_missing
    from qafila.shipping.merchants import LOCAL

    with administrator() as connection:
        opened = open_missing(connection, merchant or LOCAL, _now(), by)
    _print({"opened": opened}) if as_json else _console().print(f"{opened:,} declarations opened")


@app.command()
def advance(declaration: Id, by: By = "desk", as_json: Json = False) -> None:
    """Bring a declaration as far as it goes with the (sandbox) authority."""
    from qafila.clearance import desk
    from qafila.clearance.authority import Sandbox
    from qafila.database import administrator

    with administrator() as connection:
        _get(connection, declaration)
        steps = _or_exit(lambda: desk.advance(connection, declaration, Sandbox(), by, _now()))
    if as_json:
        _print(steps)
        return
    for step in steps:
        _console().print(f"{step.state.value:<22} {step.by}  {step.reason}", highlight=False)


@app.command()
def amend(
    declaration: Id,
    changes: Annotated[
        list[str], typer.Argument(help="FIELD=VALUE, e.g. importer.city=Fès or lines[0].hs=640411.")
    ],
    by: By = "desk",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Change fields of a declaration; what they were is kept."""
    from qafila.clearance import desk
    from qafila.database import administrator

    wanted: dict[str, Any] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals:
            raise typer.BadParameter(f"{change!r}: write FIELD=VALUE")
        wanted[field] = value
    with administrator() as connection:
        _get(connection, declaration)
        _or_exit(lambda: desk.amend(connection, declaration, wanted, by, _now(), reason))


@app.command()
def attach(
    declaration: Id,
    restriction: Annotated[str, typer.Argument(help="Id of the restriction that the paper lifts.")],
    number: Annotated[str, typer.Argument(help="The paper's number.")],
    by: By = "desk",
) -> None:
    """Put a licence or certificate to a declaration."""
    from qafila.clearance import desk, store
    from qafila.database import administrator

    with administrator() as connection:
        _get(connection, declaration)
        desk.attach(connection, declaration, store.Paper(restriction, number, None), by)


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
    from qafila.database import administrator

    with administrator() as connection:
        form = _get(connection, declaration).declaration
    tree = _or_exit(lambda: mapping.write(form, dataset))
    if xml:
        typer.echo(mapping.to_xml(tree, (dataset or form.dataset).upper()).decode())
    else:
        _print(tree)


@app.command()
def hits(
    everything: Annotated[
        bool, typer.Option("--all", help="Those decided on too: by whom, when and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Parties that may be on a list and that nobody has decided on."""
    from rich.table import Table

    from qafila.clearance import screening
    from qafila.database import administrator

    with administrator() as connection:
        found = screening.hits(connection, open_only=not everything)
    if as_json:
        _print(found)
        return
    waiting = sum(hit.verdict is None for hit in found)
    table = Table(title=f"{waiting} to review", title_justify="left")
    for column in ("Hit", "Party", "Listed", "List", "Score", "Why", *(("Decided",) if everything else ())):
        table.add_column(column)
    for hit in found:
        cells = [hit.id, hit.party_name, hit.listed_name, hit.list_id, f"{hit.score:.2f}", hit.reason]
        if everything:
            decided = f"{hit.verdict} by {hit.decided_by} on {hit.decided_at:%d %b %Y %H:%M} UTC: {hit.why}"
            cells.append(decided if hit.verdict else "–")
        table.add_row(*cells)
    _console().print(table)


@app.command()
def decide(
    hit: Annotated[str, typer.Argument(help="Hit's id.")],
    verdict: Annotated[str, typer.Argument(help="cleared or confirmed.")],
    why: Annotated[str, typer.Option(help="The reason: the record must stand by itself.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
) -> None:
    """Clear or confirm a hit, with the reason."""
    from qafila.clearance import screening
    from qafila.database import administrator

    with administrator() as connection:
        _or_exit(lambda: screening.decide(connection, hit, verdict, by, why, _now()))


@app.command()
def stock(as_json: Json = False) -> None:
    """What lies under bond."""
    from rich.table import Table

    from qafila.clearance import bonded
    from qafila.database import administrator

    with administrator() as connection:
        found = bonded.stock(connection)
    if as_json:
        _print(found)
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
    _console().print(table)


@app.command()
def release(
    entry: Annotated[str, typer.Argument(help="Id of the declaration that entered the goods.")],
    quantities: Annotated[list[str], typer.Argument(help="LINE=QUANTITY, e.g. 0=4.")],
    by: By = "desk",
    as_json: Json = False,
) -> None:
    """Release goods from bond: opens their import declaration and says what is due today."""
    from qafila.clearance import bonded
    from qafila.clearance.duties import due
    from qafila.customs.rulebook import rulebook
    from qafila.database import administrator
    from qafila.money import exchange_rates

    wanted: dict[int, Decimal] = {}
    for text in quantities:
        line, _, quantity = text.partition("=")
        try:
            wanted[int(line)] = Decimal(quantity)
        except (ValueError, InvalidOperation) as error:
            raise typer.BadParameter(f"{text!r}: write LINE=QUANTITY") from error
    with administrator() as connection:
        _get(connection, entry)
        opened = _or_exit(lambda: bonded.release(connection, entry, wanted, by, _now()))
        assessment, owed = _or_exit(lambda: due(opened, _now().date(), rulebook(), exchange_rates()))
    if as_json:
        _print({"declaration": opened.id, "due": owed, "charges": assessment.charges})
        return
    _console().print(f"declaration {opened.id} opened; due: {owed}")


@app.command()
def screen(
    name: Annotated[str, typer.Argument(help="A party's name, in any script.")],
    country: Annotated[str, typer.Option(help="ISO code of the party's country.")] = "",
    birth_date: Annotated[str, typer.Option(help="Year or date of birth.")] = "",
    threshold: Annotated[float, typer.Option(help="Least score shown.")] = 0.85,
    as_json: Json = False,
) -> None:
    """Screen one name against the loaded lists, without keeping anything."""
    from qafila.clearance import screening
    from qafila.customs.screening import Party
    from qafila.database import administrator

    with administrator() as connection:
        found = screening.screener(connection).screen(Party(name, country, birth_date), threshold)
    if as_json:
        _print(found)
    elif not found:
        _console().print("no hit")
    for hit in () if as_json else found:
        _console().print(
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
    from qafila.database import administrator

    found = _or_exit(lambda: read_list(file, list_id))
    with administrator() as connection:
        screening.load(connection, list_id, file.name, found.parties)
    if as_json:
        _print({"list": list_id, "parties": len(found.parties), "problems": found.problems})
        return
    _console().print(f"{len(found.parties):,} parties loaded as {list_id}")
    for problem in found.problems[:20]:
        _console().print(
            f"  row {problem.row}, {problem.field}: {problem.reason}; {problem.remedy}", highlight=False
        )


@lists.command("show")
def show_lists(as_json: Json = False) -> None:
    """The lists that are loaded."""
    from qafila.clearance import screening
    from qafila.database import administrator

    with administrator() as connection:
        found = screening.loaded(connection)
    if as_json:
        _print(found)
    for one in () if as_json else found:
        _console().print(
            f"{one.id}: {one.parties:,} parties from {one.source}, {one.loaded_at:%d %b %Y %H:%M} UTC"
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _console() -> Any:
    from rich.console import Console

    return Console()


def _print(value: object) -> None:
    import orjson

    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def _plain(filed: Filed) -> dict[str, Any]:
    form = filed.declaration
    return {
        "declaration": form.id, "parcel": form.parcel, "procedure": form.procedure, "territory": form.territory,
        "dataset": form.dataset, "state": filed.state, "changed_at": filed.changed_at,
    }  # fmt: skip


def _get(connection: Connection, declaration: str) -> Filed:
    from qafila.clearance import store

    return _or_exit(lambda: store.get(connection, declaration))


def _or_exit(ask: Any) -> Any:
    """The answer, or an end with code 1 and the reason: what was asked is refused, not broken."""
    from qafila.clearance.mapping import UnmappedField

    try:
        return ask()
    except (LookupError, ValueError, UnmappedField) as refused:
        _refuse(str(refused.args[0]) if refused.args else str(refused))


def _refuse(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)
