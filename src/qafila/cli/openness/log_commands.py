"""`qafila log`: receipts checked and given, the log published, its keys, its audit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from qafila.cli.chassis.answering import or_exit
from qafila.openness.log.succession import Reason

app = typer.Typer(no_args_is_help=True, help="The transparency log: receipts, keys, witnesses, audit.")
key_app = typer.Typer(
    no_args_is_help=True, help="The keys that sign the log, and how they follow one another."
)
app.add_typer(key_app, name="key")

_Since = Annotated[
    datetime | None,
    typer.Option(help="Since when, in UTC; now if not given.", formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
]


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def verify(context: typer.Context) -> None:
    """Check a receipt, a promise, a whole log as files, or known proofs; `qafila log verify --help` says how.

    It is the stand-alone verifier, which also runs without qafila: `python verifier.py`.
    """
    from qafila.openness import verifier

    raise typer.Exit(verifier.main(context.args))


@app.command()
def run(
    once: Annotated[bool, typer.Option(help="One turn, then end.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between turns.")] = 1.0,
) -> None:
    """Give entries their places, publish tiles, sign checkpoints, ask witnesses. `qafila serve` does so by itself."""
    import time

    from qafila.openness import sequencing

    while True:
        try:
            turn = sequencing.integrate(datetime.now(UTC))
        except sequencing.Diverged as diverged:
            typer.echo(str(diverged), err=True)
            raise typer.Exit(1) from None
        if turn is None:
            typer.echo("Another process is at it.")
        elif turn.placed or once:
            typer.echo(
                f"{turn.placed} entries placed; {turn.size} published, signed by {turn.witnesses} witnesses"
            )
        for asked in sequencing.witnesses().asked:
            if asked.trouble:
                typer.echo(f"without {asked.address}: {asked.trouble}", err=True)
        if once:
            return
        time.sleep(every)


@app.command()
def status() -> None:
    """Say what is published and what waits."""
    from qafila.openness import openness_recording, sequencing, store
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.OPERATOR) as connection:
        size, (waiting, oldest) = store.size(connection), store.waiting(connection)
        kept = store.checkpoints(connection)[-1:]
    typer.echo(f"log      {openness_recording.keys().signer.name}")
    typer.echo(f"key      {openness_recording.keys().first}")
    typer.echo(f"files    {sequencing.folder()}")
    typer.echo(
        f"entries  {size} placed, {waiting} waiting" + (f" since {oldest.isoformat()}" if oldest else "")
    )
    for at, _, _, signed, witnesses in kept:
        typer.echo(f"signed   {at} entries on {signed.isoformat()}, by {witnesses} witnesses beside the log")


@app.command()
def receipt(
    subject: Annotated[
        str, typer.Argument(help="What it is about: the id of an order, an offer's order, a booking.")
    ],
    to: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("."),
) -> None:
    """Write the receipts of all entries about one thing, with what opens their commitments."""
    from qafila.core.fault import Fault
    from qafila.openness import openness_receipts
    from qafila.runtime.database import Role, acting_as

    try:
        with acting_as(Role.OPERATOR) as connection:
            found = openness_receipts.receipts_of(connection, subject)
    except Fault as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    to.mkdir(parents=True, exist_ok=True)
    for given in found:
        name = f"{subject.replace('/', '_')}-{given.entry.index}"
        (to / f"{name}.tlog-proof").write_bytes(given.receipt)
        (to / f"{name}.openings.json").write_bytes(given.openings)
        typer.echo(str(to / f"{name}.tlog-proof"))


@app.command()
def audit(
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that somebody else holds.")
    ] = None,
    promise: Annotated[
        list[Path] | None, typer.Option(help="A promise of inclusion that somebody holds.")
    ] = None,
    other: Annotated[
        Path | None, typer.Option(help="Another copy of the log's files: where do they part?")
    ] = None,
) -> None:
    """Compare the database with what was published and signed; name what was altered, removed, inserted or moved."""
    from qafila.openness import auditing, openness_recording, sequencing
    from qafila.openness.verifier import read_checkpoint, read_note
    from qafila.runtime.database import Role, acting_as

    read = [[path.read_bytes() for path in paths or []] for paths in (checkpoint, promise)]
    if other is not None:
        read[0].append((other / "checkpoint").read_bytes())
    with acting_as(Role.OPERATOR) as connection:
        found = auditing.audit(connection, sequencing.folder(), openness_recording.keys().keys, *read)
    for one in found:
        typer.echo(f"{one.kind}: {one.said}")
    if other is not None:
        sizes = [
            read_checkpoint(read_note((place / "checkpoint").read_bytes()).text).size
            for place in (sequencing.folder(), other)
        ]
        at = auditing.where_they_part(sequencing.folder(), sizes[0], other, sizes[1])
        typer.echo("The copies are one log." if at is None else f"forked: the copies part at entry {at}.")
    typer.echo(f"{len(found)} findings" if found else "All is as it was signed.")
    raise typer.Exit(1 if found else 0)


@app.command()
def erase(
    subject: Annotated[str, typer.Argument(help="What it is about.")],
    everything: Annotated[
        bool, typer.Option(help="Commercial values too, not only what is about a person.")
    ] = False,
) -> None:
    """Erase what hides behind the commitments about one thing. The log stays valid."""
    from qafila.openness import store
    from qafila.runtime.database import administrator

    with administrator("no role may change what the log hides; a person asked for it") as connection:
        gone = store.erase(connection, [subject], datetime.now(UTC), personal_only=not everything)
    typer.echo(f"{gone} values erased")


@app.command()
def witness(
    log: Annotated[
        list[str], typer.Option(help="The key of a log that is followed; more than once for more.")
    ],
    name: Annotated[
        str, typer.Option(help="The witness's name, such as witness.example/w1.")
    ] = "witness.local/w1",
    folder: Annotated[Path, typer.Option(help="Where its keys and what it saw are kept.")] = Path(
        "qafila-witness"
    ),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 8480,
) -> None:
    """Serve a witness for logs of others: it signs only what continues what it saw. It needs no database."""
    import uvicorn

    from qafila.api.openness.witness_server import create_app, prepare

    made = or_exit(lambda: prepare(folder, name, log))
    for key in made.keys:
        typer.echo(str(key))
    typer.echo(f"listening on http://{host}:{port}")
    uvicorn.run(create_app(made), host=host, port=port, log_level="warning")


@key_app.command()
def show() -> None:
    """Print the key that readers need: the first one. Later ones follow from keys.json."""
    from qafila.openness import openness_recording

    typer.echo(str(openness_recording.keys().first))


@key_app.command()
def rotate(since: _Since = None) -> None:
    """Let a new key follow the one that signs now."""
    _follow("rotated", since, None)


@key_app.command()
def lost(
    recovery: Annotated[Path, typer.Argument(help="The file of the recovery key.")], since: _Since = None
) -> None:
    """Tell that the key was lost, and let a new one follow. What it signed stays good."""
    _follow("lost", since, recovery)


@key_app.command()
def stolen(
    recovery: Annotated[Path, typer.Argument(help="The file of the recovery key.")], since: _Since = None
) -> None:
    """Tell that the key was stolen, and let a new one follow. What no witness saw before counts no more."""
    _follow("stolen", since, recovery)


def _follow(reason: Reason, since: datetime | None, recovery: Path | None) -> None:
    from qafila.openness import sequencing
    from qafila.openness.verifier import Broken

    try:
        key = sequencing.follow(reason, since.replace(tzinfo=UTC) if since else datetime.now(UTC), recovery)
    except (Broken, OSError, LookupError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{key}\nIt signs from now on; keys.json is published with it.")
