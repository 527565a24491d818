"""How the commands of the desk answer: to people, to programs, and with which exit code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from qafila.core.fault import Fault

EXITS = {"not-found": 2, "conflict": 1, "forbidden": 1, "invalid": 1}
"""With which code a command ends for each kind of fault; with 1 for those not named."""


class Commands(TyperGroup):
    """A group of commands: what a person did wrong is told in a sentence or two, and ends with a code of its kind."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Fault as fault:
            from qafila.core.terminal import uncommanded

            typer.echo(uncommanded(fault), err=True)
            ctx.exit(EXITS.get(fault.kind, 1))
        except UnicodeDecodeError as error:
            typer.echo(
                f"What was given is not text in UTF-8: {error.reason} at byte {error.start}.", err=True
            )
            ctx.exit(1)
        except (
            OSError
        ) as error:  # a file or folder that was named: not there, not a folder, not ours, a name too long
            if error.filename is None or not error.strerror:
                raise
            typer.echo(f"{error.strerror}: {str(error.filename)[:200]}", err=True)
            ctx.exit(1)


if TYPE_CHECKING:
    from qafila.context import Context

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[
    str, typer.Option(help="For whom it is done: noted in the record beside the user of this machine.")
]


def context(tenant: str = "") -> Context:
    """What a command stands on: the network, the rules and the clock of this machine."""
    from qafila.context import of_this_home

    return of_this_home(tenant)


def now() -> datetime:
    """This moment by the clock of this machine; for commands that need neither network nor rules."""
    return datetime.now(UTC)


def console(markup: bool = False) -> Any:
    """Where people read; with markup, what comes from outside goes through `plain`."""
    from qafila.core.terminal import Terminal

    return Terminal(markup=markup)


def print_json(value: object) -> None:
    """For programs."""
    import orjson

    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def or_exit(ask: Any) -> Any:
    """The answer, or an end with code 1 and the reason: what was asked is refused, not broken."""
    from qafila.clearance.mapping import UnmappedField

    try:
        return ask()
    except (LookupError, ValueError, UnmappedField, Fault) as refused:
        refuse(str(refused.args[0]) if isinstance(refused, KeyError) else str(refused))


def refuse(reason: str) -> NoReturn:
    """Ends with code 1."""
    typer.echo(reason, err=True)
    raise typer.Exit(1)
