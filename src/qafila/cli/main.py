"""The `qafila` command: one file of this folder for each group of commands."""

from __future__ import annotations

import signal
import sys

import typer

from qafila.cli.accounts import account, merchant
from qafila.cli.agents.mcp_command import mcp
from qafila.cli.air import load_commands as air
from qafila.cli.carriers import carrier_lines as carrier
from qafila.cli.chassis import jobs_commands as jobs
from qafila.cli.chassis.answering import Commands
from qafila.cli.chassis.chassis_keeping import backup, restore
from qafila.cli.chassis.demo import demo
from qafila.cli.chassis.serve import serve
from qafila.cli.chassis.work import work
from qafila.cli.clearance import customs_commands as customs
from qafila.cli.clearance import desk_commands as desk
from qafila.cli.delivery import rounds_commands as rounds
from qafila.cli.eta import eta_commands as eta
from qafila.cli.fleet import fleet_commands as fleet
from qafila.cli.ledger import ledger_commands as ledger
from qafila.cli.network import network_commands as network
from qafila.cli.openness import audit_commands as audit
from qafila.cli.openness import complaint_commands as complaint
from qafila.cli.openness import log_commands as log
from qafila.cli.openness import move_commands as move
from qafila.cli.openness import privacy_commands as privacy
from qafila.cli.openness import terms_commands as terms
from qafila.cli.planning import plan_checking, plan_design, plan_place
from qafila.cli.planning import plan_commands as plan
from qafila.cli.returns import returns_commands as returns
from qafila.cli.routing.route import route
from qafila.cli.shipping import handover_commands as handover
from qafila.cli.shipping import pickup_commands as pickup
from qafila.cli.shipping import saved_commands as saved
from qafila.cli.shipping.ship_command import ship
from qafila.cli.sorting import sort_commands as sort
from qafila.cli.storage import storage_commands as storage
from qafila.cli.tracking import track_commands as track
from qafila.cli.webhooks import webhook_commands as webhooks

app = typer.Typer(
    name="qafila",
    cls=Commands,
    help="The open smart-logistics network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _root() -> None:
    """The open smart-logistics network."""


app.command()(backup)
app.command()(demo)
app.command()(mcp)
app.command()(restore)
app.command()(route)
app.command()(serve)
app.command()(work)
app.command()(ship)
app.add_typer(track.app, name="track")
app.add_typer(account.app, name="account")
app.add_typer(carrier.app, name="carrier")
app.add_typer(pickup.app, name="pickup")
app.add_typer(handover.app, name="handover")
app.add_typer(saved.app, name="saved")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(merchant.app, name="merchant")
app.add_typer(network.app, name="network")
plan_place.register(plan.app)
plan_design.register(plan.app)
plan_checking.register(plan.app)
app.add_typer(plan.app, name="plan")
app.add_typer(air.app, name="air")
app.add_typer(fleet.app, name="fleet")
app.add_typer(customs.app, name="customs")
app.add_typer(desk.app, name="desk")
app.add_typer(storage.app, name="storage")
app.add_typer(ledger.app, name="ledger")
app.add_typer(sort.app, name="sort")
app.add_typer(rounds.app, name="rounds")
app.add_typer(returns.app, name="returns")
app.add_typer(eta.app, name="eta")
app.add_typer(log.app, name="log")
app.add_typer(audit.app, name="audit")
app.add_typer(move.app, name="move")
app.add_typer(jobs.app, name="jobs")
app.add_typer(complaint.app, name="complaint")
app.add_typer(privacy.app, name="privacy")
app.add_typer(terms.app, name="terms")


def main() -> None:
    """Entry point of the command. A polite end (SIGTERM) is an end in order: the last one stops the database."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        app()
    except SystemExit as end:
        if end.code in _REFUSED and sys.stderr.isatty():
            _say_lesson(sys.argv[1:])
        raise


_REFUSED = (1, 2)


def _say_lesson(said: list[str]) -> None:
    """Where what was refused is taught; a person at a terminal is told, a program is not."""
    from qafila.practice.lessons import page_teaching

    learn = page_teaching(said[0]) if said else None
    if learn is not None:
        typer.echo(
            f"To learn how it is done, open {learn} at the pages of your hub (qafila serve).", err=True
        )


if __name__ == "__main__":
    main()
