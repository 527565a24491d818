"""`qafila log`: receipts checked, keys made, the log as files, witnesses."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="The transparency log: receipts, keys, witnesses, audit.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def verify(context: typer.Context) -> None:
    """Check a receipt, a promise, a whole log as files, or known proofs; `qafila log verify --help` says how.

    It is the stand-alone verifier, which also runs without qafila: `python verifier.py`.
    """
    from qafila.openness import verifier

    raise typer.Exit(verifier.main(context.args))
