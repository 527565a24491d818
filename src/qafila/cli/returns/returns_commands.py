"""`qafila returns`: labels, what comes back, refunds, the rights of buyers by country."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import Json, context, now, print_json, refuse
from qafila.cli.chassis.command_acting import operator, who

app = typer.Typer(no_args_is_help=True, help="What comes back: labels, inspection, refunds, duties.")
Number = Annotated[str, typer.Argument(help="Its id, or the number on its label (…-R1).")]


def _act() -> Any:
    from qafila.core.identifiers.own import new_id
    from qafila.runtime.accounts.tenants import LOCAL
    from qafila.runtime.answered.acts import Act, Actor

    return Act(new_id("act"), Actor(LOCAL, who(), "command line"), now())


def _source() -> Any:
    from qafila.runtime.accounts.tenants import LOCAL
    from qafila.runtime.events.envelope import Reporter, Source

    return Source(Reporter.OPERATOR.value, LOCAL, who())


def _found(number: str) -> Any:
    from qafila.core.fault import NotFound
    from qafila.returns import returns_messages as m
    from qafila.returns import store

    with operator() as connection:
        found = store.one(connection, number.strip())
    if found is None:
        raise NotFound(m.NO_RETURN(code=number[:60]), field="return", value=number[:60])
    return found


@app.command("list")
def list_returns(
    state: Annotated[str, typer.Option(help="offered, asked, on_way, arrived, inspected or closed.")] = "",
    as_json: Json = False,
) -> None:
    """List what comes back, the newest first."""
    from qafila.returns import refunding, store

    with operator() as connection:
        found = store.found(connection, "(:s = '' OR state = :s)", s=state)
    if as_json:
        print_json([refunding.refund_data(r) for r in found])
        return
    for r in found:
        refund = "" if r.refund is None else f"{r.refund} {r.refund_how}"
        typer.echo(
            f"{r.number:<18} {r.cause.value:<13} {r.state.value:<10} {r.pieces:>3} pieces  {r.facility}  {refund}"
        )


@app.command()
def label(
    parcel: Annotated[str, typer.Argument(help="The parcel.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where the PDF goes.")] = None,
) -> None:
    """Make a parcel's return label, before anybody asks for it."""
    from qafila.returns import returns_asking, returns_papers

    with operator() as connection:
        given = returns_asking.offer(connection, context(), parcel.upper())
        path = out or Path(f"{given.number}.pdf")
        path.write_bytes(returns_papers.label_pdf(connection, context(), given))
    typer.echo(f"{given.number}: {path}")


@app.command()
def show(number: Number) -> None:
    """Show a return with its lines and its refund, as JSON."""
    from qafila.returns import refunding

    print_json(refunding.refund_data(_found(number)))


@app.command()
def scan(
    code: Annotated[str, typer.Argument(help="What was scanned.")],
    facility: Annotated[str, typer.Argument(help="Where.")],
    handed_in: Annotated[
        bool, typer.Option("--handed-in", help="At a counter or by a driver, not at the warehouse yet.")
    ] = False,
) -> None:
    """Say that a return was handed in, or that it arrived at the warehouse."""
    from qafila.returns import returns_receiving

    do = returns_receiving.hand_in if handed_in else returns_receiving.arrive
    print_json(do(context(), _act(), _source(), code, facility))


@app.command()
def inspect(
    code: Annotated[str, typer.Argument(help="What was scanned.")],
    facility: Annotated[str, typer.Argument(help="The warehouse.")],
    lines: Annotated[
        list[str], typer.Argument(help="Each line: NUMBER:PIECES:GRADE[:stock|merchant|destroy].")
    ],
    dock: Annotated[str, typer.Option(help="Where goods for the shelves come in.")] = "DOCK-1",
) -> None:
    """Inspect a return: how many pieces of each line came, and in what state."""
    from qafila.returns import returns_receiving

    told = []
    for one in lines:
        parts = one.split(":")
        if not 3 <= len(parts) <= 4:
            refuse(f"{one!r} is no line: write it as 0:2:as_new")
        told.append(dict(zip(("line", "found", "grade", "disposal"), parts, strict=False)))
    print_json(
        returns_receiving.inspect(
            context(), _act(), _source(), code, facility, dock, returns_receiving.told_from(told)
        )
    )


@app.command()
def refund(
    number: Number,
    amount: Annotated[str, typer.Option(help="What the buyer gets; else what the terms come to.")] = "",
    why: Annotated[str, typer.Option(help="Why it is another amount.")] = "",
) -> None:
    """Decide a refund and book it."""
    from qafila.core.money import Money
    from qafila.returns import refunding

    given = _found(number)
    try:
        money = Money(Decimal(amount), given.lines[0].value.currency) if amount else None
    except ArithmeticError:
        refuse(f"{amount!r} is no amount: write it as 12.50")
    print_json(refunding.decide(context(), _act(), _source(), given.id, money, why))


@app.command()
def paid(number: Number, reference: Annotated[str, typer.Argument(help="The bank's.")] = "") -> None:
    """Note that the buyer has his money."""
    from qafila.returns import refunding

    print_json(refunding.paid_out(_act(), _source(), _found(number).id, reference))


@app.command()
def exchange(number: Number) -> None:
    """Send another for what came back."""
    from qafila.returns import returns_exchanging

    print_json(returns_exchanging.exchange(context(), _act(), _source(), _found(number).id))


@app.command()
def customs(
    number: Number,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where the PDF goes.")] = None,
    language: Annotated[str, typer.Option(help="en, fr, ar or zh.")] = "en",
) -> None:
    """Write the papers for customs: relief of duties, repayment of duties."""
    from qafila.returns import returns_papers
    from qafila.runtime.language import DEFAULT, LANGUAGES

    given = _found(number)
    path = out or Path(f"{given.number}-customs.pdf")
    with operator() as connection:
        path.write_bytes(
            returns_papers.customs_pdf(connection, context(), given, LANGUAGES.get(language, DEFAULT))
        )
    typer.echo(str(path))


@app.command()
def sweep(as_json: Json = False) -> None:
    """Begin the returns of parcels that turned round, and make labels beforehand. Workers do it by themselves."""
    from qafila.returns import returns_sweeping

    done = returns_sweeping.sweep(context())
    if as_json:
        print_json(done)
    else:
        typer.echo(f"{len(done['turned'])} turned round, {len(done['labels'])} labels made")


@app.command()
def rights(
    country: Annotated[str, typer.Argument(help="ISO 3166, such as FR or MA.")],
    duties: Annotated[bool, typer.Option("--duties", help="The rules on duties, too.")] = False,
) -> None:
    """Say what the law of a buyer's country gives him, and how sure that is."""
    from qafila.returns import law

    day = now().date()
    found: list[Any] = [law.right(name, country.upper(), day) for name in ("withdrawal", "conformity")]
    if duties:
        found += [
            r
            for kind in ("relief", "repayment")
            if (r := law.duty_rule(kind, country.upper(), "faulty", day)) is not None
        ]
    for r in found:
        typer.echo(
            f"{getattr(r, 'right', None) or r.kind}: {r.text}\n  {r.legal_basis}\n  source: {r.source} ({r.confidence})"
        )
