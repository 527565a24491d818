"""`qafila complaint`: complaints, as the operator answers them."""

from __future__ import annotations

from typing import Annotated

import typer

from qafila.cli.chassis.answering import Commands, Json, now, print_json

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Complaints: which wait, and answering them with reasons."
)


@app.command("list")
def every(
    waiting: Annotated[
        bool, typer.Option(help="Only those without an answer, the most urgent first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List complaints."""
    from dataclasses import asdict

    from qafila.openness.complaints import store
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.OPERATOR) as connection:
        found = store.newest(connection, limit=500, open_only=waiting)
    if as_json:
        print_json([{**asdict(one), "state": one.state, "late": one.late(now())} for one in found])
        return
    for one in found:
        late = "  LATE" if one.late(now()) else ""
        typer.echo(
            f"{one.id}  {one.owner}  {one.topic:<14}  {one.state:<13}  answer by {one.answer_by:%Y-%m-%d %H:%M}{late}"
        )


@app.command()
def show(complaint: str) -> None:
    """Print a complaint with all that happened in it."""
    from qafila.openness.complaints import service
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.OPERATOR) as connection:
        one = service.find(connection, complaint)
    typer.echo(
        f"{one.id} of {one.owner} about {one.topic} {one.subject}\nfiled {one.filed_at} by {one.filed_by}\n{one.words}"
    )
    for step in one.steps:
        typer.echo(f"{step.at} {step.step} {step.outcome} by {step.by}\n{step.words}")


@app.command()
def acknowledge(complaint: str) -> None:
    """Acknowledge a complaint; the merchant is told."""
    _follow(complaint, "acknowledged", "", "")


@app.command()
def answer(
    complaint: str,
    because: Annotated[str, typer.Option(help="The reasons, in plain words.")],
    outcome: Annotated[str, typer.Option(help="upheld, partly_upheld or rejected.")],
) -> None:
    """Answer a complaint; the merchant is told, and it is in the log."""
    _follow(complaint, "answered", because, outcome)


def _follow(complaint: str, step: str, words: str, outcome: str) -> None:
    from qafila.cli.chassis.command_acting import who
    from qafila.openness.complaints import service
    from qafila.runtime.database import Role, acting_as
    from qafila.runtime.events.envelope import Reporter, Source

    with acting_as(Role.OPERATOR) as connection:
        done = service.follow(
            connection,
            complaint,
            step,
            words,
            outcome,
            who(),
            True,
            now(),
            Source(Reporter.OPERATOR.value, None, who()),
        )
    typer.echo(f"{done.id} stands at {done.state}")
