"""`qafila audit`: recorded decisions taken again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Whether all were treated alike.")


@app.callback()
def _group() -> None:
    """Whether all were treated alike."""


@app.command()
def replay(
    since: Annotated[
        datetime | None,
        typer.Option(help="Decisions since then, in UTC; all if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take recorded decisions again on their recorded inputs, with and without identities; name each that differs.

    Ends with 1 where one differs.
    """
    import json

    import qafila.floors  # noqa: F401  # lists every kind of decision
    from qafila.context import of_this_home
    from qafila.openness import replaying
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.REGULATOR) as connection:
        done = replaying.replay(connection, of_this_home(), since.replace(tzinfo=UTC) if since else None)
    told = [
        {"entry": one.entry.index, "number": one.entry.entry_id, "kind": one.entry.kind, "subject": one.entry.subject,
         "owner": one.entry.owner, "how": one.how, "place": one.place, "recorded": one.recorded, "now": one.now}
        for one in done.differences
    ]  # fmt: skip
    counts = {
        "taken_again": done.entries, "same": done.same, "erased": done.erased, "elsewhere": done.elsewhere,
        "unkept": done.unkept,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps({**counts, "differences": told}, ensure_ascii=False, indent=1))
    else:
        for one in told:
            place = "waiting" if one["entry"] is None else one["entry"]
            typer.echo(
                f"entry {place} ({one['kind']} {one['subject']} of {one['owner']}), {one['how']} {one['place']}: "
                f"recorded {one['recorded']}, now {one['now']}"
            )
        typer.echo(
            ", ".join(f"{name} {count}" for name, count in counts.items()) + f", differences {len(told)}"
        )
    raise typer.Exit(1 if told else 0)
